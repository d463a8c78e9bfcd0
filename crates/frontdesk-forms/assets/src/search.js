// Search as you type: a text input that finds rows of another table becomes a combobox (ARIA 1.2).

import { changed, debounce, element, freshId, nameOf, standIn } from './base.js';
import { send } from './send.js';

const PAUSE = 200; // milliseconds without a key

/** Where the chosen values are kept: a `select`, a hidden input, or checkboxes with their labels. */
function storeOf(form, field) {
  const node = field.querySelector('[data-fd-value]');
  if (!node) return undefined;
  const dispatch = () => changed(node);
  if (node.matches('select')) {
    const options = () => [...node.options];
    return {
      node,
      several: node.multiple,
      chosen: () => options().filter(({ selected, value }) => selected && value).map(({ value, text: label }) => ({ value, label })),
      set(value, label, on = true) {
        let option = options().find((known) => known.value === value);
        if (!option) node.append((option = element('option', { value }, label)));
        if (!node.multiple) node.value = '';
        option.selected = on;
        dispatch();
      },
      clear() {
        if (!options().some(({ value }) => !value)) node.prepend(element('option', { value: '' }));
        node.value = '';
        dispatch();
      },
    };
  }
  if (node.matches('input')) {
    const chosen = () => (node.value ? [{ value: node.value, label: node.getAttribute('data-fd-label') ?? node.value }] : []);
    const set = (value, label) => {
      node.value = value;
      node.setAttribute('data-fd-label', label);
      dispatch();
    };
    return { node, several: false, chosen, set, clear: () => set('', '') };
  }
  const name = field.querySelector('[data-fd-search]').getAttribute('data-fd-search');
  const boxes = () => [...node.querySelectorAll('input[type="checkbox"]')];
  const labelled = (box) => ({ value: box.value, label: (box.closest('label') ?? box.labels[0])?.textContent.trim() || box.value });
  return {
    node,
    several: true,
    chosen: () => boxes().filter(({ checked }) => checked).map(labelled),
    set(value, label, on = true) {
      let box = boxes().find((known) => known.value === value);
      if (!box) {
        box = element('input', { type: 'checkbox', name, value });
        node.append(element('label', {}, box, label));
      }
      box.checked = on;
      dispatch();
    },
  };
}

/**
 * Enhances the input `data-fd-search`. In the same field stands what is submitted, marked `data-fd-value`: a `select`
 * (with `multiple` for several), checkboxes in an element, or a hidden input whose label is in `data-fd-label`.
 */
