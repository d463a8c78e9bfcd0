// The harness itself: a guard that lets things through would make every other browser test worthless.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { assertAccessible, assertNoSidewaysScroll, desktop, launchBrowser, phone, shot, startProgram } from './lib.mjs';

const page = (body, head = '') =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Guests</title>
  <meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css">${head}</head>
  <body><main><h1>Guests</h1>${body}</main></body></html>`;

// path: [status, type, body]; a function destroys the connection.
const site = {
  '/': [200, 'text/html', page('<form><label>Name <input name="name"></label> <button>Send</button></form>')],
  '/style.css': [200, 'text/css', 'body { font: 16px/1.5 sans-serif; color: #222; background: #fff }'],
  '/good.js': [200, 'text/javascript', 'document.title = "Ready"'],
  '/fetch.js': [200, 'text/javascript', 'fetch("/broken")'],
  '/cut.js': [200, 'text/javascript', 'fetch("/cut").catch(() => {})'],
  '/throw.js': [200, 'text/javascript', 'throw new Error("no such guest")'],
  '/reject.js': [200, 'text/javascript', 'Promise.reject(new Error("no such host"))'],
  '/complain.js': [200, 'text/javascript', 'console.error("out of keys")'],
  '/inline-script': [200, 'text/html', page('<script>document.title = "Owned"</script>')],
  '/inline-handler': [200, 'text/html', page('<button onclick="document.title = 1">Send</button>')],
  '/inline-style': [200, 'text/html', page('<p style="color: red">Ada</p>')],
  '/foreign-picture': [200, 'text/html', page('<img alt="" src="http://localhost:1/ada.png">')],
  '/no-picture': [200, 'text/html', page('<img alt="Ada" src="/ada.png">')],
  '/broken': [500, 'text/html', page('<p>Something went wrong.</p>')],
  '/refused': [422, 'text/html', page('<p>Enter a name.</p>')],
  '/nameless': [200, 'text/html', page('<input name="name">')],
  '/wide': [200, 'text/html', page('<table><tr><td>'.concat('unbreakable'.repeat(60), '</td></tr></table>'))],
  '/cut': (socket) => socket.destroy(),
};
for (const name of ['good', 'fetch', 'cut', 'throw', 'reject', 'complain']) {
  site[`/with-${name}`] = [200, 'text/html', page('', `<script src="/${name}.js" defer></script>`)];
}

let browser, server, url;

before(async () => {
  server = createServer((request, response) => {
    const answer = site[request.url] ?? [404, 'text/html', page('<p>No such page.</p>')];
    if (typeof answer === 'function') return answer(request.socket);
    const [status, type, body] = answer;
    response.writeHead(status, { 'Content-Type': type, 'Content-Security-Policy': "default-src 'self'" });
    response.end(body);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${server.address().port}`;
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

/** Opens a path and waits until its scripts, and what they fetch, have come to rest. */
const open = (path) => async (page) => {
  const answer = await page.goto(url + path, { waitUntil: 'networkidle' });
  return answer.status();
};

describe('a visit passes', { concurrency: 4 }, () => {
  for (const path of ['/', '/with-good', '/refused', '/no-such-page']) {
    test(`of ${path}`, async () => {
      assert.ok([200, 404, 422].includes(await browser.visit(desktop, open(path))));
    });
  }

  test('in the window that was asked for', async () => {
    for (const window of [desktop, phone]) {
      const seen = await browser.visit(window, async (page) => {
        await open('/')(page);
        return page.evaluate(() => ({ width: innerWidth, height: innerHeight }));
      });
      assert.deepEqual(seen, window);
    }
  });

  test('with cookies of its own', async () => {
    const cookies = async (page) => {
      await open('/')(page);
      return page.evaluate(() => {
        const before = document.cookie;
        document.cookie = 'guest=ada';
        return [before, document.cookie];
      });
    };
    assert.deepEqual(await browser.visit(desktop, cookies), ['', 'guest=ada']);
    assert.deepEqual(await browser.visit(desktop, cookies), ['', 'guest=ada']);
  });
});

