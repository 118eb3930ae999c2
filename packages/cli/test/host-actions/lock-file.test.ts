import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import { tryLock } from '@opencontainers-ts/exec-native';

import { type HeldLock, holdLock, releaseLock, sweepLocks } from '../../src/host-actions/lock-file.js';
import { nodeSystem } from '../../src/system/node-system.js';
import { temporaryFolder } from '../temporary-folder.js';

const system = nodeSystem();
const folder = temporaryFolder();

function held(path: string): HeldLock {
  const lock = holdLock(system, path);
  if (lock === undefined) throw new Error(`${path} is not to be had`);
  return lock;
}

test('a lock that is held is not to be had, and its file is gone when it is released', () => {
  const path = join(folder, 'one.lock');
  const lock = held(path);
  const other = openSync(path, 'r+');
  expect(tryLock(other)).toBe(false);
  releaseLock(system, lock);
  expect(existsSync(path)).toBe(false);
  closeSync(other);
});

test('who has opened the file of a lock that was released takes the lock of the name all the same', () => {
  const path = join(folder, 'two.lock');
  writeFileSync(path, '');
  const old = openSync(path, 'r+');
  renameSync(path, join(folder, 'moved'));
  expect(tryLock(old)).toBe(true);
  const lock = held(path);
  expect(existsSync(path)).toBe(true);
  releaseLock(system, lock);
  closeSync(old);
});

test('locks that killed calls have left are removed, those that are held stay', () => {
  const place = join(folder, 'swept');
  mkdirSync(place);
  for (const name of ['left.json.lock', 'left.json']) writeFileSync(join(place, name), '');
  symlinkSync('left.json', join(place, 'link.lock'));
  const lock = held(join(place, 'held.json.lock'));
  sweepLocks(system, place);
  expect(readdirSync(place).sort()).toEqual(['held.json.lock', 'left.json', 'link.lock']);
  releaseLock(system, lock);
  expect(readdirSync(place).sort()).toEqual(['left.json', 'link.lock']);
});
