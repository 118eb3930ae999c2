import { pvcMount, pvcPath, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';
import type { Mount } from '@opencontainers-ts/runtime-spec';
import type { RefusalRow } from './refused-specs.js';
import { GOOD, POD_FOLDER, type Scene, VOLUME, VOLUME_PATH } from './scene.js';

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
  host: { mounts: [pvcPath(subpath), VOLUME_PATH], ...host },
});
export const from = (source: string): Mount => ({
  destination: '/mnt',
  type: 'bind',
  source,
  options: ['rbind'],
});
const ephemeral = {
  [`${POD_FOLDER}/volumes/kubernetes.io~csi/pvc-1/vol_data.json`]: '{"volumeLifecycleMode":"Ephemeral"}',
};
const SIBLING = `${POD_FOLDER}/volumes/kubernetes.io~nfs/pv-2`;
const elsewhere = pvcPath({ podUid: 'u2', volume: 'pvc-1' });
const onContainerd = withAnnotation('io.kubernetes.cri.sandbox-uid', 'u1');
const crio = withAnnotation('io.container.manager', 'cri-o');

/** What a file system says whose daemon, server or disk is gone. */
export const DEAD = [
  ...[
    'ENOTCONN',
    'ECONNABORTED',
    'ESTALE',
    'ESHUTDOWN',
    'EHOSTDOWN',
    'EHOSTUNREACH',
    'ENETDOWN',
    'ENETUNREACH',
  ],
  ...[
    'ETIMEDOUT',
    'ECONNREFUSED',
    'ECONNRESET',
    'EIO',
    'EREMOTEIO',
    'ENODEV',
    'ENXIO',
    'ENOMEDIUM',
    'EUCLEAN',
    'EBADMSG',
  ],
];

/** What is wrong with the volume that was chosen: its mount, its place, its folder on the host. */
export const REFUSED_VOLUMES: readonly RefusalRow[] = [
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
    'subpath of a hostPath volume',
    onSubpath({ mounts: [pvcPath(subpath)] }),
    onSubpath({
      mounts: [pvcPath(subpath), pvcPath({ ...VOLUME, plugin: 'nfs' })],
    }),
  ],
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
  ...DEAD.map(
    (errno): RefusalRow => [
      'ERR_VOLUME_UNREACHABLE',
      `a volume that fails with ${errno}`,
      { host: { ...GOOD.host, failures: { [VOLUME_PATH]: errno } } },
    ],
  ),
  ['ERR_VOLUME_PATH_UNSAFE', 'a NUL in the source', { value: '/mnt', mounts: [from(`${SIBLING}\0`)] }],
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
