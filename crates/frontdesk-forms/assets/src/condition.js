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
export function evaluate(ast, lookup) {
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