export function enhanceSearch(form, input) {
  const name = input.getAttribute('data-fd-search');
  const field = input.closest('[data-fd-field]') ?? input.parentElement;
  const store = storeOf(form, field);
  if (!store) return;
  const { several, chosen } = store;
  const label = nameOf(input);
  const findName = input.name;
  const makes = input.hasAttribute('data-fd-create');
  for (const button of field.querySelectorAll('button[name="_lookup"], button[name="_create"]')) button.hidden = true;

  // The input is the field's control from here on. Its text is no value, so it is not sent.
  standIn(store.node, input);
  input.removeAttribute('name');
  if (!input.labels.length && !input.hasAttribute('aria-labelledby')) input.setAttribute('aria-label', label);

  const list = element('ul', { 'id': freshId(`${input.id}_list`), 'role': 'listbox', 'aria-label': label });
  const note = element('p', { class: 'fd-note', hidden: true });
  const popup = element('div', { class: 'fd-popup', hidden: true }, list, note);
  input.after(popup);
  popup.parentElement.classList.add('fd-anchor');
  for (const [attribute, value] of Object.entries({
    'type': 'text', 'role': 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id,
    'autocomplete': 'off', 'autocapitalize': 'none', 'spellcheck': 'false',
  })) input.setAttribute(attribute, value);

  const chips = element('ul', { 'class': 'fd-chips', 'aria-label': label });
  if (several) input.parentElement.before(chips);

  const settle = () => {
    input.setCustomValidity('');
    input.value = several ? '' : (chosen()[0]?.label ?? '');
    drawChips();
  };
  let drawn;
  const drawChips = () => {
    const now = JSON.stringify(chosen());
    // A button that is being pressed must stay.
    if (!several || now === drawn) return;
    drawn = now;
    chips.replaceChildren(...chosen().map(({ value, label: text }) => {
      const remove = element('button', { 'type': 'button', 'class': 'fd-icon fd-icon-remove', 'aria-label': form.text('remove', { name: text }) });
      remove.addEventListener('click', () => {
        store.set(value, text, false);
        drawChips();
        input.focus();
        form.announce(form.text('removed', { name: text }));
      });
      return element('li', { class: 'fd-chip' }, element('span', {}, text), remove);
    }));
    chips.hidden = !chips.children.length;
  };

  let choices = []; // what the list offers; the last may be to create a row
  let active = -1;
  let asked;
  let running;

  const close = () => {
    later.cancel();
    running?.abort();
    running = undefined;
    popup.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    move(-1);
  };
  const move = (to) => {
    active = to;
    [...list.children].forEach((option, index) => option.setAttribute('aria-selected', String(index === active)));
    const option = list.children[active];
    if (option) {
      input.setAttribute('aria-activedescendant', option.id);
      option.scrollIntoView({ block: 'nearest' });
    } else input.removeAttribute('aria-activedescendant');
  };
  const open = (found, more, text) => {
    choices = found.map((choice) => ({ ...choice, text: choice.label }));
    const known = found.some((choice) => choice.label.toLowerCase() === text.toLowerCase());
    if (makes && text && !known) choices.push({ creates: true, text: form.text('create', { text }) });
    list.replaceChildren(...choices.map((choice, index) => {
      const option = element('li', { 'id': `${list.id}_${index}`, 'role': 'option', 'aria-selected': 'false' }, choice.text);
      if (choice.creates) option.setAttribute('data-fd-create', '');
      // Pressing must not take the focus from the input.
      option.addEventListener('pointerdown', (event) => event.preventDefault());
      option.addEventListener('mousedown', (event) => event.preventDefault());
      option.addEventListener('click', () => take(index));
      return option;
    }));
    list.hidden = !choices.length;
    note.textContent = more ? form.text('more') : found.length ? '' : form.text('nothing');
    note.hidden = !note.textContent;
    popup.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    move(-1);
    form.announce(found.length ? `${form.text('found', { count: found.length })} ${note.textContent}`.trim() : note.textContent);
  };
  const take = (index) => {
    const choice = choices[index];
    if (choice.creates) {
      const text = input.value;
      close();
      input.setCustomValidity('');
      input.value = text;
      input.name = findName;
      const button = element('button', { type: 'submit', name: '_create', value: name, formnovalidate: true, hidden: true });
      input.after(button);
      send(form, button);
      button.remove();
      return undefined;
    }
    store.set(choice.value, choice.label);
    settle();
    close();
    return form.announce(choice.label);
  };

  const find = async () => {
    const typed = input.value.trim();
    // The label of what is chosen is no question: whoever turns to it wants to see what else there is.
    const text = !several && typed === chosen()[0]?.label ? '' : typed;
    running?.abort();
    const mine = (running = new AbortController());
    asked = typed;
    const address = form.address;
    address.hash = '';
    const formName = form.own.querySelector('input[name="_formname"]')?.value;
    // A page may have several forms.
    if (formName) address.searchParams.set('_formname', formName);
    address.searchParams.set('_search', name);
    address.searchParams.set('q', text);
    const slow = setTimeout(() => {
      if (mine !== running) return;
      list.hidden = true;
      note.textContent = form.text('searching');
      note.hidden = popup.hidden = false;
      form.announce(note.textContent);
    }, 500);
    try {
      const answer = await fetch(address, { headers: { accept: 'application/json' }, signal: mine.signal });
      const found = answer.ok ? await answer.json() : undefined;
      if (mine !== running) return;
      if (!found || !Array.isArray(found.choices)) return close();
      const held = several ? chosen().map(({ value }) => value) : [];
      const offered = found.choices.map(({ value, label: text = value }) => ({ value: String(value), label: String(text) }));
      running = undefined;
      return open(offered.filter(({ value }) => !held.includes(value)), Boolean(found.more), text);
    } catch {
      return mine === running ? close() : undefined;
    } finally {
      clearTimeout(slow);
    }
  };
  const later = debounce(PAUSE, () => document.activeElement === input && find());

  input.addEventListener('input', (event) => {
    // The form's own checks are about what is submitted.
    event.stopPropagation();
    const mended = input.validity.customError;
    input.setCustomValidity('');
    if (!several && !input.value.trim() && chosen().length) store.clear();
    else if (mended) changed(store.node);
    if (input.value.trim() || !popup.hidden) later();
  });
  input.addEventListener('change', (event) => event.stopPropagation());
  input.addEventListener('keydown', (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const shown = !popup.hidden;
    const last = choices.length - 1;
    const act = {
      ArrowDown: () => (shown && asked === input.value.trim() ? move(active < last ? active + 1 : 0) : find()),
      ArrowUp: () => (shown ? move(active > 0 ? active - 1 : last) : find()),
      Home: shown && active >= 0 ? () => move(0) : undefined,
      End: shown && active >= 0 ? () => move(last) : undefined,
      Enter: shown && active >= 0 ? () => take(active) : undefined,
      // A list that is on its way must not open after it.
      Escape: shown || running || later.waits() ? close : input.value && !several ? () => settle() : undefined,
      Backspace: several && !input.value && chosen().length ? () => chips.lastElementChild.querySelector('button').focus() : undefined,
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  input.addEventListener('click', () => popup.hidden && find());
  input.addEventListener('blur', () => {
    const text = input.value.trim();
    const same = (choice) => choice.label && choice.label.toLowerCase() === text.toLowerCase();
    const exact = choices.filter((choice) => !choice.creates && same(choice));
    close();
    if (!text || chosen().some(same)) return settle();
    if (exact.length === 1) {
      store.set(exact[0].value, exact[0].label);
      return settle();
    }
    // A text that was typed and is no choice stays, and says that it is none.
    if (!several && chosen().length) store.clear();
    input.setCustomValidity(form.text('choose'));
    return changed(store.node);
  });
  settle();
}
