import { describe, expect, test } from '@jest/globals';
import { REWRITER_ERROR_CODES, type RewriterErrorCode } from '@opencontainers-ts/rootfs-rewriter';
import {
  memoryHost,
  pvcMount,
  pvcPath,
  type SpecOption,
  withAnnotation,
  withDevice,
  withMount,
} from '@opencontainers-ts/rootfs-rewriter/testing';
import type { Mount, Spec } from '@opencontainers-ts/runtime-spec';
import { ask, askAbout, GOOD, POD_FOLDER, type Scene, specOf, VOLUME, VOLUME_PATH } from './scene.js';

const at = (options: readonly string[], more: Partial<Mount> = {}): Mount => ({
  ...pvcMount({ ...VOLUME, destination: '/mnt', options }),
  ...more,
});
const idMapping = [{ containerID: 0, hostID: 100000, size: 65536 }];
const emptyDir = { podUid: VOLUME.podUid, volume: 'tmp', plugin: 'empty-dir' };
const ofKind = (plugin: string): Scene => {
  const volume = { ...emptyDir, plugin };
  return {
    value: 'tmp',
    mounts: [pvcMount({ ...volume, destination: '/tmp' })],
    host: { mounts: [pvcPath(volume)] },
  };
};
const subpath = { ...VOLUME, subpath: { container: 'main', index: 0 } };
const onSubpath = (host: Scene['host']): Scene => ({
  mounts: [pvcMount({ ...subpath, destination: '/mnt' })],
  host: { mounts: [pvcPath(subpath)], ...host },
});
const from = (source: string): Mount => ({ destination: '/mnt', type: 'bind', source, options: ['rbind'] });
const ephemeral = {
  [`${POD_FOLDER}/volumes/kubernetes.io~csi/pvc-1/vol_data.json`]: '{"volumeLifecycleMode":"Ephemeral"}',
};
const elsewhere = pvcPath({ podUid: 'u2', volume: 'pvc-1' });
const onContainerd = withAnnotation('io.kubernetes.cri.sandbox-uid', 'u1');
const without =
  (key: keyof Spec): SpecOption =>
  (spec) =>
    Object.fromEntries(Object.entries(spec).filter(([name]) => name !== key)) as unknown as Spec;
/** A member of a type that the specification does not allow. */
const broken =
  (members: Record<string, unknown>): SpecOption =>
  (spec) =>
    ({ ...spec, ...members }) as Spec;
const crio = withAnnotation('io.container.manager', 'cri-o');

