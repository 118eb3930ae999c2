import type { Host } from '@opencontainers-ts/rootfs-rewriter';

/**
 * What this package may see of the machine: the part of the `Host` of `@opencontainers-ts/rootfs-rewriter` that registries and
 * device nodes need. `memoryHost` of its `/testing` entry is an implementation for tests.
 */
export type DeviceHost = Pick<Host, 'lstat' | 'realpath' | 'readFile' | 'readDirectory'>;
