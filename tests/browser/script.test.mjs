// The script of forms, in pages of exactly the markup that forms write, under the policy `default-src 'self'`.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { after, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startFixtures } from './fixture-server.mjs';
import { assertAccessible, assertNoSidewaysScroll, desktop, launchBrowser, phone, shot } from './lib.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));

let site, browser;
before(async () => {
  site = await startFixtures();
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await site?.close();
});
beforeEach(() => site.reset());

const visit = (name, steps, options = {}) =>
  browser.visit(options.window ?? desktop, async (page) => {
    await page.goto(`${site.url}/${name}`);
    return steps(page);
  }, options);

async function look(page, name) {
  await assertAccessible(page);
  await assertNoSidewaysScroll(page);
  await shot(page, `script-${name}`);
}

/** Waits until `check` holds. */
async function until(check, what = String(check)) {
  for (let tries = 0; tries < 100; tries++) {
    if (await check()) return;
    await new Promise((resume) => setTimeout(resume, 50));
  }
  assert.fail(`did not happen: ${what}`);
}

const value = (page, selector) => page.locator(selector).inputValue();
const values = (page, selector) => page.locator(selector).evaluateAll((all) => all.map((one) => one.value));
const button = (page, name) => page.getByRole('button', { name, exact: true });
const errorOf = (page, id) => page.locator(`#${id}_error`);
const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.outerHTML.slice(0, 120));

test('the file that is served is what its parts say', async () => {
  await promisify(execFile)('scripts/join-assets', ['--check'], { cwd: repository });
});

