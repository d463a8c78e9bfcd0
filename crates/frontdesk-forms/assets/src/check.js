// Checks before sending: what the server would say at once, said where the server would say it.

import { describe, element, nameOf, original, placeOf, visible } from './base.js';
import { brokenBy, isBlank } from './text.js';

// The members of `validity`, and what the attributes call them.
const FLAGS = [
  ['valueMissing', 'required'],
  ['badInput', 'type'],
  ['tooLong', 'maxlength'],
  ['tooShort', 'minlength'],
  ['patternMismatch', 'pattern'],
  ['rangeUnderflow', 'min'],
  ['rangeOverflow', 'max'],
  ['stepMismatch', 'step'],
];

// Controls that hold a text as it was typed. Others have values of their own, or say themselves that they cannot read it.
const TYPED = 'textarea, input:not([type]), input[type="text"], input[type="search"], input[type="url"], input[type="tel"], input[type="email"], input[type="password"]';

const edited = new WeakSet();

/** Which constraint a control does not meet. */
function failing(control) {
  const { validity } = control;
  if (!validity || !control.willValidate) return undefined;
  if (validity.customError) return 'custom';
  const typed = control.matches(TYPED);
  if (typed && isBlank(control.value)) {
    const needed = control.required && (!control.value || control.getAttribute('data-fd-required') === 'blank');
    return needed ? 'required' : undefined;
  }
  for (const [flag, name] of FLAGS) if (validity[flag]) return name;
  if (typed) return brokenBy(control.value, (name) => control.getAttribute(`data-fd-${name}`));
  return control.type === 'file' ? failingFile(control) : undefined;
}

const PICTURE = /^\.(png|jpe?g|gif|webp|bmp|avif|tiff?|svg|ico|heic)$/;

/** Whether a file may be what an `accept` token asks for. */
function fits({ name, type }, token) {
  // Browsers do not know the type of every file; then only the server can tell.
  if (!type || type === 'application/octet-stream') return true;
  // Of pictures the server looks at the content: a name such as `photo.jfif` says nothing against it.
  if (token.startsWith('.')) return name.toLowerCase().endsWith(token) || (PICTURE.test(token) && type.startsWith('image/'));
  return token.endsWith('/*') ? type.startsWith(token.slice(0, -1)) : type === token;
}

function failingFile(control) {
  const files = [...control.files];
  const limit = (name) => Number(control.getAttribute(`data-fd-max-${name}`)) || Infinity;
  if (files.length > limit('files')) return 'files';
  if (files.some((file) => file.size > limit('bytes'))) return 'size';
  const accepted = control.accept.toLowerCase().split(',').map((token) => token.trim()).filter(Boolean);
  const good = (file) => accepted.some((token) => fits(file, token));
  return accepted.length && !files.every(good) ? 'accept' : undefined;
}

/** What is wrong with a control: `{ control, text }`. Without a text it is the server's to say. */
function problemOf(control) {
  const name = failing(control);
  if (!name) return undefined;
  const text = control.getAttribute(`data-fd-error-${name}`);
  // What a date input cannot read it does not send: the server would see it empty, and the visitor lose it.
  const own = name === 'custom' || control.validity.badInput;
  return { control, text: text ?? (own ? control.validationMessage : undefined) };
}

/** Whether a row of a sub-form is a new one in which nothing was entered: then it is no row. */
function isUnused(row) {
  if (row.querySelector('[name$="._delete"]') || !row.querySelector('button[name="_rows"][value^="remove:"]')) return false;
  const untouched = (control) => {
    if (control.type === 'checkbox' || control.type === 'radio') return control.checked === control.defaultChecked;
    if (control.type === 'file') return !control.files.length;
    if (!control.options) return isBlank(control.value) || control.value === control.defaultValue;
    const options = [...control.options];
    // Without a default, a list shows its first choice.
    return options.some(({ defaultSelected }) => defaultSelected) || control.multiple
      ? options.every(({ selected, defaultSelected }) => selected === defaultSelected) : control.selectedIndex <= 0;
  };
  return [...row.querySelectorAll('input:not([type="hidden"]), select, textarea')].every(untouched);
}

/** What is wrong with the controls, in their order, once for each field. */
function problemsOf(controls) {
  const found = new Map();
  const unused = new Map();
  for (const control of controls) {
    if (control.closest('[data-fd-removed]')) continue;
    const row = control.closest('[data-fd-row]');
    if (row && !unused.has(row)) unused.set(row, isUnused(row));
    if (unused.get(row)) continue;
    const problem = problemOf(control);
    const key = problem && (control.closest('[data-fd-field]') ?? control);
    if (problem && !found.has(key)) found.set(key, problem);
  }
  return [...found.values()];
}

function siblings(form, control) {
  const { field } = placeOf(control);
  return field ? [...field.querySelectorAll('input, select, textarea')].filter((other) => other.form === form.node) : [control];
}

/** Shows a text beside a control, in the place of the server's. */
function showError(form, control, text) {
  const { field, base } = placeOf(control);
  const id = `${base}_error`;
  const seen = visible(control);
  let error = document.getElementById(id);
  if (!error) {
    error = element('p', { id, class: form.classes('error').join(' ') });
    const help = document.getElementById(`${base}_help`);
    if (help) help.before(error);
    else if (field) field.append(error);
    else seen.after(error);
  }
  if (error.textContent !== text) error.textContent = text;
  describe(seen, id, true);
  seen.setAttribute('aria-invalid', 'true');
  const invalid = form.own.getAttribute('data-fd-class-invalid');
  if (invalid) seen.classList.add(...form.classes('invalid'));
}

