import type { Host } from '@opencontainers-ts/rootfs-rewriter';
import type { FileSystem } from '@opencontainers-ts/runtime-resolver';

import { nodeSystem } from '../system/node-system.js';
import { systemHost } from '../system/system-host.js';

/**
 * The machine that this Node.js runs on, for {@link planCall} and for rules.
 *
 * @example
 * ```ts
 * import { nodeHost } from '@opencontainers-ts/cli';
 *
 * console.log(nodeHost().lstat('/proc')?.type);
 * ```
 */
export function nodeHost(): Host & FileSystem {
  return systemHost(nodeSystem());
}
