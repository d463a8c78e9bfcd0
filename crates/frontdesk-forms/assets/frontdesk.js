// The script of forms: progressive enhancement, without dependencies. Every form works without it.
// Made by scripts/join-assets from the files in src; change those.
(() => {
'use strict';
const { TEXTS, Handle, element, freshId, debounce, visible, original, standIn, changed, placeOf, nameOf, describe } = (() => {
// What the other parts share: forms, the elements that stand for a control, texts, and what is told to screen readers.

/** The script's own sentences. A form rewords one with `data-fd-text-<key>`; `{count}` and the like are filled in. */
const TEXTS = {
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
class Handle {
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
function element(tag, attributes = {}, ...children) {
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
function freshId(stem) {
  let id;
  do id = `${stem}_${++counted}`;
  while (document.getElementById(id));
  return id;
}

/** Calls `act` once nothing has happened for `delay` milliseconds. */
function debounce(delay, act) {
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
const visible = (control) => standIns.get(control) ?? control;

/** The control that is submitted for what a visitor sees. */
const original = (seen) => originals.get(seen) ?? seen;

/** Hides `control` and lets `seen` take its place for labels, links and screen readers. */
function standIn(control, seen) {
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
function changed(control) {
  for (const type of ['input', 'change']) control.dispatchEvent(new Event(type, { bubbles: true }));
}

/** The field around a control, and what the ids of its parts begin with. */
function placeOf(control) {
  const field = control.closest('[data-fd-field]');
  const seen = visible(control);
  if (!seen.id) seen.id = freshId('fd');
  return { field, base: field?.id ? field.id.replace(/_field$/, '') : seen.id };
}

/** What a control is called. */
function nameOf(control) {
  const { field, base } = placeOf(control);
  const label = document.getElementById(`${base}_label`) ?? visible(control).labels?.[0] ?? field?.querySelector('label, legend');
  return (label?.textContent ?? control.getAttribute('aria-label') ?? control.name ?? '').trim();
}

/** Adds an id to the texts that describe an element, or takes it away. */
function describe(described, id, on) {
  const ids = (described.getAttribute('aria-describedby') ?? '').split(/\s+/).filter((known) => known && known !== id);
  if (on) ids.unshift(id);
  if (ids.length) described.setAttribute('aria-describedby', ids.join(' '));
  else described.removeAttribute('aria-describedby');
}

return { TEXTS, Handle, element, freshId, debounce, visible, original, standIn, changed, placeOf, nameOf, describe };
})();

const { isBlank, brokenBy } = (() => {
// What rules say of a text that browsers do not check themselves. Never stricter than the rules: what cannot be told here
// is the server's to tell.

const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const DATE = /^\d{4}-\d\d-\d\d$/;
const DATE_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?$/;

/** Whether a text is empty or white space alone, of which only `required` says anything. */
const isBlank = (text) => /^\p{White_Space}*$/u.test(text);

/** A text as something that compares: a number, or a date or time as browsers write it; else undefined. */
function comparable(text, type, dot) {
  const trimmed = text.trim();
  if (type === 'date') return DATE.test(trimmed) ? trimmed : undefined;
  if (type === 'datetime') {
    const parts = DATE_TIME.exec(trimmed);
    return parts ? parts[1] + (parts[2] ?? ':00') : undefined;
  }
  // A whole number with a point may be one with its thousands set apart.
  if (type === 'integer') return /^[+-]?\d+$/.test(trimmed) ? Number(trimmed) : undefined;
  const plain = dot ? trimmed.replace(dot, '.') : trimmed;
  return PLAIN.test(plain) ? Number(plain) : undefined;
}

/**
 * Which constraint a text breaks: `minchars`, `maxchars`, `pattern`, `type`, `min`, `max`, or none. `of` reads an
 * attribute: `data-fd-…`, without that beginning.
 */
function brokenBy(text, of) {
  if (isBlank(text)) return undefined;
  const count = [...text].length;
  if (of('minchars') && count < Number(of('minchars'))) return 'minchars';
  if (of('maxchars') && count > Number(of('maxchars'))) return 'maxchars';
  if (of('pattern') && !whole(of('pattern')).test(text)) return 'pattern';
  const [type, dot] = [of('type'), of('dot')];
  // No number has a letter and no digit, but for the names of those that are none.
  const wordy = /\p{L}/u.test(text) && !/\p{N}/u.test(text) && !/inf|nan/i.test(text);
  if ((type === 'integer' || type === 'number') && wordy) return 'type';
  const value = comparable(text, type, dot);
  if (value === undefined) return undefined;
  const [min, max] = ['min', 'max'].map((name) => (of(name) ? comparable(of(name), type) : undefined));
  if (min !== undefined && value < min) return 'min';
  if (max !== undefined && value > max) return 'max';
  return undefined;
}

/** A pattern that has to match the whole text, as browsers read the attribute. */
function whole(pattern) {
  for (const flag of ['v', 'u']) {
    try {
      return new RegExp(`^(?:${pattern})$`, flag);
    } catch {
      // An older browser does not know the first flag.
    }
  }
  return /^/;
}

return { isBlank, brokenBy };
})();

const { solve } = (() => {
// Solves a proof of work as ALTCHA (version 1) states it: which number, put behind the salt, has the given SHA-256?
//
// It hashes here rather than by crypto.subtle, which takes longer for a message this short and is missing where a page
// came without TLS.

const ROUNDS = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const START = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

/** How many milliseconds to work before the page has its turn. */
const SHARE = 12;

const words = new Int32Array(64);

/** Works the block of `bytes` at `at` into `state`. */
function compress(state, bytes, at) {
  for (let i = 0; i < 16; i++, at += 4) {
    words[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let i = 16; i < 64; i++) {
    const x = words[i - 15];
    const y = words[i - 2];
    const s = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const t = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[i] = (words[i - 16] + s + words[i - 7] + t) | 0;
  }
  // Destructuring goes through an iterator, which takes half as long again.
  let a = state[0], b = state[1], c = state[2], d = state[3];
  let e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i++) {
    const s = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const x = (h + s + ((e & f) ^ (~e & g)) + ROUNDS[i] + words[i]) | 0;
    const t = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const y = (t + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + x) | 0;
    d = c;
    c = b;
    b = a;
    a = (x + y) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/** A function that gives the SHA-256, as eight words, of `salt` with a number behind it. The result is used again. */
function hasher(salt) {
  const prefix = new TextEncoder().encode(salt);
  const whole = prefix.length - (prefix.length % 64);
  const begun = new Int32Array(START);
  for (let at = 0; at < whole; at += 64) compress(begun, prefix, at);
  const rest = prefix.length - whole;
  const tail = new Uint8Array(192);
  const view = new DataView(tail.buffer);
  tail.set(prefix.subarray(whole));
  const state = new Int32Array(8);
  return (number) => {
    const digits = String(number);
    let end = rest;
    for (let i = 0; i < digits.length; i++) tail[end++] = digits.charCodeAt(i);
    const bits = (whole + end) * 8;
    tail[end++] = 0x80;
    const length = Math.ceil((end + 8) / 64) * 64;
    tail.fill(0, end, length - 4);
    view.setUint32(length - 4, bits);
    state.set(begun);
    for (let at = 0; at < length; at += 64) compress(state, tail, at);
    return state;
  };
}

function wordsOf(hex) {
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new Error('the challenge is no SHA-256');
  return Array.from({ length: 8 }, (_, i) => parseInt(hex.slice(i * 8, i * 8 + 8), 16) | 0);
}

/**
 * Solves a challenge: `{ algorithm, challenge, maxnumber, salt, signature }`. Resolves to the text that goes into the
 * hidden input `altcha`. The page stays responsive meanwhile. Rejects what it cannot solve, and when `signal` aborts.
 */
async function solve({ algorithm, challenge, maxnumber = 1e6, salt, signature }, { signal } = {}) {
  if (algorithm !== 'SHA-256') throw new Error(`proof of work by ${algorithm} is not known`);
  const wanted = wordsOf(challenge);
  const hash = hasher(salt);
  const start = performance.now();
  let turn = start;
  for (let number = 0; number <= maxnumber; number++) {
    const found = hash(number);
    if (found[0] === wanted[0] && wanted.every((word, i) => word === found[i])) {
      const took = Math.round(performance.now() - start);
      return btoa(JSON.stringify({ algorithm, challenge, number, salt, signature, took }));
    }
    if (number % 256 === 0 && performance.now() - turn > SHARE) {
      await new Promise((resume) => setTimeout(resume));
      signal?.throwIfAborted();
      turn = performance.now();
    }
  }
  throw new Error('no number solves the challenge');
}

return { solve };
})();

const { evaluate } = (() => {
// Conditions on the other fields of a form, as `condition/eval.rs` of frontdesk-validate works them out: change one with
// the other. `tests/data/conditions.json` holds both to the same answers.

/**
 * Whether a condition holds.
 *
 * @param {object} ast - what `Condition::to_json` wrote
 * @param {(name: string) => string[]} lookup - the texts that the field of that name would submit: none for an unticked
 *   checkbox, the names of its files for a file input
 * @returns {boolean}
 */
function evaluate(ast, lookup) {
  if (ast.not) return !evaluate(ast.not, lookup);
  if (ast.all) return ast.all.every((part) => evaluate(part, lookup));
  if (ast.any) return ast.any.some((part) => evaluate(part, lookup));

  const isBlank = (text) => /^\p{White_Space}*$/u.test(text);
  const texts = lookup(ast.field).filter((text) => !isBlank(text));

  const saysYes = (text) => /^(?:on|true|1|yes|t|y)$/.test(text.replace(/[A-Z]/g, (c) => c.toLowerCase()));
  const number = (text) => {
    const trimmed = text.replace(/^\p{White_Space}+/u, '').replace(/(?<!\p{White_Space})\p{White_Space}+$/u, '');
    const isNumber = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(trimmed);
    const value = isNumber && trimmed.length <= 64 ? Number(trimmed) : NaN;
    return Number.isFinite(value) ? value : NaN;
  };
  // By code point, where JavaScript's own `<` goes by UTF-16 units.
  const order = (a, b) => {
    const left = Array.from(a);
    const right = Array.from(b);
    for (let index = 0; index < left.length && index < right.length; index += 1) {
      const difference = left[index].codePointAt(0) - right[index].codePointAt(0);
      if (difference !== 0) return difference;
    }
    return left.length - right.length;
  };
  const compare = (op, literal) => {
    if (op === '!=') return !compare('==', literal);
    if (typeof literal === 'boolean') return literal === texts.some(saysYes);
    return texts.some((text) => {
      const difference = typeof literal === 'number' ? number(text) - literal : order(text, literal);
      switch (op) {
        case '==':
          return difference === 0;
        case '<':
          return difference < 0;
        case '<=':
          return difference <= 0;
        case '>':
          return difference > 0;
        case '>=':
          return difference >= 0;
        default:
          return false;
      }
    });
  };

  if (ast.set) return texts.length > 0;
  if (ast.in) return ast.in.some((literal) => compare('==', literal));
  return compare(ast.op, ast.value);
}

return { evaluate };
})();

const { mayBeSent, watchChecks } = (() => {
// Checks before sending: what the server would say at once, said where the server would say it.


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
function mayBeSent(form) {
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

function watchChecks(form) {
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

return { mayBeSent, watchChecks };
})();

const { prepareProof, proofOf } = (() => {
// Proof of work: `data-fd-altcha` holds a challenge; its solution goes into the hidden input `altcha`.


/** Prepares the form's proof of work. It begins when someone turns to the form, and is usually done before it is sent. */
function prepareProof(form, box) {
  let input = box.querySelector('input[name="altcha"]') ?? form.own.querySelector('input[name="altcha"]');
  if (!input) box.append((input = element('input', { type: 'hidden', name: 'altcha' })));
  let work;
  form.proof = {
    solved: false,
    finish() {
      work = work ?? Promise.resolve(box.getAttribute('data-fd-altcha'))
        .then((challenge) => solve(JSON.parse(challenge)))
        .then((payload) => {
          input.value = payload;
          form.proof.solved = true;
        });
      return work;
    },
  };
  const begin = () => form.proof.finish().catch(() => {});
  form.own.addEventListener('focusin', begin, { once: true });
  form.own.addEventListener('pointerdown', begin, { once: true });
}

const proofOf = (form) => form.proof;

return { prepareProof, proofOf };
})();

const { watchSending, send } = (() => {
// Sending: once, after the checks, with a proof of work where one is asked for, and with progress where files are sent.


// For how long a form that was sent takes no second click. The answer may be a download, which leaves the page as it is.
const PATIENCE = 10000;

function watchSending(form) {
  form.on('submit', (event) => {
    if (event.defaultPrevented) return;
    if (form.state !== 'idle') return event.preventDefault();
    const button = event.submitter;
    if (!button?.formNoValidate && !mayBeSent(form)) return event.preventDefault();
    const proof = button?.formNoValidate ? undefined : proofOf(form);
    if (proof && !proof.solved) {
      event.preventDefault();
      lock(form, 'waiting', button);
      tell(form, form.text('proof'));
      // Without a proof the server decides.
      const go = () => {
        tell(form, '');
        unlock(form);
        proof.solved = true;
        send(form, button);
      };
      // A form cannot be sent anew while its `submit` is still being told of.
      return proof.finish().catch(() => {}).then(() => setTimeout(go));
    }
    if (hasFiles(form, button) && !form.plain) {
      event.preventDefault();
      lock(form, 'sending', button);
      try {
        upload(form, button);
      } catch {
        unlock(form);
        form.plain = true;
        setTimeout(() => send(form, button));
      }
      return undefined;
    }
    lock(form, 'sending', button);
    setTimeout(() => unlock(form), PATIENCE);
    return undefined;
  });
  // Enter in an input presses the first button of a form, which may be one that adds a row.
  form.on('keydown', (event) => {
    if (event.key !== 'Enter' || event.defaultPrevented || event.isComposing) return;
    if (!event.target.matches('input:not([type="submit"], [type="button"], [type="reset"], [type="file"], [type="image"])')) return;
    const lookup = /(^|\.)_find_/.test(event.target.name) && event.target.closest('[data-fd-field]')?.querySelector('[name="_lookup"]');
    const button = lookup || form.own.querySelector('[name="_submit"]:not(:disabled, [hidden])');
    if (!button) return;
    event.preventDefault();
    button.click();
  });
  // A page that is shown again, by the browser's Back button, can be sent again.
  addEventListener('pageshow', ({ persisted }) => persisted && unlock(form));
}

/** Sends a form as if the button had been pressed. */
function send(form, button) {
  if (form.own.requestSubmit) form.own.requestSubmit(button?.isConnected ? button : undefined);
  else (button ?? form.own.querySelector('[type="submit"]'))?.click();
}

function lock(form, state, button) {
  form.state = state;
  // Not `disabled`: a button that is disabled is not submitted, and loses the focus.
  for (const other of button ? [button] : form.all('[type="submit"]')) {
    other.setAttribute('aria-disabled', 'true');
    other.setAttribute('data-fd-busy', '');
  }
}

function unlock(form) {
  form.state = 'idle';
  for (const button of form.all('[data-fd-busy]')) {
    button.removeAttribute('aria-disabled');
    button.removeAttribute('data-fd-busy');
  }
}

/** Shows a text at the foot of the form. */
function tell(form, text, state) {
  form.status.replaceChildren(...(text ? [element('p', state ? { 'data-fd-state': state } : {}, text)] : []));
  if (state === 'bad') form.status.scrollIntoView({ block: 'nearest' });
}

function hasFiles(form, button) {
  const multipart = form.own.enctype === 'multipart/form-data' && form.own.method === 'post';
  const elsewhere = form.own.target || button?.hasAttribute('formaction') || button?.hasAttribute('formtarget');
  return multipart && !elsewhere && form.all('input[type="file"]:not(:disabled)').some(({ files }) => files.length);
}

/** Sends the form by a request of our own, which can tell how far it is and be cancelled. */
function upload(form, button) {
  const data = new FormData(form.node);
  if (button?.name) data.append(button.name, button.value);
  const request = new XMLHttpRequest();
  request.open('POST', form.address);
  request.setRequestHeader('Accept', 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8');

  const bar = element('progress', { max: 100, value: 0, 'aria-label': form.text('sending', { percent: 0 }) });
  const share = element('span', { 'aria-hidden': 'true' });
  const words = element('p', { class: form.classes('hidden').join(' '), role: 'status' });
  const cancel = element('button', { type: 'button', class: form.classes('button').join(' ') }, form.text('cancel'));
  const panel = element('div', { class: 'fd-progress' }, bar, share, cancel, words);
  form.own.append(panel);
  panel.scrollIntoView({ block: 'nearest' });

  let told = -1;
  const show = (percent) => {
    const text = form.text('sending', { percent });
    bar.value = percent;
    bar.setAttribute('aria-label', text);
    share.textContent = text;
    // Every tenth part is enough to listen to.
    if (Math.floor(percent / 10) !== told) words.textContent = text;
    told = Math.floor(percent / 10);
  };
  show(0);

  let arrived = false;
  request.upload.onprogress = ({ loaded, total, lengthComputable }) => lengthComputable && show(Math.floor((100 * loaded) / total));
  request.upload.onload = () => {
    arrived = true;
    bar.removeAttribute('value');
    share.textContent = words.textContent = form.text('working');
  };
  const stop = (text) => {
    panel.remove();
    unlock(form);
    tell(form, text, 'bad');
    if (document.activeElement === document.body) button?.focus();
  };
  request.onabort = () => stop(form.text('cancelled'));
  request.onerror = request.ontimeout = () => {
    // All of it was sent, and the answer may lead to another site, which a script may not read: next time the browser
    // sends it itself. The server knows a repeated submission.
    if (arrived) form.plain = true;
    stop(form.text('lost'));
  };
  request.onload = () => {
    const html = /^(text\/html|application\/xhtml\+xml)\b/.test(request.getResponseHeader('content-type') ?? '');
    if (html) {
      try {
        return replacePage(request);
      } catch {
        // A policy that forbids it: from here on the browser itself sends the form.
        form.plain = true;
      }
    }
    if (request.status >= 400) return stop(form.text('trouble', { status: request.status }));
    if (request.responseURL !== form.address.href) return location.assign(request.responseURL);
    panel.remove();
    unlock(form);
    tell(form, form.text('sent'), 'good');
  };
  cancel.addEventListener('click', () => {
    cancel.disabled = true;
    request.abort();
  });
  tell(form, '');
  request.send(data);
}

/** The text as what pages under `require-trusted-types-for` take: it is the answer of the form’s own server. */
function trusted(text) {
  if (!globalThis.trustedTypes) return text;
  const shared = globalThis.frontdesk;
  // The window outlives its page, and a policy of that name can be made once.
  shared.policy = shared.policy ?? trustedTypes.createPolicy('frontdesk', { createHTML: (html) => html });
  return shared.policy.createHTML(text);
}

/** Shows the answer in place of the page, as the browser would have. The page's policy stays in force. */
function replacePage(request) {
  const { responseURL } = request;
  const html = trusted(request.responseText);
  if (responseURL) history.replaceState(null, '', responseURL);
  document.open();
  document.write(html);
  document.close();
  scrollTo(0, 0);
}

return { watchSending, send };
})();

const { enhanceLive } = (() => {
// Live checks: a field with `data-fd-live` is checked by the server while the form is being filled in.


const PAUSE = 400; // milliseconds without a change

/** When a server that is busy lets us ask again; shared by all fields. */
let quietUntil = 0;

function enhanceLive(form, control) {
  const { field, base } = placeOf(control);
  const id = `${base}_live`;
  let region = document.getElementById(id);
  if (!region) {
    // It must be there before it speaks, or screen readers miss the first words.
    region = element('p', { 'id': id, 'class': 'fd-live', 'role': 'status', 'aria-live': 'polite' });
    if (field) field.append(region);
    else visible(control).after(region);
  }
  describe(visible(control), id, true);
  const say = (text, state) => {
    region.textContent = text;
    if (state) region.setAttribute('data-fd-state', state);
    else region.removeAttribute('data-fd-state');
  };

  let running;
  let asked = control.value;
  const check = debounce(PAUSE, async () => {
    const value = control.value;
    if (value === asked) return;
    asked = value;
    running?.abort();
    // What the browser itself knows to be wrong need not be asked.
    if (!value.trim() || !control.validity.valid || control.disabled || Date.now() < quietUntil) return say('');
    const mine = (running = new AbortController());
    say(form.text('checking'));
    try {
      const answer = await fetch(form.address, {
        method: 'POST',
        headers: { accept: 'application/json' },
        body: form.body([['_check', control.name]]),
        signal: mine.signal,
      });
      if (answer.status === 429) {
        const seconds = Number(answer.headers.get('retry-after')) || 30;
        quietUntil = Date.now() + seconds * 1000;
      }
      const found = answer.ok ? await answer.json() : undefined;
      // Answers may overtake each other: only the last question counts.
      if (mine !== running) return;
      if (found && found.field === control.name) say(found.text ?? '', found.ok ? 'good' : 'bad');
      else say('');
    } catch {
      if (mine === running) say('');
    }
  });
  const restart = () => {
    if (control.value !== asked && region.textContent) {
      running?.abort();
      running = undefined;
      say('');
    }
    check();
  };
  for (const type of ['input', 'change']) control.addEventListener(type, restart);
}

return { enhanceLive };
})();

const { enhanceSearch } = (() => {
// Search as you type: a text input that finds rows of another table becomes a combobox (ARIA 1.2).


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
function enhanceSearch(form, input) {
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

return { enhanceSearch };
})();

const { enhanceRows } = (() => {
// Rows of a sub-form: added, removed and moved in place. Without the script the same buttons ask the server.


const NUMBER = /__i__/g;

/** `_rows` buttons are submit buttons named so; their values are `add:items`, `remove:items[2]`, `up:…`, `down:…`. */
function enhanceRows(form, set, enhance) {
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

return { enhanceRows };
})();

const { watchConditions, settleConditions } = (() => {
// Conditions: fields that are shown, required, or limited in their choices depending on what others hold.


const CONDITIONAL = '[data-fd-show], [data-fd-require], [data-fd-choices]';
const CONTROLS = 'input, select, textarea, button';

function watchConditions(form) {
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
const settleConditions = (form) => form.settle?.();

return { watchConditions, settleConditions };
})();

const { watchDraft } = (() => {
// Drafts: a form with `data-fd-draft="30"` is saved every 30 seconds while it is filled in, and when its page is left.


const SECRET = 'input[type="password"], [autocomplete~="one-time-code"], [autocomplete~="current-password"], [autocomplete~="new-password"], [autocomplete^="cc-"], [data-fd-secret]';

function watchDraft(form) {
  const seconds = Number(form.own.getAttribute('data-fd-draft'));
  if (!(seconds > 0)) return;
  const region = form.own.querySelector('[data-fd-draft-status]')
    ?? form.own.appendChild(element('p', { 'class': 'fd-draft', 'data-fd-draft-status': true }));
  region.setAttribute('role', 'status');
  let dirty = false;
  let timer;
  let delay = seconds * 1000;

  const body = () => {
    const secret = new Set(form.all(SECRET).map(({ name }) => name));
    return form.body([['_draft', 'save']], (name) => !secret.has(name));
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };
  const save = async () => {
    timer = undefined;
    // What was sent for good is no draft any more; what another page replaced is gone.
    if (!dirty || form.state === 'sending' || !form.node.isConnected) return;
    dirty = false;
    try {
      const answer = await fetch(form.address, { method: 'POST', headers: { accept: 'application/json' }, body: body() });
      // A redirect leads to a page for signing in, or the like.
      if (!answer.ok || answer.redirected) throw new Error(`status ${answer.status}`);
      delay = seconds * 1000;
      const language = document.documentElement.lang || undefined;
      const time = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(new Date());
      region.textContent = form.text('draft-saved', { time });
    } catch {
      dirty = true;
      // A server in trouble is asked less and less often: up to every ten minutes.
      delay = Math.min(2 * delay, 600000);
      region.textContent = form.text('draft-failed');
    }
    if (dirty && timer === undefined) later();
  };
  form.on('input change', () => {
    dirty = true;
    if (timer === undefined) later();
  });
  const leave = () => {
    if (!dirty || form.state === 'sending' || !form.node.isConnected) return;
    // Sent by the browser even when the page is closed.
    if (navigator.sendBeacon(form.address, body())) dirty = false;
  };
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && leave());
  addEventListener('pagehide', leave);
}

return { watchDraft };
})();

const { enhanceTags, enhanceKeyValue, enhanceJson, enhanceOrdered, enhanceOutput } = (() => {
// Friendlier controls for what is a textarea, a list or a slider without the script. The original control stays what is
// submitted; it is written only when something is changed, so that looking at a record changes nothing.


const lines = (text) => text.split(/\r\n?|\n/).filter((line) => line.trim());

function iconButton(form, key, name, act) {
  const button = element('button', { 'type': 'button', 'class': `fd-icon fd-icon-${key}`, 'aria-label': form.text(key, { name }) });
  button.addEventListener('click', act);
  return button;
}

/** `<textarea data-fd-tags>`, one value a line. The attribute's own value says what ends a tag besides Enter. */
function enhanceTags(form, area) {
  const enders = area.getAttribute('data-fd-tags');
  const label = nameOf(area);
  const input = element('input', { type: 'text', class: form.classes('input').join(' '), list: area.getAttribute('data-fd-list'), autocomplete: 'off' });
  const list = element('ul', { 'class': 'fd-chips', 'aria-label': label });
  area.after(element('div', { class: 'fd-tags' }, list, input));
  standIn(area, input);
  let tags = lines(area.value);

  const write = () => {
    area.value = [...tags, ...(input.value.trim() ? [input.value.trim()] : [])].join('\n');
    changed(area);
  };
  const draw = () => {
    list.replaceChildren(...tags.map((tag, index) => element('li', { class: 'fd-chip' }, element('span', {}, tag),
      iconButton(form, 'remove', tag, () => {
        tags.splice(index, 1);
        draw();
        write();
        input.focus();
        form.announce(form.text('removed', { name: tag }));
      }))));
    list.hidden = !tags.length;
  };
  const add = (texts) => {
    tags.push(...texts.map((text) => text.trim()).filter(Boolean));
    input.value = '';
    draw();
    write();
  };
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if ((event.key === 'Enter' || (event.key.length === 1 && enders.includes(event.key))) && input.value.trim()) {
      event.preventDefault();
      add([input.value]);
    } else if (event.key === 'Backspace' && !input.value && tags.length) {
      list.lastElementChild.querySelector('button').focus();
      event.preventDefault();
    }
  });
  input.addEventListener('paste', (event) => {
    const pasted = lines(event.clipboardData?.getData('text') ?? '');
    if (pasted.length < 2) return;
    event.preventDefault();
    add([...(input.value.trim() ? [input.value] : []), ...pasted]);
  });
  input.addEventListener('input', (event) => {
    event.stopPropagation();
    write(); // what is half typed counts too
  });
  input.addEventListener('change', (event) => event.stopPropagation());
  draw();
}

/** The lines `name: text` as pairs; undefined if a line is none, or a name stands there twice. */
function readPairs(text) {
  const pairs = lines(text).map((line) => {
    const [, key, value] = /^([^:]*):(.*)$/.exec(line) ?? [];
    return [(key ?? '').trim(), (value ?? '').trim()];
  });
  const keys = new Set(pairs.map(([key]) => key));
  return keys.size === pairs.length && !keys.has('') ? pairs : undefined;
}

/** Pairs as lines; as JSON, which is read as well, where a line could not say them. */
function writePairs(pairs) {
  if (pairs.every(([key]) => !/:|^[[{]/.test(key))) return pairs.map(([key, value]) => `${key}: ${value}`.trimEnd()).join('\n');
  // Written by hand: keys that look like numbers would change their places in an object.
  return `{${pairs.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(', ')}}`;
}

/** `<textarea data-fd-keyvalue>`, a line `name: text` for each pair. */
function enhanceKeyValue(form, area) {
  const pairs = readPairs(area.value);
  if (!pairs) return;
  const label = nameOf(area);
  const box = element('div', { 'class': 'fd-pairs', 'role': 'group', 'aria-label': label });
  const add = element('button', { type: 'button', class: form.classes('button').join(' ') }, form.text('add'));

  const write = () => {
    const now = [...box.querySelectorAll('.fd-pair')].map((row) => [...row.querySelectorAll('input')].map((input) => input.value.trim()));
    area.value = writePairs(now.filter(([key, value]) => key || value));
    changed(area);
  };
  const draw = ([key, value]) => {
    const input = (name, text) => element('input', { 'type': 'text', 'class': form.classes('input').join(' '), 'aria-label': `${label}: ${form.text(name)}`, 'value': text });
    const row = element('div', { class: 'fd-pair' }, input('key', key), input('value', value));
    row.append(iconButton(form, 'remove', key || form.text('key'), () => {
      row.remove();
      write();
      (box.querySelector('.fd-pair button') ?? add).focus();
    }));
    row.addEventListener('input', (event) => {
      event.stopPropagation();
      write();
    });
    row.addEventListener('change', (event) => event.stopPropagation());
    return row;
  };
  const more = () => {
    const row = draw(['', '']);
    add.before(row);
    return row.querySelector('input');
  };
  add.addEventListener('click', () => more().focus());
  box.append(...(pairs.length ? pairs : [['', '']]).map(draw), add);
  area.after(box);
  standIn(area, box);
  // What points at the control leads to its first input.
  box.setAttribute('tabindex', '-1');
  box.addEventListener('focus', () => box.querySelector('input, button').focus());
}

/** JSON set in lines. Only white space changes: a parser in between would write some numbers otherwise. */
function inLines(json) {
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g);
  return tokens.map((token, index) => {
    const empty = ['{', '['].includes(tokens[index - 1]);
    if (token === ',') return `,${line()}`;
    if (token === ':') return ': ';
    if (token === '{' || token === '[') {
      depth += 1;
      return ['}', ']'].includes(tokens[index + 1]) ? token : token + line();
    }
    if (token === '}' || token === ']') {
      depth -= 1;
      return empty ? token : line() + token;
    }
    return token;
  }).join('');
}

/** `<textarea data-fd-json>`: says while one types whether it is JSON, and formats it. */
function enhanceJson(form, area) {
  const id = freshId(`${placeOf(area).base}_json`);
  const region = element('span', { id, class: 'fd-live', role: 'status' });
  const format = element('button', { type: 'button', class: form.classes('button').join(' ') }, form.text('format'));
  area.after(element('div', { class: 'fd-tools' }, format, region));
  area.setAttribute('spellcheck', 'false');
  const say = (text, state) => {
    region.textContent = text;
    region.setAttribute('data-fd-state', state);
  };
  const read = () => {
    try {
      return { value: JSON.parse(area.value) };
    } catch (error) {
      // Browsers word it differently; some tell the line, some the place.
      const place = /position (\d+)/.exec(error.message);
      const line = /line (\d+)/.exec(error.message)?.[1] ?? (place && area.value.slice(0, Number(place[1])).split('\n').length);
      return { line: line ?? undefined };
    }
  };
  const check = () => {
    const { value, line } = read();
    format.disabled = value === undefined;
    if (!area.value.trim()) say('', 'good');
    else if (value !== undefined) say(form.text('json-good'), 'good');
    else say(line ? form.text('json-bad-at', { line }) : form.text('json-bad'), 'bad');
  };
  format.addEventListener('click', () => {
    if (read().value === undefined) return;
    area.value = inLines(area.value);
    changed(area);
  });
  area.addEventListener('input', debounce(300, check));
  format.disabled = read().value === undefined;
}

/** `<ol data-fd-ordered>`: lines with one control each, whose order is that of the values. */
function enhanceOrdered(form, list) {
  const control = (line) => line.querySelector('input, select, textarea');
  const lines = () => [...list.children];
  const ids = lines().map((line) => control(line).id);
  const { name } = control(list);
  const nth = (place) => ids[place] ?? (ids[place] = freshId(ids[0]));

  const refresh = () => {
    const now = lines();
    // Two steps, so that no id is there twice: the first line has the one that labels and links point at.
    for (const line of now) control(line).removeAttribute('id');
    now.forEach((line, place) => {
      const input = control(line);
      input.id = nth(place);
      const label = input.getAttribute('aria-label');
      if (label) input.setAttribute('aria-label', label.replace(/\d+$/, place + 1));
      for (const [key, on] of [['up', place > 0], ['down', place < now.length - 1]]) {
        const button = line.querySelector(`.fd-icon-${key}`);
        button.setAttribute('aria-label', form.text(key, { name: input.getAttribute('aria-label') ?? name }));
        // Not `disabled`, which would lose the focus.
        button.setAttribute('aria-disabled', String(!on));
      }
    });
  };
  const equip = (line) => {
    for (const [key, by] of [['up', -1], ['down', 1]]) {
      const button = iconButton(form, key, '', () => {
        const other = lines()[lines().indexOf(line) + by];
        if (!other) return;
        if (by < 0) other.before(line);
        else other.after(line);
        refresh();
        button.focus();
        changed(control(line));
        form.announce(form.text('moved', { place: lines().indexOf(line) + 1 }));
      });
      line.append(button);
    }
  };
  list.addEventListener('input', () => {
    const last = list.lastElementChild;
    const input = control(last);
    // There is always an empty line to go on with; of choices there are no more than these.
    if (!input.matches('input') || !input.value) return;
    const more = last.cloneNode(true);
    for (const button of more.querySelectorAll('button')) button.remove();
    const empty = control(more);
    empty.value = '';
    empty.removeAttribute('value');
    empty.removeAttribute('aria-invalid');
    empty.removeAttribute('id');
    equip(more);
    list.append(more);
    refresh();
  });
  lines().forEach(equip);
  refresh();
}

/** Sliders and colors: the value beside the control. */
function enhanceOutput(form, input) {
  const { field } = placeOf(input);
  let output = field && [...field.querySelectorAll('output')].find(({ htmlFor }) => htmlFor.contains(input.id));
  if (!output) input.after((output = element('output', { for: input.id, class: form.classes('output').join(' ') })));
  const show = () => (output.value = input.value);
  input.addEventListener('input', show);
  show();
}

return { enhanceTags, enhanceKeyValue, enhanceJson, enhanceOrdered, enhanceOutput };
})();

(() => {
// Finds the forms of the page, and what in them the parts above make friendlier.


const PARTS = [
  ['input[data-fd-search]', enhanceSearch],
  ['textarea[data-fd-tags]', enhanceTags],
  ['textarea[data-fd-keyvalue]', enhanceKeyValue],
  ['textarea[data-fd-json]', enhanceJson],
  ['[data-fd-ordered]', enhanceOrdered],
  ['input[type="range"], input[type="color"]', enhanceOutput],
  ['[data-fd-live]', enhanceLive],
  ['[data-fd-rows]', (form, set) => enhanceRows(form, set, enhance)],
  ['[data-fd-altcha]', prepareProof],
];

const done = new WeakSet();

function enhance(form, root) {
  for (const [selector, improve] of PARTS) {
    for (const part of root.querySelectorAll(selector)) {
      if (done.has(part)) continue;
      done.add(part);
      try {
        improve(form, part);
      } catch (error) {
        // One part that cannot be made friendlier works as it is, and so do the others.
        console.warn('frontdesk:', error);
      }
    }
  }
  settleConditions(form);
}

function start(root = document) {
  for (const node of root.querySelectorAll('form[data-fd-form]')) {
    if (Handle.known(node)) continue;
    const form = new Handle(node);
    watchConditions(form);
    enhance(form, form.own);
    watchChecks(form);
    watchSending(form);
    watchDraft(form);
  }
}

// For pages that get forms later: `frontdesk.start(element)`.
globalThis.frontdesk = { ...globalThis.frontdesk, start };

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', () => start());
else start();
})();

})();
