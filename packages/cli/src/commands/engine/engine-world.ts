import { CliError } from '../../cli-error.js';
import { enterHostRoot } from '../../installation/host-root.js';
import { resolve } from '../../system/paths.js';
import type { World } from '../world.js';

/** What these commands see of the process and the machine. */
export type EngineWorld = Pick<World, 'system' | 'cwd' | 'userId' | 'settingsFor' | 'paint'>;

/** Goes to the node that is meant: this machine, or the root of one. */
export function enterNode({ system, cwd }: EngineWorld, hostRoot: string | undefined): void {
  if (hostRoot !== undefined) enterHostRoot(system, resolve(cwd, hostRoot));
}

/** @throws CliError `ERR_OUTPUT_UNWRITABLE` */
export function refuseOthers({ userId }: EngineWorld): void {
  if (userId === 0) return;
  throw new CliError('ERR_OUTPUT_UNWRITABLE', 'only root can configure an engine', {
    hint: 'call it as root',
  });
}
