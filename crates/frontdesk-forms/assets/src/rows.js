// Rows of a sub-form: added, removed and moved in place. Without the script the same buttons ask the server.

import { changed, element } from './base.js';

const NUMBER = /__i__/g;

/** `_rows` buttons are submit buttons named so; their values are `add:items`, `remove:items[2]`, `up:…`, `down:…`. */
export function enhanceRows(form, set, enhance) {
  const name = set.getAttribute('data-fd-rows');
  const template = [...set.querySelectorAll('template[data-fd-row-template]')].find((found) => found.closest('[data-fd-rows]') === set);
  const limit = (which, otherwise) => Number(set.getAttribute(`data-fd-${which}`) ?? otherwise);
  const rows = () => [...set.querySelectorAll('[data-fd-row]')].filter((row) => row.closest('[data-fd-rows]') === set);
  const live = () => rows().filter((row) => !row.hasAttribute('data-fd-removed'));
  const button = (act, within = set) => within.querySelector(`button[name="_rows"][value^="${act}:"]`);
  const indexes = new WeakMap();
  /** The number in the names of a row's controls, which stays whatever place the row has. */
  const indexOf = (row) => {
    if (!indexes.has(row)) {
      const names = [...row.querySelectorAll('[name]')].map((control) => (control.name === '_rows' ? control.value.replace(/^\w+:/, '') : control.name));
      const begin = `${name}[`;
      const known = names.find((one) => one.startsWith(begin));
      indexes.set(row, known ? parseInt(known.slice(begin.length), 10) : -1);
    }
    return indexes.get(row);
  };
  const called = (row) => row.getAttribute('aria-label') ?? form.text('row', { place: live().indexOf(row) + 1 });
  let next = 1 + Math.max(-1, ...rows().map(indexOf));

  /** Says a row's place in its name, and in those of its buttons. */
  const rename = (row, place) => {
    const before = row.getAttribute('aria-label');
    if (!before) return;
    const after = `${before.replace(/ \d+$/, '')} ${place + 1}`;
    row.setAttribute('aria-label', after);
    for (const pressed of row.querySelectorAll('button[aria-label]')) {
      pressed.setAttribute('aria-label', pressed.getAttribute('aria-label').replace(before, () => after));
    }
  };
  const refresh = () => {
    const now = live();
    const add = button('add');
    if (add) add.disabled = now.length >= limit('max', Infinity);
    now.forEach((row, place) => {
      rename(row, place);
      const may = { remove: now.length > limit('min', 0), up: place > 0, down: place < now.length - 1 };
      for (const [act, on] of Object.entries(may)) {
        const pressed = button(act, row);
        // Not `disabled`, which would lose the focus.
        if (pressed && on) pressed.removeAttribute('aria-disabled');
        else if (pressed) pressed.setAttribute('aria-disabled', 'true');
      }
      const named = `${name}[${indexOf(row)}]._position`;
      let position = row.querySelector(`[name="${CSS.escape(named)}"]`);
      if (!position && button('up', row)) row.append((position = element('input', { type: 'hidden', name: named })));
      if (position) position.value = place + 1;
    });
  };
  const first = (row) => row.querySelector('input:not([type="hidden"]), select, textarea, button')?.focus();

  const deletion = (row) => row.querySelector('input[type="checkbox"][name$="._delete"]');

  /** Hides a stored row, which goes when the form is sent, and returns the button that brings it back. */
  const strike = (row, told) => {
    deletion(row).checked = true;
    row.hidden = true;
    row.setAttribute('data-fd-removed', '');
    const undo = element('button', { type: 'button', class: form.classes('button').join(' ') }, form.text('undo'));
    const notice = element('p', { 'class': 'fd-undo', 'data-fd-undo': true }, element('span', {}, form.text('removed', { name: told })), undo);
    undo.addEventListener('click', () => {
      deletion(row).checked = false;
      row.hidden = false;
      row.removeAttribute('data-fd-removed');
      notice.remove();
      refresh();
      changed(deletion(row));
      first(row);
    });
    row.after(notice);
    return undo;
  };

  const acts = {
    add() {
      const row = template.content.cloneNode(true).firstElementChild;
      fill(row, next);
      next += 1;
      const last = rows().pop();
      const notice = last?.nextElementSibling;
      if (last) (notice?.matches('[data-fd-undo]') ? notice : last).after(row);
      else template.before(row);
      enhance(form, row);
      refresh();
      first(row);
      form.announce(form.text('row-added', { count: live().length }));
    },
    remove(row) {
      const told = called(row);
      const around = live();
      const place = around.indexOf(row);
      const neighbour = around[place + 1] ?? around[place - 1];
      const stored = deletion(row);
      if (stored) {
        strike(row, told).focus();
        changed(stored);
      } else {
        row.remove();
        (neighbour ? button('remove', neighbour) : button('add'))?.focus();
        changed(set);
      }
      refresh();
      form.announce(form.text('removed', { name: told }));
    },
    move(row, by, pressed) {
      const around = live();
      const other = around[around.indexOf(row) + by];
      if (by < 0) other.before(row);
      else other.after(row);
      refresh();
      pressed.focus();
      changed(set);
      form.announce(form.text('moved', { place: live().indexOf(row) + 1 }));
    },
  };

  set.addEventListener('click', (event) => {
    const pressed = event.target.closest('button[name="_rows"]');
    if (!pressed || pressed.closest('[data-fd-rows]') !== set) return;
    const [, act, target] = /^(\w+):(.*)$/.exec(pressed.value) ?? [];
    const row = pressed.closest('[data-fd-row]');
    if (act === 'add' ? target !== name || !template : !row || !['remove', 'up', 'down'].includes(act)) return;
    event.preventDefault();
    if (pressed.getAttribute('aria-disabled') === 'true') return;
    if (act === 'add') acts.add();
    else if (act === 'remove') acts.remove(row);
    else acts.move(row, act === 'up' ? -1 : 1, pressed);
  });
  for (const row of rows()) {
    const box = deletion(row);
    if (!box) continue;
    // A button does the same as the checkbox, at once, and can be undone.
    const label = box.closest('label') ?? box;
    label.hidden = true;
    if (!button('remove', row)) {
      const text = label.textContent.trim() || form.text('remove', { name: called(row) });
      const pressed = element('button', {
        'type': 'submit', 'name': '_rows', 'value': `remove:${name}[${indexOf(row)}]`, 'formnovalidate': true,
        'class': form.own.querySelector('button[name="_rows"]')?.className, 'aria-label': `${text}: ${called(row)}`,
      }, text);
      label.after(pressed);
    }
    if (box.checked) strike(row, called(row));
  }
  refresh();
}

/** Puts the row's number where the template has `__i__`. */
function fill(row, index) {
  for (const part of [row, ...row.querySelectorAll('*')]) {
    for (const { name, value } of [...part.attributes]) {
      if (value.includes('__i__')) part.setAttribute(name, value.replace(NUMBER, index));
    }
  }
}
