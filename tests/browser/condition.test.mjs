// The script's conditions give the server's answers. `node --test condition.test.mjs`; no browser is needed.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url);
const source = await readFile(new URL('crates/frontdesk-forms/assets/src/condition.js', root), 'utf8');
const { evaluate } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
const { fields, conditions } = JSON.parse(await readFile(new URL('tests/data/conditions.json', root), 'utf8'));

for (const { condition, ast, holds } of conditions) {
  test(`FORM-14 ${condition}`, () => {
    assert.equal(holds.length, fields.length);
    fields.forEach((submitted, index) => {
      const answer = evaluate(ast, (name) => submitted[name] ?? []);
      assert.equal(answer, holds[index] === 1, JSON.stringify(submitted));
    });
  });
}
