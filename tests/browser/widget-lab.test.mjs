// examples/widget-lab: every widget in every style and state, as a visitor meets them.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { assertAccessible, assertNoSidewaysScroll, desktop, launchBrowser, phone, shot, startProgram } from './lib.mjs';
import { picture } from './picture.mjs';
import { collectStylesheets, lab } from './stylesheets.mjs';

const styles = ['plain', 'bulma', 'bootstrap4', 'bootstrap5', 'tailwind'];
const states = ['empty', 'filled', 'error', 'readonly', 'disabled'];
// Bootstrap 4 has no dark mode, and Bootstrap 5 waits to be asked for its own.
const dark = ['plain', 'bulma', 'tailwind'];

let browser, program, assets;
before(async () => {
  assets = await mkdtemp(join(tmpdir(), 'frontdesk-lab-'));
  await collectStylesheets(assets);
  program = await startProgram({ ...lab, args: ['--listen', '127.0.0.1:0', '--assets', assets] });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await program?.stop();
  if (assets) await rm(assets, { recursive: true, force: true });
});

const open = async (page, path, status = /\/(error|odd)\//.test(path) ? 422 : 200) => {
  const answer = await page.goto(program.url + path);
  assert.equal(answer.status(), status, path);
};

/**
 * The least target of WCAG 2.5.8: 24 pixels high and wide, the label counted in; or so far from all others that a circle
 * of that size around its middle touches none of them.
 */
async function assertTargets(page) {
  const small = await page.evaluate(() => {
    const box = (node) => {
      const boxes = [node, ...(node.labels ?? [])].map((part) => part.getBoundingClientRect());
      const [left, top] = ['left', 'top'].map((side) => Math.min(...boxes.map((part) => part[side])));
      const [right, bottom] = ['right', 'bottom'].map((side) => Math.max(...boxes.map((part) => part[side])));
      return { node, left, top, right, bottom, width: right - left, height: bottom - top };
    };
    const selector = 'form :is(input:not([type=hidden]), select, textarea, button, a[href])';
    const targets = [...document.querySelectorAll(selector)].filter((node) => node.getClientRects().length).map(box);
    const isNear = (one, other) => {
      const [x, y] = [(one.left + one.right) / 2, (one.top + one.bottom) / 2];
      const across = Math.max(other.left - x, 0, x - other.right);
      const down = Math.max(other.top - y, 0, y - other.bottom);
      return Math.hypot(across, down) < 12;
    };
    return targets
      .filter((one) => (one.width < 24 || one.height < 24) && targets.some((other) => other !== one && isNear(one, other)))
      .map(({ node, width, height }) => `${node.outerHTML.slice(0, 120)}: ${Math.round(width)} x ${Math.round(height)}`);
  });
  assert.deepEqual(small, [], `${page.url()} has targets that are too small`);
}

/** Every label, help and error has its control, and every control its name. */
async function assertTied(page) {
  const wrong = await page.evaluate(() => {
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    const twice = ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `twice: ${id}`);
    const loose = ['for', 'aria-describedby', 'aria-labelledby', 'aria-controls'].flatMap((name) =>
      [...document.querySelectorAll(`[${name}]`)].flatMap((node) =>
        node.getAttribute(name).split(' ').filter((id) => !ids.includes(id)).map((id) => `${name} of ${node.outerHTML.slice(0, 80)}: ${id}`)));
    return [...twice, ...loose];
  });
  assert.deepEqual(wrong, [], page.url());
}

async function look(page, name) {
  await assertAccessible(page);
  await assertNoSidewaysScroll(page);
  await assertTargets(page);
  await assertTied(page);
  await shot(page, `widget-lab-${name}`);
}

describe('every state of every widget is accessible', () => {
  for (const style of styles) {
    for (const window of [desktop, phone]) {
      test(`FORM-15 ${style}, ${window.width} pixels wide`, () =>
        browser.visit(window, async (page) => {
          for (const state of states) {
            await open(page, `/${style}/${state}/`);
            await look(page, `${style}-${state}`);
          }
        }));
    }
  }
  for (const style of dark) {
    test(`FORM-15 ${style}, in the dark`, () =>
      browser.visit(
        desktop,
        async (page) => {
          for (const state of states) {
            await open(page, `/${style}/${state}/`);
            await look(page, `${style}-${state}-dark`);
          }
        },
        { context: { colorScheme: 'dark' } },
      ));
  }
});

