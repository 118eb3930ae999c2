import type { CommandModule } from 'yargs';
import { BUNDLE_OPTION, FILE_POSITIONAL, type NamedConfig } from '../given-config.js';
import { usageText } from '../usage-text.js';
import type { Emit } from '../world.js';
import type { CdiWorld } from './cdi-folders.js';
import { injectCdi } from './cdi-inject.js';
import { inspectCdi } from './cdi-inspect.js';
import { listCdi } from './cdi-list.js';
import { validateCdi } from './cdi-validate.js';

interface CdiArguments {
  readonly 'spec-dir': string[];
  readonly json: boolean;
}

// Repeated for each folder, as nvidia-ctk has it; a list of folders would swallow the names behind it.
const OPTIONS = {
  'spec-dir': {
    type: 'string',
    array: true,
    requiresArg: true,
    default: [] as string[],
    defaultDescription: 'the configured folders, else /etc/cdi and /var/run/cdi',
    describe: 'Folder of CDI specs; may be repeated, the later one wins',
  },
  json: { type: 'boolean', default: false, describe: 'Print data for machines' },
} as const;

const ONE_VALUE = { 'populate--': true, 'greedy-arrays': false };

/** `ociwrap cdi`. */
export function cdiCommand(world: CdiWorld, emit: Emit): CommandModule {
  return {
    command: 'cdi',
    describe: 'Show and check CDI specs and the devices that they define',
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Shows and checks CDI specs (Container Device Interface) and their devices.', [
            ['cdi list', 'which devices can containers ask for on this node?'],
            ['cdi list --spec-dir ./cdi --json', 'and by these specs, as data?'],
            ['cdi inspect nvidia.com/gpu=0', 'what does this device do to a container?'],
            ['cdi validate nvidia.yaml', 'is there anything wrong with this spec?'],
            ['cdi inject /run/b --device nvidia.com/gpu=0', 'what would config.json become?'],
          ]),
        )
        .command<CdiArguments>({
          command: 'list',
          describe: 'Print the names of all devices, and on stderr what is wrong with which spec',
          builder: (list) => list.parserConfiguration(ONE_VALUE).options(OPTIONS),
          handler: async ({ 'spec-dir': specDir, json }) => emit(await listCdi({ specDir, json }, world)),
        })
        .command<CdiArguments & { readonly names: string[] }>({
          command: 'inspect <names..>',
          describe: 'Print what devices do to a container, and which files say so',
          builder: (inspect) =>
            inspect
              .parserConfiguration(ONE_VALUE)
              .positional('names', {
                type: 'string',
                array: true,
                demandOption: true,
                describe: 'Qualified name, such as nvidia.com/gpu=0',
              })
              .options(OPTIONS),
          handler: async ({ names, 'spec-dir': specDir, json }) =>
            emit(await inspectCdi({ names, specDir, json }, world)),
        })
        .command<CdiArguments & { readonly files: string[] | undefined }>({
          command: 'validate [files..]',
          describe: 'Check spec files, or all of the folders where no file is given',
          builder: (validate) =>
            validate
              .parserConfiguration(ONE_VALUE)
              .positional('files', {
                type: 'string',
                array: true,
                describe: 'Spec file, or - for standard input',
              })
              .options(OPTIONS),
          handler: async ({ files, 'spec-dir': specDir, json }) =>
            emit(await validateCdi({ files, specDir, json }, world)),
        })
        .command<Pick<CdiArguments, 'spec-dir'> & NamedConfig & { readonly device: string[] }>({
          command: 'inject [file]',
          describe: 'Print a config.json, by default the one on standard input, with devices in it',
          builder: (inject) =>
            inject
              .parserConfiguration(ONE_VALUE)
              .positional('file', FILE_POSITIONAL)
              .options({ bundle: BUNDLE_OPTION, 'spec-dir': OPTIONS['spec-dir'] })
              .option('device', {
                type: 'string',
                array: true,
                requiresArg: true,
                demandOption: true,
                describe: 'Qualified name, such as nvidia.com/gpu=0; may be repeated',
              }),
          handler: async ({ device: devices, file, bundle, 'spec-dir': specDir }) =>
            emit(await injectCdi({ devices, file, bundle, specDir }, world)),
        })
        .demandCommand(1, 'say what to do: list, inspect, validate or inject'),
    handler: () => undefined,
  };
}
