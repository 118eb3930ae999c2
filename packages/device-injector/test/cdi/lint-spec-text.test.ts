import { describe, expect, test } from '@jest/globals';

import { checkSpecText, isMisnamedSpec, lintSpecText } from '../../src/index.js';
import { specWith } from './spec-text.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const linted = (edits: object, more: object = {}) =>
  lintSpecText('/etc/cdi/v.json', bytesOf(specWith(edits, more))).map(({ pointer, message }) => [
    pointer?.replace('/devices/0/containerEdits/', ''),
    message.replace('device "d": ', ''),
  ]);

const MOUNT = { hostPath: '/h', containerPath: '/c' };
const refused = (says: string) =>
  `the mount at "/c" ${says} and neither the option "bind" nor "rbind": runc and crun refuse the container`;

describe('what the CDI library takes, and a runtime does not', () => {
  test.each<
    [title: string, edits: object, ...found: readonly (readonly [pointer: string, message: string])[]]
  >([
    ['a mount of no kind', { mounts: [MOUNT] }, ['mounts/0', refused('has no type')]],
    ['with other options', { mounts: [{ ...MOUNT, options: ['ro'] }] }, ['mounts/0', refused('has no type')]],
    [
      'of the type bind alone',
      { mounts: [{ ...MOUNT, type: 'bind' }] },
      ['mounts/0', refused('has the type "bind"')],
    ],
    [
      'of the type none',
      { mounts: [{ ...MOUNT, type: 'none' }] },
      ['mounts/0', refused('has the type "none"')],
    ],
    [
      'a relative place on the host',
      { mounts: [{ ...MOUNT, hostPath: 'h', options: ['bind'] }] },
      ['mounts/0/hostPath', 'the mount at "/c" has the relative hostPath "h": begin it with "/"'],
    ],
    [
      'a relative place in the container',
      { mounts: [{ ...MOUNT, containerPath: './c', options: ['rbind'] }] },
      ['mounts/0/containerPath', 'the mount has the relative containerPath "./c": begin it with "/"'],
    ],
    [
      'the root of the container',
      { mounts: [{ ...MOUNT, containerPath: '/x/..', options: ['rbind'] }] },
      ['mounts/0/containerPath', 'the mount at "/" hides the root of the container'],
    ],
    [
      'relative paths of a device node',
      { deviceNodes: [{ path: 'dev/d', hostPath: 'd' }] },
      ['deviceNodes/0/path', 'the device node has the relative path "dev/d": begin it with "/"'],
      ['deviceNodes/0/hostPath', 'the device node "dev/d" has the relative hostPath "d": begin it with "/"'],
    ],
    [
      'all of them, not only the first',
      {
        mounts: [MOUNT, { ...MOUNT, options: ['bind'] }, MOUNT],
        deviceNodes: [{ path: '/a' }, { path: 'b' }],
      },
      ['deviceNodes/1/path', 'the device node has the relative path "b": begin it with "/"'],
      ['mounts/0', refused('has no type')],
      ['mounts/2', refused('has no type')],
    ],
  ])('%s', (_title, edits, ...found) => {
    expect(linted(edits)).toEqual(found);
    const global = linted({ env: ['A=1'] }, { containerEdits: edits });
    expect(global).toEqual(found.map(([pointer, message]) => [`/containerEdits/${pointer}`, message]));
    // The registry goes on as the library does.
    expect(checkSpecText('v.json', bytesOf(specWith(edits)))).toHaveProperty('spec');
  });

  test.each<[title: string, edits: object]>([
    ['a bind mount', { mounts: [{ ...MOUNT, options: ['ro', 'bind'] }] }],
    ['a recursive one, whatever its type', { mounts: [{ ...MOUNT, type: 'none', options: ['rbind'] }] }],
    [
      'a file system of a type, whose source is no path',
      { mounts: [{ ...MOUNT, hostPath: 'tmpfs', type: 'tmpfs' }] },
    ],
    ['a device node', { deviceNodes: [{ path: '/dev/d', hostPath: '/dev/h' }] }],
    ['a hook', { hooks: [{ hookName: 'prestart', path: '/h' }] }],
  ])('sound: %s', (_title, edits) => {
    expect(linted(edits)).toEqual([]);
  });

  test('where it stands', () => {
    const text =
      'cdiVersion: 0.6.0\nkind: v.com/e\ndevices:\n- name: a\n  containerEdits:\n    mounts:\n    - hostPath: /x\n      containerPath: y\n';
    expect(lintSpecText('v.yaml', bytesOf(text))).toMatchObject([
      { path: 'v.yaml', line: 8, column: 7 },
      { path: 'v.yaml', line: 7, column: 7 },
    ]);
  });

  test('what cannot be loaded has one problem', () => {
    expect(lintSpecText('v.json', bytesOf('{'))).toEqual([checkSpecText('v.json', bytesOf('{'))]);
  });
});

test.each([
  ['nvidia.yml', true],
  ['nvidia.YAML', true],
  ['nvidia.Json', true],
  ['nvidia.yaml', false],
  ['nvidia.json', false],
  ['nvidia.yml.bak', false],
  ['README.md', false],
  ['yml', false],
])('the name %s', (name, isOne) => {
  expect(isMisnamedSpec(name)).toBe(isOne);
});
