// `frontdesk serve`, on a database that it has never seen, and on its demo.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
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

/** Runs the script that has the PostgreSQL server, and gives what it prints. */
const postgres = async (...args) =>
  (await promisify(execFile)(fileURLToPath(new URL('../../scripts/setup-postgres', import.meta.url)), args)).stdout.trim();

/** Serves a PostgreSQL database of its own, made by a file of SQL. */
async function onPostgres(file) {
  const database = await postgres('load', fileURLToPath(new URL(`../../${file}`, import.meta.url)));
  const drop = () => postgres('drop', database);
  try {
    const program = await serve({}, database);
    const stop = program.stop.bind(program);
    program.stop = () => stop().finally(drop);
    return program;
  } catch (error) {
    await drop();
    throw error;
  }
}
const chinookOnPostgres = () => onPostgres('tests/data/chinook-postgres.sql');

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

/** Sends the form and expects that it is refused: by the script where that knows it, else by the server. */
async function refuse(page, name) {
  await page.evaluate(() => document.querySelector('[data-fd-summary]')?.remove());
  await button(page, name).click();
  await page.locator('[data-fd-summary]').waitFor();
}

/** The same without JavaScript. */
const refuseOr = (options) => (options?.scripts === false ? (page, name) => submit(page, name, 422) : refuse);

