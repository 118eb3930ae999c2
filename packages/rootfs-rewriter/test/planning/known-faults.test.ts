import { expect, test } from '@jest/globals';

import { knownFaults, type RuntimeKind } from '../../src/index.js';

const fixedIn = (kind: RuntimeKind, version: string) =>
  knownFaults(kind, version).map((fault) => [fault.cve, fault.fixedIn]);

test.each([
  ['1.0.0', '1.3.6'],
  ['1.1.5+ds1', '1.3.6'],
  ['1.2.9', '1.3.6'],
  ['1.3.0', '1.3.6'],
  ['1.3.5', '1.3.6'],
  ['v1.3.5', '1.3.6'],
  ['1.3.6-rc.1', '1.3.6'],
  ['1.3.6~rc1', '1.3.6'],
  ['1.4.0-rc.1', '1.4.3'],
  ['1.4.0', '1.4.3'],
  ['1.4.2', '1.4.3'],
  ['1.5.0-rc.1', '1.5.1'],
  ['1.5.0', '1.5.1'],
  ['1.5.1-rc.1+dev', '1.5.1'],
])('runc %s has the fault that %s has not', (version, fixed) => {
  expect(fixedIn('runc', version)).toEqual([['CVE-2026-41579', fixed]]);
});

test.each([
  '1.3.6',
  '1.3.6+ds1',
  '1.3.6-0ubuntu1',
  '1.3.10',
  '1.4.3',
  '1.4.10',
  '1.5.1',
  '1.5.2-rc.1',
  '1.6.0-rc.1',
  '2.0.0',
])('runc %s has none', (version) => {
  expect(fixedIn('runc', version)).toEqual([]);
});

test.each([['0.21'], ['1.8.1'], ['1.27'], ['1.27.1'], ['1.27.1.0.0.0.12-4a3c'], ['1.28-rc1']])(
  'crun %s has the fault that 1.28 has not',
  (version) => {
    expect(fixedIn('crun', version)).toEqual([['CVE-2026-47766', '1.28']]);
  },
);

test.each(['1.28', '1.28.0', '1.28.1', '1.29', '2'])('crun %s has none', (version) => {
  expect(fixedIn('crun', version)).toEqual([]);
});

test.each<[RuntimeKind, string]>([
  ['runsc', 'release-20240729.0'],
  ['youki', '0.5.7'],
  ['runc', 'VERSION_MISSING'],
  ['runc', ''],
])('nothing is known of %s %j', (kind, version) => {
  expect(knownFaults(kind, version)).toEqual([]);
});

test('a fault says what can be done with it', () => {
  for (const { what } of [...knownFaults('runc', '1.1.5'), ...knownFaults('crun', '1.8.1')]) {
    expect(what).toMatch(/\/dev that is a symbolic link/);
  }
});
