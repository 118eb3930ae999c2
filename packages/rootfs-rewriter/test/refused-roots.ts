import {
  pvcMount,
  type SpecOption,
  withAnnotation,
  withMount,
  withRoot,
} from '@opencontainers-ts/rootfs-rewriter/testing';
import type { IDMapping, Mount } from '@opencontainers-ts/runtime-spec';
import type { RefusalRow } from './refused-specs.js';
import { GOOD, type Scene, TRIGGER, VOLUME, VOLUME_PATH } from './scene.js';

export const strategy = (value: string): SpecOption => withAnnotation(`${TRIGGER}-strategy`, value);
export const SGS = { volumeDestination: '/sgs-os-volume' };
export const ROOT_FOLDER = '/run/ociwrap/root';
const at = (options: readonly string[], more: Partial<Mount> = {}): Mount => ({
  ...pvcMount({ ...VOLUME, destination: '/mnt', options }),
  ...more,
});
const other = { ...VOLUME, volume: 'pvc-2' };
const byMount = (volume: typeof VOLUME, ...options: readonly string[]): Mount =>
  pvcMount({ ...volume, destination: '/sgs-os-volume', ...(options.length === 0 ? {} : { options }) });

export const MAPPING: IDMapping[] = [{ containerID: 0, hostID: 100000, size: 65536 }];
const OTHER_MAPPING: IDMapping[] = [{ containerID: 0, hostID: 200000, size: 65536 }];
/** A user namespace, with its mappings unless others are given. */
export const withUsers =
  (uid: IDMapping[] | null = MAPPING, gid: IDMapping[] | null = MAPPING, path?: string): SpecOption =>
  (spec) => ({
    ...spec,
    linux: {
      ...spec.linux,
      namespaces: [
        ...(spec.linux?.namespaces ?? []),
        { type: 'user', ...(path === undefined ? {} : { path }) },
      ],
      ...(uid === null ? {} : { uidMappings: uid }),
      ...(gid === null ? {} : { gidMappings: gid }),
    },
  });
const rightUsers: Scene = { spec: [withUsers()] };

/** What an earlier run says that it has done. */
export const marked = (changes: Readonly<Record<string, string | undefined>> = {}): readonly SpecOption[] =>
  Object.entries({
    'original-root': 'rootfs',
    'boot-volume-active': 'true',
    'boot-volume': VOLUME_PATH,
    'boot-volume-strategy': 'overlay',
    'boot-volume-rule': 'pvc-rootfs',
    ...changes,
  }).flatMap(([key, value]) => (value === undefined ? [] : [withAnnotation(`sgs.snucse.org/${key}`, value)]));
const together = withRoot({ path: ROOT_FOLDER });

