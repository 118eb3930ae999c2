import { type JsonObject, valueAt } from '@opencontainers-ts/rootfs-rewriter/spec-edit';

/**
 * Whether CAP_SYS_ADMIN is in the bounding set, which is what NVIDIA's toolkit calls a privileged container. Runtimes
 * before 1.0.0-rc5 had one list of capabilities. `isPrivileged` of the NVIDIA hook refuses a set of the wrong shape, as
 * the hook does; here such a set has no capability: this only decides whether a variable counts, and the runtime reports
 * what is wrong with the spec.
 */
export function hasSysAdminCapability(spec: JsonObject): boolean {
  const capabilities = valueAt(spec, ['process', 'capabilities']);
  const bounding = Array.isArray(capabilities)
    ? capabilities
    : valueAt(spec, ['process', 'capabilities', 'bounding']);
  return Array.isArray(bounding) && bounding.includes('CAP_SYS_ADMIN');
}