/** Takes the error of a control's field away, and what pointed at it. */
function clearError(form, control) {
  const { base } = placeOf(control);
  const id = `${base}_error`;
  const error = document.getElementById(id);
  const marked = siblings(form, control).some((other) => visible(other).hasAttribute('aria-invalid'));
  if (!error && !marked) return;
  error?.remove();
  for (const other of siblings(form, control)) {
    const seen = visible(other);
    describe(seen, id, false);
    seen.removeAttribute('aria-invalid');
    if (form.own.getAttribute('data-fd-class-invalid')) seen.classList.remove(...form.classes('invalid'));
  }
  const links = siblings(form, control).map((other) => `#${visible(other).id}`).concat(`#${base}`);
  for (const link of form.all('[data-fd-summary] a[href^="#"]')) {
    if (links.includes(link.getAttribute('href'))) strikeOut(form, link);
  }
}

/** Takes a link out of a summary; with the last one its title, and the whole summary unless it has more to say. */
function strikeOut(form, link) {
  const summary = link.closest('[data-fd-summary]');
  const list = link.closest('ul');
  (link.closest('li') ?? link).remove();
  const title = summary.firstElementChild;
  if (list?.children.length) {
    // It may have told how many there are.
    if (title !== list) title.textContent = form.text('summary');
    return;
  }
  if (title !== list) title?.remove();
  list?.remove();
  if (!summary.children.length) summary.remove();
}

/** Lists the problems above the form, each with a link to its control. */
function summarize(form, problems) {
  let summary = form.own.querySelector('[data-fd-summary]');
  if (!summary) {
    summary = element('div', { 'data-fd-summary': true, 'class': form.classes('summary').join(' '), 'role': 'alert' });
    const first = [...form.own.children].find((child) => child.type !== 'hidden' && !child.hidden);
    form.own.insertBefore(summary, first ?? null);
  }
  let list = summary.querySelector('ul');
  if (!list) {
    summary.prepend(element('p', { class: form.classes('summary-title').join(' ') }));
    summary.append((list = element('ul', { class: form.classes('summary-list').join(' ') })));
  }
  if (summary.firstElementChild !== list) summary.firstElementChild.textContent = form.text('summary');
  list.replaceChildren(...problems.map(({ control, text }) => {
    placeOf(control); // which sees to it that it has an id
    const link = element('a', { href: `#${visible(control).id}`, class: form.classes('summary-link').join(' ') }, `${nameOf(control)}: ${text}`);
    return element('li', {}, link);
  }));
}

/** Checks one control, and says or mends what its field says. */
function review(form, control) {
  const [problem] = problemsOf(siblings(form, control));
  if (!problem) clearError(form, control);
  else if (problem.text) showError(form, problem.control, problem.text);
}

/** Whether a form may be sent. If not, everything that is wrong has been shown, and the first of it has the focus. */
export function mayBeSent(form) {
  // A record that is to be deleted need not be right.
  if (form.own.querySelector('input[type="checkbox"][name="_delete"]:checked')) return true;
  const problems = problemsOf(form.own.elements);
  if (!problems.length || problems.some(({ text }) => !text)) return true;
  for (const { control, text } of problems) {
    edited.add(control);
    showError(form, control, text);
  }
  summarize(form, problems);
  visible(problems[0].control).focus();
  return false;
}

export function watchChecks(form) {
  form.on('input', ({ target }) => {
    edited.add(target);
    const { base } = placeOf(target);
    // While one types, errors go, and none comes.
    if (document.getElementById(`${base}_error`) && !problemsOf(siblings(form, target)).length) clearError(form, target);
  });
  // An error that appears moves what is below it. Not while a button there is being pressed, or the click misses it.
  let pressed = false;
  const waiting = new Set();
  form.on('pointerdown', () => (pressed = true));
  const release = () => {
    if (!pressed) return;
    pressed = false;
    // After the click that follows.
    setTimeout(() => {
      for (const control of waiting) review(form, control);
      waiting.clear();
    });
  };
  for (const type of ['pointerup', 'pointercancel', 'dragend']) addEventListener(type, release);
  form.on('change focusout', ({ target }) => {
    const control = original(target);
    // Of a date that is half typed there is no other event.
    if (!edited.has(control) && !control.validity?.badInput) return;
    if (pressed) waiting.add(control);
    else review(form, control);
  });
  form.on('click', (event) => {
    const link = event.target.closest('[data-fd-summary] a[href^="#"]');
    const control = link && document.getElementById(link.hash.slice(1));
    if (!control) return;
    event.preventDefault();
    const aim = control.matches('input, select, textarea, button, a') ? control : control.querySelector('input, select, textarea') ?? control;
    aim.focus();
    (placeOf(aim).field ?? aim).scrollIntoView({ block: 'nearest' });
  });
  // A page that comes back with errors begins with them.
  const summary = form.own.querySelector('[data-fd-summary]');
  if (summary && (!document.activeElement || document.activeElement === document.body)) {
    summary.setAttribute('tabindex', '-1');
    summary.focus();
  }
}
