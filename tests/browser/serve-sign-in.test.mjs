// `frontdesk serve` behind sign-in: the first start, signing in and out, what each role sees, two servers that share it all.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { assertAccessible, assertNoSidewaysScroll, buildProgram, desktop, launchBrowser, phone, shot, startProgram } from './lib.mjs';

const which = { package: 'frontdesk-cli', bin: 'frontdesk', env: 'FRONTDESK_BIN' };
const repository = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const PASSWORD = 'seven quiet lamps burn';

const SCHEMA = `
[tables.Artist]
access = { read = "public", create = "staff", update = "staff" }
[tables.Genre]
access = { read = "user" }
`;

let browser;
before(async () => {
  await buildProgram(which);
  browser = await launchBrowser();
});
after(() => browser?.close());

const script = async (name, ...args) => (await promisify(execFile)(repository(`scripts/${name}`), args)).stdout.trim();

/** Runs `frontdesk ARGS` in the folder of a server, with the password on standard input. */
async function command(folder, variables, ...args) {
  const child = spawn(await buildProgram(which), args, {
    cwd: folder,
    env: { PATH: process.env.PATH, ...variables },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let out = '', error = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (error += text));
  child.stdin.end(`${PASSWORD}\n`);
  const code = await new Promise((done) => child.once('close', done));
  assert.equal(code, 0, `${args.join(' ')}: ${error}`);
  return out;
}

const button = (page, name) => page.getByRole('button', { name, exact: true });
const heading = (page) => page.getByRole('heading', { level: 1 }).first().textContent();

async function look(page, name, { scripts = true } = {}) {
  if (scripts) await assertAccessible(page);
  await assertNoSidewaysScroll(page);
  await shot(page, `sign-in-${name}`);
}

async function login(page, username, password = PASSWORD) {
  await page.getByLabel('User name', { exact: true }).fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await button(page, 'Login').click();
}

async function logout(page) {
  await page.getByRole('navigation', { name: 'You' }).getByRole('button', { name: 'Logout' }).click();
  await page.waitForURL(/\/login\//);
}

describe('the first start', () => {
  for (const [name, context] of [['with', {}], ['without', { javaScriptEnabled: false }]]) {
    test(`AUTH-12 SESS-06 the link makes the first administrator, ${name} JavaScript`, async () => {
      const scripts = name === 'with';
      const program = await startProgram({
        ...which,
        args: ['serve', 'chinook.db', '--listen', '127.0.0.1:0'],
        files: { 'chinook.db': 'tests/data/chinook.sqlite' },
        variables: { FRONTDESK_SECRET_KEY: randomBytes(32).toString('base64') },
      });
      try {
        const [path] = program.output.match(/\/setup\/\w+\//);
        await browser.visit(scripts ? desktop : phone, async (page) => {
          await page.goto(`${program.url}/tables/Artist/`);
          assert.match(await heading(page), /Artist/);
          await page.goto(program.url + path);
          await look(page, `setup-${name}`, { scripts });
          await page.getByLabel('User name', { exact: true }).fill('ada');
          await page.getByLabel('E-mail address', { exact: true }).fill('ada@example.com');
          await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
          await page.getByLabel('Password again', { exact: true }).fill(PASSWORD);
          await page.locator('main form button[type=submit], form button[type=submit]').last().click();
          await page.waitForURL(/\/login\//);
          // Everybody signs in now, and the link is of no use any more.
          await page.goto(`${program.url}/tables/Artist/?sort=-Name`);
          assert.match(page.url(), /\/login\/\?next=%2Ftables%2FArtist%2F%3Fsort%3D-Name$/);
          await look(page, `login-${name}`, { scripts });
          await login(page, 'ada', 'six quiet lamps burn');
          await look(page, `login-refused-${name}`, { scripts });
          await login(page, 'ada');
          await page.waitForURL(/\/tables\/Artist\/\?sort=-Name$/);
          await look(page, `signed-in-${name}`, { scripts });
          await page.getByRole('link', { name: 'ada', exact: true }).click();
          await page.waitForURL(/\/account\//);
          await look(page, `account-${name}`, { scripts });
          await page.goto(`${program.url}/forms/Artist/1/`);
          await look(page, `form-${name}`, { scripts });
          await logout(page);
          // Nothing of it is to be seen by going back.
          await page.goBack();
          assert.ok(!(await page.content()).includes('AC/DC'));
          await page.goto(`${program.url}/forms/Artist/1/`);
          assert.match(page.url(), /\/login\//);
          await page.goto(program.url + path);
          assert.ok(!(await page.content()).includes('confirm_password'));
        }, { context });
      } finally {
        await program.stop();
      }
    });
  }
});

test('CAPT-01 a registration is sent with a proof of work, and waits without a script', async () => {
  const variables = { FRONTDESK_SECRET_KEY: randomBytes(32).toString('base64') };
  const folder = await mkdtemp(join(tmpdir(), 'frontdesk-register-'));
  try {
    await cp(repository('tests/data/chinook.sqlite'), join(folder, 'chinook.db'));
    const settings = '[sign_in]\nregistration = "open"\ncaptcha = "proof_of_work"\n';
    await writeFile(join(folder, 'shop.toml'), `[server]\ndatabase = "chinook.db"\n${settings}${SCHEMA}`);
    await command(folder, variables, 'user', 'add', 'root', '--admin', '--password-stdin', '--schema', join(folder, 'shop.toml'));
    const files = { 'chinook.db': join(folder, 'chinook.db'), 'shop.toml': join(folder, 'shop.toml'), 'frontdesk.db': join(folder, 'frontdesk.db') };
    const server = await startProgram({ ...which, args: ['serve', '--schema', 'shop.toml', '--listen', '127.0.0.1:0'], files, variables });
    const register = async (page, name) => {
      await page.goto(`${server.url}/register/`);
      await page.getByLabel('User name', { exact: true }).fill(name);
      await page.getByLabel('E-mail address', { exact: true }).fill(`${name}@example.com`);
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByLabel('Password again', { exact: true }).fill(PASSWORD);
      // A person is slower than a program, and the form knows.
      await page.waitForTimeout(2500);
      await button(page, 'Sign Up').click();
    };
    try {
      await browser.visit(desktop, async (page) => {
        await register(page, 'eve');
        await page.waitForURL(/\/login\//);
        await login(page, 'eve');
        await page.waitForURL(`${server.url}/`);
      });
      await browser.visit(phone, async (page) => {
        await register(page, 'flo');
        assert.match(page.url(), /\/register\//);
        assert.equal(await page.getByLabel('User name', { exact: true }).inputValue(), 'flo');
        await look(page, 'register-without', { scripts: false });
      }, { context: { javaScriptEnabled: false } });
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('CRUD-02 each role sees what the policy says', async () => {
  const variables = { FRONTDESK_SECRET_KEY: randomBytes(32).toString('base64') };
  const folder = await mkdtemp(join(tmpdir(), 'frontdesk-roles-'));
  try {
    await cp(repository('tests/data/chinook.sqlite'), join(folder, 'chinook.db'));
    await writeFile(join(folder, 'shop.toml'), `[server]\ndatabase = "chinook.db"\n${SCHEMA}`);
    const file = ['--schema', join(folder, 'shop.toml')];
    await command(folder, variables, 'user', 'add', 'root', '--admin', '--password-stdin', ...file);
    await command(folder, variables, 'user', 'add', 'bob', '--password-stdin', ...file);
    await command(folder, variables, 'user', 'add', 'sue', '--password-stdin', ...file);
    await command(folder, variables, 'user', 'role', 'sue', 'staff', ...file);
    const files = { 'chinook.db': join(folder, 'chinook.db'), 'shop.toml': join(folder, 'shop.toml'), 'frontdesk.db': join(folder, 'frontdesk.db') };
    const server = await startProgram({ ...which, args: ['serve', '--schema', 'shop.toml', '--listen', '127.0.0.1:0'], files, variables });
    try {
      const listed = (page) => page.locator('ul.tables h3').allTextContents();
      await browser.visit(desktop, async (page) => {
        await page.goto(`${server.url}/`);
        assert.deepEqual(await listed(page), ['Artist']);
        await look(page, 'home-public');
        assert.equal(await page.getByRole('link', { name: /^New/ }).count(), 0);
        await page.getByRole('navigation', { name: 'You' }).getByRole('link', { name: 'Login' }).click();
        await login(page, 'bob');
        await page.waitForURL(`${server.url}/`);
        assert.deepEqual(await listed(page), ['Artist', 'Genre']);
        assert.equal((await page.goto(`${server.url}/tables/Album/`)).status(), 404);
        assert.equal((await page.goto(`${server.url}/forms/Artist/`)).status(), 403);
        await look(page, 'refused-user');
        await page.goto(`${server.url}/`);
        await logout(page);
        await login(page, 'sue');
        await page.waitForURL(`${server.url}/`);
        await page.goto(`${server.url}/forms/Artist/1/`);
        await page.getByLabel('Name', { exact: true }).fill('AC/DC, live');
        await button(page, 'Save').click();
        await page.getByRole('status').waitFor();
        assert.match(await page.getByRole('status').textContent(), /Saved/);
        await logout(page);
        await login(page, 'root');
        await page.waitForURL(`${server.url}/`);
        assert.equal((await listed(page)).length, 11);
        await look(page, 'home-admin');
      });
      await browser.visit(phone, async (page) => {
        await page.goto(`${server.url}/login/`);
        await login(page, 'root');
        await page.waitForURL(`${server.url}/`);
        await look(page, 'home-admin-phone');
      }, { context: { colorScheme: 'dark' } });
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('OPS-04 SESS-07 two servers on PostgreSQL and Redis share sessions and limits', async () => {
  const database = await script('setup-postgres', 'load', repository('tests/data/chinook-postgres.sql'));
  const settings = await script('setup-redis', 'start');
  const redis = settings.match(/FRONTDESK_TEST_REDIS=(\S+)/)[1];
  const folder = settings.match(/FRONTDESK_TEST_REDIS_FOLDER=(\S+)/)[1];
  const variables = {
    FRONTDESK_SECRET_KEY: randomBytes(32).toString('base64'),
    FRONTDESK_DATABASE: database,
    FRONTDESK_STATE: 'same',
    FRONTDESK_SESSIONS: redis,
  };
  const servers = [];
  try {
    await command('/tmp', variables, 'user', 'add', 'ada', '--admin', '--password-stdin');
    for (let count = 0; count < 2; count += 1) {
      servers.push(await startProgram({ ...which, args: ['serve', '--listen', '127.0.0.1:0'], variables }));
    }
    const [one, other] = servers;
    await browser.visit(desktop, async (page) => {
      await page.goto(`${one.url}/login/`);
      await login(page, 'ada');
      await page.waitForURL(`${one.url}/`);
      // Cookies know no ports: the other server meets the same session.
      assert.equal((await page.goto(`${other.url}/`)).status(), 200);
      assert.match(await page.getByRole('navigation', { name: 'You' }).textContent(), /ada/);
      const sessions = JSON.parse(await command('/tmp', variables, 'session', 'list', '--json'));
      assert.equal(sessions.length, 1);
      await logout(page);
      await page.goto(`${one.url}/`);
      assert.match(page.url(), /\/login\//);
      // Wrong passwords at one server hold up at the other, too.
      const answers = [];
      for (let count = 0; count < 14; count += 1) {
        const server = servers[count % 2];
        await page.goto(`${server.url}/login/`);
        const [answer] = await Promise.all([
          page.waitForResponse((response) => response.request().method() === 'POST'),
          login(page, 'ada', 'never the right one'),
        ]);
        answers.push(answer.status());
      }
      assert.ok(answers.includes(429), `${answers}`);
    });
    // Without Redis nobody is let in, and the answer says so.
    await script('setup-redis', 'crash', folder);
    await browser.visit(desktop, async (page) => {
      await page.context().addCookies([{ name: 'id', value: 'A'.repeat(43), url: one.url }]);
      assert.equal((await page.goto(`${one.url}/tables/artist/`)).status(), 503);
      await look(page, 'redis-gone');
    }, { expected: [/^answer: 503/] });
    await script('setup-redis', 'again', folder);
    await browser.visit(desktop, async (page) => {
      await page.goto(`${one.url}/tables/artist/`);
      assert.match(page.url(), /\/login\//);
    });
  } finally {
    for (const server of servers) await server.stop();
    await script('setup-redis', 'stop', folder);
    await script('setup-postgres', 'drop', database);
  }
});
