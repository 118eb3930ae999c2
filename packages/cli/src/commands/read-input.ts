import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import type { World } from './world.js';

/**
 * The bytes of a file that was named on the command line; of standard input for `-`.
 *
 * @throws CliError `ERR_INPUT_UNREADABLE`
 */
export function readInputFile(path: string, { readInput }: Pick<World, 'readInput'>): Uint8Array {
  try {
    // By its other name it cannot be opened where it is a socket (ENXIO, open(2)).
    return readInput(path === '/dev/stdin' ? '-' : path);
  } catch (cause) {
    const { code } = cause as { readonly code?: string };
    const what = path === '-' ? 'standard input' : quoted(path);
    throw new CliError('ERR_INPUT_UNREADABLE', `cannot read ${what}: ${code}`, { cause, details: { path } });
  }
}
