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
 * Hooks and namespaces are those that runc 1.1.5 and 1.1.15 and crun 1.21 tell; runsc 20221219.0 and 20240729.0 run no hook in the
 * container. The annotations of crun are those that 1.21 tells, of runc those in its features.go, for 1.1 tells none. Of youki none are
 * known, and of an unknown runtime what every version of the specification asks for.
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
  youki: { hooks: ALL_HOOKS, namespaces: NAMESPACES, unsafeAnnotations: [] },
  unknown: {
    hooks: ['prestart', 'poststart', 'poststop'],
    namespaces: ['ipc', 'mount', 'network', 'pid', 'uts'],
    unsafeAnnotations: [],
  },
};
