// Programs under test: built by cargo when need be, started on a port of their own in a folder of their own.

import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const running = new Set();

// No program outlives the tests, even when those are stopped half-way.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => process.exit(1));
}

/**
 * The path of the program `bin` of a workspace package: what the environment variable `env` says, else what cargo
 * builds (the development profile).
 */
export async function buildProgram({ package: name, bin = name, env }) {
  if (env && process.env[env]) return resolve(repository, process.env[env]);
  const args = ['build', '--quiet', '--package', name, '--bin', bin, '--message-format=json-render-diagnostics'];
  const { stdout } = await promisify(execFile)('cargo', args, { cwd: repository, maxBuffer: 1 << 28 });
  const built = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .find((message) => message.executable && message.target.name === bin);
  if (!built) throw new Error(`cargo built no program ${bin} in the package ${name}`);
  return built.executable;
}

/**
 * Starts a program in a fresh temporary folder and waits until it says `listening on http://127.0.0.1:PORT`.
 *
 * - `command`: a program and its first arguments; else `package`, `bin` and `env`, as for {@link buildProgram}.
 * - `args`: its arguments; paths in them are relative to the folder.
 * - `files`: what to copy into the folder first, as `{ 'name in the folder': 'path in the repository' }`.
 * - `variables`: environment variables. Those of ours (`FRONTDESK_...`) are not handed down from the caller's.
 * - `patience`: how many milliseconds it may take to start. Default: 30 seconds.
 */
export async function startProgram({ args = [], files = {}, variables = {}, patience = 30_000, ...which }) {
  const [binary, ...first] = which.command ?? [await buildProgram(which)];
  const folder = await mkdtemp(join(tmpdir(), 'frontdesk-'));
  const program = new Program(basename(binary), folder);
  try {
    for (const [name, source] of Object.entries(files)) {
      await cp(isAbsolute(source) ? source : join(repository, source), join(folder, name), { recursive: true });
    }
    await program.start(binary, [...first, ...args], variables, patience);
    return program;
  } catch (error) {
    await program.end();
    throw error;
  }
}

class Program {
  #child;
  #exit;
  #output = '';

  constructor(name, folder) {
    this.name = name;
    /** The folder that it runs in, removed when it stops. */
    this.folder = folder;
    /** Its address, such as `http://127.0.0.1:38211`, without a slash at the end. */
    this.url = undefined;
  }

  /** What it has printed so far, standard error included. */
  get output() {
    return this.#output;
  }

  async start(binary, args, variables, patience) {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('FRONTDESK_'));
    this.#child = spawn(binary, args, {
      cwd: this.folder,
      env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this.#child);
    this.#exit = new Promise((done) => {
      this.#child.once('error', (error) => done({ error }));
      this.#child.once('close', (code, signal) => done({ code, signal }));
    });
    this.#exit.then(() => running.delete(this.#child));

    const listening = new Promise((found) => {
      const read = (chunk) => {
        this.#output += chunk;
        const line = this.#output.match(/listening on (http:\/\/127\.0\.0\.1:\d+)\/?\s/);
        if (line) found(line[1]);
      };
      this.#child.stdout.setEncoding('utf8').on('data', read);
      this.#child.stderr.setEncoding('utf8').on('data', read);
    });
    const timeout = new AbortController();
    const first = await Promise.race([
      listening,
      this.#exit.then((end) => this.#failure(`ended before it listened (${end.error ?? end.signal ?? end.code})`)),
      sleep(patience, undefined, { signal: timeout.signal, ref: false }).then(
        () => this.#failure(`did not listen within ${patience} ms`),
        () => undefined, // aborted: another one won the race
      ),
    ]);
    timeout.abort();
    if (first instanceof Error) throw first;
    this.url = first;
  }

  /** Asks it to stop (SIGTERM), removes its folder, and fails if it panicked on the way or did not end well. */
  async stop() {
    const alone = !running.has(this.#child);
    const { code, signal, forced } = await this.end();
    if (/panicked at/.test(this.#output)) throw this.#failure('panicked');
    if (alone) throw this.#failure('ended by itself');
    if (forced) throw this.#failure('did not stop within 10 s of SIGTERM');
    if (code !== 0 && signal !== 'SIGTERM') throw this.#failure(`ended with ${signal ?? code}`);
  }

  /** Ends it, come what may, and removes its folder. */
  async end() {
    let forced = false;
    if (this.#child && running.has(this.#child)) {
      this.#child.kill('SIGTERM');
      const timeout = new AbortController();
      await Promise.race([this.#exit, sleep(10_000, undefined, { signal: timeout.signal }).catch(() => {})]);
      timeout.abort();
      forced = this.#child.kill('SIGKILL');
    }
    const end = await this.#exit;
    await rm(this.folder, { recursive: true, force: true });
    return { ...end, forced };
  }

  #failure(what) {
    return new Error(`${this.name} ${what}; it printed:\n${this.#output || '(nothing)'}`);
  }
}
