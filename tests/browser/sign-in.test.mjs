// examples/sign-in, as visitors register, sign in with each second factor, and sign out.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertAccessible, assertNoSidewaysScroll, buildProgram, desktop, launchBrowser, phone, shot, startProgram } from './lib.mjs';

const PASSWORD = 'seven brave otters dance';
let browser, program, site;
before(async () => {
  const which = { package: 'example-sign-in', env: 'FRONTDESK_SIGN_IN' };
  await buildProgram(which);
  program = await startProgram({ ...which, args: ['--listen', '127.0.0.1:0'] });
  // Passkeys belong to a name.
  site = program.url.replace('127.0.0.1', 'localhost');
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await program?.stop();
});

const button = (page, name) => page.getByRole('button', { name, exact: true });
const path = (page) => new URL(page.url()).pathname;

/** Looks at a page: whether everybody can use it, and whether it fits. Without scripts axe-core does not run. */
async function look(page, name, scripts = true) {
  if (scripts) await assertAccessible(page);
  await assertNoSidewaysScroll(page);
  await shot(page, `sign-in-${name}`);
}

/** The text of the mails to an address, the newest last; waits until there are `count`. */
async function mails(address, count) {
  for (let tries = 0; tries < 100; tries++) {
    const folder = join(program.folder, 'outbox');
    const names = await readdir(folder).catch(() => []);
    const all = await Promise.all(names.map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') })));
    const theirs = all.filter(({ text }) => text.includes(`\nTo: ${address}\r`) && text.includes('\r\n\r\n'));
    if (theirs.length >= count) {
      // Of one second the names do not tell; the code of a sign-in is what we look for, and there is one.
      return theirs.sort((a, b) => a.name.localeCompare(b.name)).map(({ text }) => text.split('\r\n\r\n').slice(1).join('\n\n'));
    }
    await sleep(100);
  }
  throw new Error(`no ${count} mails to ${address}`);
}

/** What an authenticator app shows, so many steps of 30 seconds from now. */
function appCode(secret, steps = 0) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replace(/ /g, '')].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Registers, and confirms the address. */
async function register(page, name) {
  await page.goto(`${site}/register/`);
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('E-mail address').fill(`${name}@example.com`);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('Password again', { exact: true }).fill(PASSWORD);
  await button(page, 'Sign Up').click();
  const [mail] = await mails(`${name}@example.com`, 1);
  await page.goto(mail.match(/http:\/\/localhost\S+/)[0]);
  await page.locator('form button[type=submit]').click();
}

/** Enters name and password. */
async function enter(page, name, password = PASSWORD) {
  await page.goto(`${site}/login/`);
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await button(page, 'Login').click();
}

const signedIn = async (page, name) => {
  await page.waitForURL(`${site}/private`);
  assert.match(await page.locator('main').textContent(), new RegExp(`Hello ${name}`));
};

/** Sets an authenticator app up; its secret and the recovery codes. */
async function setUpApp(page) {
  await page.goto(`${site}/mfa/`);
  await page.locator('summary', { hasText: 'Authenticator app' }).click();
  await page.locator('details[open]').getByLabel('Current password', { exact: true }).fill(PASSWORD);
  await button(page, 'Next').click();
  const secret = await page.locator('code.key').textContent();
  const codes = await page.locator('ul.codes code').allTextContents();
  return { secret, codes };
}

/** A passkey in software, as the device has it. */
async function device(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options });
  return {
    credentials: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    recognises: (isUserVerified) => cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    answers: (enabled) => cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
  };
}

async function addPasskey(page, name) {
  await page.goto(`${site}/mfa/`);
  await page.locator('#passkey-name').fill(name);
  await button(page, 'Add a passkey').click();
  await page.getByText('The passkey is added.').waitFor();
}