/** Each row: the code, what is wrong, and the same scene with that put right, which is rewritten. */
const table: readonly (readonly [RewriterErrorCode, string, Scene, Scene?])[] = [
  ['ERR_VOLUME_SELECTOR', 'an empty value', { value: '' }],
  [
    'ERR_SPEC_FIELD',
    'a value that is a number',
    { spec: [broken({ annotations: { 'sgs.snucse.org/os-volume': 1 } })] },
  ],
  ['ERR_SPEC_FIELD', 'mounts that are an object', { spec: [broken({ mounts: {} })] }],
  [
    'ERR_SPEC_FIELD',
    'a mount that is null',
    { spec: [broken({ mounts: [...GOOD.mounts, 'x'] })] },
    { spec: [broken({ mounts: [...GOOD.mounts, {}] })] },
  ],
  [
    'ERR_SPEC_FIELD',
    'a destination that is a number',
    { spec: [withMount({ destination: 1 } as unknown as Mount)] },
  ],
  [
    'ERR_SPEC_FIELD',
    'options with a number',
    { spec: [withMount({ destination: '/x', options: [1] } as unknown as Mount)] },
  ],
  ['ERR_SPEC_FIELD', 'a root that is a text', { spec: [broken({ root: 'rootfs' })] }],
  [
    'ERR_SPEC_FIELD',
    'a read-only flag that is a text',
    { spec: [broken({ root: { path: 'rootfs', readonly: 'yes' } })] },
    { spec: [broken({ root: { path: 'rootfs', readonly: null } })] },
  ],
  [
    'ERR_SPEC_FIELD',
    'devices that are a text',
    { spec: [broken({ linux: { devices: 'x' } })] },
    { spec: [broken({ linux: null })] },
  ],
  [
    'ERR_POD_IDENTITY',
    'families that contradict each other',
    { spec: [crio, withAnnotation('io.kubernetes.cri.container-type', 'sandbox')] },
    { spec: [crio] },
  ],
  ['ERR_ROOT_MISSING', 'no root', { spec: [without('root')] }],
  ['ERR_ROOT_MISSING', 'a root that is null', { spec: [broken({ root: null })] }],
  ['ERR_ROOT_MISSING', 'an empty path', { spec: [broken({ root: { path: '' } })] }],
  ['ERR_VOLUME_NOT_FOUND', 'no mount at all', { mounts: [] }],
  ['ERR_VOLUME_NOT_FOUND', 'a claim name', { value: 'boot-pvc' }],
  ['ERR_VOLUME_NOT_FOUND', 'the beginning of a name', { value: 'pvc' }],
  ['ERR_VOLUME_NOT_FOUND', 'another case', { value: 'PVC-1' }],
  ['ERR_VOLUME_NOT_FOUND', 'a space behind the name', { value: 'pvc-1 ' }],
  [
    'ERR_VOLUME_NOT_FOUND',
    'a folder above the destination',
    { value: '/', mounts: GOOD.mounts },
    { value: '/mnt' },
  ],
  ['ERR_VOLUME_NOT_FOUND', 'a folder below the destination', { value: '/mnt/sub' }, { value: '/mnt' }],
  ['ERR_VOLUME_NOT_FOUND', 'the destination of a mount that is no bind mount', { value: '/proc' }],
  [
    'ERR_VOLUME_NOT_FOUND',
    'a volume that is mounted, but not by a bind mount',
    { mounts: [{ ...at([]), type: 'none' }] },
  ],
  [
    'ERR_VOLUME_AMBIGUOUS',
    'two volumes of one name',
    { mounts: [...GOOD.mounts, pvcMount({ ...VOLUME, plugin: 'nfs', destination: '/nfs' })] },
  ],
  [
    'ERR_VOLUME_AMBIGUOUS',
    'a volume and a subpath of it',
    { mounts: [...GOOD.mounts, pvcMount({ ...subpath, destination: '/sub' })] },
  ],
  [
    'ERR_VOLUME_AMBIGUOUS',
    'one source read-only and read-write',
    { mounts: [...GOOD.mounts, at(['rbind', 'ro'], { destination: '/ro' })] },
  ],
  [
    'ERR_VOLUME_AMBIGUOUS',
    'two volumes at one destination',
    {
      value: '/mnt',
      mounts: [...GOOD.mounts, pvcMount({ ...VOLUME, volume: 'pvc-2', destination: '/mnt/' })],
    },
  ],
  [
    'ERR_VOLUME_IS_BLOCK',
    'by name',
    {
      value: 'raw',
      spec: [onContainerd],
      host: { ...GOOD.host, symlinks: { [`${POD_FOLDER}/volumeDevices/kubernetes.io~csi/raw`]: '/dev/sdb' } },
    },
    { spec: [onContainerd] },
  ],
  [
    'ERR_VOLUME_IS_BLOCK',
    'by name, of an in-tree plugin',
    {
      value: 'raw',
      spec: [onContainerd],
      host: {
        ...GOOD.host,
        symlinks: { [`${POD_FOLDER}/volumeDevices/kubernetes.io~local-volume/raw`]: '/dev/sdb' },
      },
    },
  ],
  ['ERR_VOLUME_IS_BLOCK', 'by destination', { value: '/dev/xvda', spec: [withDevice('/dev/xvda')] }],
  [
    'ERR_VOLUME_IDMAPPED',
    'uid mappings',
    { mounts: [at(['rbind'], { uidMappings: idMapping })] },
    { mounts: [at(['rbind'], { uidMappings: [] })] },
  ],
  [
    'ERR_VOLUME_IDMAPPED',
    'gid mappings',
    { mounts: [at(['rbind'], { gidMappings: idMapping })] },
    { mounts: [at(['rbind'], { gidMappings: null })] },
  ],
  ['ERR_VOLUME_IDMAPPED', 'the option idmap', { mounts: [at(['rbind', 'idmap'])] }],
  ['ERR_VOLUME_IDMAPPED', 'the option ridmap', { mounts: [at(['rbind', 'ridmap'])] }],
  [
    'ERR_VOLUME_OPTIONS',
    'noexec',
    { mounts: [at(['rbind', 'noexec'])] },
    { mounts: [at(['rbind', 'noexec', 'exec'])] },
  ],
  [
    'ERR_VOLUME_OPTIONS',
    'nosuid',
    { mounts: [at(['rbind', 'suid', 'nosuid'])] },
    { mounts: [at(['rbind', 'suid'])] },
  ],
  ['ERR_VOLUME_OPTIONS', 'nodev', { mounts: [at(['rbind', 'nodev'])] }],
  ['ERR_VOLUME_OPTIONS', 'nosymfollow', { mounts: [at(['rbind', 'nosymfollow'])] }],
  [
    'ERR_VOLUME_OPTIONS',
    'rnoexec',
    { mounts: [at(['rbind', 'rnoexec', 'exec'])] },
    { mounts: [at(['rbind', 'rnoexec', 'rexec'])] },
  ],
  ['ERR_VOLUME_NOT_PERSISTENT', 'emptyDir', ofKind('empty-dir'), ofKind('nfs')],
  ['ERR_VOLUME_NOT_PERSISTENT', 'emptyDir by destination', { ...ofKind('empty-dir'), value: '/tmp' }],
  ['ERR_VOLUME_NOT_PERSISTENT', 'configMap', ofKind('configmap')],
  ['ERR_VOLUME_NOT_PERSISTENT', 'secret', ofKind('secret')],
  ['ERR_VOLUME_NOT_PERSISTENT', 'projected', ofKind('projected')],
  ['ERR_VOLUME_NOT_PERSISTENT', 'downwardAPI', ofKind('downward-api')],
  ['ERR_VOLUME_NOT_PERSISTENT', 'gitRepo', ofKind('git-repo')],
  ['ERR_VOLUME_NOT_PERSISTENT', 'ephemeral CSI', { host: { ...GOOD.host, files: ephemeral } }],
  [
    'ERR_VOLUME_NOT_PERSISTENT',
    'subpath of an emptyDir',
    onSubpath({ directories: [`${POD_FOLDER}/volumes/kubernetes.io~empty-dir/pvc-1`] }),
    onSubpath({}),
  ],
  [
    'ERR_VOLUME_NOT_PERSISTENT',
    'subpath of a secret',
    onSubpath({ directories: [`${POD_FOLDER}/volumes/kubernetes.io~secret/pvc-1`] }),
  ],
  ['ERR_VOLUME_NOT_PERSISTENT', 'subpath of an ephemeral CSI volume', onSubpath({ files: ephemeral })],
  [
    'ERR_VOLUME_OUTSIDE_KUBELET',
    'hostPath',
    { value: '/mnt', mounts: [from('/srv/data')], host: { mounts: ['/srv/data'] } },
  ],
  ['ERR_VOLUME_OUTSIDE_KUBELET', 'a relative source', { value: '/mnt', mounts: [from('var/lib/kubelet')] }],
  [
    'ERR_VOLUME_OUTSIDE_KUBELET',
    'a folder that only begins like the root of the kubelet',
    { value: '/mnt', mounts: [from(VOLUME_PATH.replace('kubelet', 'kubelet2'))] },
  ],
  [
    'ERR_VOLUME_OUTSIDE_KUBELET',
    'a symlink to the volume from outside',
    {
      value: '/mnt',
      mounts: [from('/srv/link')],
      host: { ...GOOD.host, symlinks: { '/srv/link': VOLUME_PATH } },
    },
  ],
  [
    'ERR_VOLUME_OUTSIDE_KUBELET',
    'the root of the kubelet itself',
    { value: '/mnt', mounts: [from('/var/lib/kubelet')] },
  ],
  [
    'ERR_VOLUME_LAYOUT',
    'a folder below the volume',
    {
      value: '/mnt',
      mounts: [from(`${VOLUME_PATH}/sub`)],
      host: { ...GOOD.host, directories: [`${VOLUME_PATH}/sub`] },
    },
  ],
  ['ERR_VOLUME_LAYOUT', 'a file of the pod', { value: '/mnt', mounts: [from(`${POD_FOLDER}/etc-hosts`)] }],
  [
    'ERR_VOLUME_LAYOUT',
    'a folder below that of a hostPath provisioner',
    {
      value: '/mnt',
      mounts: [from('/opt/p/v/sub')],
      host: { directories: ['/opt/p/v/sub'] },
      options: { hostPathFolders: ['/opt/p'] },
    },
    {
      value: '/mnt',
      mounts: [from('/opt/p/v')],
      host: { directories: ['/opt/p/v/sub'] },
      options: { hostPathFolders: ['/opt/p'] },
    },
  ],
  [
    'ERR_VOLUME_OTHER_POD',
    'by the uid of containerd',
    { mounts: [from(elsewhere)], host: { mounts: [elsewhere] }, spec: [onContainerd] },
    { mounts: [from(elsewhere)], host: { mounts: [elsewhere] } },
  ],
  [
    'ERR_VOLUME_OTHER_POD',
    'by the uid of CRI-O',
    {
      mounts: [from(elsewhere)],
      host: { mounts: [elsewhere] },
      spec: [crio, withAnnotation('io.kubernetes.pod.uid', 'u1')],
    },
    {
      mounts: [from(elsewhere)],
      host: { mounts: [elsewhere] },
      spec: [crio, withAnnotation('io.kubernetes.pod.uid', 'u2')],
    },
  ],
  [
    'ERR_VOLUME_PATH_UNSAFE',
    '".." in the source',
    { mounts: [from(VOLUME_PATH.replace('/pods/', '/pods/../pods/'))] },
  ],
  [
    'ERR_VOLUME_PATH_UNSAFE',
    '".." that leaves the folder of the pod',
    {
      value: '/mnt',
      mounts: [from(`${VOLUME_PATH}/../../../../../u2/volumes/kubernetes.io~csi/pvc-1/mount`)],
    },
  ],
  [
    'ERR_VOLUME_PATH_UNSAFE',
    'a symlink in place of the folder',
    { host: { symlinks: { [VOLUME_PATH]: '/etc' }, directories: ['/etc'] } },
  ],
  [
    'ERR_VOLUME_PATH_UNSAFE',
    'a symlink on the way',
    { host: { symlinks: { [POD_FOLDER]: 'u2' }, mounts: [elsewhere] } },
  ],
  ['ERR_VOLUME_MISSING', 'nothing there', { host: {} }],
  ['ERR_VOLUME_NOT_DIRECTORY', 'a file', { host: { files: { [VOLUME_PATH]: '' } } }],
  ['ERR_VOLUME_NOT_DIRECTORY', 'a device', { host: { devices: [VOLUME_PATH] } }],
  ['ERR_VOLUME_NOT_MOUNTED', 'a plain folder', { host: { directories: [VOLUME_PATH] } }],
  [
    'ERR_VOLUME_NOT_MOUNTED',
    'something mounted above and below',
    { host: { mounts: [`${VOLUME_PATH}/sub`, POD_FOLDER] } },
  ],
  [
    'ERR_HOST_UNREADABLE',
    'a folder that cannot be looked at',
    { host: { ...GOOD.host, failures: { [POD_FOLDER]: 'EACCES' } } },
  ],
  ['ERR_HOST_UNREADABLE', 'a loop of symlinks', { host: { symlinks: { [VOLUME_PATH]: VOLUME_PATH } } }],
  [
    'ERR_HOST_UNREADABLE',
    'a vol_data.json that is no JSON',
    { host: { ...GOOD.host, files: { [VOLUME_PATH.replace(/mount$/, 'vol_data.json')]: '{' } } },
  ],
  [
    'ERR_GVISOR_ROOTFS_HINT',
    'another source',
    {
      call: { runtime: { path: '/usr/bin/runsc' } },
      spec: [withAnnotation('dev.gvisor.spec.rootfs.source', '/else')],
    },
    {
      call: { runtime: { path: '/usr/bin/runsc' } },
      spec: [withAnnotation('dev.gvisor.spec.rootfs.source', VOLUME_PATH)],
    },
  ],
  [
    'ERR_GVISOR_ROOTFS_HINT',
    'another type',
    {
      call: { runtime: { path: '/usr/bin/runsc' } },
      spec: [withAnnotation('dev.gvisor.spec.rootfs.type', 'erofs')],
    },
  ],
  [
    'ERR_GVISOR_ROOTFS_HINT',
    'an overlay',
    {
      call: { runtime: { path: '/usr/bin/runsc' } },
      spec: [withAnnotation('dev.gvisor.spec.rootfs.overlay', 'self')],
    },
    {
      call: { runtime: { path: '/usr/bin/runc' } },
      spec: [withAnnotation('dev.gvisor.spec.rootfs.overlay', 'self')],
    },
  ],
];

