// Friendlier controls for what is a textarea, a list or a slider without the script. The original control stays what is
// submitted; it is written only when something is changed, so that looking at a record changes nothing.

import { changed, debounce, element, freshId, nameOf, placeOf, standIn } from './base.js';

const lines = (text) => text.split(/\r\n?|\n/).filter((line) => line.trim());

function iconButton(form, key, name, act) {
  const button = element('button', { 'type': 'button', 'class': `fd-icon fd-icon-${key}`, 'aria-label': form.text(key, { name }) });
  button.addEventListener('click', act);
  return button;
}

/** `<textarea data-fd-tags>`, one value a line. The attribute's own value says what ends a tag besides Enter. */
export function enhanceTags(form, area) {
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
export function enhanceKeyValue(form, area) {
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
export function enhanceJson(form, area) {
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
export function enhanceOrdered(form, list) {
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
export function enhanceOutput(form, input) {
  const { field } = placeOf(input);
  let output = field && [...field.querySelectorAll('output')].find(({ htmlFor }) => htmlFor.contains(input.id));
  if (!output) input.after((output = element('output', { for: input.id, class: form.classes('output').join(' ') })));
  const show = () => (output.value = input.value);
  input.addEventListener('input', show);
  show();
}
