import { describe, expect, test } from '@jest/globals';
import {
  memoryHost,
  pvcMount,
  pvcPath,
  withAnnotation,
  withMount,
  withRoot,
} from '@opencontainers-ts/rootfs-rewriter/testing';
import type { JsonPatch } from '@opencontainers-ts/runtime-spec';
import { ask, GOOD, POD, type Scene, VOLUME, VOLUME_PATH } from '../scene.js';

const mark = (key: string, value: string) =>
  ({ op: 'add', path: `/annotations/sgs.snucse.org~1${key}`, value }) as const;
const marked = (folder: string): JsonPatch => [
  mark('original-root', 'rootfs'),
  mark('boot-volume-active', 'true'),
  mark('boot-volume', folder),
  mark('boot-volume-strategy', 'replace'),
  mark('boot-volume-rule', 'pvc-rootfs'),
];
/** The mounts of a scene stand behind /proc, which `makeSpec` puts first. */
const moved = (path: string, ...removed: number[]): JsonPatch => [
  { op: 'replace', path: '/root/path', value: path },
  ...removed.map((index) => ({ op: 'remove' as const, path: `/mounts/${index}` })),
  ...marked(path),
];
const other = { destination: '/other', type: 'bind', source: '/srv/other', options: ['rbind'] };
const at = (location: Parameters<typeof pvcPath>[0], destination = '/mnt', ...options: string[]) =>
  pvcMount({ ...location, destination, ...(options.length > 0 ? { options } : {}) });

const nfs = { podUid: POD, volume: 'pv-7', plugin: 'nfs' };
const local = { podUid: POD, volume: 'pv-8', plugin: 'local-volume' };
const iscsi = { podUid: POD, volume: 'mount', plugin: 'iscsi' };
const subpath = { ...VOLUME, subpath: { container: 'main', index: 2 } };
const k3s = { ...VOLUME, kubeletRoot: '/var/lib/rancher/k3s/agent/kubelet' };

