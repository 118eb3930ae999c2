import { describe, expect, test } from '@jest/globals';

import { checked, specWith } from './spec-text.js';

const ENV = { env: ['A=1'] };
const HOOK = { hookName: 'prestart', path: '/h' };

describe('versions', () => {
  test.each(['0.3.0', '0.4.0', '0.5.0', '0.6.0', '0.7.0', '0.8.0', '1.0.0', '1.1.0', 'v0.6.0'])(
    '%s',
    (cdiVersion) => {
      expect(checked(specWith(ENV, { cdiVersion }))).toMatchObject({ cdiVersion });
    },
  );

  test.each(['', '0.3', '1.0', '1.2.0', 'vv0.6.0', 'V0.6.0', '0.6.0 ', 'bogus'])(
    '%j is none',
    (cdiVersion) => {
      expect(checked(specWith(ENV, { cdiVersion }))).toBe(`invalid version "${cdiVersion}"`);
    },
  );

  test.each([
    ['nothing new', '0.2.0', '0.3.0', ENV, {}],
    [
      'type of a mount',
      '0.3.0',
      '0.4.0',
      { mounts: [{ hostPath: '/h', containerPath: '/c', type: 'bind' }] },
      {},
    ],
    ['hostPath of a node', '0.4.0', '0.5.0', { deviceNodes: [{ path: '/d', hostPath: '/h' }] }, {}],
    [
      'a name that starts with a digit',
      '0.4.0',
      '0.5.0',
      ENV,
      { devices: [{ name: '0', containerEdits: ENV }] },
    ],
    ['annotations', '0.5.0', '0.6.0', ENV, { annotations: { a: 'b' } }],
    [
      'annotations of a device',
      '0.5.0',
      '0.6.0',
      ENV,
      { devices: [{ name: 'd', annotations: { a: '' }, containerEdits: ENV }] },
    ],
    ['a dot in the class', '0.5.0', '0.6.0', ENV, { kind: 'v/c.d' }],
    ['intelRdt', '0.6.0', '0.7.0', { intelRdt: {} }, {}],
    ['additionalGids', '0.6.0', '0.7.0', { additionalGids: [0] }, {}],
    ['the same for all devices', '0.6.0', '0.7.0', ENV, { containerEdits: { additionalGids: [1] } }],
    ['schemata, though empty', '1.0.0', '1.1.0', { intelRdt: { schemata: [] } }, {}],
    ['enableMonitoring', '1.0.0', '1.1.0', { intelRdt: { enableMonitoring: true } }, {}],
    ['netDevices', '1.0.0', '1.1.0', { netDevices: [{ hostInterfaceName: 'a', name: 'b' }] }, {}],
  ])('%s: too new for %s, not for %s', (_, older, version, edits, more) => {
    expect(checked(specWith(edits, { ...more, cdiVersion: older }))).toBe(
      `the spec version must be at least v${version}`,
    );
    expect(checked(specWith(edits, { ...more, cdiVersion: version }))).toMatchObject({ cdiVersion: version });
  });

  test('enableMonitoring that is off is nothing new', () => {
    expect(
      checked(specWith({ intelRdt: { enableMonitoring: false } }, { cdiVersion: '0.7.0' })),
    ).toBeInstanceOf(Object);
  });
});

