import { CliError } from '../../cli-error.js';
import type { World } from '../world.js';
import type { ContainerCommands } from './container-commands.js';

export type ContainersWorld = Pick<World, 'containers' | 'system' | 'cwd' | 'env'>;

/** What carries the commands out. @throws CliError `ERR_NODE_ONLY` in the static program, which has no event loop */
export async function loadedCommands(
  { containers }: Pick<World, 'containers'>,
  command: string,
): Promise<ContainerCommands> {
  if (containers !== undefined) return containers();
  throw new CliError(
    'ERR_NODE_ONLY',
    `"ociwrap ${command}" waits for containers, which this program cannot`,
    {
      hint: `call it on Node.js: \`npx @opencontainers-ts/cli ${command} ...\``,
    },
  );
}

/** Says in the help of the static program what it does not have. */
export function describedFor({ containers }: Pick<World, 'containers'>, describe: string): string {
  return containers === undefined ? `${describe} (needs Node.js)` : describe;
}