describe('a visit fails', { concurrency: 4 }, () => {
  const problems = {
    '/inline-script': [/csp: script-src-elem refused inline/, /csp: Executing inline script/],
    '/inline-handler': [/csp: script-src-attr refused inline/, /csp: Executing inline event handler/],
    '/inline-style': [/csp: style-src-attr refused inline/, /csp: Applying inline style/],
    '/foreign-picture': [/csp: img-src refused http:\/\/localhost:1/, /csp: Loading the image/, /network: csp for/],
    '/no-picture': [/answer: 404 to GET .*\/ada\.png/],
    '/broken': [/answer: 500 to GET .*\/broken/],
    '/with-fetch': [/answer: 500 to GET .*\/broken/],
    '/with-cut': [/network: net::ERR_EMPTY_RESPONSE for GET .*\/cut/],
    '/with-throw': [/error: .*no such guest/],
    '/with-reject': [/error: .*no such host/],
    '/with-complain': [/console: out of keys/],
  };
  for (const [path, expected] of Object.entries(problems)) {
    test(`for ${path}, unless that is expected`, async () => {
      await assert.rejects(browser.visit(desktop, open(path)), ({ message }) => {
        for (const problem of expected) assert.match(message, problem);
        return true;
      });
      await browser.visit(desktop, open(path), { expected });
    });
  }

  test('for a violation on a page that was left at once', async () => {
    const steps = async (page) => {
      // Not earlier: a page that is left before its script was read has violated nothing.
      await page.goto(`${url}/inline-script`, { waitUntil: 'domcontentloaded' });
      await page.goto(`${url}/`);
    };
    await assert.rejects(browser.visit(desktop, steps), /csp: .*inline/);
  });

  test('for a violation without JavaScript', async () => {
    const context = { javaScriptEnabled: false };
    await assert.rejects(browser.visit(desktop, open('/inline-style'), { context }), /csp: /);
  });

  test('for a problem in a window that the page opened', async () => {
    const steps = async (page) => {
      await open('/')(page);
      const popup = page.waitForEvent('popup');
      await page.evaluate(() => void window.open('/broken'));
      await (await popup).waitForLoadState();
    };
    await assert.rejects(browser.visit(desktop, steps), /answer: 500/);
  });

  test('when an expected problem does not occur', async () => {
    await assert.rejects(browser.visit(desktop, open('/'), { expected: [/answer: 500/] }), /did not occur/);
  });

  test('when its steps do, and tells where and what else was wrong', async () => {
    const steps = async (page) => {
      await open('/broken')(page);
      assert.equal(await page.title(), 'Welcome');
    };
    await assert.rejects(browser.visit(phone, steps), (error) => {
      assert.match(error.message, /Welcome/);
      assert.match(error.message, /page: .*\/broken/);
      assert.match(error.message, /answer: 500/);
      const picture = error.message.match(/picture: (.*\.png)/)[1];
      assert.ok(existsSync(picture));
      return true;
    });
  });
});

describe('a look at a page', () => {
  test('keeps a picture of it', async () => {
    for (const window of [desktop, phone]) {
      const path = await browser.visit(window, async (page) => {
        await open('/')(page);
        return shot(page, 'harness');
      });
      const bytes = await readFile(path);
      assert.equal(bytes.toString('latin1', 1, 4), 'PNG');
      assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [window.width, window.height]);
    }
  });

  test('finds what is not accessible', async () => {
    const look = (path) => async (page) => {
      await open(path)(page);
      await assertAccessible(page);
    };
    await browser.visit(desktop, look('/'));
    await assert.rejects(browser.visit(desktop, look('/nameless')), /label: .*<input name="name">/);
  });

  test('finds what sticks out sideways', async () => {
    const look = (path) => async (page) => {
      await open(path)(page);
      await assertNoSidewaysScroll(page);
    };
    await browser.visit(phone, look('/'));
    await assert.rejects(browser.visit(phone, look('/wide')), /pixels wide in a window of 390/);
  });
});

describe('a program', () => {
  let folder;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'frontdesk-harness-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  /** A program in node that runs `body` once it listens, in place of one of ours. */
  const command = async (body) => {
    const file = join(folder, `program-${Math.random().toString(36).slice(2)}.mjs`);
    await writeFile(file, body);
    return [process.execPath, file];
  };
  const listen = `
    import { createServer } from 'node:http';
    import { readFileSync, readdirSync } from 'node:fs';
    const server = createServer((_, response) => response.end(JSON.stringify({
      files: readdirSync('.'), args: process.argv.slice(2), secret: process.env.FRONTDESK_SECRET, name: process.env.NAME,
    })));
    const [host, port] = process.argv.at(-1).split(':');
    server.listen(Number(port), host, () => console.log('listening on http://127.0.0.1:' + server.address().port));
  `;

  test('runs on a port of its own, in a folder of its own, with the files and variables that it was given', async () => {
    process.env.FRONTDESK_SECRET = 'the caller’s';
    const which = {
      command: await command(listen),
      args: ['--listen', '127.0.0.1:0'],
      files: { 'licence.txt': 'LICENSE-MIT' },
      variables: { NAME: 'Ada' },
    };
    const programs = [await startProgram(which), await startProgram(which)];
    delete process.env.FRONTDESK_SECRET;
    assert.notEqual(programs[0].url, programs[1].url);
    for (const program of programs) {
      const seen = await (await fetch(program.url)).json();
      assert.deepEqual(seen, { files: ['licence.txt'], args: ['--listen', '127.0.0.1:0'], name: 'Ada' });
      await program.stop();
      assert.ok(!existsSync(program.folder));
      await assert.rejects(fetch(program.url));
    }
  });

  test('that ends at once is shown with what it printed', async () => {
    const which = { command: await command('console.error("the port is in use"); process.exit(2)') };
    await assert.rejects(startProgram(which), /ended before it listened \(2\).*\nthe port is in use/);
  });

  test('that never listens is given up', async () => {
    const which = { command: await command('console.log("thinking"); setInterval(() => {}, 1000)'), patience: 1000 };
    await assert.rejects(startProgram(which), /did not listen within 1000 ms.*\nthinking/);
  });

  test('that does not exist is named', async () => {
    await assert.rejects(startProgram({ command: [join(folder, 'nowhere')] }), /nowhere ended .*ENOENT/);
  });

  test('that panicked, or died, fails when it is stopped', async () => {
    const ends = {
      'console.error("thread panicked at src/main.rs:1")': /panicked/,
      'process.exit(3)': /ended by itself/,
      'process.on("SIGTERM", () => process.exit(4))': /ended with 4/,
    };
    for (const [body, failure] of Object.entries(ends)) {
      const which = { command: await command(`${listen}; server.on("listening", () => { ${body} })`), args: ['127.0.0.1:0'] };
      const program = await startProgram(which);
      await new Promise((later) => setTimeout(later, 300));
      await assert.rejects(program.stop(), failure);
    }
  });
});
