// Proof of work: `data-fd-altcha` holds a challenge; its solution goes into the hidden input `altcha`.

import { solve } from './altcha.js';
import { element } from './base.js';

/** Prepares the form's proof of work. It begins when someone turns to the form, and is usually done before it is sent. */
export function prepareProof(form, box) {
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

export const proofOf = (form) => form.proof;
