// Finds the forms of the page, and what in them the parts above make friendlier.

import { Handle } from './base.js';
import { watchChecks } from './check.js';
import { settleConditions, watchConditions } from './conditional.js';
import { enhanceJson, enhanceKeyValue, enhanceOrdered, enhanceOutput, enhanceTags } from './controls.js';
import { watchDraft } from './draft.js';
import { enhanceLive } from './live.js';
import { prepareProof } from './proof.js';
import { enhanceRows } from './rows.js';
import { enhanceSearch } from './search.js';
import { watchSending } from './send.js';

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