describe('with a password alone', () => {
  for (const window of [desktop, phone]) {
    test(`AUTH-05 register, confirm, login, logout, back in a window of ${window.width} pixels`, () =>
      browser.visit(window, async (page) => {
        const name = `ada${window.width}`;
        await page.goto(`${site}/register/`);
        await look(page, 'register');
        await enter(page, name);
        assert.equal(await page.locator('.summary p.error').textContent(), 'The username or password is incorrect.');
        await look(page, 'wrong');
        await register(page, name);
        await enter(page, name, 'something else entirely');
        assert.equal(await page.locator('.summary p.error').textContent(), 'The username or password is incorrect.');
        await enter(page, name);
        await signedIn(page, name);
        await page.goto(`${site}/mfa/`);
        await look(page, 'factors');
        await page.goto(`${site}/account/`);
        await look(page, 'account');

        await page.goto(`${site}/private`);
        await page.getByRole('link', { name: 'Logout' }).click();
        await look(page, 'logout');
        await button(page, 'Logout').click();
        await page.waitForURL(`${site}/`);
        // What was behind the login is not kept for the next one at this computer.
        await page.goBack();
        await page.goBack();
        assert.equal(path(page), '/login/');
        assert.equal(await page.getByText('only you see this').count(), 0);
      }));
  }

  test('SESS-06 AUTH-11 a change of password ends the session of the other browser', () =>
    browser.visit(phone, async (page) => {
      await register(page, 'eve');
      await enter(page, 'eve');
      await browser.visit(phone, async (other) => {
        await enter(other, 'eve');
        await signedIn(other, 'eve');
        await page.goto(`${site}/change-password/`);
        await look(page, 'change-password');
        await page.getByLabel('Current password', { exact: true }).fill(PASSWORD);
        await page.getByLabel('New password', { exact: true }).fill('nine quiet herons wade');
        await page.getByLabel('New password again', { exact: true }).fill('nine quiet herons wade');
        await button(page, 'Change Password').click();
        await page.waitForURL(`${site}/login/`);
        await other.goto(`${site}/private`);
        assert.equal(path(other), '/login/');
      });
      await enter(page, 'eve', 'nine quiet herons wade');
      await signedIn(page, 'eve');
    }));

  test('SESS-07 a list of devices, and an end for one of them', () =>
    browser.visit(desktop, async (page) => {
      await register(page, 'joe');
      await enter(page, 'joe');
      await browser.visit(phone, async (other) => {
        await enter(other, 'joe');
        await signedIn(other, 'joe');
        await page.goto(`${site}/account/`);
        const devices = page.getByRole('listitem').filter({ hasText: 'Chrom' });
        assert.equal(await devices.count(), 2);
        await look(page, 'devices');
        await devices.filter({ hasNotText: 'this device' }).getByRole('button').click();
        await page.getByText('That device is signed out.').waitFor();
        await other.goto(`${site}/private`);
        assert.equal(path(other), '/login/');
      });
      await page.goto(`${site}/private`);
      await signedIn(page, 'joe');
    }));
});

