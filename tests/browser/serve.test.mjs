// `frontdesk serve`, on a database that it has never seen, and on its demo.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { assertAccessible, assertNoSidewaysScroll, buildProgram, desktop, launchBrowser, phone, shot, startProgram } from './lib.mjs';
import { picture } from './picture.mjs';

const tables = [
  'Album', 'Artist', 'Customer', 'Employee', 'Genre', 'Invoice', 'InvoiceLine', 'MediaType', 'Playlist', 'PlaylistTrack',
  'Track',
];

let browser;
const which = { package: 'frontdesk-cli', bin: 'frontdesk', env: 'FRONTDESK_BIN' };
const serve = (options, ...args) => startProgram({ ...which, ...options, args: ['serve', ...args, '--listen', '127.0.0.1:0'] });
const chinook = () => serve({ files: { 'chinook.db': 'tests/data/chinook.sqlite' } }, 'chinook.db');

before(async () => {
  await buildProgram(which);
  browser = await launchBrowser();
});
after(() => browser?.close());

const button = (page, name) => page.getByRole('button', { name, exact: true });
const told = async (page, text) => assert.match(await page.getByRole('status').textContent(), text);

/** Checks that an input was refused with this text, tied to it for those who do not see where it stands. */
async function refused(page, label, text) {
  const control = page.getByLabel(label, { exact: true });
  assert.equal(await control.getAttribute('aria-invalid'), 'true');
  const ids = (await control.getAttribute('aria-describedby')).split(' ');
  assert.match(await page.locator(`#${ids[0]}`).textContent(), text);
}

async function look(page, name, { scripts = true } = {}) {
  if (scripts) await assertAccessible(page); // which runs in the page
  await assertNoSidewaysScroll(page);
  await shot(page, `serve-${name}`);
}

/** Sends the form and expects this status. */
async function submit(page, name, status) {
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === 'POST'),
    button(page, name).click(),
  ]);
  assert.equal(answer.status(), status);
}

describe('only looking', () => {
  let program;
  before(async () => (program = await chinook()));
  after(() => program?.stop());

  for (const window of [desktop, phone]) {
    test(`FORM-15 FORM-21 at every table and a form of each, ${window.width} pixels wide, leaves the file as it was`, async () => {
      const digest = async () => createHash('sha256').update(await readFile(join(program.folder, 'chinook.db'))).digest('hex');
      const before = await digest();
      await browser.visit(window, async (page) => {
        await page.goto(`${program.url}/`);
        await look(page, 'home');
        for (const table of tables) {
          assert.equal((await page.goto(`${program.url}/tables/${table}/`)).status(), 200);
          await look(page, `list-${table}`);
          await page.getByRole('link', { name: /^Edit / }).first().click();
          assert.match(page.url(), new RegExp(`/forms/${table}/[^/]+/`));
          await look(page, `form-${table}`);
          assert.equal((await page.goto(`${program.url}/forms/${table}/`)).status(), 200);
          await look(page, `new-${table}`);
        }
      });
      assert.equal(await digest(), before);
    });
  }
});

/** Creates, breaks, mends, edits and deletes a track called `name`. */
const track = (program, name, options) => async (page) => {
  await page.goto(`${program.url}/`);
  await page.getByRole('link', { name: 'Track', exact: true }).click();
  await page.getByRole('link', { name: 'New record' }).click();

  await page.getByLabel('Name').fill(`${name} & <b>`);
  await page.getByLabel('Album').selectOption('Big Ones');
  await page.getByLabel('Milliseconds').fill('4:33');
  await page.getByLabel('Unit Price').fill('0,99');
  await submit(page, 'Create', 422);
  await refused(page, 'Media Type', /./);
  await refused(page, 'Milliseconds', /^Enter an integer/);
  await refused(page, 'Unit Price', /^Enter a number/);
  assert.equal(await page.getByLabel('Name').inputValue(), `${name} & <b>`);
  assert.equal(await page.getByLabel('Album').locator('option:checked').textContent(), 'Big Ones');
  assert.equal(await page.getByLabel('Milliseconds').inputValue(), '4:33');
  await look(page, 'refused', options);

  await page.getByLabel('Media Type').selectOption('MPEG audio file');
  await page.getByLabel('Milliseconds').fill('273000');
  await page.getByLabel('Unit Price').fill('0.99');
  await submit(page, 'Create', 303);
  await told(page, /Created/);

  await page.getByRole('searchbox').fill(name);
  await page.getByRole('searchbox').press('Enter');
  await page.getByRole('link', { name: `Edit ${name} & <b>` }).click();
  const address = page.url();
  assert.equal(await page.getByLabel('Unit Price').inputValue(), '0.99');

  await page.getByLabel('Name').fill(' ');
  await submit(page, 'Save', 422);
  await refused(page, 'Name', /^Enter a value$/);
  await page.getByLabel('Name').fill(`${name} II`);
  await page.getByLabel('Genre').selectOption('Rock');
  await submit(page, 'Save', 303);
  await told(page, /Saved/);

  await page.goto(address);
  assert.equal(await page.getByLabel('Name').inputValue(), `${name} II`);
  assert.equal(await page.getByLabel('Genre').locator('option:checked').textContent(), 'Rock');
  await page.getByLabel('delete this record').check();
  await submit(page, 'Save', 303);
  await told(page, /Deleted/);
  assert.equal((await page.goto(address)).status(), 404);
  await look(page, 'gone', options);
};

