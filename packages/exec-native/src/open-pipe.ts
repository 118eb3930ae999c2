import { ErrnoError } from './errno-error.js';
import { loadAddon } from './load-addon.js';
import type { PipeEnds } from './pipe-ends.js';

/**
 * Opens a pipe: pipe2(2). Both descriptors are close-on-exec, and block. What Node.js makes for `stdio: 'pipe'` of a child is a pair of
 * sockets, which no program can open by /dev/stdin, /dev/stdout or /dev/stderr: ENXIO (open(2)).
 *
 * @throws ErrnoError `EMFILE`, `ENFILE`: no descriptor is free.
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { spawnSync } from 'node:child_process';
 * import { readSync } from 'node:fs';
 * import { closeDescriptor, openPipe } from '@opencontainers-ts/exec-native';
 *
 * const { reading, writing } = openPipe();
 * spawnSync('sh', ['-c', 'echo printed > /dev/stdout'], { stdio: ['ignore', writing, 'inherit'] });
 * closeDescriptor(writing);
 * const bytes = Buffer.alloc(100);
 * console.log(bytes.toString('utf8', 0, readSync(reading, bytes)).trim()); // printed
 * closeDescriptor(reading);
 * ```
 */
export function openPipe(): PipeEnds {
  const result = loadAddon().openPipe();
  if ('errno' in result) throw new ErrnoError(result);
  return result;
}