test('the script needs nothing that a strict policy forbids, and stays small', async () => {
  const script = await readFile(`${repository}/crates/frontdesk-forms/assets/frontdesk.js`, 'utf8');
  for (const risky of [/\beval\(/, /new Function\b/, /innerHTML/, /outerHTML/, /insertAdjacentHTML/, /\.cssText/, /setAttribute\('style'/, /\bimport\b[^:]*from/]) {
    assert.doesNotMatch(script.replace(/^\s*(\/\/|\*|\/\*).*$/gm, ''), risky);
  }
  assert.ok(script.length < 90_000, `${script.length} characters`);
});

for (const window of [desktop, phone]) {
  for (const name of ['checks', 'server-errors', 'live', 'upload', 'search', 'rows', 'conditions', 'draft', 'controls']) {
    test(`FORM-15 ${name}, ${window.width} pixels wide`, async () => {
      await visit(name, (page) => look(page, name), { window });
    });
  }
}

for (const [name, context] of [['dark', { colorScheme: 'dark' }], ['forced-colors', { forcedColors: 'active' }], ['plain', { javaScriptEnabled: false }]]) {
  for (const fixture of ['checks', 'server-errors', 'search', 'rows', 'controls']) {
    test(`FORM-15 ${fixture}, ${name}`, async () => {
      await visit(fixture, async (page) => {
        if (name === 'plain') return shot(page, `script-${fixture}-plain`);
        return look(page, `${fixture}-${name}`);
      }, { context });
    });
  }
}

for (const fixture of ['checks', 'search', 'rows', 'controls']) {
  test(`FORM-15 ${fixture}, from right to left`, async () => {
    site.alter = (html) => html.replace('<html lang="en">', '<html lang="ar" dir="rtl">');
    await visit(fixture, (page) => look(page, `${fixture}-rtl`), { window: phone });
  });
}

test('targets are large enough', async () => {
  for (const name of ['checks', 'search', 'rows', 'controls']) {
    await visit(name, async (page) => {
      const small = await page.evaluate(() => [...document.querySelectorAll('button, input, select, textarea, a, [role="option"]')]
        .filter((one) => one.offsetParent && one.type !== 'hidden')
        .map((one) => [one.outerHTML.slice(0, 90), (one.closest('label') ?? one).getBoundingClientRect()])
        .filter(([, { width, height }]) => width < 24 || height < 24)
        .map(([html, { width, height }]) => `${width} x ${height}: ${html}`));
      assert.deepEqual(small, []);
    });
  }
});

describe('checks before sending', () => {
  test('FORM-14 an error comes after the first edit, in the place of the server’s, and goes when mended', async () => {
    await visit('checks', async (page) => {
      const name = page.getByLabel('Name');
      await name.focus();
      await page.keyboard.press('Tab');
      assert.equal(await errorOf(page, 'thing_name').count(), 0, 'nothing was edited yet');

      await name.fill('a much longer name');
      await page.keyboard.press('Tab');
      assert.equal(await errorOf(page, 'thing_name').textContent(), 'Enter at most 10 characters');
      assert.equal(await name.getAttribute('aria-invalid'), 'true');
      assert.equal(await name.getAttribute('aria-describedby'), 'thing_name_error thing_name_help');
      assert.ok(await page.locator('#thing_name_error + #thing_name_help').count(), 'the error stands before the help');
      await look(page, 'error');

      await name.fill('a name');
      assert.equal(await errorOf(page, 'thing_name').count(), 0);
      assert.equal(await name.getAttribute('aria-invalid'), null);
      assert.equal(await name.getAttribute('aria-describedby'), 'thing_name_help');
    });
  });

  test('FORM-14 what each attribute says, and nothing stricter', async () => {
    await visit('checks', async (page) => {
      const says = async (id, text, error) => {
        await page.locator(`#${id}`).fill(text);
        await page.locator(`#${id}`).blur();
        const shown = errorOf(page, id);
        assert.equal((await shown.count()) ? await shown.textContent() : undefined, error, `${id}: ${JSON.stringify(text)}`);
      };
      await says('thing_name', '   ', 'Enter a value');
      await says('thing_name', '😀😀😀😀😀😀😀😀😀😀', undefined);
      await says('thing_age', '150', 'Enter an integer that is at most 149');
      await says('thing_age', '-1', 'Enter an integer that is at least 0');
      await says('thing_age', ' 12 ', undefined);
      await says('thing_age', 'twelve', 'Enter an integer');
      for (const theirs of ['1.499', '1,499', '1 499', '١٢', '0x10', 'inf', '']) await says('thing_age', theirs, undefined);
      await says('thing_price', '0,4', 'Enter at least 0.5');
      for (const fine of ['0,5', '.5', '5e-1', '1.234,5', '']) await says('thing_price', fine, undefined);
      await says('thing_code', 'abc', 'Enter three capital letters');
      await says('thing_code', '  ', undefined);
      await says('thing_code', 'ABC', undefined);
      await says('thing_day', '2019-12-31', 'Enter a date from 2020 on');
      await says('thing_day', '2020-01-01', undefined);
    });
  });

  test('FORM-14 a file is judged by its name, its type and its size', async () => {
    await visit('checks', async (page) => {
      const image = page.getByLabel('Picture');
      const says = async (file, error) => {
        await image.setInputFiles({ buffer: Buffer.alloc(9), ...file });
        const shown = errorOf(page, 'thing_image');
        assert.equal((await shown.count()) ? await shown.textContent() : undefined, error, file.name);
      };
      await says({ name: 'a.txt', mimeType: 'text/plain' }, 'Choose a PNG or JPEG file');
      await says({ name: 'A.PNG', mimeType: 'image/png' }, undefined);
      await says({ name: 'unknown', mimeType: '' }, undefined);
      await says({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.alloc(5000) }, 'Choose a smaller file');
    });
  });

  test('FORM-14 a form with errors is not sent: a summary with links, and the first error has the focus', async () => {
    await visit('checks', async (page) => {
      await page.getByLabel('Age').fill('200');
      await button(page, 'Save').click();
      assert.equal(site.posts.length, 0);
      assert.equal(await focused(page), 'thing_name');
      const links = page.locator('[data-fd-summary] a');
      assert.deepEqual(await links.allTextContents(), ['Name: Enter a value', 'Age: Enter an integer that is at most 149', 'Size: Choose a size']);
      assert.equal(await page.locator('[data-fd-summary]').getAttribute('role'), 'alert');
      await look(page, 'summary');

      await links.nth(2).click();
      assert.equal(await focused(page), 'thing_size');
      await page.keyboard.press('ArrowDown');
      assert.equal(await links.count(), 2, 'what is mended leaves the summary');
      await links.nth(1).click();
      await page.keyboard.type('20');
      await page.getByLabel('Age').fill('20');
      await page.getByLabel('Name').fill('bow');
      assert.equal(await page.locator('[data-fd-summary]').count(), 0);
      await button(page, 'Save').click();
      await page.waitForURL(/done/);
      assert.equal(site.sent.name, 'bow');
      assert.equal(site.sent._submit, 'Save');
    });
  });

  test('FORM-14 what cannot be said is the server’s to say', async () => {
    await visit('checks', async (page) => {
      // A constraint without a message: nobody could say what is wrong.
      await page.locator('#thing_code').evaluate((input) => input.removeAttribute('data-fd-error-pattern'));
      await page.getByLabel('Code').fill('x');
      await button(page, 'Save').click();
      await page.waitForURL(/done/);
      assert.equal(site.sent.code, 'x');
    });
  });

  test('a record is deleted, and a draft saved, whatever is in the form', async () => {
    await visit('checks', async (page) => {
      await button(page, 'Save a draft').click();
      await page.waitForURL(/done/);
      assert.equal(site.sent._draft, 'save');
      await page.goBack();
      await page.getByLabel('Delete this record').check();
      await button(page, 'Save').click();
      await page.waitForURL(/done/);
      assert.equal(site.sent._delete, 'ON');
    });
  });

  test('a date that the browser cannot read is not lost without a word', async () => {
    await visit('checks', async (page) => {
      await page.getByLabel('Name').fill('bow');
      await page.getByLabel('Small').check();
      await page.getByLabel('Day').click();
      await page.keyboard.type('13'); // a month or a day, and nothing else
      await page.getByLabel('Day').blur();
      assert.ok((await errorOf(page, 'thing_day').textContent()).length > 3);
      await button(page, 'Save').click();
      assert.equal(site.posts.length, 0);
    });
  });

  test('a server’s errors have the focus first, and go one by one as they are mended', async () => {
    await visit('server-errors', async (page) => {
      assert.ok(await page.locator('[data-fd-summary]').evaluate((box) => box === document.activeElement));
      await page.locator('[data-fd-summary] a').first().click();
      assert.equal(await focused(page), 'thing_name');
      await page.getByLabel('Name').fill('another');
      assert.equal(await errorOf(page, 'thing_name').count(), 0);
      assert.equal(await page.locator('#thing_name').getAttribute('class'), '');
      assert.deepEqual(await page.locator('[data-fd-summary] a').allTextContents(), ['Color: Choose a color']);
      await button(page, 'Save').click();
      assert.equal(await focused(page), 'thing_color');
      assert.equal(await errorOf(page, 'thing_color').getAttribute('class'), 'help is-danger');
      await page.getByLabel('Color').selectOption('red');
      assert.equal(await page.locator('#thing_color').getAttribute('class'), '');
      assert.equal(await page.locator('[data-fd-summary]').count(), 0);
    });
  });

  test('what is wrong with the form as a whole stays in the summary', async () => {
    await visit('server-errors', async (page) => {
      await page.locator('[data-fd-summary] p').evaluate((title) => title.insertAdjacentHTML('afterend', '<p class="fd-error">Two bows are enough</p>'));
      await page.getByLabel('Name').fill('another');
      assert.equal(await page.locator('[data-fd-summary] p').first().textContent(), 'Please check these entries:');
      await page.getByLabel('Color').selectOption('red');
      assert.equal(await page.locator('[data-fd-summary]').textContent(), 'Two bows are enough');
    });
  });

  test('inputs that are called like members of a form take nothing away', async () => {
    await visit('clobbered', async (page) => {
      // By keyboard: the tests' own tools stumble over such a form.
      const type = async (text) => {
        await page.evaluate(() => document.getElementById('odd_action').select());
        await page.keyboard.press('Delete');
        await page.keyboard.type(text);
      };
      const send = () => page.evaluate(() => document.querySelector('[name="_submit"]').click());
      await type('');
      await send();
      assert.equal(await page.evaluate(() => document.getElementById('odd_action_error').textContent), 'Enter a value');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'odd_action');
      await type('x');
      await until(() => site.posts.some(({ field }) => field._draft === 'save'), 'a draft');
      await send();
      await page.waitForURL(/done/);
      assert.equal(site.sent.action, 'x');
      assert.equal(site.sent.requestSubmit, 'requestSubmit');
    });
  });
});

describe('live checks', () => {
  const answer = ({ field }, response) => response.json(200, field.name === 'ada'
    ? { field: 'name', ok: false, text: 'This name is taken' } : { field: 'name', ok: true, text: `${field.name} is free` });

  test('the server is asked once typing rests, with the whole form and no file', async () => {
    await visit('live', async (page) => {
      site.answer = answer;
      const region = page.locator('#user_name_live');
      assert.equal(await region.getAttribute('role'), 'status');
      assert.equal(await region.getAttribute('aria-live'), 'polite');
      await page.getByLabel('Photo').setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.alloc(10) });
      await page.getByLabel('User name').press('End');
      await page.getByLabel('User name').pressSequentially(' lovelace', { delay: 20 });
      assert.equal(await region.textContent(), '', 'nothing is said while one types');
      await until(async () => (await region.textContent()) === 'ada lovelace is free');
      assert.equal(site.posts.length, 1);
      assert.deepEqual(site.sent, { _formkey: 'key', name: 'ada lovelace', _check: 'name' });
      assert.equal(await region.getAttribute('data-fd-state'), 'good');

      await page.getByLabel('User name').fill('adam');
      await page.getByLabel('User name').fill('ada');
      await until(async () => (await region.textContent()) === 'This name is taken');
      assert.equal(await region.getAttribute('data-fd-state'), 'bad');
      assert.match(await page.getByLabel('User name').getAttribute('aria-describedby'), /user_name_live/);
      await look(page, 'live-taken');
    });
  });

  test('an answer that was overtaken is not shown', async () => {
    await visit('live', async (page) => {
      site.answer = async (post, response) => {
        if (post.field.name === 'slow') await new Promise((resume) => setTimeout(resume, 1500));
        answer(post, response);
      };
      await page.getByLabel('User name').fill('slow');
      await until(() => site.posts.length === 1);
      assert.equal(await page.locator('#user_name_live').textContent(), 'Wird geprüft …');
      await page.getByLabel('User name').fill('quick');
      await until(async () => (await page.locator('#user_name_live').textContent()) === 'quick is free');
      await page.waitForTimeout(1600);
      assert.equal(await page.locator('#user_name_live').textContent(), 'quick is free');
    });
  });

  test('a server that is busy is left alone for as long as it says', async () => {
    await visit('live', async (page) => {
      site.answer = (_, response) => response.json(429, {}, { 'retry-after': '2' });
      await page.getByLabel('User name').fill('one');
      await until(() => site.posts.length === 1);
      await until(async () => (await page.locator('#user_name_live').textContent()) === '');
      site.answer = answer;
      await page.getByLabel('User name').fill('two');
      await page.waitForTimeout(700);
      assert.equal(site.posts.length, 1);
      await page.waitForTimeout(1500);
      await page.getByLabel('User name').fill('three');
      await until(async () => (await page.locator('#user_name_live').textContent()) === 'three is free');
    });
  });

  test('an answer that is none is not shown', async () => {
    await visit('live', async (page) => {
      site.answer = (_, response) => response.html(200, '<p>Sign in');
      await page.getByLabel('User name').fill('one');
      await until(() => site.posts.length === 1);
      await until(async () => (await page.locator('#user_name_live').textContent()) === '');
    });
  });
});

