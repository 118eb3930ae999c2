import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import type { World } from '../commands/world.js';
import { SystemError } from '../system/system.js';

/**
 * The world of a node, for a command in a container that has the node's root folder: paths and links mean from now on what they
 * mean on the node, and nothing leads back.
 *
 * @param hostRoot - undefined: this is the node
 * @throws CliError `ERR_SYSTEM_CALL`
 */
export async function hostWorld(world: World, hostRoot: string | undefined): Promise<World> {
  if (hostRoot === undefined) return world;
  const failure = world.system.chroot(hostRoot);
  if (failure !== undefined) {
    throw new CliError('ERR_SYSTEM_CALL', `cannot make ${quoted(hostRoot)} the root: ${failure.errno}`, {
      cause: new SystemError(failure, hostRoot),
      hint:
        failure.errno === 'EPERM'
          ? 'give the container CAP_SYS_CHROOT, and run this as root in it'
          : 'name the folder that the root of the node is mounted on, and call the packaged program (bin/ociwrap)',
    });
  }
  return { ...world, cwd: '/', settings: await world.settingsFor('runc') };
}
