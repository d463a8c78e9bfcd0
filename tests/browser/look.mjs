// What a person would see: pictures, accessibility, and whether the page fits its window.

import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';

const shots = resolve(process.env.FRONTDESK_SHOTS || fileURLToPath(new URL('out', import.meta.url)));

/**
 * Takes a picture of the whole page and returns its path: `NAME-WIDTH.png` in the folder `FRONTDESK_SHOTS`, or in
 * `tests/browser/out`.
 */
export async function shot(page, name) {
  await mkdir(shots, { recursive: true });
  const path = join(shots, `${name}-${page.viewportSize().width}.png`);
  await page.screenshot({ path, fullPage: true, animations: 'disabled' });
  return path;
}

/**
 * Checks the page with axe-core against WCAG 2.2, levels A and AA. It finds what a machine can find: names, roles,
 * contrast, order.
 */
export async function assertAccessible(page) {
  const standard = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  // Evaluated through the debugger, so that the page's Content-Security-Policy stays as it is.
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async (values) => {
    const result = await globalThis.axe.run({ runOnly: { type: 'tag', values }, resultTypes: ['violations'] });
    return result.violations.flatMap(({ id, help, nodes }) => nodes.map((node) => ({ id, help, html: node.html })));
  }, standard);
  if (violations.length) {
    const lines = violations.map(({ id, help, html }) => `${id}: ${help}: ${html}`);
    throw new Error(`${page.url()} is not accessible:\n  ${lines.join('\n  ')}`);
  }
}

/** Checks that nothing sticks out of the window sideways. */
export async function assertNoSidewaysScroll(page) {
  const { content, view } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    view: document.documentElement.clientWidth,
  }));
  if (content > view) throw new Error(`${page.url()} is ${content} pixels wide in a window of ${view}`);
}
