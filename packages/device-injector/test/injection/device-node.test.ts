import { describe, expect, test } from '@jest/globals';

import type { CdiDeviceNode } from '../../src/index.js';
import { editedBy } from './scene.js';

const HOST = {
  devices: [
    { path: '/dev/null', kind: 'character', major: 1, minor: 3 },
    { path: '/dev/disk', kind: 'block', major: 8, minor: 1 },
  ],
  fifos: ['/run/fifo'],
  others: ['/run/socket'],
  files: { '/etc/file': '' },
  symlinks: { '/dev/link': '/dev/null' },
  access: { '/run/fifo': { mode: 0o4640 } },
  failures: { '/dev/locked': 'EACCES' },
} as const;

const nodeOf = (node: CdiDeviceNode) => {
  const { document, refusal } = editedBy({}, { deviceNodes: [node] }, HOST);
  return refusal === undefined ? document.spec.linux?.devices?.[0] : refusal;
};

describe('a node is filled from the host', () => {
  test.each<[title: string, node: CdiDeviceNode, expected: object]>([
    ['by its path', { path: '/dev/null' }, { type: 'c', major: 1, minor: 3, fileMode: 0o666 }],
    ['a block device', { path: '/dev/disk' }, { type: 'b', major: 8, minor: 1 }],
    ['by another path', { path: '/dev/x', hostPath: '/dev/null' }, { path: '/dev/x', major: 1, minor: 3 }],
    ['its mode is kept', { path: '/dev/null', fileMode: 0o600 }, { fileMode: 0o600 }],
    ['with the bit of setuid', { path: '/run/fifo' }, { type: 'p', major: 0, minor: 0, fileMode: 0o4640 }],
    ['a number without a type', { path: '/dev/null', major: 7, minor: 8 }, { type: 'c', major: 7, minor: 8 }],
    ['a minor alone is not believed', { path: '/dev/null', minor: 7 }, { major: 1, minor: 3 }],
    [
      'said in full, only its mode',
      { path: '/dev/null', type: 'b', major: 9, minor: 9 },
      { type: 'b', fileMode: 0o666 },
    ],
    ['said in full, and not there', { path: '/dev/no', type: 'c', major: 9 }, { major: 9, minor: 0 }],
    [
      'said in full, and a symlink',
      { path: '/dev/link', type: 'c', major: 9, minor: 1 },
      { major: 9, minor: 1 },
    ],
    ['said in full, and out of reach', { path: '/dev/locked', type: 'c', major: 9 }, { major: 9 }],
    ['a FIFO said in full', { path: '/run/no', type: 'p' }, { type: 'p', major: 0, minor: 0 }],
  ])('%s', (_, node, expected) => {
    expect(nodeOf(node)).toMatchObject({ path: node.path, ...expected });
  });

  test('and none is made up: said in full and not there, it has no mode', () => {
    expect(nodeOf({ path: '/dev/no', type: 'c', major: 9 })).not.toHaveProperty('fileMode');
    expect(nodeOf({ path: '/dev/link', type: 'c', major: 9 })).not.toHaveProperty('fileMode');
  });
});

describe('a container is refused where a node', () => {
  test.each<[title: string, node: CdiDeviceNode, said: string]>([
    ['is not there', { path: '/dev/no' }, 'failed to stat CDI host device "/dev/no": it is not there'],
    [
      'has a type and is not there',
      { path: '/dev/no', type: 'c' },
      'failed to stat CDI host device "/dev/no"',
    ],
    ['is a folder', { path: '/etc' }, 'failed to stat CDI host device "/etc": not a device node'],
    ['is a file', { path: '/etc/file' }, 'not a device node'],
    ['is a socket', { path: '/run/socket' }, 'not a device node'],
    ['is a symlink to a device', { path: '/dev/link' }, 'not a device node'],
    ['cannot be looked at', { path: '/dev/locked' }, 'failed to stat CDI host device "/dev/locked": EACCES'],
    ['is relative', { path: 'dev/null' }, 'failed to stat CDI host device "dev/null": not an absolute path'],
    [
      'is of another type',
      { path: '/dev/x', hostPath: '/dev/null', type: 'b' },
      'CDI device ("/dev/x", "/dev/null"), host type mismatch (b, c)',
    ],
    ['is unbuffered', { path: '/dev/null', type: 'u' }, 'host type mismatch (u, c)'],
  ])('%s', (_, node, said) => {
    const refusal = nodeOf(node);
    expect(refusal).toMatchObject({
      code: 'ERR_CDI_DEVICE_NODE',
      message: expect.stringContaining(said),
      details: { path: node.path },
    });
    // podman takes these words for an error of its own.
    expect(JSON.stringify(refusal)).not.toMatch(/no such file|permission denied|not found/i);
  });
});
