import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { loadAddon, loadAddonFrom } from '../src/load-addon.js';
import { caughtError } from './caught-error.js';
import { addonFile, buildAddon } from './native-build.js';
import { temporaryFolder } from './temporary-folder.js';

const folder = temporaryFolder();
beforeAll(buildAddon, 60_000);

describe('the addon', () => {
  test('is found from the sources, and loaded once', () => {
    expect(loadAddon()).toBe(loadAddon());
    expect(typeof loadAddon().execve).toBe('function');
  });

  test('is the first of the files that can be loaded', () => {
    expect(typeof loadAddonFrom([join(folder, 'missing.node'), addonFile]).execve).toBe('function');
  });

  test('that cannot be loaded anywhere: one error names every place, each with its cause', () => {
    const missing = join(folder, 'missing.node');
    const broken = join(folder, 'broken.node');
    writeFileSync(broken, 'no ELF');
    const error = caughtError(() => loadAddonFrom([missing, broken]));
    expect(error).toMatchObject({
      code: 'ERR_ADDON_MISSING',
      hint: expect.stringContaining('build-native.mjs'),
      details: {
        tried: [
          { path: missing, cause: expect.not.stringMatching(/no such file/i) },
          { path: broken, cause: expect.stringMatching(/ELF|short/) },
        ],
      },
    });
    expect(error.message).toContain(missing);
    expect(error.message).toContain(broken);
  });

  // Node's own binaries need these versions, so a machine that runs Node has them.
  test.each([
    ['GLIBC', [2, 28]],
    ['GLIBCXX', [3, 4, 21]],
    ['CXXABI', [1, 3, 9]],
    ['GCC', [3, 0]],
  ])('needs nothing newer than %s_%j', (library, floor) => {
    const text = readFileSync(addonFile, 'latin1');
    const versions = [...text.matchAll(new RegExp(`\\0${library}_([0-9.]+)(?=\\0)`, 'g'))].map(
      ([, version]) => version,
    );
    expect(versions.length).toBeGreaterThan(0);
    const value = (parts: readonly number[]) =>
      parts.reduce((sum, part, index) => sum + part * 1000 ** (3 - index), 0);
    const newer = versions.filter((version) => value((version ?? '').split('.').map(Number)) > value(floor));
    expect(newer).toEqual([]);
  });
});
