// Passkeys: asks the browser to make one, or to sign with one, and sends the answer as an ordinary form.
{
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const key = ({ id, ...rest }) => ({ ...rest, id: bytes(id) });
  const readable = ({ publicKey: options }) => ({
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: key(options.user) }),
    ...(options.excludeCredentials && { excludeCredentials: options.excludeCredentials.map(key) }),
    ...(options.allowCredentials && { allowCredentials: options.allowCredentials.map(key) }),
  });
  const answer = (state, credential) => {
    const response = {};
    for (const name of ['attestationObject', 'authenticatorData', 'clientDataJSON', 'signature', 'userHandle']) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    const { id, type } = credential;
    return JSON.stringify({ state, credential: { id, rawId: text(credential.rawId), type, response, clientExtensionResults: {} } });
  };
  const ask = async (url, init) => {
    const reply = await fetch(url, { ...init, headers: { accept: 'application/json' }, credentials: 'same-origin' });
    const json = await reply.json();
    if (!reply.ok) throw new Error(json.detail);
    return json;
  };
  const tell = (form, message) => {
    const place = form.querySelector('[role=alert]');
    place.textContent = message;
    place.hidden = false;
  };
  let waiting = new AbortController();

  // Signs with a passkey, and sends the form with the answer.
  const sign = async (form, more) => {
    const { state, ...options } = await ask(form.dataset.options);
    const credential = await navigator.credentials.get({ publicKey: readable(options), ...more });
    form.querySelector('[name=passkey], [name=mfa_code]').value = answer(state, credential);
    form.submit();
  };
  // Offers passkeys in the field for the user's name. A challenge is good for five minutes, so there is a new one after four.
  const offer = async (form) => {
    waiting = new AbortController();
    const { signal } = waiting;
    const stale = setTimeout(() => { waiting.abort(); offer(form); }, 4 * 60 * 1000);
    await sign(form, { mediation: 'conditional', signal }).catch(() => {});
    clearTimeout(stale);
  };

  const ready = 'PublicKeyCredential' in window;
  for (const form of ready ? document.querySelectorAll('form[data-passkey=sign]') : []) {
    form.hidden = false;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      waiting.abort();
      await sign(form).catch(() => tell(form, form.dataset.failed));
    });
    if ('offer' in form.dataset) {
      PublicKeyCredential.isConditionalMediationAvailable?.().then((can) => can && offer(form));
    }
  }
  for (const form of ready ? document.querySelectorAll('form[data-passkey=make]') : []) {
    form.querySelector('[type=submit]').disabled = false;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const fields = new URLSearchParams(new FormData(form));
      fields.set('action', 'passkey_begin');
      fields.set('format', 'json');
      let begun;
      try {
        begun = await ask(location.href, { method: 'POST', body: fields });
      } catch (error) {
        return tell(form, error.message);
      }
      try {
        const { state, ...options } = begun;
        const credential = await navigator.credentials.create({ publicKey: readable(options) });
        form.querySelector('[name=passkey]').value = answer(state, credential);
        form.submit();
      } catch (error) {
        tell(form, error.name === 'InvalidStateError' ? form.dataset.taken : form.dataset.failed);
      }
    });
  }
}