describe('layouts that are accepted, with the exact patch', () => {
  test.each<[string, Scene, JsonPatch]>([
    ['CSI by name', {}, moved(VOLUME_PATH, 1)],
    ['CSI by destination', { value: '/mnt' }, moved(VOLUME_PATH, 1)],
    ['a trailing slash in the value', { value: '/mnt/' }, moved(VOLUME_PATH, 1)],
    [
      'a trailing slash in the mount',
      { value: '/mnt', mounts: [at(VOLUME, '/mnt/')] },
      moved(VOLUME_PATH, 1),
    ],
    ['nfs', { value: 'pv-7', mounts: [at(nfs)], host: { mounts: [pvcPath(nfs)] } }, moved(pvcPath(nfs), 1)],
    [
      'local volume',
      { value: 'pv-8', mounts: [at(local)], host: { mounts: [pvcPath(local)] } },
      moved(pvcPath(local), 1),
    ],
    [
      'iscsi, named like a folder of CSI',
      { value: 'mount', mounts: [at(iscsi)], host: { mounts: [pvcPath(iscsi)] } },
      moved(pvcPath(iscsi), 1),
    ],
    [
      'subpath by name',
      { mounts: [at(subpath)], host: { mounts: [pvcPath(subpath), VOLUME_PATH] } },
      moved(pvcPath(subpath), 1),
    ],
    [
      'subpath by destination',
      {
        value: '/mnt',
        mounts: [at(subpath), at(VOLUME, '/whole')],
        host: { mounts: [pvcPath(subpath), VOLUME_PATH] },
      },
      moved(pvcPath(subpath), 1),
    ],
    [
      'another kubelet root',
      {
        mounts: [at(k3s)],
        host: { mounts: [pvcPath(k3s)] },
        options: { kubeletRoot: `${k3s.kubeletRoot}/` },
      },
      moved(pvcPath(k3s), 1),
    ],
    [
      'a kubelet root that is a symlink, source resolved',
      {
        mounts: [at({ ...VOLUME, kubeletRoot: '/data/kubelet' })],
        host: {
          symlinks: { '/var/lib/kubelet': '/data/kubelet' },
          mounts: [pvcPath({ ...VOLUME, kubeletRoot: '/data/kubelet' })],
        },
      },
      moved(pvcPath({ ...VOLUME, kubeletRoot: '/data/kubelet' }), 1),
    ],
    [
      'a kubelet root that is a symlink, source not resolved',
      {
        host: {
          symlinks: { '/var/lib/kubelet': '/data/kubelet' },
          mounts: [pvcPath({ ...VOLUME, kubeletRoot: '/data/kubelet' })],
        },
      },
      moved(pvcPath({ ...VOLUME, kubeletRoot: '/data/kubelet' }), 1),
    ],
    [
      'slashes doubled in the source',
      { mounts: [{ ...at(VOLUME), source: VOLUME_PATH.replaceAll('/', '//') }] },
      moved(VOLUME_PATH, 1),
    ],
    [
      'a bind mount by its type alone',
      { mounts: [{ destination: '/mnt', type: 'bind', source: VOLUME_PATH }] },
      moved(VOLUME_PATH, 1),
    ],
    [
      'a bind mount by its options alone',
      { mounts: [{ destination: '/mnt', type: 'none', source: VOLUME_PATH, options: ['bind'] }] },
      moved(VOLUME_PATH, 1),
    ],
    [
      'all mounts of the same source go, the last first',
      { mounts: [at(VOLUME), other, at(VOLUME, '/again'), at({ ...VOLUME }, '/third')] },
      moved(VOLUME_PATH, 4, 3, 1),
    ],
    [
      'a mount of a folder below it stays',
      { mounts: [at(VOLUME), { ...at(VOLUME, '/sub'), source: `${VOLUME_PATH}/sub` }] },
      moved(VOLUME_PATH, 1),
    ],
    [
      'a mount of another kind with that source stays',
      { mounts: [at(VOLUME), { destination: '/x', type: 'ext4', source: VOLUME_PATH }] },
      moved(VOLUME_PATH, 1),
    ],
    [
      'by destination, the same source elsewhere read-only goes too',
      { value: '/mnt', mounts: [at(VOLUME), at(VOLUME, '/ro', 'rbind', 'ro')] },
      moved(VOLUME_PATH, 2, 1),
    ],
    [
      'a CSI volume that says it is persistent',
      {
        host: {
          mounts: [VOLUME_PATH],
          files: { [VOLUME_PATH.replace(/mount$/, 'vol_data.json')]: '{"volumeLifecycleMode":"Persistent"}' },
        },
      },
      moved(VOLUME_PATH, 1),
    ],
    [
      'a CSI volume beside an emptyDir of the same name',
      {
        host: {
          mounts: [VOLUME_PATH],
          directories: [VOLUME_PATH.replace('csi/pvc-1/mount', 'empty-dir/pvc-1')],
        },
      },
      moved(VOLUME_PATH, 1),
    ],
    [
      'not mounted, where that is allowed',
      { host: { directories: [VOLUME_PATH] }, options: { requireMountPoint: false } },
      moved(VOLUME_PATH, 1),
    ],
    [
      'the pod that containerd names',
      {
        spec: [
          withAnnotation('io.kubernetes.cri.container-type', 'container'),
          withAnnotation('io.kubernetes.cri.sandbox-uid', POD),
        ],
      },
      moved(VOLUME_PATH, 1),
    ],
    [
      'the pod that CRI-O names',
      {
        spec: [withAnnotation('io.container.manager', 'cri-o'), withAnnotation('io.kubernetes.pod.uid', POD)],
      },
      moved(VOLUME_PATH, 1),
    ],
    [
      'a folder of a hostPath provisioner that is named',
      {
        value: 'pvc-9_default_boot',
        mounts: [{ destination: '/mnt', type: 'bind', source: '/opt/local-path/pvc-9_default_boot' }],
        host: { directories: ['/opt/local-path/pvc-9_default_boot'] },
        options: { hostPathFolders: ['/opt/local-path'] },
      },
      moved('/opt/local-path/pvc-9_default_boot', 1),
    ],
  ])('%s', (_, scene, patch) => {
    const plan = ask(scene);
    expect(plan.refusal).toBeUndefined();
    expect(plan.decision).toBe('rewrite');
    expect(plan.patch).toEqual(patch);
  });

  test.each<[string, Scene]>([
    ['a sandbox of containerd', { spec: [withAnnotation('io.kubernetes.cri.container-type', 'sandbox')] }],
    [
      'a sandbox of CRI-O',
      {
        spec: [
          withAnnotation('io.container.manager', 'cri-o'),
          withAnnotation('io.kubernetes.cri-o.ContainerType', 'sandbox'),
        ],
      },
    ],
    [
      'a sandbox without the volume',
      { mounts: [], spec: [withAnnotation('io.kubernetes.cri.container-type', 'sandbox')] },
    ],
    [
      'a sandbox, whatever the value',
      { value: '', spec: [withAnnotation('io.kubernetes.cri.container-type', 'sandbox')] },
    ],
  ])('passes: %s', (_, scene) => {
    const plan = ask(scene);
    expect(plan.trace).toEqual([
      {
        rule: 'pvc-rootfs',
        outcome: {
          kind: 'pass',
          reason: 'sandbox container',
          because: {
            kind: 'failed-condition',
            condition: '/when/containerType',
            expected: 'container',
            found: 'sandbox',
          },
        },
      },
    ]);
    expect(plan.decision).toBe('pass');
  });
});