describe('sending', () => {
  const file = { name: 'cover.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(300_000, 7) };
  /** Lets the browser send only so many bytes a second. */
  const slowDown = async (page, speed) => {
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: speed });
  };

  test('UPLD-02 a file is sent with its progress, and the answer takes the place of the page', async () => {
    await visit('upload', async (page) => {
      await slowDown(page, 200_000);
      await page.getByLabel('Title').fill('Dots & <dashes>');
      await page.getByLabel('Cover').setInputFiles(file);
      const told = [];
      await page.exposeFunction('tell', (text) => told.push(text));
      await page.evaluate(() => new MutationObserver(() => {
        for (const region of document.querySelectorAll('.fd-progress [role="status"]')) globalThis.tell(region.textContent);
      }).observe(document.querySelector('form'), { childList: true, subtree: true, characterData: true }));
      await button(page, 'Send').click();
      await page.getByRole('progressbar').waitFor();
      assert.equal(await button(page, 'Send').getAttribute('aria-disabled'), 'true');
      await look(page, 'progress');
      await page.waitForURL(/done/);
      assert.equal(await page.locator('h1').textContent(), 'Done');
      assert.equal(site.posts.length, 1);
      assert.deepEqual(site.sent.cover, { name: 'cover.bin', size: 300_000 });
      assert.equal(site.sent.title, 'Dots & <dashes>');
      assert.equal(site.sent._submit, 'Send');
      assert.ok(told.some((text) => /^Sending: \d\d? %$/.test(text)), told.join());
      // It is a page like any other: styled, and with its own address to come back to.
      assert.equal(await page.evaluate(() => document.styleSheets.length), 1);
      await page.reload();
      assert.equal(await page.locator('h1').textContent(), 'Done');
    });
  });

  test('UPLD-02 a form that comes back refused works like the first one', async () => {
    await visit('upload', async (page) => {
      site.answer = async ({ field }, response) => (field.title
        ? response.writeHead(303, { location: '/done' }).end()
        : response.html(422, (await site.page('upload')).replace('<div class="fd-field"', '<div class="fd-summary" data-fd-summary role="alert"><p>Kept: cover.bin</p><ul><li><a href="#album_title">Title: Enter a value</a></li></ul></div><div class="fd-field"')));
      await page.getByLabel('Cover').setInputFiles(file);
      await button(page, 'Send').click();
      await page.getByText('Kept: cover.bin').waitFor();
      assert.equal(new URL(page.url()).pathname, '/upload');
      assert.ok(await page.locator('[data-fd-summary]').evaluate((box) => box === document.activeElement));
      await page.getByLabel('Title').fill('x');
      await page.getByLabel('Cover').setInputFiles(file);
      await button(page, 'Send').click();
      await page.waitForURL(/done/);
      assert.equal(site.posts.length, 2);
    });
  });

  test('UPLD-02 the answer is shown under a policy for trusted types as well', async () => {
    for (const names of ['frontdesk', "'none'"]) {
      site.reset();
      site.policy += `; require-trusted-types-for 'script'; trusted-types ${names}`;
      await visit('upload', async (page) => {
        await page.getByLabel('Cover').setInputFiles(file);
        await button(page, 'Send').click();
        await page.waitForURL(/done/);
        assert.equal(await page.locator('h1').textContent(), 'Done');
      }, { expected: names === 'frontdesk' ? [] : [/trusted-types/] });
    }
  });

  test('UPLD-02 an upload can be cancelled, and nothing is lost', async () => {
    await visit('upload', async (page) => {
      await slowDown(page, 60_000);
      await page.getByLabel('Title').fill('kept');
      await page.getByLabel('Cover').setInputFiles(file);
      await button(page, 'Send').click();
      await button(page, 'Cancel').click();
      await page.getByText('Sending was cancelled').waitFor();
      assert.equal(await value(page, '#album_title'), 'kept');
      assert.equal(await page.locator('#album_cover').evaluate(({ files }) => files.length), 1);
      await look(page, 'cancelled');
      await slowDown(page, -1);
      await button(page, 'Send').click();
      await page.waitForURL(/done/);
      assert.deepEqual(site.sent.cover, { name: 'cover.bin', size: 300_000 });
    });
  });

  test('UPLD-02 a lost connection loses nothing', async () => {
    await visit('upload', async (page) => {
      await page.getByLabel('Title').fill('kept');
      await page.getByLabel('Cover').setInputFiles(file);
      site.answer = (_, response) => response.destroy();
      await button(page, 'Send').click();
      await page.getByText('The connection was lost').waitFor();
      assert.equal(await value(page, '#album_title'), 'kept');
      site.answer = undefined;
      await button(page, 'Send').click();
      await page.waitForURL(/done/);
    }, { expected: [/network/] });
  });

  test('UPLD-02 an answer that is no page is told', async () => {
    await visit('upload', async (page) => {
      await page.getByLabel('Cover').setInputFiles(file);
      site.answer = (_, response) => response.writeHead(413, { 'content-type': 'text/plain' }).end('too large');
      await button(page, 'Send').click();
      await page.getByText('The server could not take this (status 413)').waitFor();
      assert.equal(await button(page, 'Send').getAttribute('aria-disabled'), null);
    });
  });

  test('FORM-11 a double click sends once, with a file or without', async () => {
    for (const files of [[], [file]]) {
      site.reset();
      site.slowness = 400;
      await visit('upload', async (page) => {
        await page.getByLabel('Title').fill('once');
        await page.getByLabel('Cover').setInputFiles(files);
        await button(page, 'Send').evaluate((pressed) => {
          pressed.click();
          pressed.click();
        });
        await page.waitForURL(/done/);
        assert.equal(site.posts.length, 1);
        assert.equal(site.sent._submit, 'Send');
      });
    }
  });

  test('FORM-11 a page that comes back by the Back button can be sent again', async () => {
    await visit('upload', async (page) => {
      await page.getByLabel('Title').fill('one');
      await button(page, 'Send').click();
      await page.waitForURL(/done/);
      await page.goBack();
      await page.getByLabel('Title').fill('two');
      await button(page, 'Send').click();
      await page.waitForURL(/done/);
      assert.equal(site.sent.title, 'two');
    });
  });

  test('Enter sends the form, not the first button in it', async () => {
    await visit('rows', async (page) => {
      await page.getByLabel('Title').press('Enter');
      await page.waitForURL(/done/);
      assert.equal(site.sent._submit, 'Save');
      assert.equal(site.sent._rows, undefined);
    });
  });
});

