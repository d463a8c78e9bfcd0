// The harness of the browser tests: programs under test, a guarded browser, and what looks at a page.
//
//     const program = await startProgram({ package: 'example-guestbook', args: ['--listen', '127.0.0.1:0'] });
//     const browser = await launchBrowser();
//     await browser.visit(phone, async (page) => {
//       await page.goto(program.url);
//       await assertAccessible(page);
//       await shot(page, 'guestbook');
//     });
//
// A visit fails, whatever its steps think, when the page violated its Content-Security-Policy, threw an error, wrote
// one to the console, lost a connection, or got an answer of 500 or above.

export { assertAccessible, assertNoSidewaysScroll, shot } from './look.mjs';
export { desktop, launchBrowser, phone } from './browser.mjs';
export { buildProgram, startProgram } from './program.mjs';
