// examples/superheroes, as a visitor walks through it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertAccessible, assertNoSidewaysScroll, buildProgram, desktop, launchBrowser, phone, shot, startProgram } from './lib.mjs';
import { picture } from './picture.mjs';

let browser, program;
before(async () => {
  const which = { package: 'example-superheroes', env: 'FRONTDESK_SUPERHEROES' };
  await buildProgram(which);
  program = await startProgram({ ...which, args: ['--listen', '127.0.0.1:0'] });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await program?.stop();
});

const submit = (page) => page.locator('[type=submit]').click();
const row = (page, name) => page.getByRole('listitem').filter({ hasText: `: ${name} has color` });
const told = async (page, text) => assert.equal(await page.getByRole('status').textContent(), text);

/** Checks that an input was refused with this text, tied to it for those who do not see where it stands. */
async function refused(page, input, text) {
  const control = page.locator(input);
  assert.equal(await control.getAttribute('aria-invalid'), 'true');
  const error = page.locator(`#${await control.getAttribute('aria-describedby')}`);
  assert.equal(await error.textContent(), text);
  const [above, below] = [await control.boundingBox(), await error.boundingBox()];
  assert.ok(below.y >= above.y + above.height && below.y < above.y + above.height + 40, 'the error stands below its input');
}

async function look(page, name) {
  await assertNoSidewaysScroll(page);
  await shot(page, `superheroes-${name}`);
}

/** Creates, breaks, mends, edits, gives a picture to, takes it from, and deletes one hero called `name`. */
const life = (name) => async (page) => {
  await page.goto(`${program.url}/`);
  assert.equal(new URL(page.url()).pathname, '/create_form');

  await page.getByLabel('Name').fill(`  ${name} & <b>`);
  await submit(page);
  await refused(page, '#thing_color', 'Value not allowed');
  assert.equal(await page.getByLabel('Name').inputValue(), `  ${name} & <b>`);
  await look(page, 'refused');

  await page.getByLabel('Name').fill(' ');
  await page.getByLabel('Color').selectOption('green');
  await submit(page);
  await refused(page, '#thing_name', 'Enter a value');
  assert.equal(await page.getByLabel('Color').inputValue(), 'green');

  await page.getByLabel('Name').fill(`${name} & <b>`);
  await submit(page);
  await told(page, 'record created');
  assert.equal(await page.getByLabel('Name').inputValue(), '', 'the form is empty for the next one');
  await page.reload();
  assert.equal(await page.getByRole('status').count(), 0, 'a message is told once');

  await row(page, `${name} & <b>`).getByRole('link').click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Image').setInputFiles({ name: 'hero.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await submit(page);
  await refused(page, '#thing_image', 'Invalid image');
  assert.equal(await page.getByLabel('Name').inputValue(), name);

  await page.getByLabel('Image').setInputFiles(picture('hero of mine.png', [40, 160, 70]));
  await submit(page);
  await told(page, 'record updated');
  const shown = row(page, name).locator('img');
  assert.ok(await shown.evaluate((image) => image.decode().then(() => image.naturalWidth === 256)));
  const address = await shown.evaluate((image) => image.src);
  await look(page, 'picture');

  await row(page, name).getByRole('link').click();
  assert.equal(await page.locator('.fd-stored img').evaluate((image) => image.src), address);
  await look(page, 'update');
  await submit(page);
  assert.equal(await shown.evaluate((image) => image.src), address, 'no new file keeps the old one');

  await row(page, name).getByRole('link').click();
  await page.getByLabel('remove this file').check();
  await submit(page);
  await told(page, 'record updated');
  assert.equal(await shown.count(), 0);
  assert.equal((await page.request.get(address)).status(), 404);

  await row(page, name).getByRole('link').click();
  const record = page.url();
  await page.getByRole('link', { name: 'Cancel' }).click();
  assert.equal(new URL(page.url()).pathname, '/create_form');
  await row(page, name).getByRole('link').click();
  await page.getByLabel('delete this record').check();
  await submit(page);
  await told(page, 'record deleted');
  assert.equal(await row(page, name).count(), 0);
  assert.equal((await page.goto(record)).status(), 404);
};

