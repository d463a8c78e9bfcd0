// What the tests of the script share: the fixtures' server, a browser, and what is read off a page.

import assert from 'node:assert/strict';
import { after, before, beforeEach } from 'node:test';
import { startFixtures } from './fixture-server.mjs';
import { assertAccessible, assertNoSidewaysScroll, desktop, launchBrowser, shot } from './lib.mjs';

/** The server and the browser of the test file that imports this; they are there while its tests run. */
export let site, browser;
before(async () => {
  site = await startFixtures();
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await site?.close();
});
beforeEach(() => site.reset());

export const visit = (name, steps, options = {}) =>
  browser.visit(options.window ?? desktop, async (page) => {
    await page.goto(`${site.url}/${name}`);
    return steps(page);
  }, options);

export async function look(page, name) {
  await assertAccessible(page);
  await assertNoSidewaysScroll(page);
  await shot(page, `script-${name}`);
}

/** Waits until `check` holds. */
export async function until(check, what = String(check)) {
  for (let tries = 0; tries < 100; tries++) {
    if (await check()) return;
    await new Promise((resume) => setTimeout(resume, 50));
  }
  assert.fail(`did not happen: ${what}`);
}

export const value = (page, selector) => page.locator(selector).inputValue();
export const values = (page, selector) => page.locator(selector).evaluateAll((all) => all.map((one) => one.value));
export const button = (page, name) => page.getByRole('button', { name, exact: true });
export const errorOf = (page, id) => page.locator(`#${id}_error`);
export const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.outerHTML.slice(0, 120));
