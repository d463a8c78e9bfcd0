// What the other parts share: forms, the elements that stand for a control, texts, and what is told to screen readers.

/** The script's own sentences. A form rewords one with `data-fd-text-<key>`; `{count}` and the like are filled in. */
export const TEXTS = {
  'add': 'Add',
  'cancel': 'Cancel',
  'cancelled': 'Sending was cancelled. Nothing that you entered is lost: you can change it and send it again.',
  'checking': 'Checking …',
  'choose': 'Choose one of the list',
  'create': 'Create “{text}”',
  'down': 'Move {name} down',
  'draft-failed': 'The draft could not be saved. It will be tried again.',
  'draft-saved': 'Draft saved at {time}',
  'format': 'Format',
  'found': 'Results: {count}',
  'json-bad': 'This is not valid JSON yet.',
  'json-bad-at': 'This is not valid JSON yet; see line {line}.',
  'json-good': 'This is valid JSON.',
  'key': 'Name',
  'lost': 'The connection was lost. What you entered is still here: please send it again.',
  'more': 'There are more: type more of it to narrow them down.',
  'moved': 'Moved to place {place}',
  'nothing': 'Nothing found',
  'proof': 'One moment: checking that you are not a robot …',
  'remove': 'Remove {name}',
  'removed': 'Removed {name}',
  'row': 'row {place}',
  'row-added': 'Row added. Rows: {count}',
  'searching': 'Searching …',
  'sending': 'Sending: {percent} %',
  'sent': 'Sent.',
  'summary': 'Please check these entries:',
  'trouble': 'The server could not take this (status {status}). What you entered is still here.',
  'undo': 'Undo',
  'up': 'Move {name} up',
  'value': 'Value',
  'working': 'Sent. Waiting for the answer …',
};

const handles = new WeakMap();

/** One form of the page, with what the script knows about it. */
export class Handle {
  constructor(node) {
    this.node = node;
    // Inputs may be called `action`, `title` or `querySelector`, and then hide the form's own members of that name.
    this.own = new Proxy(node, {
      get(target, name) {
        const value = Reflect.get(HTMLFormElement.prototype, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    /** `idle`, `waiting` (for a proof of work), or `sending`. */
    this.state = 'idle';
    handles.set(node, this);
    // Regions that speak must be there before they do.
    this.region = this.own.appendChild(element('p', { class: this.classes('hidden').join(' '), role: 'status' }));
    this.status = this.own.appendChild(element('div', { class: 'fd-status', role: 'status' }));
  }

  /** The handle of a form, if it has one. */
  static known(node) {
    return handles.get(node);
  }

  /** The handle of the form that a control belongs to. */
  static of(control) {
    const node = control && (control.form || control.closest('form'));
    return node ? handles.get(node) : undefined;
  }

  all(selector) {
    return [...this.own.querySelectorAll(selector)];
  }

  on(types, react) {
    for (const type of types.split(' ')) this.own.addEventListener(type, react);
  }

  /** The classes that the form's style has for a part that the script draws. */
  classes(part) {
    const known = this.own.getAttribute(`data-fd-class-${part}`);
    return (known ?? (part === 'hidden' ? 'fd-visually-hidden' : `fd-${part}`)).split(/\s+/).filter(Boolean);
  }

  /** Where the form is sent to. */
  get address() {
    return new URL(this.own.getAttribute('action') || location.href, location.href);
  }

  text(key, values = {}) {
    const text = this.own.getAttribute(`data-fd-text-${key}`) ?? TEXTS[key];
    return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  }

  /** Tells something to those who do not see the form change. */
  announce(text) {
    // The same text twice would be told once.
    this.region.textContent = this.region.textContent === text ? `${text}\u00a0` : text;
  }

  /** What a browser would send, as pairs of names and texts; files stay files. */
  entries() {
    const tidy = (value) => (typeof value === 'string' ? value.replace(/\r\n?|\n/g, '\r\n') : value);
    return [...new FormData(this.node)].map(([name, value]) => [name, tidy(value)]);
  }

  /** The same without files, as the body of a request, with `more` added. */
  body(more, keep = () => true) {
    const body = new URLSearchParams();
    for (const [name, value] of [...this.entries(), ...more]) {
      if (typeof value === 'string' && keep(name)) body.append(name, value);
    }
    return body;
  }
}

/** Builds an element. Texts become text, never markup. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, '');
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

let counted = 0;

/** An id that nothing else has. */
export function freshId(stem) {
  let id;
  do id = `${stem}_${++counted}`;
  while (document.getElementById(id));
  return id;
}

/** Calls `act` once nothing has happened for `delay` milliseconds. */
export function debounce(delay, act) {
  let timer;
  const later = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      act(...values);
    }, delay);
  };
  later.waits = () => timer !== undefined;
  later.cancel = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  return later;
}

// Some controls stay what is submitted, while something friendlier is shown in their place.
const standIns = new WeakMap();
const originals = new WeakMap();

/** What a visitor sees of a control. */
export const visible = (control) => standIns.get(control) ?? control;

/** The control that is submitted for what a visitor sees. */
export const original = (seen) => originals.get(seen) ?? seen;

/** Hides `control` and lets `seen` take its place for labels, links and screen readers. */
export function standIn(control, seen) {
  standIns.set(control, seen);
  originals.set(seen, control);
  const id = control.id || freshId('fd');
  if (!seen.id) {
    control.removeAttribute('id');
    seen.id = id;
  }
  for (const name of ['aria-describedby', 'aria-invalid', 'aria-required', 'aria-labelledby', 'title', 'placeholder']) {
    const value = control.getAttribute(name);
    if (value !== null && !seen.hasAttribute(name)) seen.setAttribute(name, value);
  }
  if (control.disabled) seen.disabled = true;
  // Some style sheets draw around a list: what they draw on goes with it.
  const wrapped = control.tagName === 'SELECT' && control.parentElement.children.length === 1;
  (wrapped ? control.parentElement : control).hidden = true;
}

/** Tells the page that the script has changed what a control holds. */
export function changed(control) {
  for (const type of ['input', 'change']) control.dispatchEvent(new Event(type, { bubbles: true }));
}

/** The field around a control, and what the ids of its parts begin with. */
export function placeOf(control) {
  const field = control.closest('[data-fd-field]');
  const seen = visible(control);
  if (!seen.id) seen.id = freshId('fd');
  return { field, base: field?.id ? field.id.replace(/_field$/, '') : seen.id };
}

/** What a control is called. */
export function nameOf(control) {
  const { field, base } = placeOf(control);
  const label = document.getElementById(`${base}_label`) ?? visible(control).labels?.[0] ?? field?.querySelector('label, legend');
  return (label?.textContent ?? control.getAttribute('aria-label') ?? control.name ?? '').trim();
}

/** Adds an id to the texts that describe an element, or takes it away. */
export function describe(described, id, on) {
  const ids = (described.getAttribute('aria-describedby') ?? '').split(/\s+/).filter((known) => known && known !== id);
  if (on) ids.unshift(id);
  if (ids.length) described.setAttribute('aria-describedby', ids.join(' '));
  else described.removeAttribute('aria-describedby');
}
