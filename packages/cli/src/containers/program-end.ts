import { constants } from 'node:os';

import type { ExitStatus } from '@opencontainers-ts/runtime-client';

import type { ProgramEnd } from '../commands/containers/container-commands.js';

/** The same with the number of the signal, which a shell's status has. */
export function programEnd(status: ExitStatus): ProgramEnd {
  if (!('signal' in status)) return status;
  return { signal: status.signal, number: constants.signals[status.signal] };
}