describe('with an authenticator app', () => {
  const life = (name, scripts = true) => async (page) => {
    await register(page, name);
    await enter(page, name);
    await signedIn(page, name);
    const { secret, codes } = await setUpApp(page);
    assert.equal(codes.length, 10);
    assert.ok(await page.locator('img.qrcode').evaluate((image) => image.decode().then(() => image.naturalWidth > 100)));
    await look(page, 'app', scripts);
    await page.getByLabel('Code', { exact: true }).fill('000000');
    await button(page, 'Turn on').click();
    assert.equal(await page.locator('.summary p.error').textContent(), 'MFA failed');
    assert.deepEqual(await page.locator('ul.codes code').allTextContents(), codes);
    await look(page, 'app-wrong', scripts);
    // Each code is good once: this one is the last, so that the present one is still to be used.
    const left = 30_000 - (Date.now() % 30_000);
    if (left < 5000) await sleep(left);
    await page.getByLabel('Code', { exact: true }).fill(appCode(secret, -1));
    await button(page, 'Turn on').click();
    await page.getByText('The second factor is on.').waitFor();
    await look(page, 'app-on', scripts);

    await page.context().clearCookies();
    await enter(page, name);
    assert.equal(await page.getByLabel('User name').count(), 0);
    await look(page, 'code', scripts);
    await page.goto(`${site}/private`);
    assert.equal(path(page), '/login/', 'half a login opens nothing');
    await page.goto(`${site}/login/`);
    await page.getByLabel('Code', { exact: true }).fill('000000');
    await button(page, 'Login').click();
    assert.equal(await page.locator('.summary p.error').textContent(), 'MFA failed');
    await look(page, 'code-wrong', scripts);
    await page.getByLabel('Code', { exact: true }).fill(appCode(secret));
    await button(page, 'Login').click();
    await signedIn(page, name);

    await page.context().clearCookies();
    await enter(page, name);
    await page.getByLabel('Code', { exact: true }).fill(codes[2].toUpperCase());
    await button(page, 'Login').click();
    await signedIn(page, name);
    await page.goto(`${site}/mfa/`);
    await page.getByText('You have 9 recovery codes left.').waitFor();
    await page.context().clearCookies();
    await enter(page, name);
    await page.getByLabel('Code', { exact: true }).fill(codes[2]);
    await button(page, 'Login').click();
    assert.equal(await page.locator('.summary p.error').textContent(), 'MFA failed', 'a recovery code is good once');
    await page.getByLabel('Code', { exact: true }).fill(codes[3]);
    await button(page, 'Login').click();
    await signedIn(page, name);

    await page.goto(`${site}/mfa/`);
    await page.locator('summary', { hasText: 'Change' }).first().click();
    await page.locator('details[open]').getByLabel('Current password', { exact: true }).fill(PASSWORD);
    await button(page, 'Turn off').click();
    await page.getByText('MFA Disabled').waitFor();
    const all = await mails(`${name}@example.com`, 3);
    assert.ok(all.some((mail) => mail.includes('turned on')) && all.some((mail) => mail.includes('turned off')), all.join());
  };

  for (const window of [desktop, phone]) {
    test(`MFA-01 MFA-02 MFA-03 MFA-07 in a window of ${window.width} pixels`, () => browser.visit(window, life(`app${window.width}`)));
  }
  test('MFA-01 MFA-03 without JavaScript', () =>
    browser.visit(phone, life('plain', false), { context: { javaScriptEnabled: false } }));
  test('in the dark', () =>
    browser.visit(
      phone,
      async (page) => {
        await register(page, 'night');
        await enter(page, 'night');
        await signedIn(page, 'night');
        await setUpApp(page);
        await look(page, 'app-dark');
      },
      { context: { colorScheme: 'dark' } },
    ));
});

describe('with codes by mail', () => {
  const life = (name, scripts = true) => async (page) => {
    const code = async (count) => {
      const codes = (await mails(`${name}@example.com`, count)).map((mail) => mail.match(/^\d{6}$/m)?.[0]).filter(Boolean);
      return codes;
    };
    await register(page, name);
    await enter(page, name);
    await signedIn(page, name);
    await page.goto(`${site}/mfa/`);
    await page.locator('summary', { hasText: 'Codes by e-mail' }).click();
    await page.locator('details[open]').getByLabel('Current password', { exact: true }).fill(PASSWORD);
    await button(page, 'Next').click();
    await page.getByText(`We have sent a code to ${name}@example.com.`).waitFor();
    await look(page, 'mail', scripts);
    const [first] = await code(2);
    await page.getByLabel('Code', { exact: true }).fill(first);
    await button(page, 'Turn on').click();
    await page.getByText('The second factor is on.').waitFor();

    await page.context().clearCookies();
    await enter(page, name);
    await page.getByText('we sent you a code').waitFor();
    await look(page, 'mail-code', scripts);
    const codes = await code(4);
    const second = codes.find((known) => known !== first) ?? first;
    await page.getByLabel('Code', { exact: true }).fill(second === '111111' ? '111112' : '111111');
    await button(page, 'Login').click();
    assert.equal(await page.locator('.summary p.error').textContent(), 'MFA failed');
    await page.getByLabel('Code', { exact: true }).fill(second);
    await button(page, 'Login').click();
    await signedIn(page, name);
  };
  test('MFA-04', () => browser.visit(desktop, life('mail')));
  test('MFA-04 without JavaScript', () => browser.visit(phone, life('plainmail', false), { context: { javaScriptEnabled: false } }));
});

