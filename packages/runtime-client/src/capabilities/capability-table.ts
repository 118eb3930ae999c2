import type { DialectName } from '../dialects/dialect-name.js';

/** What a runtime can do where it has no `features`, or leaves something out there. */
export interface KnownAbilities {
  readonly hooks: readonly string[];
  readonly namespaces: readonly string[];
  readonly unsafeAnnotations: readonly string[];
}

const ALL_HOOKS = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'];
const NAMESPACES = ['cgroup', 'ipc', 'mount', 'network', 'pid', 'user', 'uts'];

/**
 * runc 1.1 before its `features` told of annotations; crun 1.8; runsc of 2022 and 2024, which runs no hook in the container; youki before
 * 0.3. Of an unknown runtime: what every version of the specification asks for.
 */
export const ABILITIES: Readonly<Record<DialectName, KnownAbilities>> = {
  runc: {
    hooks: ALL_HOOKS,
    namespaces: NAMESPACES,
    unsafeAnnotations: ['bundle', 'org.systemd.property.', 'org.criu.config'],
  },
  crun: {
    hooks: ALL_HOOKS,
    namespaces: NAMESPACES,
    unsafeAnnotations: ['module.wasm.image/variant', 'io.kubernetes.cri.container-type', 'run.oci.'],
  },
  runsc: {
    hooks: ['prestart', 'createRuntime', 'poststart', 'poststop'],
    namespaces: NAMESPACES,
    unsafeAnnotations: ['dev.gvisor.'],
  },
  youki: { hooks: ALL_HOOKS, namespaces: NAMESPACES, unsafeAnnotations: ['run.oci.'] },
  unknown: {
    hooks: ['prestart', 'poststart', 'poststop'],
    namespaces: ['ipc', 'mount', 'network', 'pid', 'uts'],
    unsafeAnnotations: [],
  },
};