describe('each widget alone', () => {
  for (const style of styles) {
    test(`FORM-15 ${style}, wide and narrow`, { timeout: 900_000 }, () =>
      browser.visit(desktop, async (page) => {
        await open(page, `/${style}/empty/`);
        const widgets = await page.$$eval('.lab-fields a', (links) => links.map((link) => new URL(link.href).pathname).filter((path) => !path.endsWith('/badge/'))); // never edited
        assert.ok(widgets.length > 25);
        for (const path of widgets) {
          for (const state of states) {
            await open(page, path.replace('/empty/', `/${state}/`));
            await assertTied(page);
            for (const window of [desktop, phone]) {
              await page.setViewportSize(window);
              await assertAccessible(page);
              await assertNoSidewaysScroll(page);
              await assertTargets(page);
            }
          }
        }
      }));
  }
});

describe('by keyboard alone', () => {
  /** Tabs from the top of the form to its end; what had the focus, in order. */
  const tabThrough = async (page) => {
    const order = await page.evaluate(() => {
      // What Tab should reach: of radio buttons the chosen one or the first, and nothing disabled or hidden.
      const all = [...document.querySelectorAll('form :is(input:not([type=hidden]), select, textarea, button, a[href])')];
      const first = new Set();
      return all
        .filter((node) => !node.disabled && node.getClientRects().length > 0)
        .filter((node) => {
          if (node.type !== 'radio') return true;
          const chosen = all.find((other) => other.name === node.name && other.checked);
          if (chosen) return node === chosen;
          return !first.has(node.name) && first.add(node.name);
        })
        .map((node, at) => (node.dataset.at = `${at} ${node.id || node.name || node.getAttribute('href')}`));
    });
    const reached = [];
    await page.evaluate(() => {
      const form = document.querySelector('form');
      const before = form.insertAdjacentElement('beforebegin', document.createElement('span'));
      before.tabIndex = -1;
      before.focus();
    });
    const here = () => page.evaluate(() => {
      const node = document.activeElement;
      return node.closest('form') ? (node.dataset.at ?? node.outerHTML) : '';
    });
    for (let step = 0; step < 600; step++) {
      await page.keyboard.press('Tab');
      const at = await here();
      if (!at) break;
      // A date is several stops of one input.
      if (reached.at(-1) !== at) reached.push(at);
    }
    return { order, reached };
  };

  for (const style of styles) {
    test(`FORM-15 Tab reaches all controls of ${style} in their order`, () =>
      browser.visit(desktop, async (page) => {
        for (const state of ['filled', 'error']) {
          await open(page, `/${style}/${state}/`);
          const { order, reached } = await tabThrough(page);
          assert.ok(order.length > 40, 'the whole form');
          assert.deepEqual(reached, order, state);
        }
      }));
  }

  test('FORM-15 a form is filled in, sent and mended', () =>
    browser.visit(desktop, async (page) => {
      await open(page, '/plain/empty/');
      const focused = () => page.evaluate(() => document.activeElement.id);
      const value = (id) => page.locator(`#${id}`).inputValue();
      await page.locator('#lab_name').focus();
      await page.keyboard.type('Ada');
      await page.keyboard.press('Tab');
      assert.equal(await focused(), 'lab_email');
      await page.keyboard.type('ada@example.org');

      await page.locator('#lab_size').focus();
      await page.keyboard.press('Space');
      assert.equal(await page.locator('#lab_size').isChecked(), true);
      await page.keyboard.press('ArrowDown');
      assert.equal(await page.locator('[name=size]:checked').getAttribute('value'), 'M');
      await page.keyboard.press('Tab');
      assert.equal(await focused(), 'lab_fruit', 'Tab leaves a group of radio buttons');

      await page.keyboard.press('ArrowDown');
      assert.equal(await value('lab_fruit'), 'apple');
      await page.keyboard.type('le');
      assert.equal(await value('lab_fruit'), 'leek', 'a letter finds its choice');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Space');
      assert.equal(await page.locator('[name=toppings]:checked').count(), 1);

      await page.locator('#lab_volume').focus();
      await page.keyboard.press('End');
      assert.equal(await value('lab_volume'), '10');
      await page.locator('#lab_portrait').focus();
      const chooser = page.waitForEvent('filechooser');
      await page.keyboard.press('Space');
      await (await chooser).setFiles(picture('me.png', [40, 80, 200]));

      // Password, age and price are missing.
      await page.locator('[type=submit][name=_submit]').last().focus();
      await Promise.all([page.waitForResponse((answer) => answer.request().method() === 'POST'), page.keyboard.press('Enter')]);
      await page.waitForLoadState();
      assert.equal(await value('lab_name'), 'Ada');
      assert.equal(await page.locator('[name=size]:checked').getAttribute('value'), 'M');
      assert.equal(await value('lab_fruit'), 'leek');
      assert.equal(await page.locator('#lab_age').getAttribute('aria-invalid'), 'true');
      await assertAccessible(page);
      await shot(page, 'widget-lab-keyboard');
    }));
});