describe('searching while typing', () => {
  const albums = ['Facelift', 'Fear Of The Dark', 'Dirt', 'Jagged Little Pill'];
  const answer = ({ query }, response) => {
    const found = albums.map((label, index) => ({ value: index + 7, label })).filter(({ label }) => label.toLowerCase().includes(query.q.toLowerCase()));
    return response.json(200, { choices: found.slice(0, 3), more: found.length > 3 });
  };
  const album = (page) => page.getByRole('combobox', { name: 'Album' });
  const options = (page) => page.getByRole('option').allTextContents();
  beforeEach(() => (site.answer = ({ query }, response) => (query ? answer({ query }, response) : response.writeHead(303, { location: '/done' }).end())));

  for (const window of [desktop, phone]) {
    test(`FORM-16 a row is found and chosen by keyboard, ${window.width} pixels wide`, async () => {
      await visit('search', async (page) => {
        assert.equal(await album(page).inputValue(), 'Facelift', 'the label of what is chosen');
        assert.equal(await button(page, 'Search: Album').count(), 0);
        await page.getByText('Album', { exact: true }).click();
        assert.equal(await focused(page), 'track_album', 'the label leads to the input');
        await album(page).fill('f');
        await until(async () => (await options(page)).join() === 'Facelift,Fear Of The Dark,Create “f”');
        assert.deepEqual(site.searches.at(-1), { _search: 'album', q: 'f' });
        assert.equal(await album(page).getAttribute('aria-expanded'), 'true');
        assert.equal(await page.locator('p[role="status"]', { hasText: 'Results: 2' }).count(), 1);
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('ArrowDown');
        const active = await album(page).getAttribute('aria-activedescendant');
        assert.equal(await page.locator(`#${active}`).textContent(), 'Fear Of The Dark');
        assert.equal(await page.locator(`#${active}`).getAttribute('aria-selected'), 'true');
        await look(page, 'search-open');
        await page.keyboard.press('End');
        await page.keyboard.press('Home');
        await page.keyboard.press('ArrowUp');
        await page.keyboard.press('ArrowUp');
        await page.keyboard.press('Enter');
        assert.equal(await album(page).inputValue(), 'Fear Of The Dark');
        assert.equal(await album(page).getAttribute('aria-expanded'), 'false');
        assert.equal(await value(page, 'select[name="album"]'), '8');
        assert.equal(site.posts.length, 0, 'Enter chose, and sent nothing');
        await page.keyboard.press('Enter');
        await page.waitForURL(/done/);
        assert.deepEqual(site.sent, { album: '8', tags: '1', _drawn: 'tags', _submit: 'Save' });
      }, { window });
    });
  }

  test('FORM-16 by mouse; Escape closes; what is emptied is chosen no more', async () => {
    await visit('search', async (page) => {
      await album(page).click();
      await page.getByRole('option', { name: 'Dirt' }).waitFor();
      await page.keyboard.press('Escape');
      assert.equal(await page.getByRole('listbox').count(), 0);
      await album(page).fill('');
      assert.equal(await value(page, 'select[name="album"]'), '');
      await album(page).pressSequentially('i');
      await page.getByRole('option', { name: 'Dirt' }).click();
      assert.equal(await value(page, 'select[name="album"]'), '9');
      assert.equal(await album(page).inputValue(), 'Dirt');
    });
  });

  test('FORM-16 more than fits, and nothing at all, are said', async () => {
    await visit('search', async (page) => {
      await album(page).fill('');
      await album(page).press('ArrowDown');
      await page.locator('.fd-popup .fd-note', { hasText: 'There are more' }).waitFor();
      assert.equal((await options(page)).length, 3);
      await album(page).fill('zzz');
      await page.locator('.fd-popup .fd-note', { hasText: 'Nothing found' }).waitFor();
      assert.deepEqual(await options(page), ['Create “zzz”']);
      await look(page, 'search-nothing');
    });
  });

  test('FORM-16 a text that is no choice stays, is told, and is not sent as one', async () => {
    await visit('search', async (page) => {
      await album(page).fill('Facelifting');
      await page.keyboard.press('Tab');
      assert.equal(await errorOf(page, 'track_album').textContent(), 'Choose one of the list');
      assert.equal(await album(page).inputValue(), 'Facelifting');
      assert.equal(await value(page, 'select[name="album"]'), '');
      await button(page, 'Save').click();
      assert.equal(site.posts.length, 0);
      assert.equal(await focused(page), 'track_album');
      await look(page, 'search-error');
      await album(page).fill('');
      assert.equal(await errorOf(page, 'track_album').count(), 0);
      await button(page, 'Save').click();
      await page.waitForURL(/done/);
      assert.equal(site.sent.album, '');
    });
  });

  test('FORM-16 a row is made from what was typed', async () => {
    await visit('search', async (page) => {
      await album(page).fill('Load');
      await page.getByRole('option', { name: 'Create “Load”' }).click();
      await page.waitForURL(/done/);
      assert.equal(site.sent._create, 'album');
      assert.equal(site.sent._find_album, 'Load');
    });
  });

  test('FORM-16 several rows become tags with buttons', async () => {
    await visit('search', async (page) => {
      const genres = page.getByRole('combobox', { name: 'Genres' });
      assert.deepEqual(await page.locator('.fd-chip').allTextContents(), ['Rock']);
      await genres.fill('dirt');
      await page.getByRole('option', { name: 'Dirt' }).click();
      assert.deepEqual(await page.locator('.fd-chip').allTextContents(), ['Rock', 'Dirt']);
      assert.equal(await genres.inputValue(), '');
      await look(page, 'search-several');
      await button(page, 'Remove Rock').click();
      assert.equal(await focused(page), 'track_tags');
      await button(page, 'Save').click();
      await page.waitForURL(/done/);
      assert.equal(site.sent.tags, '9');
    });
  });

  test('FORM-16 an answer with markup in it stays text', async () => {
    await visit('search', async (page) => {
      site.answer = (_, response) => response.json(200, { choices: [{ value: '"><script>', label: '<img src=x onerror=alert(1)>' }], more: false });
      await album(page).fill('x');
      await page.getByRole('option', { name: '<img src=x onerror=alert(1)>' }).click();
      assert.equal(await page.locator('img').count(), 0);
      assert.equal(await value(page, 'select[name="album"]'), '"><script>');
    });
  });

  test('FORM-16 a slow search says so, and an answer that was overtaken is dropped', async () => {
    await visit('search', async (page) => {
      site.answer = async (what, response) => {
        if (what.query.q === 'slow') await new Promise((resume) => setTimeout(resume, 1500));
        return response.json(200, { choices: [{ value: 1, label: `found ${what.query.q}` }], more: false });
      };
      await album(page).fill('slow');
      await page.locator('.fd-popup .fd-note', { hasText: 'Searching' }).waitFor();
      await album(page).fill('quick');
      await page.getByRole('option', { name: 'found quick' }).waitFor();
      await page.waitForTimeout(1400);
      assert.deepEqual(await options(page), ['found quick', 'Create “quick”']);
    });
  });

  test('FORM-16 a server in trouble leaves a text input', async () => {
    await visit('search', async (page) => {
      site.answer = (_, response) => response.json(404, {});
      await album(page).fill('x');
      await until(() => site.searches.length > 0);
      assert.equal(await page.getByRole('listbox').count(), 0);
    });
  });
});

