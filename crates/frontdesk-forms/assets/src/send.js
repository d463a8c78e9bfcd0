// Sending: once, after the checks, with a proof of work where one is asked for, and with progress where files are sent.

import { element } from './base.js';
import { mayBeSent } from './check.js';
import { proofOf } from './proof.js';

// For how long a form that was sent takes no second click. The answer may be a download, which leaves the page as it is.
const PATIENCE = 10000;

export function watchSending(form) {
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
export function send(form, button) {
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
