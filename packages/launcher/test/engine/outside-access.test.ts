import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { temporaryFolder } from '../../../cli/test/temporary-folder.js';
import { linkEngineProgram } from '../../tools/engine-program.mjs';
import { hostFunctionNames, makeSnapshot, writeSnapshot } from '../../tools/make-snapshot.mjs';

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = temporaryFolder();
const program = join(folder, 'reaching-engine');

beforeAll(async () => {
  const source = 'globalThis.main = () => 0;';
  const snapshot = join(folder, 'snapshot');
  writeSnapshot(
    await makeSnapshot({ source, fileName: 'empty.js', hostFunctions: hostFunctionNames() }),
    snapshot,
  );
  await linkEngineProgram({
    snapshot,
    sources: [join(here, 'native/reaching-engine.cc')],
    output: program,
    flags: ['-O1', '-Wl,--wrap=vm_qjs_is_function'],
  });
}, 300_000);

/** `EngineFailure` of native/engine/engine.h. */
const NONE = 0;
const NO_MEMORY = 1;
const TRAP = 7;

/** ENGINE_MEMORY_AT, and what is reserved there where nothing limits it (engine-memory.cc). */
const MEMORY_AT = 0x6000_0000;
const MOST = 256 << 20;

interface Reach {
  readonly state?: string;
  readonly what: string;
  readonly at?: number;
  readonly more?: number;
  readonly under?: readonly string[];
}

function reach({ state = 'default', what, at = 0, more = 0, under = [] }: Reach) {
  const [path = '', ...args] = [...under, program, state, what, `${at}`, `${more}`];
  // A fault that is made again and again must not be a hang of the tests.
  const limits = { timeout: 60_000, killSignal: 'SIGKILL' } as const;
  const { status, signal, stdout } = spawnSync(path, args, { encoding: 'utf8', ...limits });
  const [text, after, handled] = stdout.trimEnd().split('\n').slice(-3);
  return { status, signal, text, after, handled: Number(handled), stdout };
}

const OUTSIDE = 'the engine reached outside of its memory';
const trapped = { status: TRAP, signal: null, text: OUTSIDE, after: 'default', handled: 0 };
const ended = { status: NONE, signal: null, text: '', after: 'default', handled: 0 };
const killed = { status: null, signal: 'SIGSEGV', stdout: '' };

describe('an access outside of the memory is a trap', () => {
  const places: readonly (readonly [string, Reach])[] = [
    ['the byte behind it', { what: 'load', at: MOST }],
    ['the byte behind it, by the offset', { what: 'load', at: MOST - 1, more: 1 }],
    ['across its end', { what: 'store', at: MOST - 4 }],
    ['2 GiB', { what: 'store', at: 2 ** 31 }],
    ['the last address', { what: 'load', at: 2 ** 32 - 1 }],
    ['the last address and the largest offset', { what: 'store', at: 2 ** 32 - 1, more: 0x1f_fff8 }],
    ['the stack in it below 0', { what: 'stack' }],
    ['filling more than was asked for', { what: 'fill', at: MOST - 4096, more: 4096 }],
    ['filling beyond it', { what: 'fill', at: MOST - 4096, more: 4097 }],
    ['filling beyond the window', { what: 'fill', at: 2 ** 32 - 1, more: 2 ** 32 - 1 }],
    ['copying to more than was asked for', { what: 'copy to', at: MOST - 4096, more: 4096 }],
    ['copying from more than was asked for', { what: 'copy from', at: MOST - 4096, more: 4096 }],
    ['copying to beyond it', { what: 'copy to', at: 2 ** 32 - 16, more: 4096 }],
    ['copying from beyond it', { what: 'copy from', at: 2 ** 32 - 16, more: 4096 }],
    [
      'copying backwards, from beyond the window on',
      { what: 'copy to', at: 2 ** 32 - 16, more: 2 ** 32 - 1 },
    ],
  ];
  test.each(places)('%s', (_, wanted) => {
    expect(reach(wanted)).toMatchObject(trapped);
  });

  test.each([
    [['prlimit', '--as=100663296']],
    [['prlimit', '--as=67108864']],
    [['prlimit', '--stack=unlimited']],
    [['setarch', '-R']],
  ])('under %s', (under) => {
    const others = places.filter(([, { at = 2 ** 31 }]) => at >= 2 ** 31).map(([, wanted]) => wanted);
    for (const wanted of [...others, { what: 'load', at: MOST }]) {
      expect(reach({ ...wanted, under })).toMatchObject(trapped);
    }
  });

  test('and one inside is none', () => {
    for (const at of [0, 4096, MOST - 9]) {
      expect(reach({ what: 'load', at, more: 8 })).toMatchObject(ended);
    }
    expect(reach({ what: 'fill', at: 65536, more: 0 })).toMatchObject(ended);
  });
});