describe('refusals of pvc-rootfs', () => {
  test.each(table)('%s: %s', (code, _, wrong, right = {}) => {
    const refused = ask(wrong);
    expect(refused.refusal?.code).toBe(code);
    expect(refused).toMatchObject({ decision: 'refuse', patch: [], pins: [] });
    expect(refused.refusal?.hint).toBe(REWRITER_ERROR_CODES[code].hint);
    const accepted = ask(right);
    expect(accepted.refusal).toBeUndefined();
    expect(accepted.decision).toBe('rewrite');
  });

  test('every code of the rule stands in the table', () => {
    // These belong to the engine and to the making of a rule, and are tested there.
    const elsewhereTested = ['ERR_SPEC_AMBIGUOUS', 'ERR_RULE_INVALID', 'ERR_RULE_CRASHED', 'ERR_RULE_PATCH'];
    const codes = new Set([...table.map(([code]) => code), ...elsewhereTested]);
    expect([...codes].sort()).toEqual(Object.keys(REWRITER_ERROR_CODES).sort());
  });

  test.each(table)('%s: %s: the message is one plain line', (_, __, wrong) => {
    const message = ask(wrong).refusal?.message ?? '';
    expect(message).toMatch(/^[^A-Z\n\r].*[^.]$/u);
    // podman turns these phrases, wherever they stand, into exit statuses of its own.
    expect(message).not.toMatch(
      /permission denied|operation not permitted|no such file or directory|not found/i,
    );
  });
});

