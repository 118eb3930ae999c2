import { NVIDIA_PROFILES, type NvidiaProfile } from '@opencontainers-ts/device-injector';
import type { CommandModule } from 'yargs';

import type { Origin } from '../../config/settings/settings.js';
import { resolve } from '../../system/paths.js';
import { usageText } from '../usage-text.js';
import type { Emit, World } from '../world.js';
import { nvidiaConfig } from './nvidia-config.js';

export type NvidiaWorld = Pick<World, 'env' | 'cwd' | 'host' | 'settings'>;

interface ConfigArguments {
  readonly bundle: string;
  readonly profile: NvidiaProfile | undefined;
  readonly config: string | undefined;
  readonly json: boolean;
}

/** `ociwrap nvidia`. */
export function nvidiaCommand(world: NvidiaWorld, emit: Emit): CommandModule {
  return {
    command: 'nvidia',
    describe: 'Show what the NVIDIA hook makes of a container',
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Shows what the NVIDIA hook makes of a container.', [
            ['nvidia config --bundle /run/b', 'which GPUs and driver capabilities, and why?'],
            ['nvidia config --bundle /run/b --profile v1.5', 'by the rules of an older release'],
          ]),
        )
        .command<ConfigArguments>({
          command: 'config',
          describe: 'Show the devices, capabilities and requirements, with where each comes from',
          builder: (config) =>
            config
              .option('bundle', {
                alias: 'b',
                type: 'string',
                requiresArg: true,
                demandOption: true,
                describe: 'Bundle folder',
              })
              .option('profile', {
                choices: NVIDIA_PROFILES,
                describe: 'Which release of the hook is followed',
              })
              .option('config', {
                type: 'string',
                requiresArg: true,
                describe: "The toolkit's config.toml, in the place of the one that the hook would find",
              })
              .option('json', { type: 'boolean', default: false, describe: 'Print data for machines' }),
          handler: ({ bundle, profile, config, json }) => {
            const { settings } = world;
            const options = {
              bundle: resolve(world.cwd, bundle),
              profile: profile ?? settings.nvidiaProfile,
              profileOrigin:
                profile === undefined ? placeOf(settings.origins['nvidia.profile']) : '--profile',
              json,
              ...(config === undefined ? {} : { config }),
            };
            emit(nvidiaConfig(options, world, world.host));
          },
        })
        .demandCommand(1, 'say what to do: config'),
    handler: () => undefined,
  };
}

function placeOf(origin: Origin | undefined): string {
  switch (origin?.from) {
    case 'environment':
      return origin.variable;
    case 'file':
      return origin.file;
    default:
      return 'default';
  }
}

/**
 * `ociwrap nvidia-hook`, for the help alone: the hook has the command line of Go's package flag, and is started before
 * yargs sees it.
 */
export const nvidiaHookCommand: CommandModule = {
  command: 'nvidia-hook',
  describe: "NVIDIA's hook, for runtimes to call: nvidia-hook [-debug] [-config FILE] prestart",
  handler: () => undefined,
};
