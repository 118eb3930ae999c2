import type { CommandModule } from 'yargs';

import { type CommandOutput, jsonOutput } from './output.js';
import { usageText } from './usage-text.js';
import type { Emit, World } from './world.js';

type VersionWorld = Pick<World, 'self' | 'version'>;

/** Which program this is: `--version` has the number alone. */
export function version(
  { json }: { readonly json: boolean },
  { self, version }: VersionWorld,
): CommandOutput {
  const { path } = self;
  return { status: 0, stdout: json ? jsonOutput({ version, program: path }) : `ociwrap ${version}\n` };
}

/** `ociwrap version`. */
export function versionCommand(
  world: VersionWorld,
  emit: Emit,
): CommandModule<object, { readonly json: boolean }> {
  return {
    command: 'version',
    describe: 'Print the version of this program',
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Prints the version of this program.', [
            ['version', 'the name and the number'],
            ['version --json', 'the number, and the file that runs, as data'],
          ]),
        )
        .option('json', { type: 'boolean', default: false, describe: 'Print data for machines' }),
    handler: ({ json }) => emit(version({ json }, world)),
  };
}