describe('rows', () => {
  const names = (page) => values(page, '[data-fd-row]:not([data-fd-removed]) input[name$=".name"]');

  for (const window of [desktop, phone]) {
    test(`FORM-10 rows are added, moved, removed and brought back in place, ${window.width} pixels wide`, async () => {
      await visit('rows', async (page) => {
        await button(page, 'Add a row').click();
        assert.equal(await focused(page), 'order_items_2_name');
        await page.keyboard.type('tea');
        assert.match(await page.locator('p[role="status"].fd-visually-hidden').textContent(), /^Row added. Rows: 3/);
        await button(page, 'Move up: Items 3').click();
        assert.deepEqual(await names(page), ['eggs', 'tea', 'milk']);
        assert.equal(await page.evaluate(() => document.activeElement.value), 'up:items[2]', 'the focus goes with the row');
        assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Move up: Items 2');
        assert.match(await page.locator('p[role="status"].fd-visually-hidden').textContent(), /^Moved to place 2/);

        await page.getByRole('button', { name: /^Remove this row/ }).nth(2).click();
        assert.deepEqual(await names(page), ['eggs', 'tea']);
        assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Undo');
        await look(page, 'rows-removed');
        await button(page, 'Undo').click();
        assert.deepEqual(await names(page), ['eggs', 'tea', 'milk']);
        await page.getByRole('button', { name: /^Remove this row/ }).first().click();
        await look(page, 'rows');
        await button(page, 'Save').click();
        await page.waitForURL(/done/);
        const { sent } = site;
        assert.equal(sent['items[0]._delete'], 'ON');
        assert.equal(sent['items[0]._id'], '11');
        assert.equal(sent['items[1]._delete'], undefined);
        assert.equal(sent['items[2].name'], 'tea');
        assert.deepEqual([sent['items[2]._position'], sent['items[1]._position']], ['1', '2']);
        assert.equal(Object.keys(sent).some((name) => name.includes('__i__')), false, 'the template is not sent');
      }, { window });
    });
  }

  test('FORM-10 a new row is gone at once; there are never too few or too many', async () => {
    await visit('rows', async (page) => {
      const add = button(page, 'Add a row');
      await add.click();
      await add.click();
      assert.ok(await add.isDisabled());
      await page.getByRole('button', { name: /^Remove this row/ }).nth(3).click();
      assert.equal(await page.locator('[data-fd-row]').count(), 3);
      assert.ok(await add.isEnabled());
      for (let row = 0; row < 2; row++) await page.getByRole('button', { name: /^Remove this row/ }).first().click();
      assert.equal((await names(page)).length, 1);
      const last = page.getByRole('button', { name: /^Remove this row/ });
      assert.equal(await last.getAttribute('aria-disabled'), 'true');
      await last.click({ force: true });
      assert.equal((await names(page)).length, 1);
      assert.equal(site.posts.length, 0);
    });
  });

  test('FORM-10 new rows are checked like the others, removed ones are not', async () => {
    await visit('rows', async (page) => {
      await page.locator('#order_items_0_name').fill('');
      await page.getByRole('button', { name: /^Remove this row/ }).first().click();
      await button(page, 'Add a row').click();
      await page.locator('#order_items_2_count').fill('12');
      await button(page, 'Save').click();
      assert.equal(await focused(page), 'order_items_2_name');
      assert.equal(await errorOf(page, 'order_items_2_name').textContent(), 'Enter a value');
      await page.keyboard.type('jam');
      await button(page, 'Save').click();
      await page.waitForURL(/done/);
      assert.equal(site.sent['items[2].name'], 'jam');
    });
  });

  test('FORM-10 a new row in which nothing was entered is no row, and not asked for', async () => {
    await visit('rows', async (page) => {
      await button(page, 'Add a row').click();
      await page.locator('#order_items_2_name').fill('x');
      await page.locator('#order_items_2_name').fill('');
      await button(page, 'Save').click();
      await page.waitForURL(/done/);
      assert.equal(site.sent['items[2].name'], '');
    });
  });

  test('FORM-10 a row that was to be removed when the page came back still is', async () => {
    // As the server draws a row whose box was ticked.
    site.alter = (html) => html.replace('name="items[0]._delete" value="ON"', '$& checked');
    await visit('rows', async (page) => {
      assert.deepEqual(await names(page), ['milk']);
      await button(page, 'Undo').click();
      assert.deepEqual(await names(page), ['eggs', 'milk']);
      await button(page, 'Save').click();
      await page.waitForURL(/done/);
      assert.equal(site.sent['items[0]._delete'], undefined);
    });
  });

  test('FORM-10 without the script the same buttons ask the server', async () => {
    await visit('rows', async (page) => {
      await button(page, 'Add a row').click();
      await page.waitForURL(/done/);
      assert.equal(site.sent._rows, 'add:items');
      assert.equal(site.sent['items[0].name'], 'eggs');
    }, { context: { javaScriptEnabled: false } });
  });
});

