import type { RewriterErrorCode } from '@opencontainers-ts/rootfs-rewriter';
import {
  pvcMount,
  type SpecOption,
  withAnnotation,
  withDevice,
  withMount,
} from '@opencontainers-ts/rootfs-rewriter/testing';
import type { Mount, Spec } from '@opencontainers-ts/runtime-spec';
import { GOOD, POD_FOLDER, type Scene, TRIGGER, VOLUME } from './scene.js';

const at = (options: readonly string[], more: Partial<Mount> = {}): Mount => ({
  ...pvcMount({ ...VOLUME, destination: '/mnt', options }),
  ...more,
});
const subpath = { ...VOLUME, subpath: { container: 'main', index: 0 } };
const onContainerd = withAnnotation('io.kubernetes.cri.sandbox-uid', 'u1');
const called = (name: string) => withAnnotation('io.kubernetes.cri.container-name', name);
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

/** The code, what is wrong, and the same scene with that put right (by default the good one), which is rewritten. */
export type RefusalRow = readonly [RewriterErrorCode, string, Scene, Scene?];

/** What the spec alone shows to be wrong: its fields, the pod, the choice of the volume. */
export const REFUSED_SPECS: readonly RefusalRow[] = [
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
  [
    'ERR_CONTAINER_SELECTOR',
    'an empty name in a key',
    { spec: [onContainerd, withAnnotation(`${TRIGGER}.container.`, 'pvc-1')] },
    { spec: [onContainerd, called('main'), withAnnotation(`${TRIGGER}.container.main`, 'pvc-1')] },
  ],
  [
    'ERR_CONTAINER_SELECTOR',
    'a key that two spellings give two values',
    {
      spec: [
        onContainerd,
        called('main'),
        withAnnotation(`${TRIGGER}.container.main`, 'pvc-1'),
        withAnnotation(`${TRIGGER}/container.main`, '/mnt'),
      ],
    },
    {
      spec: [
        onContainerd,
        called('main'),
        withAnnotation(`${TRIGGER}.container.main`, 'pvc-1'),
        withAnnotation(`${TRIGGER}/container.main`, 'pvc-1'),
      ],
    },
  ],
  ['ERR_CONTAINER_SELECTOR', 'a list of blanks', { spec: [withAnnotation(`${TRIGGER}-containers`, ' ')] }],
  [
    'ERR_CONTAINER_SELECTOR',
    'a list with an empty name',
    { spec: [onContainerd, called('main'), withAnnotation(`${TRIGGER}-containers`, 'main,,worker')] },
    { spec: [onContainerd, called('main'), withAnnotation(`${TRIGGER}-containers`, ' main ,worker')] },
  ],
  [
    'ERR_CONTAINER_SELECTOR',
    'a name that no container of Kubernetes has',
    { spec: [onContainerd, called('main'), withAnnotation(`${TRIGGER}-containers`, 'Main')] },
    { spec: [onContainerd, called('Main'), withAnnotation(`${TRIGGER}-containers`, 'Main')] },
  ],
  [
    'ERR_CONTAINER_SELECTOR',
    'a container of the list with another value in its own key',
    {
      spec: [
        onContainerd,
        called('other'),
        withAnnotation(`${TRIGGER}-containers`, 'main'),
        withAnnotation(`${TRIGGER}.container.main`, '/mnt'),
      ],
    },
    {
      spec: [
        onContainerd,
        called('main'),
        withAnnotation(`${TRIGGER}-containers`, 'main'),
        withAnnotation(`${TRIGGER}.container.main`, 'pvc-1'),
      ],
    },
  ],
  [
    'ERR_CONTAINER_NAME_UNKNOWN',
    'a container that the engine does not name, while another one is named',
    { spec: [onContainerd, withAnnotation(`${TRIGGER}.container.main`, 'pvc-1')] },
    { spec: [onContainerd] },
  ],
  [
    'ERR_CONTAINER_NAME_UNKNOWN',
    'an empty name of the engine',
    { spec: [onContainerd, called(''), withAnnotation(`${TRIGGER}-containers`, 'main')] },
    { spec: [onContainerd, called('main'), withAnnotation(`${TRIGGER}-containers`, 'main')] },
  ],
  [
    'ERR_CONTAINER_NAME_UNKNOWN',
    'a list outside of pods',
    { spec: [withAnnotation(`${TRIGGER}-containers`, 'main')] },
  ],
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
];
