import { expect, test } from '@jest/globals';

import { runtimeKind } from '../src/index.js';

test.each([
  ['/usr/bin/runc', undefined, 'runc'],
  ['/usr/bin/crun', undefined, 'crun'],
  ['/usr/local/bin/crun-1.20', undefined, 'crun'],
  ['/usr/bin/krun', '/usr/bin/krun', 'crun'],
  ['/usr/bin/runsc', undefined, 'runsc'],
  ['/opt/crun/bin/runscope', undefined, 'runc'],
  ['/usr/bin/nvidia-container-runtime.real', undefined, 'runc'],
  ['crun', undefined, 'crun'],
  // The program at the end of symlinks is what runs.
  ['/usr/bin/runc', '/usr/bin/crun', 'crun'],
  ['/usr/bin/runc', '/opt/gvisor/runsc-2025', 'runsc'],
  ['/usr/bin/crun', '/usr/sbin/runc-1.2', 'runc'],
  ['/usr/bin/krun', '/usr/bin/crun', 'crun'],
  // A program that goes by the name it is called by.
  ['/usr/bin/crun', '/usr/bin/many-runtimes', 'crun'],
  ['/usr/bin/runc', '/opt/runsc/bin/oci', 'runc'],
] as const)('%s, which leads to %s, is %s', (path, realPath, kind) => {
  expect(runtimeKind(realPath === undefined ? { path } : { path, realPath })).toBe(kind);
});

test('a runtime that is not known counts as runc', () => {
  expect(runtimeKind(undefined)).toBe('runc');
});
