import { expect, test } from '@jest/globals';

import { parseRuntimeVersion } from '../../src/dialects/runtime-version.js';
import { isUpTo } from '../../src/dialects/version-order.js';

// As the runtimes of Debian 12 and 13 print it.
test.each([
  [
    'runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+deb12u1\nspec: 1.0.2-dev\n',
    'runc',
    '1.1.5+ds1',
    '1.0.2-dev',
    [],
  ],
  [
    'crun version 1.21\ncommit: 1026\nrundir: /run/crun\nspec: 1.0.0\n+SYSTEMD +CRIU +WASM:wasmedge -YAJL\n',
    'crun',
    '1.21',
    '1.0.0',
    ['SYSTEMD', 'CRIU', 'WASM:wasmedge'],
  ],
  ['runsc version 0.0~20240729.0\nspec: 1.2.0\n', 'runsc', '0.0~20240729.0', '1.2.0', []],
  ['runsc version release-20260520.0\nspec: 1.2.0\n', 'runsc', '20260520.0', '1.2.0', []],
  ['runsc version VERSION_MISSING\nspec: 1.2.0\n', 'runsc', undefined, '1.2.0', []],
  ['other version 1.0\n', 'unknown', '1.0', undefined, []],
  ['unknown version 1.0\n', 'unknown', '1.0', undefined, []],
  ['runc\n', 'unknown', undefined, undefined, []],
  ['text of runc version 1.1\n', 'unknown', undefined, undefined, []],
  ['', 'unknown', undefined, undefined, []],
])('%j', (text, dialect, version, spec, builtWith) => {
  const { version: found, spec: foundSpec, ...rest } = parseRuntimeVersion(text);
  expect([found, foundSpec, rest]).toEqual([version, spec, { dialect, builtWith, text }]);
});

test.each([
  ['1.1.5', '1.1.15', true],
  ['1.1.15', '1.1.15', true],
  ['1.1.15+ds1', '1.1.15', true],
  ['1.1.16', '1.1.15', false],
  ['1.2', '1.1.15', false],
  ['1', '1.1', true],
  ['0.0~20240729.0', '20240729.0', true],
  ['20260520.0', '20240729.0', false],
])('%s is up to %s: %s', (version, other, is) => expect(isUpTo(version, other)).toBe(is));
