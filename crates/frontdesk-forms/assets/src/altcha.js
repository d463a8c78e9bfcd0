// Solves a proof of work as ALTCHA (version 1) states it: which number, put behind the salt, has the given SHA-256?
//
// It hashes here rather than by crypto.subtle, which takes longer for a message this short and is missing where a page
// came without TLS.

const ROUNDS = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const START = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

/** How many milliseconds to work before the page has its turn. */
const SHARE = 12;

const words = new Int32Array(64);

/** Works the block of `bytes` at `at` into `state`. */
function compress(state, bytes, at) {
  for (let i = 0; i < 16; i++, at += 4) {
    words[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let i = 16; i < 64; i++) {
    const x = words[i - 15];
    const y = words[i - 2];
    const s = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const t = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[i] = (words[i - 16] + s + words[i - 7] + t) | 0;
  }
  // Destructuring goes through an iterator, which takes half as long again.
  let a = state[0], b = state[1], c = state[2], d = state[3];
  let e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i++) {
    const s = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const x = (h + s + ((e & f) ^ (~e & g)) + ROUNDS[i] + words[i]) | 0;
    const t = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const y = (t + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + x) | 0;
    d = c;
    c = b;
    b = a;
    a = (x + y) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/** A function that gives the SHA-256, as eight words, of `salt` with a number behind it. The result is used again. */
function hasher(salt) {
  const prefix = new TextEncoder().encode(salt);
  const whole = prefix.length - (prefix.length % 64);
  const begun = new Int32Array(START);
  for (let at = 0; at < whole; at += 64) compress(begun, prefix, at);
  const rest = prefix.length - whole;
  const tail = new Uint8Array(192);
  const view = new DataView(tail.buffer);
  tail.set(prefix.subarray(whole));
  const state = new Int32Array(8);
  return (number) => {
    const digits = String(number);
    let end = rest;
    for (let i = 0; i < digits.length; i++) tail[end++] = digits.charCodeAt(i);
    const bits = (whole + end) * 8;
    tail[end++] = 0x80;
    const length = Math.ceil((end + 8) / 64) * 64;
    tail.fill(0, end, length - 4);
    view.setUint32(length - 4, bits);
    state.set(begun);
    for (let at = 0; at < length; at += 64) compress(state, tail, at);
    return state;
  };
}

function wordsOf(hex) {
  if (!/^[0-9a-f]{64}$/i.test(hex)) throw new Error('the challenge is no SHA-256');
  return Array.from({ length: 8 }, (_, i) => parseInt(hex.slice(i * 8, i * 8 + 8), 16) | 0);
}

/**
 * Solves a challenge: `{ algorithm, challenge, maxnumber, salt, signature }`. Resolves to the text that goes into the
 * hidden input `altcha`. The page stays responsive meanwhile. Rejects what it cannot solve, and when `signal` aborts.
 */
export async function solve({ algorithm, challenge, maxnumber = 1e6, salt, signature }, { signal } = {}) {
  if (algorithm !== 'SHA-256') throw new Error(`proof of work by ${algorithm} is not known`);
  const wanted = wordsOf(challenge);
  const hash = hasher(salt);
  const start = performance.now();
  let turn = start;
  for (let number = 0; number <= maxnumber; number++) {
    const found = hash(number);
    if (found[0] === wanted[0] && wanted.every((word, i) => word === found[i])) {
      const took = Math.round(performance.now() - start);
      return btoa(JSON.stringify({ algorithm, challenge, number, salt, signature, took }));
    }
    if (number % 256 === 0 && performance.now() - turn > SHARE) {
      await new Promise((resume) => setTimeout(resume));
      signal?.throwIfAborted();
      turn = performance.now();
    }
  }
  throw new Error('no number solves the challenge');
}