/** What keeps a volume that may be a root from becoming this one. */
export const REFUSED_ROOTS: readonly RefusalRow[] = [
  [
    'ERR_VOLUME_STRATEGY',
    'an unknown strategy',
    { spec: [strategy('overlays')] },
    { spec: [strategy('overlay')] },
  ],
  ['ERR_VOLUME_STRATEGY', 'blanks around one', { spec: [strategy(' seed')] }, { spec: [strategy('seed')] }],
  ['ERR_VOLUME_STRATEGY', 'an empty one', { spec: [strategy('')] }, { spec: [strategy('replace')] }],
  ...(['overlay', 'seed'] as const).flatMap((each): RefusalRow[] => [
    [
      'ERR_VOLUME_READONLY',
      `${each} on a volume that is mounted read-only`,
      { spec: [strategy(each)], mounts: [at(['rbind', 'ro'])] },
      { spec: [strategy(each)], mounts: [at(['rbind', 'rw'])] },
    ],
    [
      'ERR_ROOT_OVERLAPS',
      `${each} of an image on the volume`,
      { spec: [strategy(each), withRoot({ path: `${VOLUME_PATH}/images/1` })] },
      { spec: [strategy(each), withRoot({ path: `${VOLUME_PATH}-images/1` })] },
    ],
    [
      'ERR_ROOT_OVERLAPS',
      `${each} of an image above the volume`,
      { spec: [strategy(each), withRoot({ path: '/var/lib' })] },
      { spec: [strategy(each), withRoot({ path: '/var/libs' })] },
    ],
    [
      'ERR_ROOT_OVERLAPS',
      `${each} of the host's own root`,
      { spec: [strategy(each), withRoot({ path: '/' })] },
      { spec: [strategy(each), withRoot({ path: '/image' })] },
    ],
  ]),
  [
    'ERR_ROOT_OVERLAPS',
    'an overlay of an image that a symlink leads to the volume',
    {
      spec: [strategy('overlay')],
      host: { ...GOOD.host, symlinks: { '/run/bundle/rootfs': VOLUME_PATH } },
    },
    {
      spec: [strategy('overlay')],
      host: { ...GOOD.host, symlinks: { '/run/bundle/rootfs': '/image' }, directories: ['/image'] },
    },
  ],
  ...[strategy('overlay'), withUsers()].map((asked): RefusalRow => {
    const runsc = { call: { runtime: { path: '/usr/bin/runsc' } } };
    const inPod = withAnnotation('io.kubernetes.cri.container-type', 'container');
    return [
      'ERR_GVISOR_ROOT',
      'a root that has to be mounted for a container of a pod in gVisor',
      { ...runsc, spec: [asked, inPod] },
      { ...runsc, spec: [asked] },
    ];
  }),
  [
    'ERR_VOLUME_READONLY',
    'a mount that asks for an overlay, read-only',
    { mounts: [byMount(VOLUME, 'rbind', 'ro')], options: SGS },
    { mounts: [byMount(VOLUME, 'rbind')], options: SGS },
  ],
  [
    'ERR_VOLUME_AMBIGUOUS',
    'an annotation and a mount that ask for two volumes',
    { mounts: [...GOOD.mounts, byMount(other)], options: SGS },
    { mounts: [...GOOD.mounts, byMount(VOLUME)], options: SGS },
  ],
  [
    'ERR_VOLUME_AMBIGUOUS',
    'an annotation and a mount that ask for one volume read-only and read-write',
    { value: '/mnt', mounts: [at(['rbind', 'ro']), byMount(VOLUME)], options: SGS },
    { value: '/mnt', mounts: [at(['rbind']), byMount(VOLUME)], options: SGS },
  ],
  [
    'ERR_VOLUME_NOT_FOUND',
    'an annotation that asks for a volume that is not mounted, beside a mount that asks',
    { value: 'pvc-2', mounts: [byMount(VOLUME)], options: SGS },
    { mounts: [byMount(VOLUME)], options: SGS },
  ],
  [
    'ERR_USER_NAMESPACE_UNMAPPED',
    'a user namespace to join, without mappings',
    { spec: [withUsers(null, null, '/proc/1/ns/user')] },
    { spec: [withUsers(MAPPING, MAPPING, '/proc/1/ns/user')] },
  ],
  ['ERR_USER_NAMESPACE_UNMAPPED', 'no mappings of users', { spec: [withUsers(null)] }, rightUsers],
  ['ERR_USER_NAMESPACE_UNMAPPED', 'no mappings of groups', { spec: [withUsers(MAPPING, [])] }, rightUsers],
  [
    'ERR_VOLUME_IDMAPPED',
    'other users than the container has',
    { ...rightUsers, mounts: [at(['rbind'], { uidMappings: OTHER_MAPPING, gidMappings: MAPPING })] },
    { ...rightUsers, mounts: [at(['rbind'], { uidMappings: MAPPING, gidMappings: MAPPING })] },
  ],
  [
    'ERR_VOLUME_IDMAPPED',
    'other groups than the container has',
    { ...rightUsers, mounts: [at(['rbind', 'ridmap'], { gidMappings: OTHER_MAPPING })] },
    { ...rightUsers, mounts: [at(['rbind', 'ridmap'], { gidMappings: MAPPING })] },
  ],
  [
    'ERR_SPEC_FIELD',
    'an id that is none',
    { spec: [withUsers([{ containerID: -1, hostID: 0, size: 1 }])] },
    { spec: [withUsers([{ containerID: 4294967294, hostID: 0, size: 1 }])] },
  ],
  ['ERR_ROOT_NOT_MOUNTED', 'a root that is put together, and no marker', { spec: [together] }],
  [
    'ERR_ROOT_NOT_MOUNTED',
    'one that is spelt otherwise',
    { spec: [withRoot({ path: '//run/./ociwrap/root/' })] },
  ],
  [
    'ERR_ROOT_NOT_MOUNTED',
    'a marker that names no folder',
    { spec: [together, ...marked({ 'boot-volume': undefined })] },
  ],
  [
    'ERR_ROOT_NOT_MOUNTED',
    'a marker that names no volume',
    { spec: [together, ...marked({ 'boot-volume': '/etc' })] },
  ],
  [
    'ERR_ROOT_NOT_MOUNTED',
    'an unknown strategy in the markers',
    { spec: [together, ...marked({ 'boot-volume-strategy': 'merge' })] },
  ],
  [
    'ERR_ROOT_NOT_MOUNTED',
    'an image that is where roots are put together',
    { spec: [together, ...marked({ 'original-root': ROOT_FOLDER })] },
  ],
  [
    'ERR_VOLUME_STRATEGY',
    'another strategy than at the first start',
    { spec: [together, ...marked(), strategy('replace')] },
  ],
  [
    'ERR_RULE_CONFLICT',
    'a root that another rule has put together',
    { spec: [together, ...marked({ 'boot-volume-rule': 'mine' })] },
  ],
  [
    'ERR_RULE_CONFLICT',
    'a root that another rule has made a volume',
    {
      mounts: [],
      spec: [
        withRoot({ path: VOLUME_PATH }),
        ...marked({ 'boot-volume-rule': 'mine', 'boot-volume-strategy': 'seed' }),
      ],
    },
  ],
  [
    'ERR_VOLUME_OUTSIDE_KUBELET',
    'a mount that asks, and is no volume',
    {
      spec: [withMount({ destination: '/sgs-os-volume/', type: 'bind', source: '/srv', options: ['rbind'] })],
      options: SGS,
    },
  ],
];