describe('the message for a volume that is not there', () => {
  const mounts = [...GOOD.mounts, pvcMount({ ...emptyDir, destination: '/tmp' })];

  test('names what is mounted and can be chosen', () => {
    const { refusal } = ask({ value: 'boot-pvc', mounts });
    expect(refusal?.details).toEqual({ mounted: [{ volume: 'pvc-1', destination: '/mnt' }] });
    expect(refusal?.message).toContain('"boot-pvc"');
    expect(refusal?.message).toContain('"pvc-1" at "/mnt"');
    expect(refusal?.message).toContain('claim name');
    expect(refusal?.message).not.toContain('"tmp"');
  });

  test('text from the spec cannot break the line', () => {
    const { refusal } = ask({ value: 'a\nb\u001b[31m\u202e', mounts });
    expect(refusal?.code).toBe('ERR_VOLUME_NOT_FOUND');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect(refusal?.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  });

  test('stays short when much is mounted', () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      pvcMount({ podUid: 'u1', volume: `pvc-${index}`, destination: `/mnt/${index}` }),
    );
    const { refusal } = ask({ value: 'none', mounts: many });
    expect(refusal?.message).toContain('and 4980 more');
    expect(refusal?.message.length).toBeLessThan(2000);
  });
});

test('only mounts that may be volumes are looked up on the host', () => {
  const looked: string[] = [];
  const real = memoryHost(GOOD.host);
  const others = Array.from({ length: 1000 }, (_, index) => from(`/srv/${index}`)).map((mount, index) => ({
    ...mount,
    destination: `/srv/${index}`,
  }));
  const plan = askAbout(specOf({ mounts: [...others, ...GOOD.mounts] }), {
    ...real,
    realpath: (path) => {
      looked.push(path);
      return real.realpath(path);
    },
  });
  expect(plan.decision).toBe('rewrite');
  expect(new Set(looked)).toEqual(new Set(['/var/lib/kubelet', VOLUME_PATH]));
});
