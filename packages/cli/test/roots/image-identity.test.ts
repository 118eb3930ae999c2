import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { imageIdentity, isOtherImage } from '../../src/roots/image-identity.js';
import { temporaryFolder } from '../temporary-folder.js';
import { mountingSystem, withFolder } from './mounting-system.js';

const system = mountingSystem();
const scratch = temporaryFolder();
const newFolder = () => mkdtempSync(join(scratch, 'case-'));

const FILES = ['etc/hosts', 'etc/passwd', 'usr/bin/env', 'var/lib/dpkg/status', 'app/main', 'version'];

function makeImage(): string {
  const image = newFolder();
  for (const path of FILES) {
    mkdirSync(join(image, path, '..'), { recursive: true });
    writeFileSync(join(image, path), path);
  }
  for (const path of ['dev', 'proc', 'tmp', 'mnt']) mkdirSync(join(image, path));
  return image;
}

const fingerprint = (image: string) =>
  withFolder(image, (folder) => imageIdentity(system, folder, undefined).fingerprint);

describe('the fingerprint of an image', () => {
  const before = makeImage();

  test.each<[string, (image: string) => void, boolean]>([
    ['nothing', () => undefined, false],
    ['a package was installed', (image) => writeFileSync(join(image, 'var/lib/dpkg/status'), 'more'), true],
    ['a program was added', (image) => writeFileSync(join(image, 'usr/bin/new'), ''), true],
    ['a file of /etc was changed', (image) => writeFileSync(join(image, 'etc/passwd'), 'root:'), true],
    ['a file at the top was changed', (image) => writeFileSync(join(image, 'version'), '2'), true],
    ['a file of a folder of its own was added', (image) => writeFileSync(join(image, 'app/more'), ''), true],
    ['a folder at the top is gone', (image) => rmSync(join(image, 'app'), { recursive: true }), true],
    [
      'an engine has put the names of hosts',
      (image) => writeFileSync(join(image, 'etc/hosts'), 'another'),
      false,
    ],
    ['a runtime has made a mount point', (image) => mkdirSync(join(image, 'mnt/data')), false],
    ['an engine has put its marker', (image) => writeFileSync(join(image, '.dockerenv'), ''), false],
  ])('%s', (_, change, isOther) => {
    const image = newFolder();
    cpSync(before, image, { recursive: true, preserveTimestamps: true });
    for (const path of ['app', 'etc', 'usr', 'usr/bin', 'var']) utimesSync(join(image, path), 1, 1);
    const known = fingerprint(image);
    change(image);
    expect(fingerprint(image) !== known).toBe(isOther);
  });

  test('has the form that records have', () => expect(fingerprint(before)).toMatch(/^[0-9a-f]{16}$/));
});

describe('another image', () => {
  test.each([
    ['the same', { name: 'a', fingerprint: '1' }, { name: 'a', fingerprint: '1' }, false],
    ['another content', { name: 'a', fingerprint: '1' }, { name: 'a', fingerprint: '2' }, true],
    ['another name', { name: 'a', fingerprint: '1' }, { name: 'b', fingerprint: '1' }, true],
    ['a name that was not known', { name: null, fingerprint: '1' }, { name: 'b', fingerprint: '1' }, false],
    [
      'a name that is not known any more',
      { name: 'a', fingerprint: '1' },
      { name: null, fingerprint: '1' },
      false,
    ],
  ])('%s', (_, before, now, isOther) => expect(isOtherImage(before, now)).toBe(isOther));
});
