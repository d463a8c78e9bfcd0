// Proof of work: our script, ALTCHA's library and ALTCHA's widget are each other's equals.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createChallenge, solveChallenge, verifySolution } from 'altcha-lib/v1';
import { solve } from '../../crates/frontdesk-forms/assets/src/altcha.js';
import { desktop, launchBrowser, startProgram } from './lib.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));

async function buildExample(name) {
  const args = ['build', '--quiet', '--package', 'frontdesk-forms', '--example', name];
  const format = '--message-format=json-render-diagnostics';
  const { stdout } = await promisify(execFile)('cargo', [...args, format], { cwd: repository, maxBuffer: 1 << 28 });
  const messages = stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  return messages.find((message) => message.executable && message.target.name === name).executable;
}

const unescape = (text) => text.replaceAll('&quot;', '"').replaceAll('&#34;', '"').replaceAll('&amp;', '&');

/** What the form of a page holds: its hidden inputs and its challenge. */
function formIn(html) {
  const value = (name) => html.match(new RegExp(`name="${name}" value="([^"]*)"`))[1];
  const challenge = JSON.parse(unescape(html.match(/data-fd-altcha=("[^"]*"|'[^']*')/)[1].slice(1, -1)));
  return { drawn: value('drawn'), signature: value('signature'), challenge };
}

describe('our script as a client of the reference library', () => {
  for (const salt of [undefined, 'x'.repeat(50), 'x'.repeat(54), 'x'.repeat(63), 'y'.repeat(64), 'é'.repeat(90)]) {
    test(`CAPT-01 it solves what the library asks (salt: ${salt?.length ?? 'its own'})`, async () => {
      for (const number of [0, 9, 10, 4321, 20_000]) {
        const challenge = await createChallenge({ hmacKey: 'key', maxnumber: 20_000, number, salt });
        const payload = await solve(challenge);
        assert.equal(JSON.parse(atob(payload)).number, number);
        assert.equal(await verifySolution(payload, 'key'), true);
      }
    });
  }

  test('CAPT-01 it gives up on what cannot be solved, and stops when it is told to', async () => {
    const challenge = await createChallenge({ hmacKey: 'key', maxnumber: 5_000_000, number: 4_999_999 });
    await assert.rejects(solve({ ...challenge, maxnumber: 1000 }), /no number/);
    await assert.rejects(solve({ ...challenge, algorithm: 'SHA-1' }), /not known/);
    await assert.rejects(solve({ ...challenge, challenge: 'x' }), /no SHA-256/);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await assert.rejects(solve(challenge, { signal: controller.signal }), /enough/);
  });
});

describe('clients of our server', () => {
  let program;
  before(async () => {
    program = await startProgram({ command: [await buildExample('proof_of_work')] });
  });
  after(() => program?.stop());

  const draw = async () => formIn(await (await fetch(program.url)).text());

  async function send(form, proof, more = {}) {
    await new Promise((later) => setTimeout(later, 150)); // the time trap
    const { drawn, signature } = form;
    const body = new URLSearchParams({ drawn, signature, website: '', altcha: proof, ...more });
    const answer = await fetch(program.url, { method: 'POST', body });
    const reason = (await answer.text()).match(/class="reason">([a-z.]*)/)?.[1];
    return [answer.status, reason];
  }

  async function reference({ algorithm, challenge, maxnumber, salt, signature }) {
    const { number, took } = await solveChallenge(challenge, salt, algorithm, maxnumber).promise;
    return { algorithm, challenge, number, salt, signature, took };
  }

  test('CAPT-01 the reference library solves our challenge, once', async () => {
    const form = await draw();
    const proof = btoa(JSON.stringify(await reference(form.challenge)));
    assert.deepEqual(await send(form, proof), [200, undefined]);
    assert.deepEqual(await send(form, proof), [422, 'bot.used']);
  });

  test('CAPT-01 our script solves our challenge, once', async () => {
    const form = await draw();
    const proof = await solve(form.challenge);
    assert.deepEqual(await send(form, proof), [200, undefined]);
    assert.deepEqual(await send(await draw(), proof), [422, 'bot.used']);
  });

  test('CAPT-01 what is altered, missing or filled in by a program is refused', async () => {
    const form = await draw();
    const proof = await reference(form.challenge);
    assert.deepEqual(await send(form, btoa(JSON.stringify({ ...proof, number: proof.number + 1 }))), [422, 'bot.proof']);
    const later = proof.salt.replace(/expires=\d/, 'expires=9');
    assert.deepEqual(await send(form, btoa(JSON.stringify({ ...proof, salt: later }))), [422, 'bot.proof']);
    assert.deepEqual(await send(form, 'x'.repeat(100_000)), [422, 'bot.proof']);
    assert.deepEqual(await send(form, ''), [422, 'bot.script']);
    assert.deepEqual(await send(form, btoa(JSON.stringify(proof)), { website: 'x' }), [422, 'bot.filled']);
    assert.deepEqual(await send(form, btoa(JSON.stringify(proof))), [200, undefined]);
  });

  describe('in a browser', () => {
    let browser;
    before(async () => {
      browser = await launchBrowser();
    });
    after(() => browser?.close());

    test('CAPT-01 our script signs the guestbook under our own policy; nobody sees the honeypot', async () => {
      await browser.visit(desktop, async (page) => {
        await page.goto(program.url);
        assert.equal(await page.locator('[name=website]').isVisible(), false);
        await page.getByRole('button').click();
        await page.getByText('Thank you').waitFor();
      });
    });

    test('CAPT-01 the public widget solves our challenge', async () => {
      const widget = await readFile(new URL('node_modules/altcha/dist/main/altcha.min.js', import.meta.url), 'utf8');
      await browser.visit(desktop, async (page) => {
        const form = await draw();
        await page.route('**/widget.js', (route) => route.fulfill({ contentType: 'text/javascript', body: widget }));
        await page.route('**/widget', (route) =>
          route.fulfill({
            contentType: 'text/html',
            body: `<!doctype html><html lang="en"><title>Widget</title>
              <link rel="icon" href="data:,"><script type="module" src="/widget.js"></script>
              <form method="post" action="/"><altcha-widget></altcha-widget></form>`,
          }),
        );
        await page.goto(`${program.url}/widget`);
        await page.locator('altcha-widget').evaluate(async (element, challenge) => {
          await customElements.whenDefined('altcha-widget');
          element.setAttribute('challenge', JSON.stringify(challenge));
        }, form.challenge);
        await page.locator('altcha-widget input[type=checkbox]').click({ force: true }); // its own tick lies above
        const input = page.locator('altcha-widget input[name=altcha]');
        await page.waitForFunction(() => document.querySelector('[name=altcha]')?.value);
        assert.deepEqual(await send(form, await input.inputValue()), [200, undefined]);
      });
    });
  });
});