describe('conditions', () => {
  const shown = (page, label) => page.getByLabel(label, { exact: true }).isVisible();
  const usable = (page, name) => page.locator(`[name="${name}"]`).isEnabled();

  for (const window of [desktop, phone]) {
    test(`FORM-13 fields come and go with what others hold, ${window.width} pixels wide`, async () => {
      await visit('conditions', async (page) => {
        assert.equal(await shown(page, 'State'), false);
        await page.getByLabel('Country').selectOption('US');
        assert.equal(await shown(page, 'State'), true);
        assert.equal(await usable(page, 'state'), true);
        assert.equal(await shown(page, 'County'), false);
        await page.getByLabel('State').fill('Ohio');
        await page.getByLabel('County').fill('Lake');
        await look(page, 'conditions');
        await page.getByLabel('Country').selectOption('DE');
        assert.deepEqual([await shown(page, 'State'), await shown(page, 'County')], [false, false], 'one takes the other along');
        await button(page, 'Save').click();
        await page.waitForURL(/done/);
        assert.equal('state' in site.sent || 'county' in site.sent, false, 'what is hidden is not sent');
      }, { window });
    });
  }

  test('FORM-13 what was typed comes back with its field', async () => {
    await visit('conditions', async (page) => {
      await page.getByLabel('Country').selectOption('US');
      await page.getByLabel('State').fill('Ohio');
      await page.getByLabel('Country').selectOption('DE');
      await page.getByLabel('Country').selectOption('US');
      assert.equal(await value(page, '#trip_state'), 'Ohio');
      assert.equal(await usable(page, 'county'), true);
    });
  });

  test('FORM-13 a field is required while its condition holds', async () => {
    await visit('conditions', async (page) => {
      await page.getByLabel('Country').selectOption('US');
      await page.getByLabel('State').fill('Ohio');
      assert.equal(await page.getByLabel('Postal code').getAttribute('aria-required'), 'true');
      await button(page, 'Save').click();
      assert.equal(await errorOf(page, 'trip_zip').textContent(), 'Enter a postal code');
      await page.getByLabel('Country').selectOption('DE');
      await button(page, 'Save').click();
      await page.waitForURL(/done/);
      assert.equal(site.sent.zip, '');
    });
  });

  test('FORM-13 choices are limited by all conditions that hold', async () => {
    await visit('conditions', async (page) => {
      const offered = () => page.locator('#trip_speed option:not([hidden])').evaluateAll((all) => all.map(({ value }) => value));
      assert.deepEqual(await offered(), ['', 'slow', 'fast', 'drone']);
      await page.getByLabel('Speed').selectOption('fast');
      await page.getByLabel('blue').check();
      await page.getByLabel('Country').selectOption('US');
      assert.deepEqual(await offered(), ['', 'slow', 'drone']);
      assert.equal(await value(page, '#trip_speed'), '');
      assert.equal(await page.getByLabel('blue').isVisible(), false);
      await page.getByLabel('It is a gift').check();
      assert.deepEqual(await offered(), ['', 'slow']);
      await page.getByLabel('Country').selectOption('DE');
      assert.deepEqual(await offered(), ['', 'slow', 'fast']);
      assert.equal(await shown(page, 'Greeting'), true);
    });
  });

  test('FORM-10 FORM-13 a thousand rows with conditions stay quick', async () => {
    site.alter = (html) => {
      const row = /<div class="fd-row"[^]*?<\/div>\n<\/div>\n/.exec(html)[0];
      return html.replace(row, () => Array.from({ length: 1000 }, (_, index) => row.replaceAll('guests[0]', `guests[${index}]`).replaceAll('guests_0', `guests_${index}`)).join(''));
    };
    await visit('conditions', async (page) => {
      assert.equal(await page.getByLabel('Age').count(), 1000);
      const took = await page.evaluate(() => {
        const timed = (act) => {
          const start = performance.now();
          act();
          return performance.now() - start;
        };
        const age = document.getElementById('trip_guests_500_age');
        age.value = '9';
        return {
          input: timed(() => age.dispatchEvent(new Event('input', { bubbles: true }))),
          add: timed(() => document.querySelector('[value="add:guests"]').click()),
          shown: !document.getElementById('trip_guests_500_school_field').hidden,
        };
      });
      assert.ok(took.shown);
      assert.ok(took.input < 400 && took.add < 800, JSON.stringify(took));
    });
  });

  test('FORM-13 in a row, the row’s own fields count', async () => {
    await visit('conditions', async (page) => {
      await button(page, 'Add a guest').click();
      const ages = page.getByLabel('Age');
      await ages.nth(0).fill('40');
      await ages.nth(1).fill('9');
      assert.equal(await page.getByLabel('School').count(), 2);
      assert.equal(await page.getByLabel('School').nth(0).isVisible(), false);
      assert.equal(await page.getByLabel('School').nth(1).isVisible(), true);
    });
  });
});

