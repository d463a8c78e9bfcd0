// The script of forms, in pages of exactly the markup that forms write, under the policy `default-src 'self'`: checks,
// live checks, sending. Its other parts are in script-parts.test.mjs.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { desktop, phone, shot } from './lib.mjs';
import { browser, button, errorOf, focused, look, site, until, value, visit } from './script-page.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));

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
  test('FORM-15 an error comes after the first edit, in the place of the server’s, and goes when mended', async () => {
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

  test('FORM-15 a form with errors is not sent: a summary with links, and the first error has the focus', async () => {
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

  test('a file is sent with its progress, and the answer takes the place of the page', async () => {
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

  test('a form that comes back refused works like the first one', async () => {
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

  test('the answer is shown under a policy for trusted types as well', async () => {
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

  test('an upload can be cancelled, and nothing is lost', async () => {
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

  test('a lost connection loses nothing', async () => {
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

  test('an answer that is no page is told', async () => {
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
