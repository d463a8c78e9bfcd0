// Debian's Chromium, with a guard on every page: what a visitor's browser would complain about fails the test.

import { accessSync, constants } from 'node:fs';
import { chromium } from 'playwright-core';
import { shot } from './look.mjs';

/** The windows that pages are looked at in. */
export const desktop = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };

const executable = process.env.FRONTDESK_CHROMIUM || '/usr/bin/chromium';

// The first two: tests run as root, on machines without a GPU. The others keep Chromium from calling its makers.
const switches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Chromium. A machine without it fails here: a browser test is never skipped. */
export async function launchBrowser() {
  try {
    accessSync(executable, constants.X_OK);
  } catch {
    throw new Error(`no Chromium at ${executable}: run scripts/setup-browser, or set FRONTDESK_CHROMIUM`);
  }
  return new Browser(await chromium.launch({ executablePath: executable, args: switches }));
}

class Browser {
  #chromium;

  constructor(launched) {
    this.#chromium = launched;
  }

  /**
   * Opens a page in a window of the given size (`desktop` or `phone`), with cookies of its own, and hands it to
   * `steps`; then closes it and fails if anything was wrong with it on the way.
   *
   * - `expected`: patterns of the problems that the steps mean to provoke. Each has to occur.
   * - `context`: options for playwright's `newContext`, such as `{ javaScriptEnabled: false }` or
   *   `{ colorScheme: 'dark' }`.
   */
  async visit(viewport, steps, { expected = [], context: options = {} } = {}) {
    const context = await this.#chromium.newContext({ viewport, reducedMotion: 'reduce', ...options });
    context.setDefaultTimeout(10_000);
    try {
      const problems = await watch(context);
      const page = await context.newPage();
      let result, failure;
      try {
        result = await steps(page);
      } catch (error) {
        failure = error;
      }
      // A round trip: what the pages reported before it has arrived when it is back.
      await Promise.all(context.pages().map((open) => open.evaluate(() => {}).catch(() => {})));

      const unexpected = problems.filter((problem) => !expected.some((pattern) => pattern.test(problem)));
      const missing = expected.filter((pattern) => !problems.some((problem) => pattern.test(problem)));
      if (failure) {
        const path = page.url().replace(/^\w+:\/\/[^/]*/, '');
        const picture = await shot(page, `failed${path.replace(/\W+/g, '-')}`).catch(() => 'none');
        const notes = [`page: ${page.url()}`, `picture: ${picture}`, ...unexpected];
        failure.message += `\n\n  ${notes.join('\n  ')}`;
        throw failure;
      }
      if (unexpected.length) throw new Error(`the page has problems:\n  ${unexpected.join('\n  ')}`);
      if (missing.length) throw new Error(`expected problems did not occur: ${missing.join(', ')}`);
      return result;
    } finally {
      await context.close();
    }
  }

  async close() {
    await this.#chromium.close();
  }
}

/** Collects the problems of all pages of a context, each as one line of text. */
async function watch(context) {
  const problems = [];
  const report = (kind, text) => problems.push(`${kind}: ${text}`);

  await context.exposeBinding('__reportCspViolation', ({ frame }, what) => report('csp', `${what} on ${frame.url()}`));
  await context.addInitScript(() => {
    // Taken out of the page's reach before any script of its own runs.
    const send = globalThis.__reportCspViolation;
    document.addEventListener('securitypolicyviolation', (event) => {
      send(`${event.effectiveDirective} refused ${event.blockedURI || 'inline'} ${event.sample}`.trim());
    });
  });

  context.on('console', (message) => {
    const text = message.text();
    // Chromium's own note on an answer of 400 and above, or on none; `response` and `requestfailed` judge those.
    if (message.type() !== 'error' || /^Failed to load resource: (the server responded|net::)/.test(text)) return;
    report(/content security policy/i.test(text) ? 'csp' : 'console', text);
  });
  context.on('weberror', (event) => report('error', event.error().stack ?? String(event.error())));
  context.on('response', (response) => {
    const request = response.request();
    // A page may well answer 404 or 422; its stylesheet and pictures may not.
    const part = ['stylesheet', 'script', 'image', 'font', 'media'].includes(request.resourceType());
    if (response.status() >= (part ? 400 : 500)) {
      report('answer', `${response.status()} to ${request.method()} ${request.url()}`);
    }
  });
  context.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? 'unknown';
    // The browser itself gives a request up when it leaves the page, or when the answer is a download.
    if (reason !== 'net::ERR_ABORTED') report('network', `${reason} for ${request.method()} ${request.url()}`);
  });
  context.on('page', (page) => page.on('crash', () => report('crash', page.url())));
  return problems;
}