describe('root.readonly follows the mount, with as little change as can be', () => {
  const READONLY = '/root/readonly';
  test.each<[string, boolean | undefined, string[], JsonPatch]>([
    ['rw, member absent', undefined, ['rbind', 'rw'], []],
    ['rw, member false', false, ['rbind', 'rw'], []],
    ['rw, member true', true, ['rbind', 'rw'], [{ op: 'add', path: READONLY, value: false }]],
    ['neither, member absent', undefined, ['rbind'], []],
    ['ro, member absent', undefined, ['rbind', 'ro'], [{ op: 'add', path: READONLY, value: true }]],
    ['ro, member false', false, ['rbind', 'ro'], [{ op: 'add', path: READONLY, value: true }]],
    ['ro, member true', true, ['rbind', 'ro'], []],
    ['rro', undefined, ['rbind', 'rro'], [{ op: 'add', path: READONLY, value: true }]],
    ['ro and then rw', undefined, ['rbind', 'ro', 'rw'], []],
    ['rw and then ro', undefined, ['rbind', 'rw', 'ro'], [{ op: 'add', path: READONLY, value: true }]],
    [
      'rro is not undone by rw',
      undefined,
      ['rbind', 'rro', 'rw'],
      [{ op: 'add', path: READONLY, value: true }],
    ],
    ['rro and then rrw', undefined, ['rbind', 'rro', 'rrw'], []],
  ])('%s', (_, before, options, expected) => {
    const root = { path: 'rootfs', ...(before === undefined ? {} : { readonly: before }) };
    const plan = ask({ mounts: [at(VOLUME, '/mnt', ...options)], spec: [withRoot(root)] });
    expect(plan.decision).toBe('rewrite');
    expect(plan.patch.filter(({ path }) => path === READONLY)).toEqual(expected);
  });
});

describe('what goes with the patch', () => {
  test('the pin is the folder as the host knows it', () => {
    const entry = memoryHost(GOOD.host).lstat(VOLUME_PATH);
    expect(ask({}).pins).toEqual([{ path: VOLUME_PATH, dev: entry?.dev, ino: entry?.ino }]);
  });

  test('the facts for the log', () => {
    expect(ask({}).facts).toEqual({
      volume: 'pvc-1',
      destination: '/mnt',
      newRoot: VOLUME_PATH,
      strategy: 'replace',
    });
  });

  test('the previous root is kept word for word, and markers that were there are overwritten', () => {
    const spec = [
      withRoot({ path: './old//root/' }),
      withAnnotation('sgs.snucse.org/original-root', 'forged'),
      withAnnotation('sgs.snucse.org/boot-volume-active', 'forged'),
    ];
    expect(ask({ spec }).document.spec.annotations).toMatchObject({
      'sgs.snucse.org/original-root': './old//root/',
      'sgs.snucse.org/boot-volume-active': 'true',
    });
  });

  test.each<[string, Scene, number]>([
    [
      'options that a root has anyway',
      { mounts: [at(VOLUME, '/mnt', 'rbind', 'rprivate', 'rw', 'suid')] },
      0,
    ],
    ['shared propagation', { mounts: [at(VOLUME, '/mnt', 'rbind', 'rshared')] }, 1],
    ['slave propagation and noatime', { mounts: [at(VOLUME, '/mnt', 'rbind', 'rslave', 'noatime')] }, 2],
    ['a root that was read-only', { spec: [withRoot({ path: 'rootfs', readonly: true })] }, 1],
    [
      'a root that stays read-only',
      { mounts: [at(VOLUME, '/mnt', 'rbind', 'ro')], spec: [withRoot({ path: 'rootfs', readonly: true })] },
      0,
    ],
  ])('warnings: %s', (_, scene, count) => {
    const plan = ask(scene);
    expect(plan.decision).toBe('rewrite');
    expect(plan.warnings).toHaveLength(count);
  });

  test('another annotation as the trigger', () => {
    const options = { annotation: 'example.org/root' };
    expect(ask({ options }).decision).toBe('pass');
    expect(
      ask({ options, spec: [withAnnotation('example.org/root', '/mnt'), withMount(other)] }).decision,
    ).toBe('rewrite');
  });
});
