// Live checks: a field with `data-fd-live` is checked by the server while the form is being filled in.

import { debounce, describe, element, placeOf, visible } from './base.js';

const PAUSE = 400; // milliseconds without a change

/** When a server that is busy lets us ask again; shared by all fields. */
let quietUntil = 0;

export function enhanceLive(form, control) {
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
