import { describe, expect, test } from '@jest/globals';
import { containerKind } from '../src/index.js';
import { findMountHint, LINT_CODES, readMountHints, readRootfsHint } from '../src/lint.js';

const CONTAINERD = 'io.kubernetes.cri.container-type';
const CRIO = 'io.kubernetes.cri-o.ContainerType';
const CONTAINERD_ID = 'io.kubernetes.cri.sandbox-id';
const CRIO_ID = 'io.kubernetes.cri-o.SandboxID';

describe('the kind of a container', () => {
  test.each([
    [undefined, { kind: 'unspecified' }],
    [{}, { kind: 'unspecified' }],
    [{ [CONTAINERD_ID]: 'a' }, { kind: 'unspecified' }],
    [{ [CONTAINERD]: 1, [CRIO]: null }, { kind: 'unspecified' }],
    [
      { [CONTAINERD]: 'sandbox', [CRIO]: 'container' },
      { kind: 'sandbox', key: CONTAINERD },
    ],
    [{ [CRIO]: 'sandbox' }, { kind: 'sandbox', key: CRIO }],
    [
      { [CONTAINERD]: '', [CRIO]: 'sandbox' },
      { kind: 'unknown', key: CONTAINERD, value: '' },
    ],
    [{ [CRIO]: 'Sandbox' }, { kind: 'unknown', key: CRIO, value: 'Sandbox' }],
    [{ [CONTAINERD]: 'container' }, { kind: 'container', key: CONTAINERD, sandbox: undefined }],
    [
      { [CONTAINERD]: 'container', [CRIO_ID]: 'b' },
      { kind: 'container', key: CONTAINERD, sandbox: 'b' },
    ],
    [
      { [CRIO]: 'container', [CONTAINERD_ID]: 'a', [CRIO_ID]: 'b' },
      { kind: 'container', key: CRIO, sandbox: 'a' },
    ],
    [
      { [CRIO]: 'container', [CONTAINERD_ID]: '', [CRIO_ID]: 'b' },
      { kind: 'container', key: CRIO, sandbox: '' },
    ],
  ])('%j: %j', (annotations, kind) => {
    expect(containerKind(annotations)).toEqual(kind);
  });
});

const hint = (name: string, fields: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [`dev.gvisor.spec.mount.${name}.${field}`, value]),
  );
const whole = { source: '/a', type: 'tmpfs', share: 'pod' } as const;

describe('mount hints', () => {
  test('all fields of two of them', () => {
    const annotations = {
      ...hint('one', { ...whole, options: 'ro,noexec', directfs: 'off' }),
      other: 'x',
      ...hint('two', { ...whole, source: '/b', type: 'bind', share: 'shared' }),
    };
    const { hints, faults } = readMountHints(annotations);
    expect(hints).toEqual([
      { name: 'one', ...whole, options: ['ro', 'noexec'], directfs: 'off' },
      { name: 'two', source: '/b', type: 'bind', share: 'shared', options: [] },
    ]);
    expect(faults).toEqual([]);
    expect(findMountHint(hints, '/b')?.name).toBe('two');
    expect(['/b/', '/', 'b', ''].map((source) => findMountHint(hints, source))).toEqual(
      Array(4).fill(undefined),
    );
  });

  test.each([
    ['a name with a dot', hint('a.b', { type: 'bind' }), ['NAME a.b.type'], 0],
    ['no name', hint('', { type: 'bind' }), ['NAME .type'], 0],
    ['no field', { 'dev.gvisor.spec.mount.a': 'x' }, ['NAME a'], 0],
    ['nothing at all', { 'dev.gvisor.spec.mount.': 'x' }, ['NAME '], 0],
    ['an empty source', hint('a', { ...whole, source: '' }), ['FIELD a.source', 'INCOMPLETE a.source'], 0],
    ['a wrong type', hint('a', { ...whole, type: 'erofs' }), ['FIELD a.type', 'INCOMPLETE a.type'], 0],
    ['a wrong share', hint('a', { ...whole, share: 'Pod' }), ['FIELD a.share', 'INCOMPLETE a.share'], 0],
    ['a wrong directfs', hint('a', { ...whole, directfs: 'on' }), ['FIELD a.directfs'], 1],
    ['an unknown field', hint('a', { ...whole, toString: 'x' }), ['FIELD a.toString'], 1],
    ['an option left out', hint('a', { ...whole, options: 'ro,shared' }), ['FIELD a.options'], 1],
    ['two things missing', hint('a', { type: 'bind' }), ['INCOMPLETE a.source'], 0],
    ['a value that is no text', hint('a', { ...whole, type: 1 }), ['INCOMPLETE a.type'], 0],
    ['one source twice', { ...hint('a', whole), ...hint('b', whole) }, ['SOURCE b.source'], 2],
    [
      'one source thrice',
      { ...hint('a', whole), ...hint('b', whole), ...hint('c', whole) },
      ['SOURCE b.source', 'SOURCE c.source'],
      3,
    ],
    [
      'one source, and the first is incomplete',
      { ...hint('a', { source: '/a' }), ...hint('b', whole) },
      ['INCOMPLETE a.type', 'SOURCE b.source'],
      1,
    ],
    [
      'one source, and both are incomplete',
      { ...hint('a', { source: '/a' }), ...hint('b', { source: '/a' }) },
      ['INCOMPLETE a.type', 'INCOMPLETE b.type'],
      0,
    ],
    ['a container that joins', { [CONTAINERD]: 'container', ...hint('a.b', whole) }, [], 0],
    ['a sandbox', { [CRIO]: 'sandbox', ...hint('a', whole) }, [], 1],
  ])('%s', (_name, annotations, wanted, count) => {
    const { hints, faults } = readMountHints(annotations);
    const short = faults.map(
      ({ code, key }) =>
        `${code.slice('LINT_MOUNT_HINT_'.length)} ${key.slice('dev.gvisor.spec.mount.'.length)}`,
    );
    expect({ short, count: hints.length }).toEqual({ short: wanted, count });
  });

  test('text from annotations is escaped', () => {
    const { faults } = readMountHints({
      ...hint('a', { ...whole, type: '\u001b[31m' }),
      ...hint('\n.b', whole),
    });
    expect(faults.map(({ message }) => message).join('')).not.toMatch(/\p{Cc}/u);
  });
});

