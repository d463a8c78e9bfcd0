// The pages in the language for tests, `en-XA`: English that is accented, longer and in brackets. What is left in English
// was forgotten, and what has no room for a third more is cut off.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assertNoSidewaysScroll, desktop, launchBrowser, phone, shot, startProgram } from './lib.mjs';
import { picture } from './picture.mjs';
import { collectStylesheets, lab } from './stylesheets.mjs';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const context = { locale: 'en-XA' };

let browser, site, widgets, assets, english;
before(async () => {
  english = await sentences();
  site = await startProgram({ package: 'frontdesk-cli', bin: 'frontdesk', env: 'FRONTDESK_BIN', args: ['serve', '--listen', '127.0.0.1:0'] });
  assets = await mkdtemp(join(tmpdir(), 'frontdesk-pseudo-'));
  await collectStylesheets(assets);
  widgets = await startProgram({ ...lab, args: ['--listen', '127.0.0.1:0', '--assets', assets] });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
  await widgets?.stop();
  if (assets) await rm(assets, { recursive: true, force: true });
});

/** All that the catalogues say in English and without variables; of the others, the words before the first. */
async function sentences() {
  const folder = join(repository, 'crates/frontdesk-web/locales/en');
  const files = [join(repository, 'crates/frontdesk-cli/locales/en.ftl'), ...(await readdir(folder)).map((name) => join(folder, name))];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const lines = texts.join('\n').split('\n').map((line) => line.match(/^[a-z][\w-]* = (.+)$/)?.[1]).filter(Boolean);
  // `Name` is what a field of the example is called, too.
  const whole = lines.filter((line) => !line.includes('{') && line !== 'Name');
  const starts = lines.filter((line) => line.includes('{')).map((line) => line.split('{')[0].trim()).filter((line) => line.length > 8);
  assert.ok(whole.length > 200 && starts.length > 30, `${whole.length} ${starts.length}`);
  return { whole, starts };
}

/** What a page shows in English though there is a message for it, and what it shows in part. */
async function assertSpoken(page, name, within = 'html') {
  const found = await page.evaluate(({ whole, starts, within }) => {
    const root = document.querySelector(within);
    const known = new Set(whole);
    const isEnglish = (text) => known.has(text) || starts.some((start) => text.startsWith(start));
    const isSeen = (node) => node.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
    const english = [];
    let spoken = 0;
    const judge = (text, where) => {
      const plain = text.trim().replace(/\s+/g, ' ');
      if (/^\[.*\]$/.test(plain)) spoken++;
      if (isEnglish(plain)) english.push(`${plain} (${where})`);
    };
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      // Labels, choices and cells hold what the application and the database say.
      if (!node.parentElement.closest('script, style, label, legend, option, td, th, .fd-value')) judge(node.data, node.parentElement.localName);
    }
    for (const node of root.querySelectorAll('*')) {
      for (const attribute of ['aria-label', 'placeholder', 'title', 'alt']) {
        if (node.hasAttribute(attribute)) judge(node.getAttribute(attribute), attribute);
      }
      if (node.matches('input:is([type=submit], [type=button])')) judge(node.value, 'button');
      for (const { name, value } of node.attributes) if (name.startsWith('data-fd-error-')) judge(value, name);
    }
    const cut = [...root.querySelectorAll('*')].filter((node) => {
      const style = getComputedStyle(node);
      const box = node.getBoundingClientRect();
      if (!isSeen(node) || box.width < 2 || box.height < 2 || /auto|scroll/.test(style.overflowX)) return false;
      const isButton = node.matches('button, input:is([type=submit], [type=button])');
      // An input scrolls as one types; what it shows by itself has to fit.
      if (node.matches('input, textarea, select, svg *, td, th, td *, th *, .fd-value *') && !isButton) return false;
      const hides = isButton || /hidden|clip/.test(style.overflowX) || style.textOverflow === 'ellipsis';
      return hides && (node.scrollWidth > node.clientWidth + 1 || (isButton && node.scrollHeight > node.clientHeight + 1));
    });
    return { english, spoken, cut: cut.map((node) => `${node.outerHTML.slice(0, 120)}: ${node.scrollWidth} in ${node.clientWidth}`) };
  }, { ...english, within });
  assert.deepEqual(found.english, [], `${name}, in English`);
  assert.deepEqual(found.cut, [], `${name}, cut off`);
  assert.ok(found.spoken > 0, `${name}: nothing of ours was there`);
  await assertNoSidewaysScroll(page);
  await shot(page, `pseudo-${name}`);
}

const submit = (page) => Promise.all([page.waitForNavigation(), page.locator('[name="_submit"]').last().click()]);

for (const window of [desktop, phone]) {
  test(`FORM-18 the ready server leaves nothing in English and cuts nothing off, ${window.width} pixels wide`, () =>
    browser.visit(
      window,
      async (page) => {
        const pages = { home: '/', list: '/tables/product/', found: '/tables/product/?q=nothing+like+this', view: '/tables/sales/', new: '/forms/hero/', edit: '/forms/product/1/', lost: '/nowhere', gone: '/forms/hero/99999/' };
        for (const [name, path] of Object.entries(pages)) {
          await page.goto(site.url + path);
          assert.equal(await page.evaluate(() => document.documentElement.lang), 'en-XA', name);
          await assertSpoken(page, name);
        }
      },
      { context },
    ));

  test(`FORM-18 nor do forms that were refused, ${window.width} pixels wide`, () =>
    browser.visit(
      window,
      async (page) => {
        await page.goto(`${site.url}/forms/hero/`);
        await page.locator('[name="_submit"]').last().click();
        await page.locator('[data-fd-summary]').waitFor();
        await assertSpoken(page, 'checked');
        // The server says the rest: a name that is taken, a picture that is none, one that is kept.
        await page.locator('#hero_name').fill('Captain Kestrel');
        await page.locator('#hero_email').fill('kestrel@hero.example');
        await page.locator('#hero_portrait').setInputFiles(picture('me.png', [9, 9, 99]));
        await submit(page);
        await assertSpoken(page, 'kept');
        await page.locator('#hero_portrait').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
        await submit(page);
        await assertSpoken(page, 'refused');
      },
      { context },
    ));

  test(`FORM-18 nor does any widget, ${window.width} pixels wide`, () =>
    browser.visit(
      window,
      async (page) => {
        for (const style of ['plain', 'bulma', 'bootstrap4', 'bootstrap5', 'tailwind']) {
          for (const state of ['empty', 'filled', 'error']) {
            await page.goto(`${widgets.url}/${style}/${state}/`);
            await assertSpoken(page, `${style}-${state}`, 'main form'); // around it is the example's own English
          }
        }
      },
      { context },
    ));
}
