// Drafts: a form with `data-fd-draft="30"` is saved every 30 seconds while it is filled in, and when its page is left.

import { element } from './base.js';

const SECRET = 'input[type="password"], [autocomplete~="one-time-code"], [autocomplete~="current-password"], [autocomplete~="new-password"], [autocomplete^="cc-"], [data-fd-secret]';

export function watchDraft(form) {
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
