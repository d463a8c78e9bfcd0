// Uploaded files that mean harm, as `frontdesk serve` hands them out: a real browser opens each, and a page that trusts
// them embeds each in every way there is. No script of theirs runs.

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { startProgram } from './lib.mjs';
import { picture } from './picture.mjs';

let program, browser;
const folder = '/media/hero/portrait/'; // a field of the demo

/** What a script of a file does: everything that would be noticed. */
const run = (name) => `try{console.log('RAN ${name}')}catch(e){}try{new Image().src='/ran/${name}'}catch(e){}try{fetch('/ran/${name}')}catch(e){}try{alert('RAN ${name}')}catch(e){}`;
const html = (name) => `<!DOCTYPE html><title>bait</title><script>${run(name)}</script><img src=x onerror="${run(name)}"><body onload="${run(name)}">`;
const svg = (name) => `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="${run(name)}"><script>${run(name)}</script><rect width="9" height="9"/></svg>`;
const xhtml = (name) => `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><script>${run(name)}</script></body></html>`;
const xslt = (name) => `<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#s"?><!DOCTYPE d [<!ATTLIST xsl:stylesheet id ID #REQUIRED>]><d><xsl:stylesheet id="s" version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/"><html><body><script>${run(name)}</script></body></html></xsl:template></xsl:stylesheet></d>`;
const mht = (name) => `From: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=B; type="text/html"\r\n\r\n--B\r\nContent-Type: text/html\r\nContent-Location: http://x/\r\n\r\n${html(name)}\r\n--B--\r\n`;
const pdf = (name) => `%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\('RAN ${name}'\\))>>>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj trailer<</Root 1 0 R>>`;
const css = `body{background:url(/ran/style.css)}`;
const utf16 = (text) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
const bytes = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part, 'latin1')));
const png = picture('x.png', [9, 9, 9], 8).buffer;

/** Files that are offered for download, whatever they hold: name and content. */
const offered = {
  'page.html': html('html'),
  'page.HtM': html('htm'),
  'page.shtml': html('shtml'),
  'page.xhtml': xhtml('xhtml'),
  'page.xml': xhtml('xml'),
  'transformed.xml': xslt('xslt'),
  'style.xsl': xslt('xsl'),
  'drawing.svg': svg('svg'),
  'drawing.SVG': svg('SVG'),
  'drawing.svgz': gzipSync(svg('svgz')),
  'code.js': run('js'),
  'code.mjs': run('mjs'),
  'code.htc': `<component><script>${run('htc')}</script></component>`,
  'code.hta': html('hta'),
  'style.css': css,
  'data.json': html('json'),
  'archive.mht': mht('mht'),
  'archive.mhtml': mht('mhtml'),
  'letter.eml': mht('eml'),
  'paper.pdf': pdf('pdf'),
  'film.swf': bytes('FWS\x09', html('swf')),
  'link.url': '[InternetShortcut]\r\nURL=javascript:alert(1)\r\n',
  'site.webmanifest': html('webmanifest'),
  'worker.wasm': bytes('\0asm\x01\0\0\0', html('wasm')),
  'unknown.xyz': html('xyz'),
  'nothing': html('nothing'),
  'dot.html.': html('dot'),
  'double.png.html': html('double'),
  'quote".html': html('quote'),
  "a'; filename=evil.exe; b='.html": html('filename'),
  'semi;colon="x".svg': svg('semicolon'),
  'percent%22%0d%0a.html': html('percent'),
  'grüße & 日本語 😀.html': html('unicode'),
  '<img src=x onerror=alert(1)>.html': html('markup'),
  'question?#mark.html': html('question'),
  [`${'long '.repeat(40)}.html`]: html('long'),
};

