import { describe, expect, test } from '@jest/globals';

import type { Outside } from '../../src/system/module-host.js';
import { nodeModuleHost } from '../../src/system/node-module-host.js';

const MIB = 1024 * 1024;
const INTERRUPTED = { ended: 'time', message: 'interrupted' };

async function realmOf(script: string, outside: Outside = () => '', milliseconds = 60_000) {
  const realm = await nodeModuleHost().open(script, 16 * MIB, outside);
  realm.grant(milliseconds);
  return realm;
}
const bytes = (text: string) => new TextEncoder().encode(text);

/** Answers with what its promise came to, when it is asked once more. */
const TAKES = `(outside) => { let said = 'waits'; return (question, given) => {
  if (question === 'stray') return 'stray: ' + given;
  if (question !== 'take') return said;
  given.then((names) => { said = Object.keys(names) + ' ' + names.default; }, (error) => { said = String(error); });
  return 'taken'; } }`;

describe('what passes the wall', () => {
  test('text both ways, whatever characters are in it', async () => {
    const text = 'a\0b \u20ac \u{1f600} "\\ ';
    const asked: string[] = [];
    const realm = await realmOf('(outside) => (question) => outside(question + 1) + question', (question) => {
      asked.push(question);
      return question;
    });
    expect(realm.ask(text)).toBe(`${text}1${text}`);
    expect(asked).toEqual([`${text}1`]);
  });

  test('bytes both ways, as copies', async () => {
    const given = new Uint8Array([0, 1, 255]);
    const realm = await realmOf(
      `(outside) => (question, given) => { const more = outside(''); given[0] = 9; return [given instanceof Uint8Array, given, more instanceof Uint8Array, more].join() }`,
      () => new Uint8Array([7, 0, 8]),
    );
    expect(realm.ask('', given)).toBe('true,9,1,255,true,7,0,8');
    expect([...given]).toEqual([0, 1, 255]);
  });

  test('nothing else', async () => {
    const realm = await realmOf(
      `() => () => ['process', 'require', 'console', 'WebAssembly', 'fetch', 'setTimeout', 'Buffer', 'os', 'std', 'print'].filter((name) => name in globalThis).join()`,
    );
    expect(realm.ask('')).toBe('');
  });

  test('and no trace of the script that was evaluated', async () => {
    const names = async (script: string) => (await realmOf(script)).ask('');
    const listed = '() => () => Object.getOwnPropertyNames(globalThis).join()';
    expect(await names(listed)).toBe(await names(`(() => { var hidden = 1; return ${listed}; })()`));
  });
});

describe('a module', () => {
  test.each([
    ['its names and values', 'export const a = 1; export default 2;', 'a,default 2'],
    ['what it waits for', 'export default await Promise.resolve(3);', 'default 3'],
    ['what it throws', 'throw new TypeError("no");', 'TypeError: no'],
    ['what is no JavaScript', 'export default {', 'SyntaxError: '],
    ['an import', 'import "node:fs";', 'import "node:fs"'],
    ['an import of a name in it', 'export { x } from "./a\u20ac.js";', 'import "./a\u20ac.js"'],
    ['an import()', 'await import("a" + "b");', 'import "ab"'],
    ['what never comes', 'await new Promise(() => {});', 'waits'],
    ['text that is not UTF-8', 'export default "\u20ac".length;', 'default 1'],
  ])('is handed over with %s', async (_title, source, said) => {
    const realm = await realmOf(TAKES);
    expect(realm.evaluate('take', '/m.mjs', bytes(source))).toBe('taken');
    expect(realm.ask('')).toContain(said);
  });

  test('is strict, and named in stack traces', async () => {
    const realm = await realmOf(TAKES);
    realm.evaluate('take', '/etc/m.mjs', bytes('export default (() => this)() + new Error().stack;'));
    expect(realm.ask('')).toMatch(/default undefined.*\/etc\/m\.mjs:1/s);
  });
});