describe('edits', () => {
  test.each([
    [
      'variable without a name',
      { env: ['=x'] },
      'invalid container edits: invalid environment variable "=x"',
    ],
    [
      'variable without a value',
      { env: ['A=1', 'NOEQ'] },
      'invalid container edits: invalid environment variable "NOEQ"',
    ],
    ['null for a variable', { env: [null] }, 'invalid container edits: invalid environment variable ""'],
    ['node without a path', { deviceNodes: [{ type: 'c' }] }, 'invalid (empty) device path'],
    ['type of a node', { deviceNodes: [{ path: '/d', type: 'x' }] }, 'device "/d": invalid type "x"'],
    [
      'every device there is',
      { deviceNodes: [{ path: '/d', major: 1, minor: -1 }] },
      'device "/d": invalid (negative) device number 1:-1',
    ],
    [
      'permissions',
      { deviceNodes: [{ path: '/d', permissions: 'rwx' }] },
      'device "/d": invalid permissions "rwx"',
    ],
    ['name of a hook', { hooks: [{ ...HOOK, hookName: 'bogus' }] }, 'invalid hook name "bogus"'],
    ['hook without a path', { hooks: [{ hookName: 'prestart' }] }, 'invalid hook "prestart" with empty path'],
    [
      'variable of a hook',
      { hooks: [{ ...HOOK, env: ['X'] }] },
      'invalid hook "prestart": invalid environment variable "X"',
    ],
    [
      'hook with a relative path',
      { hooks: [{ ...HOOK, path: 'bin/h' }] },
      'invalid hook "prestart": path "bin/h" is not absolute',
    ],
    ['mount from nowhere', { mounts: [{ containerPath: '/c' }] }, 'invalid mount, empty host path'],
    ['mount to nowhere', { mounts: [{ hostPath: '/h' }] }, 'invalid mount, empty container path'],
    ['ClosID with a slash', { intelRdt: { closID: 'a/b' } }, 'invalid ClosID'],
    ['ClosID that is too long', { intelRdt: { closID: 'é'.repeat(2048) } }, 'invalid ClosID'],
    [
      'interface of no name',
      { netDevices: [{ name: 'b' }] },
      'invalid linux net device, empty HostInterfaceName',
    ],
    [
      'interface to no name',
      { netDevices: [{ hostInterfaceName: 'a' }] },
      'invalid linux net device, empty Name',
    ],
    [
      'one interface, two names',
      {
        netDevices: [
          { hostInterfaceName: 'a', name: 'x' },
          { hostInterfaceName: 'a', name: 'y' },
        ],
      },
      'invalid linux net device, duplicate HostInterfaceName "a" with names "y" and "x"',
    ],
    [
      'two interfaces, one name',
      {
        netDevices: [
          { hostInterfaceName: 'a', name: 'x' },
          { hostInterfaceName: 'b', name: 'x' },
        ],
      },
      'invalid linux net device, duplicate Name "x" with HostInterfaceName "b" and "a"',
    ],
  ])('%s', (_, edits, fault) => {
    expect(checked(specWith(edits))).toBe(`failed add device "d": invalid device "d": ${fault}`);
    expect(checked(specWith(ENV, { containerEdits: edits }))).toBe(fault);
  });

  test.each([
    ['every letter of the permissions, and again', { deviceNodes: [{ path: '/d', permissions: 'rwmrwm' }] }],
    ['no permissions', { deviceNodes: [{ path: '/d', permissions: 'none' }] }],
    ['a relative path of a node, which upstream takes', { deviceNodes: [{ path: 'd' }] }],
    ['the root ClosID', { intelRdt: { closID: '/' } }],
    ['the longest ClosID', { intelRdt: { closID: 'c'.repeat(4095) } }],
    ['a variable without a value', { env: ['A='] }],
    ['a timeout of nothing', { hooks: [{ ...HOOK, timeout: 0 }] }],
  ])('sound: %s', (_, edits) => {
    expect(checked(specWith(edits))).toMatchObject({ devices: [{ containerEdits: edits }] });
  });
});

test.each([
  [
    'a device without edits',
    { devices: [{ name: 'd', containerEdits: {} }] },
    'failed add device "d": invalid device, empty device edits',
  ],
  [
    'edits that are empty lists',
    { devices: [{ name: 'd', containerEdits: { env: [] } }] },
    'failed add device "d": invalid device, empty device edits',
  ],
  ['null for a device', { devices: [null] }, 'failed add device "": invalid (empty) device name'],
  [
    'two devices of one name',
    { devices: ['d', 'd'].map((name) => ({ name, containerEdits: ENV })) },
    'invalid spec, multiple device "d"',
  ],
  ['no devices', { devices: [] }, 'invalid spec, no devices'],
  ['no kind', { kind: '' }, 'invalid vendor. empty name'],
  ['no vendor', { kind: '/c' }, 'invalid vendor. empty name'],
  ['version before kind', { kind: '', cdiVersion: '9' }, 'invalid version "9"'],
  [
    'kind before edits',
    { kind: 'v/c-', containerEdits: { env: ['x'] } },
    'invalid class. "c-", should end with a letter or digit',
  ],
  [
    'edits before devices',
    { containerEdits: { env: ['x'] }, devices: [] },
    'invalid container edits: invalid environment variable "x"',
  ],
])('%s', (_, more, fault) => {
  expect(checked(specWith(ENV, more))).toBe(fault);
});

test('annotations may be called anything, as upstream has it', () => {
  expect(checked(specWith(ENV, { annotations: { 'bad key!': 'v' } }))).toBeInstanceOf(Object);
});