/** Chooses a row of a reference that has too many for a list. */
async function choose(page, label, text, choice) {
  await page.getByRole('combobox', { name: label, exact: true }).pressSequentially(text);
  await page.getByRole('option', { name: choice, exact: true }).click();
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
  await refuseOr(options)(page, 'Create');
  await refused(page, 'Media Type', /./);
  await page.getByLabel('Media Type').selectOption('MPEG audio file');
  await submit(page, 'Create', 422); // what only the server knows
  await refused(page, 'Milliseconds', /^Enter an integer/);
  await refused(page, 'Unit Price', /^Enter a number/);
  assert.equal(await page.getByLabel('Name').inputValue(), `${name} & <b>`);
  assert.equal(await page.getByLabel('Album').locator('option:checked').textContent(), 'Big Ones');
  assert.equal(await page.getByLabel('Milliseconds').inputValue(), '4:33');
  await look(page, 'refused', options);

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
  await refuseOr(options)(page, 'Save');
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
const playlist = (program, table) => async (page) => {
  const create = async () => {
    await page.goto(`${program.url}/forms/${table}/`);
    await page.getByLabel('Playlist').selectOption('On-The-Go 1');
    await choose(page, 'Track', 'For Those About', 'For Those About To Rock (We Salute You)');
  };
  // What was typed and not chosen is no track: it is not taken for one, and not lost.
  await page.goto(`${program.url}/forms/${table}/`);
  await page.getByLabel('Playlist').selectOption('On-The-Go 1');
  await page.getByRole('combobox', { name: 'Track', exact: true }).fill('No such song');
  await page.keyboard.press('Escape');
  await refuse(page, 'Create');
  assert.equal(page.url(), `${program.url}/forms/${table}/`);

  await create();
  await submit(page, 'Create', 303);
  await told(page, /Created/);
  await create();
  await submit(page, 'Create', 422);
  await refused(page, 'Playlist', /./);
  await look(page, 'twice');

  const address = `${program.url}/forms/${table}/18,1/`;
  await page.goto(address);
  await page.getByLabel('Playlist').selectOption('Movies');
  await submit(page, 'Save', 303);
  assert.equal((await page.goto(address)).status(), 404, 'the key of the row changed');
  const moved = `${program.url}/forms/${table}/2,1/`;
  assert.equal((await page.goto(moved)).status(), 200);
  await page.getByLabel('delete this record').check();
  await submit(page, 'Save', 303);
  await told(page, /Deleted/);
  assert.equal((await page.goto(moved)).status(), 404);
};

/** The databases of the same rows, and what their tables are called there. */
const databases = [
  ['SQLite', chinook, { playlistTrack: 'PlaylistTrack', artist: 'Artist' }],
  ['PostgreSQL', chinookOnPostgres, { playlistTrack: 'playlist_track', artist: 'artist' }],
];

for (const [kind, start, names] of databases) {
  describe(`a row comes and goes on ${kind}`, () => {
    let program;
    before(async () => (program = await start()));
    after(() => program?.stop());

    for (const window of [desktop, phone]) {
      test(`FORM-01 in a window of ${window.width} pixels`, () =>
        browser.visit(window, track(program, `Song ${window.width}`)));
      test(`FORM-07 with a key of two columns, ${window.width} pixels wide`, () =>
        browser.visit(window, playlist(program, names.playlistTrack)));
    }
    test('FORM-21 without JavaScript', () =>
      browser.visit(phone, track(program, 'Silence', { scripts: false }), { context: { javaScriptEnabled: false } }));

    test('FORM-07 but not while others refer to it', () =>
      browser.visit(desktop, async (page) => {
        await page.goto(`${program.url}/forms/${names.artist}/1/`);
        await page.getByLabel('delete this record').check();
        await submit(page, 'Save', 422);
        assert.match(await page.getByRole('alert').textContent(), /Album still refer to this/i);
        assert.equal(await page.getByLabel('Name').inputValue(), 'AC/DC');
        await look(page, 'referred');
      }));
  });
}

describe('types that only PostgreSQL has', () => {
  let program;
  before(async () => (program = await onPostgres('tests/data/hostile-postgres.sql')));
  after(() => program?.stop());

  for (const window of [desktop, phone]) {
    test(`CRUD-11 are shown and edited, ${window.width} pixels wide`, () =>
      browser.visit(window, async (page) => {
        await page.goto(`${program.url}/tables/every_type/`);
        await look(page, 'types');
        await page.goto(`${program.url}/forms/every_type/2/`);
        assert.equal(await page.getByLabel('C Inet', { exact: true }).inputValue(), '192.168.0.1/24');
        await page.getByLabel('C Int4range', { exact: true }).fill('[1,');
        await page.getByLabel('C Mood', { exact: true }).selectOption('ok');
        await submit(page, 'Save', 422);
        await refused(page, 'C Int4range', /right kind/);
        await page.getByLabel('C Int4range', { exact: true }).fill(`[1,${window.width})`);
        await submit(page, 'Save', 303);
        await told(page, /Saved/);
        await page.goto(`${program.url}/forms/every_type/2/`);
        assert.equal(await page.getByLabel('C Int4range', { exact: true }).inputValue(), `[1,${window.width})`);
        assert.equal(await page.getByLabel('C Mood', { exact: true }).inputValue(), 'ok');
        await look(page, 'every-type');
      }));
  }

  test('CRUD-13 what a materialised view does not do is said', () =>
    browser.visit(desktop, async (page) => {
      await page.goto(`${program.url}/tables/node_list/`);
      await page.getByText('It is a materialised view', { exact: false }).first().waitFor();
      assert.equal(await page.getByRole('link', { name: 'New record' }).count(), 0);
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
      await refuse(page, 'Create');
      await refused(page, 'Email', /^Enter a valid email address$/);
      await page.getByLabel('Email').fill('green@giant.example');
      await page.getByLabel('Portrait').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: Buffer.from('text') });
      await submit(page, 'Create', 422);
      await refused(page, 'Portrait', /image|ending/);

      await page.getByLabel('Email').fill('green@giant.example');
      await page.getByLabel('Portrait').setInputFiles(picture('me.png', [40, 150, 80]));
      await submit(page, 'Create', 303);
      await page.getByRole('link', { name: 'Edit Green Giant' }).click();
      const shown = page.locator('form img');
      assert.equal(await shown.evaluate((image) => image.decode().then(() => image.naturalWidth)), 256);
      const address = await shown.evaluate((image) => image.src);

      // For the README: a form that has something to say.
      await page.getByLabel('Email').fill('green@giant');
      await refuse(page, 'Save');
      await look(page, 'picture');
      await page.getByLabel('Email').fill('green@giant.example');

      await page.getByLabel('remove this file').check();
      await submit(page, 'Save', 303);
      assert.equal((await page.request.get(address)).status(), 404);
    }));

  test('UPLD-01 says that a file is too large, when it has been sent whole', () =>
    browser.visit(
      phone,
      async (page) => {
        await page.goto(`${program.url}/forms/hero/`);
        await page.getByLabel('Name', { exact: true }).fill('Mountain');
        await page.getByLabel('Email').fill('mountain@hero.example');
        const large = join(program.folder, 'large.png'); // a file, as a buffer would take seconds on its way to the browser
        await writeFile(large, Buffer.concat([picture('large.png', [90, 90, 90]).buffer, Buffer.alloc(20 << 20)]));
        await page.getByLabel('Portrait').setInputFiles(large);
        await submit(page, 'Create', 413);
        await refused(page, 'Portrait', /^The file is too large: 10 MiB at most$/);
        assert.equal(await page.getByLabel('Email').inputValue(), 'mountain@hero.example');
        await look(page, 'too-large', { scripts: false });
      },
      { context: { javaScriptEnabled: false } },
    ));

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

/** What is wrong with a file or a name is told by the server, as without a script. */
const plain = { context: { javaScriptEnabled: false } };

describe('nothing is lost', () => {
  let program;
  before(async () => (program = await serve({ variables: { FRONTDESK_SECRET_KEY: randomBytes(32).toString('base64') } })));
  after(() => program?.stop());
  const edit = (page, path) => page.goto(program.url + path);
  const list = async (page, table, text) => {
    await page.goto(`${program.url}/tables/${table}/?q=${encodeURIComponent(text)}`);
    return page.locator('tbody tr').count();
  };

  for (const window of [desktop, phone]) {
    for (const take of ['Keep mine', 'Take theirs']) {
      test(`CRUD-07 two who edit one record, ${window.width} pixels wide: ${take}`, () =>
        browser.visit(window, async (mine) => {
          const before = `Before ${take} ${window.width}`;
          await edit(mine, '/forms/category/5/');
          await mine.getByLabel('Note').fill(before);
          await submit(mine, 'Save', 303);
          await edit(mine, '/forms/category/5/');
          await browser.visit(window, async (theirs) => {
            await edit(theirs, '/forms/category/5/');
            await theirs.getByLabel('Note').fill('What they wrote');
            await submit(theirs, 'Save', 303);
          });
          await mine.getByLabel('Note').fill('What I wrote');
          await submit(mine, 'Save', 409);
          const conflict = await mine.locator('.fd-conflict').first().innerText();
          for (const text of [before, 'What they wrote', 'What I wrote']) assert.ok(conflict.includes(text), conflict);
          if (take === 'Keep mine') await look(mine, 'conflict');
          await mine.getByLabel(take).check();
          await submit(mine, 'Save', 303);
          await edit(mine, '/forms/category/5/');
          const kept = take === 'Keep mine' ? 'What I wrote' : 'What they wrote';
          assert.equal(await mine.getByLabel('Note').inputValue(), kept);
        }));
    }
  }

  for (const [window, options] of [[desktop, {}], [phone, plain]]) {
    test(`UPLD-09 a file is kept over three refusals, ${options.context ? 'without' : 'with'} JavaScript`, () =>
      browser.visit(
        window,
        async (page) => {
          const name = `Keeper ${window.width}`;
          await edit(page, '/forms/hero/');
          await page.getByLabel('Name', { exact: true }).fill('Captain Kestrel'); // there is one: only the server knows
          await page.getByLabel('Email').fill('keeper@hero.example');
          await page.getByLabel('Portrait').setInputFiles(picture('me.png', [200, 60, 60]));
          for (let time = 0; time < 3; time++) {
            await submit(page, 'Create', 422);
            await page.getByText('Kept from before').waitFor();
          }
          if (!options.context) await page.locator('form img').evaluate((image) => image.decode());
          await look(page, options.context ? 'kept-plain' : 'kept', { scripts: !options.context });
          await page.getByLabel('Name', { exact: true }).fill(name);
          await submit(page, 'Create', 303);
          await page.getByRole('link', { name: `Edit ${name}` }).click();
          await page.locator('form img').waitFor();
        },
        options,
      ));
  }

  for (const options of [{}, plain]) {
    const how = options.context ? 'without' : 'with';
    test(`FORM-11 a second click makes one row, ${how} JavaScript`, () =>
      browser.visit(
        desktop,
        async (page) => {
          await edit(page, '/forms/category/');
          await page.getByLabel('Name').fill(`Once ${how}`);
          await button(page, 'Create').dblclick();
          await page.waitForURL(/tables/);
          assert.equal(await list(page, 'category', `Once ${how}`), 1);
        },
        options,
      ));

    // As browsers go back for people: with the page as it was left, which playwright switches off otherwise.
    test(`FORM-11 going back and sending again makes one row, ${how} JavaScript`, async () => {
      const own = await chromium.launch({
        executablePath: process.env.FRONTDESK_CHROMIUM || '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-gpu'],
        ignoreDefaultArgs: ['--disable-back-forward-cache'],
      });
      try {
        const page = await (await own.newContext(options.context)).newPage();
        await edit(page, '/forms/purchase/');
        await page.getByLabel('Hero').selectOption('Glacier');
        await page.getByLabel('Note').fill(`back ${how}`);
        await button(page, 'Create').click();
        await page.waitForURL(/tables/);
        await page.goBack({ waitUntil: 'commit' });
        await page.waitForURL(/forms/, { waitUntil: 'commit' });
        assert.equal(await page.getByLabel('Note').inputValue(), `back ${how}`);
        await button(page, 'Create').click();
        await page.waitForURL(/tables/, { waitUntil: 'commit' });
        await told(page, /Created/);
        assert.equal(await list(page, 'purchase', `back ${how}`), 1);
      } finally {
        await own.close();
      }
    });
  }

  const large = () => ({ name: 'large.png', mimeType: 'image/png', buffer: Buffer.concat([picture('x.png', [9, 9, 9]).buffer, Buffer.alloc(3_000_000)]) });
  const slowly = async (page, bytes) => {
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    const set = (more) => session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytes, ...more });
    await set();
    return set;
  };

  test('a large upload shows its progress', () =>
    browser.visit(desktop, async (page) => {
      await edit(page, '/forms/hero/');
      await page.getByLabel('Name', { exact: true }).fill('Large');
      await page.getByLabel('Email').fill('large@hero.example');
      await page.getByLabel('Portrait').setInputFiles(large());
      await slowly(page, 1_500_000);
      await button(page, 'Create').click();
      await page.waitForFunction(() => document.querySelector('progress')?.value >= 20);
      await shot(page, 'serve-progress');
      await page.getByRole('progressbar').waitFor({ state: 'detached', timeout: 30_000 });
      assert.equal(await list(page, 'hero', 'Large'), 1);
    }));

  test('a connection that is cut half-way keeps what was typed', () =>
    browser.visit(
      desktop,
      async (page) => {
        await edit(page, '/forms/hero/');
        await page.getByLabel('Name', { exact: true }).fill('Cut off');
        await page.getByLabel('Email').fill('cut@hero.example');
        await page.getByLabel('Portrait').setInputFiles(large());
        const set = await slowly(page, 1_000_000);
        await button(page, 'Create').click();
        await page.waitForFunction(() => document.querySelector('progress')?.value >= 50);
        await set({ offline: true, uploadThroughput: -1 });
        await page.getByText('The connection was lost').first().waitFor({ timeout: 30_000 });
        await shot(page, 'serve-cut');
        assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Cut off');
        await set({ uploadThroughput: -1 });
        await button(page, 'Create').click();
        await page.waitForURL(/tables/);
        assert.equal(await list(page, 'hero', 'Cut off'), 1);
      },
      { expected: [/ERR_INTERNET_DISCONNECTED|ERR_FAILED|ERR_NETWORK/] },
    ));

  test('a draft outlives the browser', async () => {
    const cookies = await browser.visit(desktop, async (page) => {
      await edit(page, '/forms/product/');
      await page.getByLabel('Name', { exact: true }).fill('Half a thought');
      await page.getByText(/Draft saved/).waitFor({ timeout: 20_000 });
      return page.context().cookies();
    });
    await browser.visit(phone, async (page) => {
      await page.context().addCookies(cookies);
      await edit(page, '/forms/product/');
      await page.getByText(/There is a draft/).waitFor();
      await look(page, 'draft');
      await button(page, 'Go on with the draft').click();
      await page.waitForLoadState();
      assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Half a thought');
    });
  });

  for (const [language, greeting] of [['de-DE', 'Anlegen'], ['pt-BR', 'Criar'], ['en-XA', '[Çŕéåţé ~~]']]) {
    test(`FORM-18 in ${language}`, () =>
      browser.visit(
        phone,
        async (page) => {
          await page.goto(`${program.url}/forms/product/`);
          await button(page, greeting).click();
          await page.locator('[data-fd-summary]').waitFor();
          await look(page, `form-${language}`);
          for (const [name, path] of [['home', '/'], ['list', '/tables/product/'], ['view', '/tables/sales/'], ['lost', '/nowhere']]) {
            await page.goto(program.url + path);
            await look(page, `${name}-${language}`);
          }
          await page.setViewportSize(desktop);
          await page.goto(`${program.url}/forms/product/1/`);
          await look(page, `edit-${language}`);
        },
        { context: { locale: language } },
      ));
  }
});