describe('jobs', () => {
  test('are run until none is left, and before the answer is given', async () => {
    const realm = await realmOf(
      `(outside) => (question) => { let on = Promise.resolve(); for (let i = 0; i < 5; i += 1) on = on.then(() => outside(String(i))); return 'answer' }`,
      (question) => {
        ran.push(question);
        return '';
      },
    );
    const ran: string[] = [];
    expect(realm.ask('')).toBe('answer');
    expect(ran).toEqual(['0', '1', '2', '3', '4']);
  });

  test.each([
    ['Promise.reject("r"); return "a"', 'stray: r'],
    ['Promise.resolve().then(() => { throw "r" }); return "a"', 'stray: r'],
    ['Promise.reject("r").catch(() => {}); return "a"', 'a'],
    ['const p = Promise.reject("r"); Promise.resolve().then(() => p.catch(() => {})); return "a"', 'a'],
    ['Promise.reject("r"); Promise.reject("s"); return "a"', 'stray: r'],
    ['(async () => { await null; throw "r" })(); return "a"', 'stray: r'],
  ])('with %s: %s', async (body, said) => {
    const realm = await realmOf(
      `() => (question, given) => { if (question === 'stray') return 'stray: ' + given; if (question === 'again') return 'b'; ${body} }`,
    );
    expect(realm.ask('')).toBe(said);
    expect(realm.ask('again')).toBe('b');
  });
});

describe('a step that comes to no answer', () => {
  test.each([
    ['a loop', 'for (;;) {}'],
    ['a loop that catches', 'for (;;) try { for (;;) {} } catch {} finally {}'],
    ['a regular expression', '/(a+)+$/.test("a".repeat(60) + "b")'],
    ['a chain of jobs', 'const on = () => Promise.resolve().then(on); on(); return "a"'],
    ['a built-in that is not interrupted', 'Array.from({ length: 2e6 }, (_, i) => -i).sort(); return "a"'],
  ])('for want of time, by %s, is ended, and the next one has its own', async (_title, body) => {
    const realm = await realmOf(
      `() => (question) => { if (question === 'again') return 'b'; ${body} }`,
      undefined,
      50,
    );
    expect(realm.ask('')).toEqual(INTERRUPTED);
    expect(realm.ask('again')).toEqual(INTERRUPTED);
    if (_title === 'a chain of jobs') return;
    realm.grant(60_000);
    expect(realm.ask('again')).toBe('b');
  });

  test.each([
    ['a list', 'const list = []; for (;;) list.push(new Uint8Array(1e6))'],
    [
      'a list, caught',
      'const list = []; try { for (;;) list.push(new Uint8Array(1e6)) } catch { return "a" }',
    ],
    ['a text', 'return "x".repeat(2 ** 28)'],
  ])('for want of memory, by %s', async (_title, body) => {
    const realm = await realmOf(`() => (question) => { if (question === 'again') return 'b'; ${body} }`);
    expect(realm.ask('')).toEqual({ ended: 'memory', message: 'out of memory' });
    expect(realm.ask('again')).toBe('b');
  });

  test.each([
    ['an error', 'throw new Error("no")', 'no'],
    ['something else', 'throw null', 'null'],
    ['no text', 'return 1', 'not a text'],
    ['a recursion', 'const on = () => [on()]; on()', 'call stack'],
    ['what looks like another end', 'throw new Error("interrupted")', 'interrupted'],
    [
      'what looks like another end',
      'throw Object.assign(new Error("out of memory"), { name: "InternalError" })',
      'memory',
    ],
  ])('for %s', async (_title, body, said) => {
    const realm = await realmOf(`() => (question) => { if (question === 'again') return 'b'; ${body} }`);
    expect(realm.ask('')).toEqual({ ended: 'crash', message: expect.stringContaining(said) });
    expect(realm.ask('again')).toBe('b');
  });

  test('with the stack of Node.js used up, which ends the realm', async () => {
    const realm = await realmOf(
      '() => (question) => { if (question === "again") return "b"; try { JSON.parse("[".repeat(1e6)) } catch { return "caught" } }',
    );
    const said = realm.ask('');
    // Where the stack of the engine is used up first, that is an error that can be caught.
    if (said === 'caught') return;
    expect(said).toEqual({ ended: 'crash', message: expect.stringContaining('call stack') });
    expect(realm.ask('again')).toEqual(said);
  });
});

test('what one realm does to its built-ins and globals, no other sees', async () => {
  const script = `() => (question) => { const before = typeof [].map + typeof globalThis.mine; Array.prototype.map = 1; globalThis.mine = 1; return before }`;
  const [one, other] = [await realmOf(script), await realmOf(script)];
  expect(one.ask('')).toBe('functionundefined');
  expect(one.ask('')).toBe('numbernumber');
  expect(other.ask('')).toBe('functionundefined');
});

test('the time zone is UTC, and text is UTF-8', async () => {
  const realm = await realmOf(
    `() => () => [new Date(0).getTimezoneOffset(), new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array([0xef, 0xbb, 0xbf, 255])).length, new TextEncoder().encode('\\ud800')].join(' ')`,
  );
  expect(realm.ask('')).toBe('0 2 239,191,189');
});
