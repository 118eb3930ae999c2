import { chmodSync, chownSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { mayExecute } from '../src/index.js';
import { caughtError } from './caught-error.js';
import { buildAddon } from './native-build.js';
import { temporaryFolder } from './temporary-folder.js';

const NOBODY = 65534;
const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const isRoot = process.getuid?.() === 0;

beforeAll(() => {
  buildAddon();
  chmodSync(folder, 0o755);
  const file = (name: string, mode: number) => {
    writeFileSync(at(name), '');
    if (isRoot) chownSync(at(name), NOBODY, NOBODY);
    chmodSync(at(name), mode);
  };
  file('for-the-owner', 0o100);
  file('for-all-but-the-owner', 0o077);
  file('for-nobody', 0o666);
  symlinkSync('for-the-owner', at('link'));
  mayExecute(folder); // loads the addon as whoever the tests run as
}, 60_000);

/** As the kernel sees a call of an ordinary user who has the files: by the effective ids, the real ones may be root's. */
function asOwner<T>(look: () => T): T {
  if (!isRoot) return look();
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  try {
    return look();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

describe('mayExecute', () => {
  test.each([
    ['for-the-owner', true],
    ['link', true],
    ['for-all-but-the-owner', false],
    ['for-nobody', false],
    ['missing', false],
    ['for-nobody/below', false],
  ])('%s: %s', (name, expected) => {
    expect(asOwner(() => mayExecute(at(name)))).toBe(expected);
    expect(asOwner(() => mayExecute(Buffer.from(at(name))))).toBe(expected);
  });

  test('a path is text or bytes without NUL', () => {
    expect(caughtError(() => mayExecute('a\0b'))).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
    expect(caughtError(() => mayExecute(1 as unknown as string))).toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
    });
  });
});
