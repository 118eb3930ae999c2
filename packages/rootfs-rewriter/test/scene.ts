import {
  type Call,
  type Host,
  type Plan,
  type PvcRootfsOptions,
  planRewrite,
  pvcRootfs,
} from '@opencontainers-ts/rootfs-rewriter';
import {
  documentOf,
  type MemoryHostOptions,
  makeSpec,
  memoryHost,
  pvcMount,
  pvcPath,
  type SpecOption,
  withAnnotation,
  withMount,
} from '@opencontainers-ts/rootfs-rewriter/testing';
import type { Mount, Spec } from '@opencontainers-ts/runtime-spec';

export const TRIGGER = 'sgs.snucse.org/os-volume';
export const CALL: Call = { verb: 'create', bundle: '/run/bundle' };
export const POD = 'u1';
export const VOLUME = { podUid: POD, volume: 'pvc-1' };
export const VOLUME_PATH = pvcPath(VOLUME);
export const POD_FOLDER = `/var/lib/kubelet/pods/${POD}`;

/** One question to the rule: the annotation's value, the spec around it, the host below it. */
export interface Scene {
  readonly value?: string;
  readonly mounts?: readonly Mount[];
  readonly spec?: readonly SpecOption[];
  readonly host?: MemoryHostOptions;
  readonly options?: PvcRootfsOptions;
  readonly call?: Partial<Call>;
}

/** The volume `pvc-1` of the pod `u1`, mounted read-write at /mnt: what the rule accepts. */
export const GOOD: Required<Pick<Scene, 'value' | 'mounts' | 'host'>> = {
  value: 'pvc-1',
  mounts: [pvcMount({ ...VOLUME, destination: '/mnt' })],
  host: { mounts: [VOLUME_PATH] },
};

export function specOf(scene: Scene): Spec {
  const { value, mounts } = { ...GOOD, ...scene };
  return makeSpec(withAnnotation(TRIGGER, value), ...mounts.map(withMount), ...(scene.spec ?? []));
}

export function ask(scene: Scene): Plan {
  return askAbout(specOf(scene), memoryHost(scene.host ?? GOOD.host), scene);
}

export function askAbout(spec: Spec, host: Host, { options, call }: Scene = {}): Plan {
  return planRewrite(documentOf(spec), [pvcRootfs(options)], { ...CALL, ...call }, host);
}
