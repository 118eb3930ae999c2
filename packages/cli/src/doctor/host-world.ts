import type { World } from '../commands/world.js';
import { enterHostRoot } from '../installation/host-root.js';
import { resolve } from '../system/paths.js';

/**
 * The world of a node, for a command in a container that has the node's root folder: paths and links mean from now on what they
 * mean on the node, and nothing leads back.
 *
 * @param hostRoot - undefined: this is the node
 * @throws CliError `ERR_HOST_ROOT`
 */
export async function hostWorld(world: World, hostRoot: string | undefined): Promise<World> {
  if (hostRoot === undefined) return world;
  enterHostRoot(world.system, resolve(world.cwd, hostRoot));
  return { ...world, cwd: '/', settings: await world.settingsFor('runc') };
}
