import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { readImage, readRecord, readUse, removeRecord, writeRecord } from '../../src/roots/volume-record.js';
import { temporaryFolder } from '../temporary-folder.js';
import { mountingSystem, withFolder } from './mounting-system.js';

const system = mountingSystem();
const scratch = temporaryFolder();
const newFolder = () => mkdtempSync(join(scratch, 'case-'));
const USE = {
  version: 1,
  container: 'c1',
  user: 'ns/pod/main',
  node: 'n1',
  bootId: 'b1',
  since: '2026-11-29T00:00:00.000Z',
  strategy: 'overlay',
} as const;

describe('a record', () => {
  test.each([false, true])(
    'comes back as it was written, in a folder for root alone (flush: %s)',
    (flush) => {
      const top = newFolder();
      withFolder(top, (volume) => {
        expect(readRecord(system, volume, 'use.json')).toBeUndefined();
        writeRecord(system, volume, 'use.json', USE, { flush });
        expect(readUse(system, volume)).toEqual(USE);
        expect(statSync(join(top, '.ociwrap')).mode & 0o777).toBe(0o700);
        expect(statSync(join(top, '.ociwrap/use.json')).mode & 0o777).toBe(0o600);
        removeRecord(system, volume, 'use.json');
        expect(readRecord(system, volume, 'use.json')).toBeUndefined();
        removeRecord(system, volume, 'use.json');
        expect(readdirSync(join(top, '.ociwrap'))).toEqual([]);
      });
    },
  );

  test('what a killed call has left is no obstacle, and a link in its place is not followed', () => {
    const top = newFolder();
    mkdirSync(join(top, '.ociwrap'));
    writeFileSync(join(top, 'other'), 'stays');
    symlinkSync('../other', join(top, '.ociwrap/use.json.new'));
    withFolder(top, (volume) => {
      writeRecord(system, volume, 'use.json', USE);
      expect(readUse(system, volume)).toEqual(USE);
    });
    expect(readFileSync(join(top, 'other'), 'utf8')).toBe('stays');
  });

  test.each<[string, (file: string) => void]>([
    ['a link', (file) => symlinkSync('/etc/hostname', file)],
    ['a folder', (file) => mkdirSync(file)],
    ['a device', (file) => execFileSync('mknod', [file, 'c', '1', '5'])],
    ['a fifo', (file) => execFileSync('mkfifo', [file])],
    ['longer than any of ours', (file) => writeFileSync(file, `"${'x'.repeat(65_536)}"`)],
    ['no JSON', (file) => writeFileSync(file, '{"version":1,')],
    ['empty, as after a crash of the machine', (file) => writeFileSync(file, '')],
  ])('%s: an error of its own, and nothing that a message would rest on', (_, put) => {
    const top = newFolder();
    mkdirSync(join(top, '.ociwrap'));
    put(join(top, '.ociwrap/use.json'));
    withFolder(top, (volume) => {
      expect(() => readRecord(system, volume, 'use.json')).toThrow(
        expect.objectContaining({ code: 'ERR_VOLUME_RECORD' }),
      );
      expect(readUse(system, volume)).toBeUndefined();
    });
  });

  test.each<[string, (path: string) => void]>([
    ['a link', (path) => symlinkSync('/etc', path)],
    ['a file', (path) => writeFileSync(path, '')],
  ])('the folder of ours is %s', (_, put) => {
    const top = newFolder();
    put(join(top, '.ociwrap'));
    withFolder(top, (volume) => {
      const refused = expect.objectContaining({ code: 'ERR_VOLUME_RECORD' });
      expect(() => readRecord(system, volume, 'use.json')).toThrow(refused);
      expect(() => writeRecord(system, volume, 'use.json', USE)).toThrow(refused);
    });
  });

  test.each<[string, unknown]>([
    ['of another version', { ...USE, version: 2 }],
    ['without its container', { ...USE, container: undefined }],
    ['whose node is no text', { ...USE, node: 7 }],
    ['of another strategy', { ...USE, strategy: 'replace' }],
    ['that is a list', [USE]],
    ['that is null', null],
  ])('a use %s says nothing', (_, value) => {
    const top = newFolder();
    mkdirSync(join(top, '.ociwrap'));
    writeFileSync(join(top, '.ociwrap/use.json'), JSON.stringify(value));
    withFolder(top, (volume) => expect(readUse(system, volume)).toBeUndefined());
  });

  test.each<[string, unknown, unknown]>([
    ['with a name', { version: 1, name: 'i', fingerprint: 'f' }, { name: 'i', fingerprint: 'f' }],
    ['without one', { version: 1, name: null, fingerprint: 'f' }, { name: null, fingerprint: 'f' }],
    ['whose name is a number', { version: 1, name: 7, fingerprint: 'f' }, undefined],
    ['without a fingerprint', { version: 1, name: 'i' }, undefined],
    ['that is a text', 'image', undefined],
  ])('an image %s', (_, value, expected) => {
    const top = newFolder();
    mkdirSync(join(top, '.ociwrap'));
    writeFileSync(join(top, '.ociwrap/image.json'), JSON.stringify(value));
    withFolder(top, (volume) => expect(readImage(system, volume)).toEqual(expected));
  });
});
