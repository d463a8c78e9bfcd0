// The script in forms that the library draws: the example `library` of frontdesk-forms, from its first page to the rows
// that were written.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { assertAccessible, assertNoSidewaysScroll, desktop, launchBrowser, phone, shot, startProgram } from './lib.mjs';
import { picture } from './picture.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));

let browser, program;
before(async () => {
  const args = ['build', '--quiet', '-p', 'frontdesk-forms', '--example', 'library', '--message-format=json-render-diagnostics'];
  const { stdout } = await promisify(execFile)('cargo', args, { cwd: repository, maxBuffer: 1 << 28 });
  const built = stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  program = await startProgram({ command: [built.find((message) => message.executable).executable] });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await program?.stop();
});

const button = (page, name) => page.getByRole('button', { name, exact: true });
const errorOf = (page, id) => page.locator(`#${id}_error`);
const open = (page, path = '/books/new') => page.goto(program.url + path);

async function look(page, name) {
  await assertAccessible(page);
  await assertNoSidewaysScroll(page);
  await shot(page, `library-${name}`);
}

/** Fills in what a book needs. */
async function fill(page, title) {
  await page.getByLabel('Title').fill(title);
  await page.getByRole('combobox', { name: 'Author' }).fill('octavia');
  await page.getByRole('option', { name: 'Octavia Butler' }).click();
  await page.getByLabel('Year').fill('1979');
  await page.getByLabel('paper').check();
}

for (const window of [desktop, phone]) {
  test(`FORM-14 FORM-15 a book is checked, searched for, and saved with its chapters, ${window.width} pixels wide`, async () => {
    const title = `Kindred ${window.width}`;
    await browser.visit(window, async (page) => {
      await open(page);
      await look(page, 'new');

      // Nothing is asked of the empty row that stands there for a first chapter.
      await button(page, 'Save').click();
      assert.deepEqual(await page.locator('[data-fd-summary] a').allTextContents(), [
        'Title: Enter a value', 'Year: Enter an integer between 1450 and 2100', 'Kind: Value not allowed',
      ]);
      assert.equal(await page.evaluate(() => document.activeElement.id), 'book_title');
      await look(page, 'refused');

      await page.getByLabel('sound').check();
      await page.getByLabel('Speaker').fill('someone');
      await fill(page, title);
      assert.equal(await page.getByLabel('Speaker').isVisible(), false);
      await page.getByLabel('Topics').last().fill('time');
      await page.keyboard.press('Enter');
      await page.keyboard.type('slavery');
      await page.locator('#book_cover').setInputFiles(picture('cover.png', [200, 40, 40]));
      await page.locator('#book_chapters_0_name').fill('Prologue');
      await page.locator('#book_chapters_0_pages').fill('3');
      await button(page, 'Add a row').click();
      await page.keyboard.type('The River');
      await page.locator('#book_chapters_1_pages').fill('0');
      await button(page, 'Save').click();
      assert.equal(await page.evaluate(() => document.activeElement.id), 'book_chapters_1_pages');
      await page.keyboard.type('10');
      await page.locator('#book_chapters_1_pages').fill('10');
      await look(page, 'filled');
      await button(page, 'Save').click();
      await page.waitForURL(/done/);

      await open(page);
      await page.getByLabel('Title').fill(title);
      await page.locator('#book_title_live', { hasText: 'This title is taken' }).waitFor();
      await look(page, 'taken');
    }, { window });
  });
}

test('an author who is not there is added', async () => {
  await browser.visit(desktop, async (page) => {
    await open(page);
    await page.getByLabel('Title').fill('Solaris');
    await page.getByRole('combobox', { name: 'Author' }).fill('Somebody New');
    await page.getByRole('option', { name: 'Create “Somebody New”' }).click();
    await page.waitForLoadState();
    const author = page.getByRole('combobox', { name: 'Author' });
    await page.waitForFunction(() => document.querySelector('#book_author')?.value === 'Somebody New');
    assert.notEqual(await page.locator('select[name="author"]').inputValue(), '');
    assert.equal(await page.getByLabel('Title').inputValue(), 'Solaris');
    await author.fill('');
    await author.fill('somebody');
    await page.getByRole('option', { name: 'Somebody New' }).waitFor();
  });
});

test('a draft is saved while one types, and offered again', async () => {
  await browser.visit(desktop, async (page) => {
    await open(page);
    await page.getByLabel('Title').fill('Half a book');
    await page.getByText(/^Draft saved at/).waitFor({ timeout: 30_000 });
    await open(page);
    await page.getByText(/There is a draft/).waitFor();
    await look(page, 'draft');
    await page.locator('button[name="_draft"][value="restore"]').click();
    await page.waitForFunction(() => document.querySelector('#book_title')?.value === 'Half a book');
  });
});

for (const javaScriptEnabled of [true, false]) {
  test(`CSRF-06 a form that was open for too long comes back whole, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`, async () => {
    await browser.visit(phone, async (page) => {
      await open(page, '/brief');
      await page.getByLabel('Name').fill('Ada');
      await page.locator('#brief_picture').setInputFiles(picture('ada.png', [20, 90, 200]));
      await sleep(4500);
      const answered = page.waitForResponse((response) => response.request().method() === 'POST');
      await page.locator('[name="_submit"]').last().click();
      assert.equal((await answered).status(), 422);
      await page.getByText('open for too long').first().waitFor();
      assert.equal(await page.getByLabel('Name').inputValue(), 'Ada');
      await page.locator('form img').waitFor();
      await page.getByText('Kept from before').waitFor();
      if (javaScriptEnabled) {
        await look(page, 'expired');
        await open(page, '/brief'); // a fresh one: looking may have taken too long
        await page.getByLabel('Name').fill('Ada');
      }
      await page.locator('[name="_submit"]').last().click();
      await page.waitForURL(/done/);
    }, { context: { javaScriptEnabled } });
  });
}

describe('proof of work', () => {
  test('CAPT-01 a message is sent with a proof', async () => {
    await browser.visit(desktop, async (page) => {
      await open(page, '/contact');
      await page.getByLabel('Message').fill('Hello');
      await look(page, 'contact');
      await page.locator('[name="_submit"]').last().click();
      await page.waitForURL(/done/);
    });
  });
});
