// No browser is stricter than the server: real inputs with the attributes that rules write, and the server's answers.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { desktop, launchBrowser } from './browser.mjs';

const file = new URL('../data/agreement.json', import.meta.url);
const { shared, cases } = JSON.parse(await readFile(file, 'utf8'));

const source = await readFile(new URL('../../crates/frontdesk-forms/assets/src/text.js', import.meta.url), 'utf8');
const { brokenBy } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

test('FORM-14 the script refuses nothing that the server takes', () => {
  let refused = 0;
  for (const one of cases) {
    for (const [text, server] of [...shared.map((text, index) => [text, one.shared[index]]), ...one.own]) {
      const broken = brokenBy(text, (name) => one.constraints[`data-fd-${name}`] ?? null);
      if (broken) refused += 1;
      if (server === 'o') assert.equal(broken, undefined, `${JSON.stringify(one.rule)}: ${JSON.stringify(text)}`);
    }
  }
  assert.ok(refused > 100, `${refused} texts were refused`);
});

let browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

/** In the page: what `checkValidity` says to each of the texts, and what became of them in the input. */
function ask({ input, constraints, texts }) {
  const control = document.createElement(input === 'textarea' ? 'textarea' : 'input');
  if (input !== 'textarea') control.type = input;
  for (const [name, value] of Object.entries(constraints)) control.setAttribute(name, value);
  document.body.replaceChildren(control);
  // Browsers pass over a pattern that they cannot read.
  if (constraints.pattern) new RegExp(constraints.pattern, 'v');
  if (constraints['data-fd-pattern']) new RegExp(constraints['data-fd-pattern'], 'v');
  return texts.map((text) => {
    control.value = text;
    return { kept: control.value === text, valid: control.checkValidity() };
  });
}

test('FORM-14 no input refuses what the server takes', async () => {
  await browser.visit(desktop, async (page) => {
    for (const one of cases) {
      const pairs = [...shared.map((text, index) => [text, one.shared[index]]), ...one.own];
      const texts = pairs.map(([text]) => text);
      const answers = await page.evaluate(ask, { ...one, texts });
      answers.forEach(({ kept, valid }, index) => {
        const [text, server] = pairs[index];
        // What an input of one line changes is not what was typed.
        if (kept && server === 'o') assert.ok(valid, `${JSON.stringify(one.rule)}: ${JSON.stringify(text)}`);
      });
      // The texts are such that each pattern refuses some: one that refuses nothing was not read.
      const native = ['required', 'minlength', 'pattern'].some((name) => name in one.constraints);
      if (native && one.input === 'text' && 'pattern' in one.constraints) {
        assert.ok(answers.some(({ valid }) => !valid), `${JSON.stringify(one.rule)} refuses nothing`);
      }
    }
  });
});
