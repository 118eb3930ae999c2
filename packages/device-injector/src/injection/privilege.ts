import { type JsonObject, valueAt } from '@opencontainers-ts/rootfs-rewriter/spec-edit';

/**
 * Whether NVIDIA's toolkit takes a container for privileged: CAP_SYS_ADMIN in its bounding set. Runtimes before
 * 1.0.0-rc5 had one list of capabilities.
 */
export function isPrivileged(spec: JsonObject): boolean {
  const capabilities = valueAt(spec, ['process', 'capabilities']);
  const bounding = Array.isArray(capabilities)
    ? capabilities
    : valueAt(spec, ['process', 'capabilities', 'bounding']);
  return Array.isArray(bounding) && bounding.includes('CAP_SYS_ADMIN');
}