/** Files that are shown in place, as what their names say they are. */
const shown = {
  'page.txt': ['text/plain; charset=utf-8', html('txt')],
  'wide.txt': ['text/plain; charset=utf-8', utf16(html('utf16'))],
  'seven.TXT': ['text/plain; charset=utf-8', `+ADw-script+AD4-${run('utf7')}+ADw-/script+AD4-`],
  'both.gif': ['image/gif', bytes('GIF89a/*\0\0\0\0\0,', html('gif'), `*/=1;${run('gif-js')}`)],
  'script.gif': ['image/gif', `GIF89a=1;${run('gif-script')}`],
  'both.png': ['image/png', Buffer.concat([png, Buffer.from(html('png'))])],
  'page.png': ['image/png', html('png-html')],
  'both.jpg': ['image/jpeg', bytes('\xff\xd8\xff\xe0\x00\x10JFIF\0', html('jpg'))],
  'drawing.jpeg': ['image/jpeg', svg('jpeg')],
  'both.bmp': ['image/bmp', bytes('BM', html('bmp'))],
  'both.webp': ['image/webp', bytes('RIFF\x10\0\0\0WEBP', html('webp'))],
  'page.mp3': ['audio/mpeg', html('mp3')],
  'both.mp3': ['audio/mpeg', bytes('ID3\x04\0\0\0\0\0\0', html('id3'))],
  'page.wav': ['audio/wav', html('wav')],
  'page.mp4': ['video/mp4', html('mp4')],
  'page.webm': ['video/webm', html('webm')],
  'page.mov': ['video/quicktime', html('mov')],
};

before(async () => {
  program = await startProgram({ package: 'frontdesk-cli', bin: 'frontdesk', env: 'FRONTDESK_BIN', args: ['serve', '--listen', '127.0.0.1:0'] });
  await mkdir(join(program.folder, 'media'), { recursive: true });
  for (const [name, content] of Object.entries(offered)) await writeFile(join(program.folder, 'media', name), content);
  for (const [name, [, content]] of Object.entries(shown)) await writeFile(join(program.folder, 'media', name), content);
  const executablePath = process.env.FRONTDESK_CHROMIUM || '/usr/bin/chromium';
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'] });
});
after(async () => {
  await browser?.close();
  await program?.stop();
});

/** A browser of its own, and what ran in it. */
async function visit(steps, options = {}) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(10_000);
  // A box would stop the page that it belongs to.
  await context.addInitScript(() => (globalThis.alert = (text) => console.log(text)));
  const ran = [];
  context.on('request', (request) => /\/ran\//.test(request.url()) && ran.push(request.url()));
  context.on('console', (message) => /^RAN/.test(message.text()) && ran.push(message.text()));
  try {
    await steps(context, ran);
  } finally {
    await context.close();
  }
}

const address = (name) => program.url + folder + encodeURIComponent(name);

/** Opens an address in a page of its own and hands over the answer, and the download if it became one. */
async function open(context, url, steps) {
  const page = await context.newPage();
  const downloaded = new Promise((done) => page.once('download', done));
  const answered = page.waitForResponse(url);
  const opened = page.goto(url).then(() => undefined, (error) => {
    assert.match(error.message, /Download is starting|net::ERR_ABORTED/);
    return downloaded;
  });
  const [answer, download] = await Promise.all([answered, opened]);
  await steps({ page, answer, download });
  await download?.cancel();
  await page.close();
}

/** Does it for each name, a few at a time. */
async function each(names, steps) {
  const left = [...names];
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (left.length) await steps(left.shift());
  }));
}

/** What no answer with a file may lack. */
function assertFenced(answer) {
  const headers = answer.headers();
  assert.equal(answer.status(), 200, answer.url());
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.match(headers['content-security-policy'], /(^|; )sandbox(;|$)/);
  assert.match(headers['content-security-policy'], /default-src 'none'/);
  assert.doesNotMatch(headers['content-security-policy'], /allow-scripts/);
  return headers;
}