describe('what is wrong is told at the top', () => {
  for (const style of styles) {
    for (const scripts of [true, false]) {
      test(`FORM-15 links of ${style} lead to the inputs${scripts ? '' : ', without JavaScript'}`, () =>
        browser.visit(
          desktop,
          async (page) => {
            await open(page, `/${style}/error/`);
            const links = page.locator('[role=alert] a[href^="#"]');
            const count = await links.count();
            assert.ok(count > 20, `${count} links`);
            for (let at = 0; at < count; at++) {
              const target = (await links.nth(at).getAttribute('href')).slice(1);
              await links.nth(at).focus();
              await page.keyboard.press('Enter');
              const reached = await page.evaluate(() => document.activeElement.id);
              assert.equal(reached, target, 'the focus moves to the control');
              assert.equal(await page.locator(`[id="${target}"]`).getAttribute('aria-invalid'), 'true', target);
            }
          },
          { context: { javaScriptEnabled: scripts } },
        ));
    }
  }
});

describe('without JavaScript', () => {
  for (const style of styles) {
    test(`FORM-21 a form of ${style} is refused, mended and accepted`, () =>
      browser.visit(
        phone,
        async (page) => {
          await open(page, `/${style}/filled/name/`);
          await page.getByLabel('Name').fill(' ');
          await page.locator('[name=_submit]').last().click();
          const error = page.locator('#lab_name_error');
          assert.ok((await error.textContent()).length > 3);
          const box = await error.boundingBox();
          assert.ok(box && box.height > 10, 'the error can be seen');
          await page.getByLabel('Name').fill('Grace');
          await page.locator('[name=_submit]').last().click();
          await page.getByRole('status').filter({ hasText: 'Accepted' }).waitFor();
        },
        { context: { javaScriptEnabled: false } },
      ));
  }
});

describe('texts that would be markup', () => {
  for (const style of styles) {
    test(`FORM-08 stay texts in ${style}`, () =>
      browser.visit(desktop, async (page) => {
        const dialogs = [];
        page.on('dialog', (dialog) => dialogs.push(dialog.message()) && dialog.dismiss());
        await open(page, `/${style}/odd/`);
        const found = await page.evaluate(() => ({
          elements: [...document.querySelectorAll('main :is(script, svg, img, iframe, object)')].map((node) => node.outerHTML),
          handlers: [...document.querySelectorAll('main *')].flatMap((node) =>
            [...node.attributes].filter(({ name, value }) => /^on/.test(name) || (/^(href|src|action)$/.test(name) && /^\s*javascript:/i.test(value))).map(({ name }) => name)),
          texts: document.querySelectorAll('main [title*="<script"]').length,
          labels: [...document.querySelectorAll('label, legend')].filter(({ textContent }) => textContent.includes('<script')).length,
        }));
        assert.deepEqual(found.elements, []);
        assert.deepEqual(found.handlers, []);
        assert.ok(found.texts > 20 && found.labels > 20, 'the texts are there');
        assert.deepEqual(dialogs, []);
        assert.equal(await page.locator('#lab_email').inputValue(), await page.locator('#lab_email').getAttribute('title'));
      }));
  }
});