describe('nothing else lies where the engine reaches', () => {
  test.each([
    [[]],
    [['prlimit', '--as=67108864']],
    [['prlimit', '--stack=unlimited']],
    [['prlimit', '--stack=120000000000000']], // more than five sixths of the address space
    [['setarch', '-R']],
  ])('under %s', (under) => {
    const { stdout } = reach({ what: 'map', under });
    const mappings = [...stdout.matchAll(/^([0-9a-f]+)-([0-9a-f]+) /gm)].map(([, from = '', to = '']) => [
      Number.parseInt(from, 16),
      Number.parseInt(to, 16),
    ]);
    expect(mappings.length).toBeGreaterThan(5);
    const there = mappings.filter(
      ([from = 0, to = 0]) => to > MEMORY_AT && from < MEMORY_AT + 2 ** 32 + 2 ** 21,
    );
    expect(there[0]?.[0]).toBe(MEMORY_AT);
    expect(there.at(-1)?.[1]).toBeLessThanOrEqual(MEMORY_AT + MOST);
    // The engine's own stack, which keeps the process's from growing down to there.
    const stack = Number.parseInt(/^([0-9a-f]+)-.*\[stack\]$/m.exec(stdout)?.[1] ?? '', 16);
    expect(mappings.find(([from = 0]) => from > MEMORY_AT + MOST)?.[0]).toBeLessThan(stack);
  });

  test('where something does, there is no memory for the engine', () => {
    for (const under of [[], ['prlimit', '--as=67108864']]) {
      expect(reach({ state: 'occupied', what: 'nothing', under })).toMatchObject({ status: NO_MEMORY });
    }
  });
});

describe('the caller finds SIGSEGV as it was', () => {
  const states = [
    'default',
    'ignored',
    'handled',
    'default blocked',
    'ignored blocked',
    'handled blocked',
    'default blocked waiting',
    'ignored blocked waiting',
    'ignored blocked in its thread',
    'default blocked waiting in its thread',
  ];
  test.each(states)('%s', (state) => {
    const at = 2 ** 31;
    expect(reach({ state, what: 'nothing' })).toMatchObject({ ...ended, after: state });
    expect(reach({ state, what: 'load', at })).toMatchObject({ ...trapped, after: state });
  });
});

describe('a SIGSEGV that is no access of the engine has the effect that it would have had', () => {
  test.each(['default', 'ignored', 'default blocked', 'ignored blocked'])(
    'a fault elsewhere: %s',
    (state) => {
      for (const what of ['elsewhere', 'behind the window', 'no address']) {
        expect(reach({ state, what, at: 16 })).toMatchObject(killed);
      }
    },
  );

  const where = (what: string) => (what === 'be sent SIGSEGV' ? ' waiting' : ' in its thread');
  test.each([
    ['default', killed],
    ['ignored', { after: 'ignored' }],
    ['handled', { after: 'handled', handled: 1 }],
    ['default blocked', { waits: true }],
    ['ignored blocked', { waits: true }],
    ['handled blocked', { waits: true }],
  ])('one that is sent: %s', (state, wanted) => {
    const expected = (end: object, waiting: string) => {
      if (wanted === killed) return killed;
      return 'waits' in wanted ? { ...end, after: `${state}${waiting}` } : { ...end, ...wanted };
    };
    for (const what of ['be sent SIGSEGV', 'be sent SIGSEGV in its thread', 'be sent SIGSEGV by a tracer']) {
      expect(reach({ state, what })).toMatchObject(expected(ended, where(what)));
    }
    expect(reach({ state, what: 'be sent SIGSEGV and load', at: 2 ** 31 })).toMatchObject(
      expected(trapped, ' waiting'),
    );
  });

  test('one that is sent while one waits', () => {
    const state = 'default blocked waiting';
    expect(reach({ state, what: 'be sent SIGSEGV' })).toMatchObject({ ...ended, after: state });
    expect(reach({ state, what: 'be sent SIGSEGV in its thread' })).toMatchObject({
      ...ended,
      after: `${state} in its thread`,
    });
  });
});