describe('a hero comes and goes', () => {
  for (const window of [desktop, phone]) {
    test(`FORM-01 UPLD-03 in a window of ${window.width} pixels`, () => browser.visit(window, life(`Hulk ${window.width}`)));
  }
  test('FORM-21 without JavaScript', () => browser.visit(phone, life('Thor'), { context: { javaScriptEnabled: false } }));
});

describe('the pages', () => {
  const pages = {
    create_form: async () => {},
    radio_widget: async (page) => {
      await page.getByRole('group', { name: 'Color' }).waitFor();
      await page.getByLabel('Name').fill('Flash');
      await page.getByRole('radio', { name: 'red' }).check();
      await submit(page);
      await told(page, 'record created');
      await row(page, 'Flash').last().waitFor();
    },
    custom_widget: async (page) => {
      const style = await page.getByLabel('Name').evaluate((input) => {
        const { color, backgroundColor } = getComputedStyle(input);
        return [color, backgroundColor];
      });
      assert.deepEqual(style, ['rgb(255, 51, 51)', 'rgb(0, 0, 0)']);
      await page.getByLabel('Name').fill('Black Widow');
      await submit(page);
      assert.equal(await page.locator('#thing_color_error').textContent(), 'Value not allowed');
      assert.equal(await page.getByLabel('Name').inputValue(), 'Black Widow');
      await page.getByRole('radio', { name: 'blue' }).check();
      await submit(page);
      await told(page, 'record created');
      await row(page, 'Black Widow').last().waitFor();
      await page.getByLabel('Name').fill('Hawkeye'); // for the picture
    },
    custom_form: async (page) => {
      await page.getByLabel('Name').fill('Wasp');
      await page.getByRole('button', { name: 'Click me' }).click();
      assert.equal(await page.locator('#thing_color_error').textContent(), 'Value not allowed');
      await page.getByLabel('Name').fill(' ');
      await page.getByRole('radio', { name: 'blue' }).check();
      await submit(page);
      assert.equal(await page.locator('#thing_name_error').textContent(), 'Enter a value');
      assert.ok(await page.getByRole('radio', { name: 'blue' }).isChecked());
      await page.getByLabel('Name').fill('Wasp');
      await submit(page);
      await told(page, 'record created');
      await row(page, 'Wasp').last().waitFor();
    },
    structure: async (page) => {
      assert.ok(await page.getByLabel('Color').evaluate((select) => select.classList.contains('my-class')));
    },
    validation: async (page) => {
      await page.getByLabel('Name').fill('Ant');
      await page.getByLabel('Color').selectOption('red');
      await submit(page);
      await refused(page, '#thing_name', 'too short');
    },
    form_minimal: async (page) => {
      const before = await page.getByRole('listitem').count();
      await page.getByLabel('Name').fill('Nobody');
      await page.getByLabel('Color').selectOption('blue');
      await submit(page);
      await told(page, 'Nobody is blue');
      assert.equal(await page.getByRole('listitem').count(), before);
    },
    bulma: async (page) => {
      await submit(page);
      await refused(page, '#thing_name', 'Enter a value');
      assert.match(await page.locator('#thing_name').getAttribute('class'), /\binput is-danger\b/);
    },
  };
  for (const window of [desktop, phone]) {
    for (const [name, steps] of Object.entries(pages)) {
      test(`FORM-15 FORM-21 ${name}, ${window.width} pixels wide`, () =>
        browser.visit(window, async (page) => {
          assert.equal((await page.goto(`${program.url}/${name}`)).status(), 200);
          await steps(page);
          await assertAccessible(page);
          await look(page, name);
        }));
    }
  }

  test('in the dark', () =>
    browser.visit(
      desktop,
      async (page) => {
        await page.goto(`${program.url}/validation`);
        await page.getByLabel('Name').fill('Ant');
        await submit(page);
        await assertAccessible(page);
        await look(page, 'dark');
      },
      { context: { colorScheme: 'dark' } },
    ));

  test('CSRF-03 a form made by another site is refused, and nothing is written', async () => {
    const answer = await fetch(`${program.url}/create_form`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: 'https://evil.example' },
      body: '_formname=thing&name=Loki&color=green',
    });
    assert.equal(answer.status, 403);
    assert.doesNotMatch(await (await fetch(`${program.url}/create_form`)).text(), /Loki/);
  });
});
