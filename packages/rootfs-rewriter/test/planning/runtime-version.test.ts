import { expect, test } from '@jest/globals';

import { gvisorRelease, readRuntimeVersion } from '../../src/index.js';

test.each([
  ['runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+deb12u1\nspec: 1.0.2-dev\n', 'runc', '1.1.5+ds1'],
  ['runc version 1.3.0-rc.1', 'runc', '1.3.0-rc.1'],
  ['crun version 1.8.1\ncommit: f8a096be060b22ccd3d5f3ebe44108517fbf6c30\n', 'crun', '1.8.1'],
  ['crun version 1.27.1.0.0.0.12-4a3c\n', 'crun', '1.27.1.0.0.0.12-4a3c'],
  ['runsc version release-20260520.0\nspec: 1.2.0\n', 'runsc', 'release-20260520.0'],
  ['runsc version 0.0~20240729.0\nspec: 1.2.0\n', 'runsc', '0.0~20240729.0'],
  ['runsc version VERSION_MISSING\r\n', 'runsc', 'VERSION_MISSING'],
  ['youki version 0.5.7\ncommit: 0.5.7-0-gabc\n', 'youki', '0.5.7'],
])('%j is read', (output, name, version) => {
  expect(readRuntimeVersion(output)).toEqual({ name, version });
});

test.each([
  '',
  '\n',
  'runsc',
  'runsc version',
  'runsc version \n',
  'runsc\nversion release-20260520.0\n',
  ' runsc version release-20260520.0\n',
  'NVIDIA Container Runtime version 1.17.0\n',
  'runsc version release-20260520.0\u001b[31m\n',
  `runsc version ${'9'.repeat(101)}\n`,
  'flag provided but not defined: -version\n',
])('%j is no version', (output) => {
  expect(readRuntimeVersion(output)).toBeUndefined();
});

test.each([
  ['release-20260519.0', 20260519],
  ['release-20260520.0', 20260520],
  ['release-20260520.0-12-gdeadbeef', 20260520],
  ['0.0~20240729.0', 20240729],
  ['0.0.20240729.0', 20240729],
  ['20221219.0', 20221219],
  ['VERSION_MISSING', undefined],
  ['release-2026', undefined],
  ['release-202605201.0', undefined],
  ['1.3.6', undefined],
  ['', undefined],
])('the release of %j is %s', (version, release) => {
  expect(gvisorRelease(version)).toBe(release);
});