describe('with passkeys', () => {
  for (const window of [desktop, phone]) {
    test(`MFA-08 alone, in a window of ${window.width} pixels`, () =>
      browser.visit(window, async (page) => {
        const name = `key${window.width}`;
        const key = await device(page);
        await register(page, name);
        await enter(page, name);
        await signedIn(page, name);
        await addPasskey(page, 'My laptop');
        await look(page, 'passkeys');
        const [credential] = await key.credentials();
        assert.ok(credential.isResidentCredential && credential.rpId === 'localhost');

        await page.context().clearCookies();
        await key.answers(false);
        await page.goto(`${site}/login/`);
        await look(page, 'login');
        await key.answers(true);
        await button(page, 'Sign in with a passkey').click();
        await signedIn(page, name);
        await page.goto(`${site}/mfa/`);
        await page.getByText('last used').waitFor();
      }));
  }

  test('MFA-08 offered in the field for the name', () =>
    browser.visit(desktop, async (page) => {
      await device(page);
      await register(page, 'auto');
      await enter(page, 'auto');
      await signedIn(page, 'auto');
      await addPasskey(page, 'My phone');
      await page.context().clearCookies();
      // The virtual device takes the offer at once.
      await page.goto(`${site}/login/`).catch(() => {});
      await signedIn(page, 'auto');
    }));

  test('MFA-08 as a second factor, and one that does not know its owner is refused', () =>
    browser.visit(desktop, async (page) => {
      const key = await device(page);
      await register(page, 'second');
      await enter(page, 'second');
      await signedIn(page, 'second');
      await addPasskey(page, 'Key ring');
      await page.context().clearCookies();
      await key.answers(false);
      await enter(page, 'second');
      assert.equal(await page.getByLabel('Code', { exact: true }).count(), 0);
      await look(page, 'passkey-factor');
      await key.answers(true);
      await key.recognises(false);
      await button(page, 'Use your passkey').click();
      await page.getByText('That did not work, or it took too long.').waitFor();
      await key.recognises(true);
      await button(page, 'Use your passkey').click();
      await signedIn(page, 'second');
    }));

  test('MFA-07 MFA-08 named, removed, and the password given up for two of them', () =>
    browser.visit(phone, async (page) => {
      await device(page);
      await register(page, 'free');
      await enter(page, 'free');
      await signedIn(page, 'free');
      await addPasskey(page, 'One');
      assert.equal(await page.getByText('Sign in with passkeys only').count(), 0, 'one way in is not enough');
      const first = page.getByRole('listitem').filter({ hasText: 'One' });
      await first.locator('summary').click();
      await first.getByLabel('Name of the passkey').fill('Wallet & keys');
      await first.getByRole('button', { name: 'Rename' }).click();
      await page.getByText('Wallet & keys', { exact: true }).waitFor();
      await page.getByRole('listitem').filter({ hasText: 'Wallet' }).locator('summary').click();
      await look(page, 'passkey-change');
      await page.getByRole('button', { name: 'Remove' }).click();
      await page.getByText('The passkey is removed.').waitFor();
      assert.equal(await page.getByText('Wallet & keys', { exact: true }).count(), 0);
    }));
});
