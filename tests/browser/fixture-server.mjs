// Serves the pages of `fixtures` under a strict policy, with the script and the stylesheet of forms, and remembers what
// is sent to them.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const fixtures = new URL('fixtures/', import.meta.url);
const assets = new URL('../../crates/frontdesk-forms/assets/', import.meta.url);

const strict = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const types = { html: 'text/html; charset=utf-8', css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' };

export const escape = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** What came with a request: `names` and texts in their order; of files their name and size. */
async function entriesOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const form = await new Response(body, { headers: { 'content-type': request.headers['content-type'] ?? '' } }).formData();
  return [...form].map(([name, value]) => [name, typeof value === 'string' ? value : { name: value.name, size: value.size }]);
}

/** Starts the server on a port of its own. */
export async function startFixtures() {
  const site = {
    url: undefined,
    /** What was sent by POST: `{ path, entries, headers }`, the latest last. */
    posts: [],
    /** The addresses that were asked for with `_search`. */
    searches: [],
    /** Answers a POST or a search: `({ path, entries, query }, response)`; without it, a page says what was sent. */
    answer: undefined,
    /** Replaces `{{name}}` in pages. */
    fill: {},
    /** The Content-Security-Policy of all answers. */
    policy: strict,
    /** Changes the text of a page before it is served. */
    alter: undefined,
    /** How many milliseconds a POST's body waits before it is read. */
    slowness: 0,
    reset() {
      Object.assign(site, { policy: strict, answer: undefined, alter: undefined, fill: {}, slowness: 0 });
      site.posts.length = site.searches.length = 0;
    },
    /** The last post as an object; several values of a name are a list. */
    get sent() {
      const found = {};
      for (const [name, value] of site.posts.at(-1)?.entries ?? []) {
        found[name] = name in found ? [found[name], value].flat() : value;
      }
      return found;
    },
    async page(name) {
      const html = await readFile(new URL(`${name}.html`, fixtures), 'utf8');
      return (site.alter?.(html) ?? html).replace(/\{\{(\w+)\}\}/g, (whole, key) => escape(site.fill[key] ?? whole));
    },
    close: () => new Promise((done) => {
      server.close(done);
      server.closeAllConnections();
    }),
  };

  const serve = async (request, response) => {
    const address = new URL(request.url, 'http://localhost');
    const path = address.pathname;
    response.setHeader('content-security-policy', site.policy);
    response.setHeader('x-content-type-options', 'nosniff');
    response.html = (status, body, headers = {}) => response.writeHead(status, { 'content-type': types.html, ...headers }).end(body);
    response.json = (status, value, headers = {}) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));

    if (request.method === 'POST') {
      await sleep(site.slowness);
      const entries = await entriesOf(request);
      const post = { path, entries, headers: request.headers, field: Object.fromEntries(entries) };
      site.posts.push(post);
      if (site.answer) return site.answer(post, response);
      return response.writeHead(303, { location: '/done' }).end();
    }
    if (address.searchParams.has('_search')) {
      const query = Object.fromEntries(address.searchParams);
      site.searches.push(query);
      return site.answer({ path, query }, response);
    }
    if (path === '/done') {
      const said = escape(JSON.stringify(site.sent, undefined, 1));
      return response.html(200, `<!DOCTYPE html><html lang="en"><title>Done</title><link rel="stylesheet" href="/page.css"><script src="/frontdesk.js" defer></script><main><h1>Done</h1><pre>${said}</pre></main></html>`);
    }
    const name = path.slice(1);
    if (!name.includes('.')) return response.html(200, await site.page(name));
    const folder = name.startsWith('frontdesk.') ? assets : fixtures;
    response.writeHead(200, { 'content-type': types[name.split('.').pop()] }).end(await readFile(new URL(name, folder)));
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error) => {
      // A connection that was cut is what some tests are about.
      if (!response.headersSent) response.writeHead(error.code === 'ENOENT' ? 404 : 500);
      response.end(String(error.stack));
    });
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  site.url = `http://127.0.0.1:${server.address().port}`;
  return site;
}
