import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { hasLog, logLines } from '../../src/log/log-lines.js';
import { nodeSystem } from '../../src/system/node-system.js';
import { temporaryFolder } from '../temporary-folder.js';

const system = nodeSystem();
const home = temporaryFolder();
let count = 0;

/** A log, and old ones beside it; undefined where there is none. */
function logOf(...texts: readonly (string | undefined)[]): { file: string; keep: number } {
  count += 1;
  const folder = join(home, String(count));
  mkdirSync(folder);
  const file = join(folder, 'log');
  texts.forEach((text, age) => {
    if (text !== undefined) writeFileSync(age === 0 ? file : `${file}.${age}`, text);
  });
  return { file, keep: 3 };
}

const all = (files: { file: string; keep: number }) => [...logLines(system, files, { follow: false })];

test.each([
  ['the oldest file first', ['d\n', 'c\n', 'b\n', 'a\n'], ['a', 'b', 'c', 'd']],
  ['over a gap', ['d\n', undefined, 'b\n'], ['b', 'd']],
  ['where the log itself is not there yet', [undefined, 'c\n'], ['c']],
  ['with a last line that has no end', ['a\nb'], ['a', 'b']],
  ['more than is read at once', [`${'x'.repeat(100_000)}\ny\n`], ['x'.repeat(100_000), 'y']],
  ['but for a line that no record is as long as', [`${'x'.repeat(2_000_000)}\ny\n`], ['y']],
  ['none', [], []],
])('lines: %s', (_title, texts, expected) => {
  expect(all(logOf(...texts))).toEqual(expected);
});

test('a log is there when one of its files is', () => {
  expect([
    hasLog(system, logOf()),
    hasLog(system, logOf('')),
    hasLog(system, logOf(undefined, 'a\n')),
  ]).toEqual([false, true, true]);
});

test('a log that is followed goes on where it was, also over rotations', () => {
  const { file, keep } = logOf('a\n');
  const rotate = () => {
    for (let age = keep - 1; age >= 0; age -= 1) {
      const from = age === 0 ? file : `${file}.${age}`;
      try {
        renameSync(from, `${file}.${age + 1}`);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOENT' });
      }
    }
  };
  const lines = logLines(system, { file, keep }, { follow: true });
  const untilNone = () => {
    const seen: string[] = [];
    for (let next = lines.next(); next.value !== undefined; next = lines.next()) seen.push(next.value);
    return seen;
  };
  expect(untilNone()).toEqual(['a']);
  appendFileSync(file, 'b\nhal');
  expect(untilNone()).toEqual(['b']);
  appendFileSync(file, 'f\n');
  rotate();
  expect(untilNone()).toEqual(['half']);
  writeFileSync(file, 'c\n');
  rotate();
  writeFileSync(file, 'd\n');
  expect(untilNone()).toEqual(['c', 'd']);
  // Rotated out of sight: what is left is read from its beginning.
  rmSync(`${file}.1`);
  rmSync(`${file}.2`);
  rmSync(file);
  writeFileSync(file, 'e\n');
  expect(untilNone()).toEqual(['e']);
});

test('a log that is followed may begin later', () => {
  const files = logOf();
  const lines = logLines(system, files, { follow: true });
  expect(lines.next()).toEqual({ done: false, value: undefined });
  writeFileSync(files.file, 'a\n');
  expect(lines.next()).toEqual({ done: false, value: 'a' });
});

test('a file that cannot be read is a failure', () => {
  const { file } = logOf();
  mkdirSync(file);
  expect(all({ file: `${file}/x/y`, keep: 0 })).toEqual([]);
  writeFileSync(join(file, 'f'), '');
  expect(() => all({ file: join(file, 'f/log'), keep: 0 })).toThrow('ENOTDIR');
});