/** A name as Chromium makes it fit for a disk. */
const onDisk = (name) => name.replace(/["*:<>?|\\/~]/g, '_').replace(/\.$/, '');

test('UPLD-06 what could run is offered for download, under its own name', () =>
  visit(async (context, ran) => {
    assert.ok(Object.keys(offered).length >= 30);
    await each(Object.keys(offered), (name) =>
      open(context, address(name), async ({ page, answer, download }) => {
        const headers = assertFenced(answer);
        assert.equal(headers['content-type'], 'application/octet-stream', name);
        assert.match(headers['content-disposition'], /^attachment; /);
        assert.ok(download, `${name} is downloaded`);
        assert.equal(download.suggestedFilename(), onDisk(name));
        assert.equal(page.url(), 'about:blank', `${name} is not opened`);
      }));
    await sleep(200);
    assert.deepEqual(ran, []);
  }));

test('UPLD-06 what is shown is what its name says, in a sandbox', () =>
  visit(async (context, ran) => {
    await each(Object.keys(shown), (name) =>
      open(context, address(name), async ({ page, answer, download }) => {
        const [type] = shown[name];
        const headers = assertFenced(answer);
        assert.equal(headers['content-type'], type, name);
        assert.equal(headers['content-disposition'], undefined, name);
        if (download) return; // as a kind that Chromium does not play
        const found = await page.evaluate(() => [self.origin, document.contentType, document.querySelectorAll('script').length]);
        assert.deepEqual(found, ['null', type.split(';')[0], 0], name);
      }));
    await sleep(300);
    assert.deepEqual(ran, []);
  }));

test('UPLD-06 a name cannot add a header, and a path is no file', () =>
  visit(async (context) => {
    for (const name of ['a\r\nX-Evil: 1\r\n\r\n.html', 'a\n.html', 'a\0.html', '../frontdesk-demo.db', '..\\x', '.incoming', '.', '..%2f..%2fetc%2fpasswd']) {
      const answer = await context.request.get(address(name), { maxRedirects: 0 });
      assert.equal(answer.status(), 404, name);
      assert.equal(answer.headers()['x-evil'], undefined);
    }
  }));

/** A page that trusts files: each in every way that a page can hold one. */
const embedding = (urls) => `<!DOCTYPE html><title>embedding</title><body>${urls
  .map((url) => `<iframe src="${url}"></iframe><object data="${url}"></object><embed src="${url}"><img src="${url}"><script src="${url}"></script><script type="module" src="${url}"></script><link rel="stylesheet" href="${url}"><video src="${url}"></video><audio src="${url}"></audio><svg><use href="${url}#a"/><image href="${url}"/></svg>`)
  .join('')}<script>for (const url of ${JSON.stringify(urls)}) { try { new Worker(url) } catch {} try { import(url).catch(() => {}) } catch {} try { navigator.serviceWorker.register(url).catch(() => {}) } catch {} }</script>`;

/** Opens such a page, which has no policy of its own, on the address of the site, and waits until it has done all that. */
async function embed(context, urls, isDone, files = {}) {
  const page = await context.newPage();
  await page.route('**/embedding', (route) => route.fulfill({ contentType: 'text/html', body: embedding(urls) }));
  await page.route('**/control/*', (route) => {
    const file = files[route.request().url().split('/').pop()];
    return route.fulfill(file ? { contentType: file[0], body: file[1] } : { status: 404 });
  });
  await page.goto(`${program.url}/embedding`, { waitUntil: 'commit' });
  for (let tries = 0; tries < 200 && !isDone(); tries++) await sleep(50);
}

test('UPLD-06 nor does anything run in a page that embeds them', () =>
  visit(
    async (context, ran) => {
      const urls = [...Object.keys(offered), ...Object.keys(shown)].map(address);
      const asked = new Map();
      context.on('request', (request) => asked.set(request.url(), (asked.get(request.url()) ?? 0) + 1));
      await embed(context, urls, () => urls.every((url) => asked.get(url) >= 3));
      assert.deepEqual(urls.filter((url) => !asked.has(url)), []);
      await sleep(1000);
      assert.deepEqual(ran, []);
    },
    { acceptDownloads: false },
  ));

test('the same files do run where they are served as what they are', () =>
  visit(async (context, ran) => {
    const files = {
      'page.html': ['text/html', html('html')],
      'drawing.svg': ['image/svg+xml', svg('svg')],
      'page.xhtml': ['application/xhtml+xml', xhtml('xhtml')],
      'code.js': ['text/javascript', run('js')],
      'both.gif': ['text/javascript', `GIF89a=1;${run('gif-script')}`],
      'style.css': ['text/css', css],
    };
    const wanted = ['html', 'svg', 'xhtml', 'js', 'gif-script', 'style.css'];
    const missing = () => wanted.filter((name) => !ran.some((what) => what.endsWith(name)));
    await embed(context, Object.keys(files).map((name) => `${program.url}/control/${name}`), () => !missing().length, files);
    assert.deepEqual(missing(), []);
  }));