describe('drafts', () => {
  test('FORM-12 what is typed is saved after a while, without secrets and files', async () => {
    await visit('draft', async (page) => {
      site.answer = (_, response) => response.writeHead(204).end();
      await page.getByLabel('Text').fill('two\nlines');
      await page.getByLabel('Password').fill('secret');
      await page.getByLabel('Code').fill('123456');
      await page.getByLabel('File').setInputFiles({ name: 'a', mimeType: 'text/plain', buffer: Buffer.from('x') });
      await page.getByText(/^Draft saved at \d\d:\d\d/).waitFor();
      assert.deepEqual(site.sent, { _formkey: 'key', text: 'two\r\nlines', _draft: 'save' });
      await look(page, 'draft-saved');
      await page.waitForTimeout(1500);
      assert.equal(site.posts.length, 1, 'nothing changed, nothing is saved');
    });
  });

  test('FORM-12 a page that is left takes its draft along', async () => {
    await visit('draft', async (page) => {
      site.answer = (_, response) => response.writeHead(204).end();
      await page.locator('form').evaluate((form) => form.setAttribute('data-fd-draft', '1'));
      await page.getByLabel('Text').fill('half a th');
      await page.goto(`${site.url}/done`);
      await until(() => site.posts.length === 1);
      assert.equal(site.sent._draft, 'save');
      assert.equal(site.sent.text, 'half a th');
    });
  });

  test('FORM-12 what was sent for good is no draft', async () => {
    await visit('draft', async (page) => {
      await page.getByLabel('Text').fill('done');
      await button(page, 'Send').click();
      await page.waitForURL(/done/);
      await page.waitForTimeout(1200);
      assert.deepEqual(site.posts.map(({ field }) => field._draft), [undefined]);
    });
  });

  test('FORM-12 a draft that was not saved is told and tried again', async () => {
    await visit('draft', async (page) => {
      site.answer = (_, response) => response.writeHead(303, { location: '/done' }).end();
      await page.getByLabel('Text').fill('x');
      await page.getByText('The draft could not be saved').waitFor();
      site.answer = (_, response) => response.writeHead(204).end();
      await page.getByText(/^Draft saved at/).waitFor();
    });
  });
});

