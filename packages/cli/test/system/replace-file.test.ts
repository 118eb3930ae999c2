import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import { nodeSystem } from '../../src/system/node-system.js';
import { replaceFile } from '../../src/system/replace-file.js';
import { temporaryFolder } from '../temporary-folder.js';

const system = nodeSystem();

const folder = temporaryFolder();

/** The number of a process that is no longer there. */
const gone = spawnSync('true').pid;

function folderWith(name: string, files: readonly string[]): string {
  const place = join(folder, name);
  mkdirSync(place);
  for (const file of files) writeFileSync(join(place, file), 'half');
  return place;
}

test('writes a file of its owner alone, and nothing else is left', () => {
  const place = folderWith('plain', []);
  replaceFile(system, join(place, 'f'), 'first');
  replaceFile(system, join(place, 'f'), 'second', { flush: true });
  expect(readFileSync(join(place, 'f'), 'utf8')).toBe('second');
  expect(statSync(join(place, 'f')).mode & 0o777).toBe(0o600);
  expect(readdirSync(place)).toEqual(['f']);
});

test('removes what killed calls have left, and nothing of calls that still write', () => {
  const kept = ['.1-7', 'f.tmp', '.hidden', `.${gone}`, `${gone}-1`, `.${gone}-1.json`];
  const place = folderWith('swept', [...kept, `.${gone}-1`, `.${gone}-99`, `.${process.pid}-1`]);
  replaceFile(system, join(place, 'f'), 'text');
  expect(readdirSync(place).sort()).toEqual([...kept, 'f'].sort());
});

test('leaves no temporary file where the place cannot be taken', () => {
  const place = folderWith('taken', []);
  mkdirSync(join(place, 'f'));
  expect(() => replaceFile(system, join(place, 'f'), 'text')).toThrow();
  expect(readdirSync(place)).toEqual(['f']);
});