describe('the rootfs hint', () => {
  const prefix = 'dev.gvisor.spec.rootfs.';
  const read = (fields: Readonly<Record<string, unknown>>) =>
    readRootfsHint(
      Object.fromEntries(Object.entries(fields).map(([field, value]) => [`${prefix}${field}`, value])),
    );
  const root = { source: '/r', type: 'bind' } as const;

  test.each([
    [{}, undefined],
    [root, { ...root, overlay: '' }],
    [
      { source: '/r', type: 'erofs', overlay: 'memory' },
      { source: '/r', type: 'erofs', overlay: 'memory' },
    ],
    [
      { ...root, overlay: 'self' },
      { ...root, overlay: 'self' },
    ],
    [
      { ...root, overlay: 'dir=/o/p' },
      { ...root, overlay: 'dir=/o/p' },
    ],
    [
      { ...root, overlay: '', options: 'size=1m,size=2m' },
      { ...root, overlay: '', size: '2m' },
    ],
    [
      { ...root, directfs: 'off' },
      { ...root, overlay: '', directfs: 'off' },
    ],
  ])('%j is one', (fields, hint) => {
    const { hint: found, faults } = read(fields);
    expect(found).toEqual(hint);
    expect(faults.filter(({ code }) => code !== 'LINT_ROOTFS_HINT_NEWER')).toEqual([]);
    expect(faults).toHaveLength('options' in fields || 'directfs' in fields ? 1 : 0);
  });

  test.each([
    [{ source: '/r' }, ['LINT_ROOTFS_HINT_INCOMPLETE type']],
    [{ overlay: 'self' }, ['LINT_ROOTFS_HINT_INCOMPLETE source']],
    [{ ...root, source: 'r' }, ['LINT_ROOTFS_HINT source']],
    [{ ...root, source: '' }, ['LINT_ROOTFS_HINT source']],
    [{ ...root, type: 'tmpfs' }, ['LINT_ROOTFS_HINT type']],
    [{ ...root, overlay: 'none' }, ['LINT_ROOTFS_HINT overlay']],
    [{ ...root, overlay: 'dir=o' }, ['LINT_ROOTFS_HINT overlay']],
    [{ ...root, options: '' }, ['LINT_ROOTFS_HINT options']],
    [{ ...root, options: 'size=1m,ro' }, ['LINT_ROOTFS_HINT options']],
    [{ ...root, directfs: '' }, ['LINT_ROOTFS_HINT directfs']],
    [{ ...root, 'a.b': 'x', share: 'pod' }, ['LINT_ROOTFS_HINT a.b', 'LINT_ROOTFS_HINT share']],
  ])('%j is none', (fields, wanted) => {
    const { hint, faults } = read(fields);
    expect(hint).toBeUndefined();
    expect(faults.map(({ code, key }) => `${code} ${key.slice(prefix.length)}`)).toEqual(wanted);
    for (const { code } of faults) expect(LINT_CODES[code].rejectedBy).toHaveLength(1);
  });
});
