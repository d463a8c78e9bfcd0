// What rules say of a text that browsers do not check themselves. Never stricter than the rules: what cannot be told here
// is the server's to tell.

const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const DATE = /^\d{4}-\d\d-\d\d$/;
const DATE_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?$/;

/** Whether a text is empty or white space alone, of which only `required` says anything. */
export const isBlank = (text) => /^\p{White_Space}*$/u.test(text);

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
export function brokenBy(text, of) {
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
