import type { EngineName } from '@opencontainers-ts/engine-config';
import type { CommandModule, Options } from 'yargs';

import { usageText } from '../usage-text.js';
import type { Emit } from '../world.js';
import { engineConfigure, engineUnconfigure } from './engine-configure.js';
import { engineList } from './engine-list.js';
import type { EngineWorld } from './engine-world.js';

const ENGINE = {
  type: 'string',
  demandOption: true,
  choices: ['auto', 'containerd', 'cri-o', 'docker', 'podman', 'buildkit'] as (EngineName | 'auto')[],
  describe: 'Which engine; auto for all of the node',
} as const;

const HOST_ROOT = {
  type: 'string',
  requiresArg: true,
  describe: 'The root folder of the node, where this is called in a container',
} as const;

const JSON_OPTION = { type: 'boolean', default: false, describe: 'Print data for machines' } as const;

const CHANGE = {
  handler: {
    type: 'string',
    requiresArg: true,
    default: 'pvc',
    describe: 'Name of the handler: a RuntimeClass, or --runtime, names it',
  },
  restart: {
    type: 'boolean',
    default: false,
    describe: 'Restart or reload the engine where that is needed',
  },
  'dry-run': { type: 'boolean', default: false, describe: 'Only print what would change' },
  'host-root': HOST_ROOT,
  json: JSON_OPTION,
} as const satisfies Readonly<Record<string, Options>>;

interface ChangeArguments {
  readonly engine: EngineName | 'auto';
  readonly handler: string;
  readonly restart: boolean;
  readonly 'dry-run': boolean;
  readonly 'host-root': string | undefined;
  readonly json: boolean;
}

interface ConfigureArguments extends ChangeArguments {
  readonly program: string | undefined;
  readonly prefix: string;
  readonly 'own-configuration': boolean;
  readonly 'set-default': boolean;
}

interface ListArguments {
  readonly 'host-root': string | undefined;
  readonly json: boolean;
}

/** `ociwrap engine`. */
export function engineCommand(world: EngineWorld, emit: Emit): CommandModule {
  return {
    command: 'engine',
    describe: 'Give the container engines of this node a handler that calls us, or take it away',
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Adds a handler that calls us to container engines, and takes it away.', [
            ['engine list', 'which engines are here, and how do they call us?'],
            ['engine configure auto --dry-run', 'what would change, as a diff'],
            ['engine configure containerd', 'add the handler "pvc"'],
            ['engine unconfigure containerd', 'and every byte is as it was'],
          ]),
        )
        .command<ConfigureArguments>({
          command: 'configure <engine>',
          describe: 'Add a handler to an engine of this node',
          builder: (configure) =>
            configure.positional('engine', ENGINE).options({
              ...CHANGE,
              'set-default': {
                type: 'boolean',
                default: false,
                describe: 'Use it for containers that name no handler, too',
              },
              program: {
                type: 'string',
                requiresArg: true,
                defaultDescription: 'oci-runtime-wrapper of the installation',
                describe: 'What the engine calls: an absolute path',
              },
              prefix: {
                type: 'string',
                requiresArg: true,
                default: '/opt/ociwrap',
                describe: 'The folder of the installation',
              },
              'own-configuration': {
                type: 'boolean',
                default: false,
                describe: 'It has a configuration of its own: [handler.NAME]',
              },
            }),
          handler: async (given) =>
            emit(
              await engineConfigure(
                {
                  engine: given.engine,
                  handler: given.handler,
                  isDryRun: given['dry-run'],
                  mayRestart: given.restart,
                  hostRoot: given['host-root'],
                  json: given.json,
                  setDefault: given['set-default'],
                  program: given.program,
                  prefix: given.prefix,
                  hasOwnConfiguration: given['own-configuration'],
                },
                world,
              ),
            ),
        })
        .command<ChangeArguments>({
          command: 'unconfigure <engine>',
          describe: 'Take a handler from an engine of this node',
          builder: (unconfigure) => unconfigure.positional('engine', ENGINE).options(CHANGE),
          handler: (given) =>
            emit(
              engineUnconfigure(
                {
                  engine: given.engine,
                  handler: given.handler,
                  isDryRun: given['dry-run'],
                  mayRestart: given.restart,
                  hostRoot: given['host-root'],
                  json: given.json,
                },
                world,
              ),
            ),
        })
        .command<ListArguments>({
          command: 'list',
          describe: 'Print the engines of this node and their handlers',
          builder: (list) => list.options({ 'host-root': HOST_ROOT, json: JSON_OPTION }),
          handler: ({ json, 'host-root': hostRoot }) => emit(engineList({ json, hostRoot }, world)),
        })
        .demandCommand(1, 'say what to do: configure, unconfigure or list'),
    handler: () => undefined,
  };
}