describe('what a schema file asks for', () => {
  let program;
  before(async () => {
    program = await serve({ files: { 'chinook.db': 'tests/data/chinook.sqlite', 'shop.toml': 'tests/browser/fixtures/chinook.toml' } }, 'chinook.db', '--schema', 'shop.toml');
  });
  after(() => program?.stop());

  for (const window of [desktop, phone]) {
    test(`FORM-10 rows of another table are edited with a record, ${window.width} pixels wide`, () =>
      browser.visit(window, async (page) => {
        await page.goto(`${program.url}/forms/Invoice/1/`);
        const rows = page.locator('.fd-row:visible');
        const count = await rows.count();
        await page.getByRole('button', { name: 'Add a row' }).click();
        assert.equal(await rows.count(), count + 1);
        await look(page, 'rows');
        const last = rows.last();
        await last.getByRole('combobox', { name: 'Track' }).pressSequentially('For Those About');
        await page.getByRole('option', { name: 'For Those About To Rock (We Salute You)' }).click();
        await last.getByLabel('Unit Price').fill('0.99');
        await last.getByLabel('Quantity').fill('1');
        await submit(page, 'Save', 303);
        await page.goto(`${program.url}/forms/Invoice/1/`);
        assert.equal(await rows.count(), count + 1);
      }));
  }
});
