import { describe, expect, test } from '@jest/globals';
import { type KubeletVolume, parseKubeletVolume } from '@opencontainers-ts/rootfs-rewriter';

const K = '/var/lib/kubelet';

describe('parseKubeletVolume', () => {
  test.each<[string, KubeletVolume]>([
    ['volumes/kubernetes.io~csi/pvc-1/mount', { podUid: 'u', kind: 'csi', plugin: 'csi', volume: 'pvc-1' }],
    ['volumes/kubernetes.io~nfs/pv-7', { podUid: 'u', kind: 'volume', plugin: 'nfs', volume: 'pv-7' }],
    ['volumes/kubernetes.io~iscsi/mount', { podUid: 'u', kind: 'volume', plugin: 'iscsi', volume: 'mount' }],
    [
      'volumes/kubernetes.io~empty-dir/tmp',
      { podUid: 'u', kind: 'volume', plugin: 'empty-dir', volume: 'tmp' },
    ],
    [
      'volume-subpaths/pvc-1/main/0',
      { podUid: 'u', kind: 'subpath', volume: 'pvc-1', container: 'main', index: 0 },
    ],
    [
      'volume-subpaths/pvc-1/main/12',
      { podUid: 'u', kind: 'subpath', volume: 'pvc-1', container: 'main', index: 12 },
    ],
  ])('%s', (path, expected) => {
    expect(parseKubeletVolume(`${K}/pods/u/${path}`, K)).toEqual(expected);
  });

  test.each([
    `${K}`,
    `${K}/pods`,
    `${K}/pods/u`,
    `${K}/pods/u/etc-hosts`,
    `${K}/pods/u/volumes`,
    `${K}/pods/u/volumes/kubernetes.io~csi`,
    `${K}/pods/u/volumes/kubernetes.io~csi/pvc-1`,
    `${K}/pods/u/volumes/kubernetes.io~csi/pvc-1/vol_data.json`,
    `${K}/pods/u/volumes/kubernetes.io~csi/pvc-1/mount/sub`,
    `${K}/pods/u/volumes/kubernetes.io~nfs/pv-7/mount`,
    `${K}/pods/u/volumes/kubernetes.io~nfs/pv-7/`,
    `${K}/pods/u/volumes/kubernetes.io~/pv-7`,
    `${K}/pods/u/volumes/example.org~driver/pv-7`,
    `${K}/pods/u/etc/volumes/kubernetes.io~nfs/pv-7`,
    `${K}/pods/../pods/volumes/kubernetes.io~nfs/pv-7`,
    `${K}/pods/u/volumes/kubernetes.io~nfs/..`,
    `${K}/pods/u/volumes/kubernetes.io~nfs/.`,
    `${K}/pods//volumes/kubernetes.io~nfs/pv-7`,
    `${K}/plugins/u/volumes/kubernetes.io~nfs/pv-7`,
    `${K}/pods/u/volume-subpaths/pvc-1/main`,
    `${K}/pods/u/volume-subpaths/pvc-1/main/x`,
    `${K}/pods/u/volume-subpaths/pvc-1/main/-1`,
    `${K}/pods/u/volume-subpaths/pvc-1/main/01`,
    `${K}/pods/u/volume-subpaths/pvc-1/main/0/sub`,
    `${K}2/pods/u/volumes/kubernetes.io~nfs/pv-7`,
    '/pods/u/volumes/kubernetes.io~nfs/pv-7',
    '',
  ])('is no volume: %s', (path) => {
    expect(parseKubeletVolume(path, K)).toBeUndefined();
  });
});
