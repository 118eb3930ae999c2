import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { countCall } from '../../src/metrics/count-call.js';
import { nodeSystem } from '../../src/system/node-system.js';
import type { System } from '../../src/system/system.js';
import { temporaryFolder } from '../temporary-folder.js';

// No two processes have the same number in the same millisecond: this one takes the place of many.
let clock = Date.now();
const system: System = {
  ...nodeSystem(),
  now: () => {
    clock += 1;
    return clock;
  },
};
const home = temporaryFolder();
const passed = { verb: 'create', decision: 'pass', rules: [], milliseconds: 3 } as const;
let count = 0;

function place(mode = 0o755): { file: string; folder: string } {
  count += 1;
  const folder = join(home, String(count));
  mkdirSync(folder);
  chmodSync(folder, mode);
  return { folder, file: join(folder, 'ociwrap.prom') };
}

const add = (file: string, on: System = system) => countCall(on, file, passed, '1.2.3');
const callsIn = (file: string) =>
  Number(/^ociwrap_calls_total\{.*\} (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1]);
const droppedIn = (file: string) =>
  Number(/^ociwrap_dropped_calls_total (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1]);

test('calls are added up in a file that everybody may read', () => {
  const { file, folder } = place();
  for (let calls = 0; calls < 3; calls += 1) expect(add(file)).toBeUndefined();
  expect(callsIn(file)).toBe(3);
  expect(statSync(file).mode & 0o777).toBe(0o644);
  expect(statSync(`${file}.lock`).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder).sort()).toEqual(['ociwrap.prom', 'ociwrap.prom.lock']);
});

test('a call that does not get the lock is counted as dropped, by the next that does', () => {
  const { file } = place();
  let slept = 0;
  const busy: System = {
    ...system,
    tryLock: () => false,
    sleep: (milliseconds) => {
      slept += milliseconds;
    },
  };
  expect(add(file)).toBeUndefined();
  expect([add(file, busy), add(file, busy)]).toEqual([undefined, undefined]);
  expect(slept).toBe(2 * 50);
  expect([callsIn(file), droppedIn(file)]).toEqual([1, 0]);
  expect(add(file)).toBeUndefined();
  expect([callsIn(file), droppedIn(file)]).toEqual([2, 2]);
});

test.each<[string, () => string, object]>([
  ['a folder that is not there', () => join(home, 'none/ociwrap.prom'), { code: 'ENOENT' }],
  ['a folder where others may write', () => place(0o777).file, { message: "its folder is not root's alone" }],
  [
    'a file that somebody else has written',
    () => foreign('up 1\n'),
    { message: 'it is a file of somebody else' },
  ],
  ['a symlink', () => linked(), { code: 'ELOOP' }],
])('%s is a failure, and nothing is written', (_title, make, expected) => {
  const file = make();
  expect(add(file)).toMatchObject(expected);
});

function foreign(text: string): string {
  const { file } = place();
  writeFileSync(file, text);
  return file;
}

function linked(): string {
  const { file } = place();
  symlinkSync(foreign(''), file);
  return file;
}

test('a folder of another user is a failure', () => {
  const { file } = place();
  const another: System = { ...system, geteuid: () => system.geteuid() + 1 };
  expect(add(file, another)).toMatchObject({ message: "its folder is not root's alone" });
});

/** The end of a process: what it has open is closed, and nothing else happens. */
class Killed extends Error {}

function killedAt(nth: number): System {
  let calls = 0;
  return new Proxy(system, {
    get: (target, name) => {
      const call = Reflect.get(target, name);
      if (typeof call !== 'function' || ['close', 'getpid', 'now'].includes(String(name))) return call;
      return (...args: readonly unknown[]) => {
        calls += 1;
        if (calls >= nth) throw new Killed();
        return Reflect.apply(call, target, args);
      };
    },
  });
}

test('killed at each system call: the file is the old one or the new one, and the next call counts on', () => {
  const { file, folder } = place();
  add(file);
  let nth = 1;
  for (; ; nth += 1) {
    const before = callsIn(file);
    const failure = add(file, killedAt(nth));
    expect([before, before + 1]).toContain(callsIn(file));
    const after = callsIn(file);
    expect(add(file)).toBeUndefined();
    expect(callsIn(file)).toBe(after + 1);
    expect(readdirSync(folder).sort()).toEqual(['ociwrap.prom', 'ociwrap.prom.lock']);
    if (!(failure instanceof Killed)) break;
  }
  expect(nth).toBeGreaterThan(10);
});