/** Puts track 1 on a playlist, not twice, moves it to another one, takes it off. */
const playlist = (program) => async (page) => {
  const create = async () => {
    await page.goto(`${program.url}/forms/PlaylistTrack/`);
    await page.getByLabel('Playlist').selectOption('On-The-Go 1');
    await page.getByLabel('Track').fill('1');
  };
  await create();
  await page.getByLabel('Track').fill('999999');
  await submit(page, 'Create', 422);
  await refused(page, 'Track', /./);
  assert.equal(await page.getByLabel('Track').inputValue(), '999999');

  await create();
  await submit(page, 'Create', 303);
  await told(page, /Created/);
  await create();
  await submit(page, 'Create', 422);
  await refused(page, 'Playlist', /./);
  await refused(page, 'Track', /./);
  await look(page, 'twice');

  const address = `${program.url}/forms/PlaylistTrack/18,1/`;
  await page.goto(address);
  await page.getByLabel('Playlist').selectOption('Movies');
  await submit(page, 'Save', 303);
  assert.equal((await page.goto(address)).status(), 404, 'the key of the row changed');
  const moved = `${program.url}/forms/PlaylistTrack/2,1/`;
  assert.equal((await page.goto(moved)).status(), 200);
  await page.getByLabel('delete this record').check();
  await submit(page, 'Save', 303);
  await told(page, /Deleted/);
  assert.equal((await page.goto(moved)).status(), 404);
};

describe('a row comes and goes', () => {
  let program;
  before(async () => (program = await chinook()));
  after(() => program?.stop());

  for (const window of [desktop, phone]) {
    test(`FORM-01 in a window of ${window.width} pixels`, () => browser.visit(window, track(program, `Song ${window.width}`)));
    test(`FORM-07 with a key of two columns, ${window.width} pixels wide`, () => browser.visit(window, playlist(program)));
  }
  test('FORM-21 without JavaScript', () =>
    browser.visit(phone, track(program, 'Silence', { scripts: false }), { context: { javaScriptEnabled: false } }));

  test('FORM-07 but not while others refer to it', () =>
    browser.visit(desktop, async (page) => {
      await page.goto(`${program.url}/forms/Artist/1/`);
      await page.getByLabel('delete this record').check();
      await submit(page, 'Save', 422);
      assert.match(await page.getByRole('alert').textContent(), /Album still refer to this/);
      assert.equal(await page.getByLabel('Name').inputValue(), 'AC/DC');
      await look(page, 'referred');
    }));
});

describe('the demo', () => {
  let program;
  before(async () => (program = await serve({})));
  after(() => program?.stop());

  test('UPLD-03 takes, shows and removes a picture', () =>
    browser.visit(desktop, async (page) => {
      await page.goto(`${program.url}/forms/hero/`);
      await page.getByLabel('Name', { exact: true }).fill('Green Giant');
      await page.getByLabel('Email').fill('green@giant');
      await page.getByLabel('Portrait').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: Buffer.from('text') });
      await submit(page, 'Create', 422);
      await refused(page, 'Email', /^Enter a valid email address$/);
      await refused(page, 'Portrait', /^Invalid image$/);

      await page.getByLabel('Email').fill('green@giant.example');
      await page.getByLabel('Portrait').setInputFiles(picture('me.png', [40, 150, 80]));
      await submit(page, 'Create', 303);
      await page.getByRole('link', { name: 'Edit Green Giant' }).click();
      const shown = page.locator('form img');
      assert.equal(await shown.evaluate((image) => image.decode().then(() => image.naturalWidth)), 256);
      const address = await shown.evaluate((image) => image.src);

      // For the README: a form that has something to say.
      await page.getByLabel('Email').fill('green@giant');
      await submit(page, 'Save', 422);
      await look(page, 'picture');
      await page.getByLabel('Email').fill('green@giant.example');

      await page.getByLabel('remove this file').check();
      await submit(page, 'Save', 303);
      assert.equal((await page.request.get(address)).status(), 404);
    }));

  for (const window of [desktop, phone]) {
    test(`in the dark, ${window.width} pixels wide`, () =>
      browser.visit(
        window,
        async (page) => {
          for (const [name, path] of [['home', '/'], ['list', '/tables/hero/'], ['form', '/forms/product/1/'], ['view', '/tables/sales/']]) {
            assert.equal((await page.goto(program.url + path)).status(), 200);
            await look(page, `dark-${name}`);
          }
        },
        { context: { colorScheme: 'dark' } },
      ));
  }
});
