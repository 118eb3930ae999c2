import { expect, test } from '@jest/globals';

import { namedRuntimeKind, runtimeKind } from '../../src/index.js';

test.each([
  ['/usr/bin/runc', undefined, 'runc'],
  ['/usr/bin/crun', undefined, 'crun'],
  ['/usr/local/bin/crun-1.20', undefined, 'crun'],
  ['/usr/bin/krun', '/usr/bin/krun', 'crun'],
  ['/usr/bin/runsc', undefined, 'runsc'],
  ['/opt/crun/bin/runscope', undefined, 'runc'],
  ['/usr/bin/nvidia-container-runtime.real', undefined, 'runc'],
  ['crun', undefined, 'crun'],
  ['/usr/local/bin/youki-0.7', undefined, 'youki'],
  ['/usr/bin/runc', '/usr/bin/youki', 'youki'],
  ['/usr/bin/youkish', undefined, 'runc'],
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

test.each([
  ['/usr/bin/runc', undefined, 'runc'],
  ['/usr/bin/nvidia-container-runtime.real', undefined, undefined],
  ['/opt/runc', '/opt/nvidia-container-runtime.real', 'runc'],
  ['/usr/bin/oci', '/opt/youki', 'youki'],
] as const)('the names of %s, which leads to %s, say %s', (path, realPath, kind) => {
  expect(namedRuntimeKind(realPath === undefined ? { path } : { path, realPath })).toBe(kind);
});

test('no runtime has no name', () => {
  expect(namedRuntimeKind(undefined)).toBeUndefined();
});
