import yargs, { type Argv } from 'yargs';

import { explainCommand } from './commands/explain.js';
import { failure } from './commands/failure.js';
import type { CommandOutput } from './commands/output.js';
import { rewriteCommand } from './commands/rewrite.js';
import { usageError } from './commands/usage-error.js';
import { validateCommand } from './commands/validate.js';
import type { Emit, World } from './commands/world.js';

const EXIT_STATUS_TEXT = `Exit status: 0 done, or nothing wrong; 1 refused, found faulty, or failed; 2 wrong usage.
Each error has a code, such as ERR_VOLUME_NOT_FOUND: docs/errors.md says what to do about it.`;

/**
 * The command line of `ociwrap`: arguments in, what to print and the exit status out. yargs neither prints nor ends
 * the process here.
 */
export async function ociwrap(args: readonly string[], world: World): Promise<CommandOutput> {
  let output: CommandOutput | undefined;
  try {
    const parser = commandLine(world, (said) => {
      output = said;
    });
    // Given a callback, yargs hands over the text of --help and --version instead of printing it.
    await parser.parseAsync([...args], {}, (_error, _args, text) => {
      output ??= { status: 0, stdout: `${text}\n` };
    });
  } catch (error) {
    return failure(isUsageFault(error) ? usageError(error.message) : error);
  }
  return output ?? failure(usageError('no command given'));
}

/** What yargs throws about a command line; it exports no class to match on. */
function isUsageFault(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'YError';
}

function commandLine(world: World, emit: Emit): Argv {
  return yargs()
    .scriptName('ociwrap')
    .locale('en')
    .parserConfiguration({
      'populate--': true,
      'duplicate-arguments-array': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .usage('$0 COMMAND\n\nLooks into what oci-runtime-wrapper does with the calls of a container engine.')
    .example('$0 explain --bundle /run/b', 'Would this bundle be rewritten, and how?')
    .example('$0 rewrite --bundle /run/b --dry-run', 'Print what config.json would become')
    .example('$0 validate /run/b', 'Check a config.json')
    .command(explainCommand(world, emit))
    .command(rewriteCommand(world, emit))
    .command(validateCommand(world, emit))
    .demandCommand(1, 'no command given')
    .recommendCommands()
    .strict()
    .version(world.version)
    .help()
    .alias('help', 'h')
    .epilogue(EXIT_STATUS_TEXT)
    .wrap(100)
    .exitProcess(false)
    .fail(false);
}
