// The script of forms: searches, rows, conditions, drafts, the proof of work, friendlier controls. See script.test.mjs.

import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { desktop, phone } from './lib.mjs';
import { button, errorOf, focused, look, site, until, value, values, visit } from './script-page.mjs';

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
    test(`a row is found and chosen by keyboard, ${window.width} pixels wide`, async () => {
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

  test('by mouse; Escape closes; what is emptied is chosen no more', async () => {
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

  test('Escape gives up a search that is on its way, and keeps the text', async () => {
    await visit('search', async (page) => {
      let held;
      const asked = new Promise((resolve) => {
        page.route(/_search=/, (route) => {
          held = route;
          resolve();
        });
      });
      // While the script waits for another key.
      await album(page).pressSequentially('i');
      await page.keyboard.press('Escape');
      await page.waitForTimeout(400);
      assert.equal(held, undefined, 'nothing was asked');
      // While the answer is on its way.
      await album(page).pressSequentially('r');
      await asked;
      await page.keyboard.press('Escape');
      await held.continue().catch(() => {});
      await page.waitForTimeout(400);
      assert.equal(await album(page).getAttribute('aria-expanded'), 'false');
      assert.match(await album(page).inputValue(), /^ir/);
    });
  });

  test('more than fits, and nothing at all, are said', async () => {
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

  test('a text that is no choice stays, is told, and is not sent as one', async () => {
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

  test('a row is made from what was typed', async () => {
    await visit('search', async (page) => {
      await album(page).fill('Load');
      await page.getByRole('option', { name: 'Create “Load”' }).click();
      await page.waitForURL(/done/);
      assert.equal(site.sent._create, 'album');
      assert.equal(site.sent._find_album, 'Load');
    });
  });

  test('several rows become tags with buttons', async () => {
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

  test('an answer with markup in it stays text', async () => {
    await visit('search', async (page) => {
      site.answer = (_, response) => response.json(200, { choices: [{ value: '"><script>', label: '<img src=x onerror=alert(1)>' }], more: false });
      await album(page).fill('x');
      await page.getByRole('option', { name: '<img src=x onerror=alert(1)>' }).click();
      assert.equal(await page.locator('img').count(), 0);
      assert.equal(await value(page, 'select[name="album"]'), '"><script>');
    });
  });

  test('a slow search says so, and an answer that was overtaken is dropped', async () => {
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

  test('a server in trouble leaves a text input', async () => {
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
    test(`rows are added, moved, removed and brought back in place, ${window.width} pixels wide`, async () => {
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

  test('a new row is gone at once; there are never too few or too many', async () => {
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

  test('new rows are checked like the others, removed ones are not', async () => {
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

  test('a new row in which nothing was entered is no row, and not asked for', async () => {
    await visit('rows', async (page) => {
      await button(page, 'Add a row').click();
      await page.locator('#order_items_2_name').fill('x');
      await page.locator('#order_items_2_name').fill('');
      await button(page, 'Save').click();
      await page.waitForURL(/done/);
      assert.equal(site.sent['items[2].name'], '');
    });
  });

  test('a row that was to be removed when the page came back still is', async () => {
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

  test('without the script the same buttons ask the server', async () => {
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
    test(`fields come and go with what others hold, ${window.width} pixels wide`, async () => {
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

  test('what was typed comes back with its field', async () => {
    await visit('conditions', async (page) => {
      await page.getByLabel('Country').selectOption('US');
      await page.getByLabel('State').fill('Ohio');
      await page.getByLabel('Country').selectOption('DE');
      await page.getByLabel('Country').selectOption('US');
      assert.equal(await value(page, '#trip_state'), 'Ohio');
      assert.equal(await usable(page, 'county'), true);
    });
  });

  test('a field is required while its condition holds', async () => {
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

  test('choices are limited by all conditions that hold', async () => {
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

  test('a thousand rows with conditions stay quick', async () => {
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

  test('in a row, the row’s own fields count', async () => {
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
  test('what is typed is saved after a while, without secrets and files', async () => {
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

  test('a page that is left takes its draft along', async () => {
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

  test('what was sent for good is no draft', async () => {
    await visit('draft', async (page) => {
      await page.getByLabel('Text').fill('done');
      await button(page, 'Send').click();
      await page.waitForURL(/done/);
      await page.waitForTimeout(1200);
      assert.deepEqual(site.posts.map(({ field }) => field._draft), [undefined]);
    });
  });

  test('a draft that was not saved is told and tried again', async () => {
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

  test('looking changes nothing', async () => {
    await visit('controls', async (page) => {
      const sent = await save(page);
      assert.equal(sent.tags, 'red\r\nlight blue');
      assert.equal(sent.labels, 'color: red\r\nnote: a: b');
      assert.match(sent.settings, /^\{"big": 12345678901234567890/);
      assert.deepEqual(sent.wishes, ['a bike', 'a kite', '']);
    });
  });

  test('tags are typed, pasted and removed', async () => {
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

  test('names and texts are edited in two columns', async () => {
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

  test('JSON is checked while one types, and set in lines without altering it', async () => {
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

  test('a list is put in order, by keyboard', async () => {
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

  test('sliders and colors tell their values', async () => {
    await visit('controls', async (page) => {
      await page.getByLabel('Level').focus();
      await page.keyboard.press('ArrowRight');
      assert.equal(await page.locator('output[for="lab_level"]').textContent(), '41');
      await page.getByLabel('Color', { exact: true }).fill('#ff0000');
      assert.equal(await page.locator('output[for="lab_color"]').textContent(), '#ff0000');
    });
  });
});
