// Conditions: fields that are shown, required, or limited in their choices depending on what others hold.

import { visible } from './base.js';
import { evaluate } from './condition.js';

const CONDITIONAL = '[data-fd-show], [data-fd-require], [data-fd-choices]';
const CONTROLS = 'input, select, textarea, button';

export function watchConditions(form) {
  let busy = false;
  const settle = () => {
    if (busy) return;
    busy = true;
    const fields = form.all(CONDITIONAL);
    // One field may depend on another that depends on a third; a circle ends all the same.
    for (let round = 0; round <= Math.min(fields.length, 20); round++) {
      const held = holdings(form);
      if (!fields.map((field) => apply(held, field)).includes(true)) break;
    }
    busy = false;
  };
  form.on('input change', settle);
  form.own.addEventListener('reset', () => setTimeout(settle));
  if (form.own.querySelector(CONDITIONAL)) settle();
  form.settle = settle;
}

/** What the form's controls hold, by name, and which names there are. */
function holdings(form) {
  const texts = new Map();
  for (const [name, value] of form.entries()) {
    const text = typeof value === 'string' ? value : value.name;
    if (texts.has(name)) texts.get(name).push(text);
    else texts.set(name, [text]);
  }
  return { texts, names: new Set([...form.own.elements].map(({ name }) => name)) };
}

/** How a field's conditions look others up: in the row of a sub-form its own controls come first. */
function lookupOf({ texts, names }, field) {
  const row = (field.getAttribute('data-fd-field') ?? '').replace(/[^.]*$/, '');
  return (name) => texts.get(row && names.has(row + name) ? row + name : name) ?? [];
}

/** Brings a field up to date, and tells whether anything changed that others may depend on. */
function apply(held, field) {
  const lookup = lookupOf(held, field);
  const holds = (condition) => evaluate(condition, lookup);
  let moved = false;
  const show = read(field, 'data-fd-show');
  if (show !== undefined) {
    const hide = !holds(show);
    moved = field.hidden !== hide;
    field.hidden = hide;
    const off = field.closest('[data-fd-show][hidden]') !== null;
    // Disabled controls are not sent: what is hidden is neither checked nor written.
    for (const control of field.querySelectorAll(CONTROLS)) {
      if (!control.hasAttribute('data-fd-fixed')) control.disabled = off;
    }
  }
  const require = read(field, 'data-fd-require');
  if (require !== undefined) need(field, holds(require));
  const choices = read(field, 'data-fd-choices');
  if (choices !== undefined && limit(field, choices, holds)) moved = true;
  return moved;
}

function read(field, name) {
  const text = field.getAttribute(name);
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // then the field is as the server drew it
  }
}

/** Groups of checkboxes cannot be required in HTML: each would be. */
function need(field, on) {
  field.toggleAttribute('data-fd-needed', on);
  for (const control of field.querySelectorAll('input:not([type="hidden"], [type="checkbox"]), select, textarea')) {
    if (!control.name || /(^|\.)_/.test(control.name)) continue;
    if (control.required !== on) control.required = on;
    if (on) visible(control).setAttribute('aria-required', 'true');
    else visible(control).removeAttribute('aria-required');
  }
}

/** Leaves those choices that every rule which applies allows. */
function limit(field, rules, holds) {
  const sets = rules.filter(({ when }) => holds(when)).map(({ only }) => new Set(only.map(String)));
  const allowed = (value) => value === '' || sets.every((set) => set.has(value));
  let moved = false;
  for (const option of field.querySelectorAll('option')) {
    const on = allowed(option.value);
    option.hidden = option.disabled = !on;
    if (!on && option.selected) [option.selected, moved] = [false, true];
  }
  for (const select of field.querySelectorAll('select:not([multiple])')) {
    if (select.selectedIndex < 0 || select.options[select.selectedIndex].disabled) select.value = '';
  }
  for (const box of field.querySelectorAll('input[type="radio"], input[type="checkbox"]')) {
    if (/(^|\.)_/.test(box.name)) continue;
    const on = allowed(box.value);
    box.disabled = !on || field.closest('[data-fd-show][hidden]') !== null;
    const label = box.closest('label') ?? box.labels[0];
    if (label) label.hidden = !on;
    if (!on && box.checked) [box.checked, moved] = [false, true];
  }
  return moved;
}

/** For rows that were added. */
export const settleConditions = (form) => form.settle?.();
