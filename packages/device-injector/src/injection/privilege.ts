import { type JsonObject, valueAt } from '@opencontainers-ts/rootfs-rewriter/spec-edit';

/**
 * Whether NVIDIA's toolkit takes a container for privileged: CAP_SYS_ADMIN in its bounding set. Runtimes before
 * 1.0.0-rc5 had one list of capabilities. Unlike NVIDIA's hook, which refuses a list of the wrong shape, this takes it as
 * not privileged: it only decides whether a variable counts, and the runtime says what is wrong with the spec.
 */
export function isPrivileged(spec: JsonObject): boolean {
  const capabilities = valueAt(spec, ['process', 'capabilities']);
  const bounding = Array.isArray(capabilities)
    ? capabilities
    : valueAt(spec, ['process', 'capabilities', 'bounding']);
  return Array.isArray(bounding) && bounding.includes('CAP_SYS_ADMIN');
}