describe('proof of work', () => {
  test('CAPT-01 it is solved while the form is filled in, and sent with it', async () => {
    const salt = 'abc?expires=9999999999&';
    const number = 4321;
    const { createHash } = await import('node:crypto');
    const challenge = createHash('sha256').update(`${salt}${number}`).digest('hex');
    site.fill.challenge = JSON.stringify({ algorithm: 'SHA-256', challenge, maxnumber: 20000, salt, signature: 's' });
    await visit('proof', async (page) => {
      await page.getByLabel('Text').fill('hello');
      await button(page, 'Send').click();
      await page.waitForURL(/done/);
      assert.equal(site.posts.length, 1);
      assert.equal(site.sent._submit, 'Send');
      const solved = JSON.parse(Buffer.from(site.sent.altcha, 'base64').toString());
      assert.equal(solved.number, number);
      assert.equal(solved.challenge, challenge);
      assert.equal(solved.signature, 's');
    });
  });

  test('CAPT-01 sending waits for it, once, and says so', async () => {
    const salt = 'slow';
    const { createHash } = await import('node:crypto');
    const challenge = createHash('sha256').update(`${salt}600000`).digest('hex');
    site.fill.challenge = JSON.stringify({ algorithm: 'SHA-256', challenge, maxnumber: 600000, salt, signature: 's' });
    await visit('proof', async (page) => {
      await page.evaluate(() => {
        const send = document.querySelector('[name="_submit"]');
        send.click();
        send.click();
      });
      assert.match(await page.locator('.fd-status').textContent(), /checking that you are not a robot/);
      await page.waitForURL(/done/);
      assert.equal(site.posts.length, 1);
      assert.ok(site.sent.altcha);
    });
  });

  test('CAPT-01 a challenge that cannot be read leaves the decision to the server', async () => {
    site.fill.challenge = 'nonsense';
    await visit('proof', async (page) => {
      await button(page, 'Send').click();
      await page.waitForURL(/done/);
      assert.equal(site.sent.altcha, '');
    });
  });
});

describe('friendlier controls', () => {
  const save = async (page) => {
    await button(page, 'Save').click();
    await page.waitForURL(/done/);
    return site.sent;
  };

  test('FORM-16 looking changes nothing', async () => {
    await visit('controls', async (page) => {
      const sent = await save(page);
      assert.equal(sent.tags, 'red\r\nlight blue');
      assert.equal(sent.labels, 'color: red\r\nnote: a: b');
      assert.match(sent.settings, /^\{"big": 12345678901234567890/);
      assert.deepEqual(sent.wishes, ['a bike', 'a kite', '']);
    });
  });

  test('FORM-16 tags are typed, pasted and removed', async () => {
    await visit('controls', async (page) => {
      const input = page.getByLabel('Tags', { exact: true }).last();
      assert.equal(await input.getAttribute('aria-describedby'), 'lab_tags_help');
      await page.locator('label', { hasText: 'Tags' }).click();
      assert.equal(await focused(page), 'lab_tags');
      await page.keyboard.type('green, dark');
      await page.keyboard.press('Enter');
      assert.deepEqual(await page.locator('.fd-tags .fd-chip').allTextContents(), ['red', 'light blue', 'green, dark']);
      await button(page, 'Remove light blue').click();
      assert.equal(await focused(page), 'lab_tags');
      await page.keyboard.press('Backspace');
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Remove green, dark');
      await page.locator('#lab_tags').evaluate((input_) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData('text', 'one\ntwo\n');
        input_.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
      });
      await page.locator('#lab_tags').fill('half');
      await look(page, 'tags');
      assert.equal((await save(page)).tags, 'red\r\ngreen, dark\r\none\r\ntwo\r\nhalf');
    });
  });

  test('FORM-16 names and texts are edited in two columns', async () => {
    await visit('controls', async (page) => {
      const pairs = page.locator('.fd-pair input');
      assert.deepEqual(await pairs.evaluateAll((all) => all.map((one) => one.value)), ['color', 'red', 'note', 'a: b']);
      await pairs.nth(1).fill('blue');
      await button(page, 'Add').click();
      await page.keyboard.type('size');
      await page.keyboard.press('Tab');
      await page.keyboard.type('12');
      await look(page, 'pairs');
      await button(page, 'Remove note').click();
      assert.equal((await save(page)).labels, 'color: blue\r\nsize: 12');
    });
    await visit('controls', async (page) => {
      await page.locator('.fd-pair input').first().fill('a:b');
      assert.deepEqual(JSON.parse((await save(page)).labels), { 'a:b': 'red', 'note': 'a: b' });
    });
  });

  test('FORM-16 JSON is checked while one types, and set in lines without altering it', async () => {
    await visit('controls', async (page) => {
      const area = page.getByLabel('Settings');
      await button(page, 'Format').click();
      const text = '{\n  "big": 12345678901234567890,\n  "list": [\n    1.0,\n    {}\n  ],\n  "text": "a, {b}: \\"c\\""\n}';
      assert.equal(await area.inputValue(), text);
      await area.fill('{\n"a": 1,\n}');
      await page.getByText(/^This is not valid JSON yet/).waitFor();
      assert.ok(await button(page, 'Format').isDisabled());
      await look(page, 'json');
      await area.fill('[1]');
      await page.getByText('This is valid JSON.').waitFor();
    });
  });

  test('FORM-16 a list is put in order, by keyboard', async () => {
    await visit('controls', async (page) => {
      await button(page, 'Move Wishes 2 up').focus();
      await page.keyboard.press('Enter');
      assert.deepEqual(await values(page, 'input[name="wishes"]'), ['a kite', 'a bike', '']);
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Move Wishes 1 up');
      assert.equal(await page.locator('#lab_wishes').inputValue(), 'a kite');
      await page.locator('input[name="wishes"]').nth(2).fill('a book');
      assert.equal(await page.locator('input[name="wishes"]').count(), 4, 'there is always an empty one');
      assert.equal(await page.locator('input[name="wishes"]').nth(3).getAttribute('aria-label'), 'Wishes 4');
      await look(page, 'ordered');
      assert.deepEqual((await save(page)).wishes, ['a kite', 'a bike', 'a book', '']);
    });
  });

  test('FORM-16 sliders and colors tell their values', async () => {
    await visit('controls', async (page) => {
      await page.getByLabel('Level').focus();
      await page.keyboard.press('ArrowRight');
      assert.equal(await page.locator('output[for="lab_level"]').textContent(), '41');
      await page.getByLabel('Color', { exact: true }).fill('#ff0000');
      assert.equal(await page.locator('output[for="lab_color"]').textContent(), '#ff0000');
    });
  });
});
