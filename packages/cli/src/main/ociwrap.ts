import { printable } from '@opencontainers-ts/runtime-spec';
import yargs, { type Argv } from 'yargs';

import { CliError } from '../cli-error.js';
import { cdiCommand } from '../commands/cdi/cdi.js';
import { commandOf, whyNoCommand } from '../commands/command-names.js';
import { configCommand } from '../commands/config.js';
import { completedIds } from '../commands/containers/container-ids.js';
import { deleteCommand } from '../commands/containers/delete-command.js';
import { eventsCommand } from '../commands/containers/events-command.js';
import { execCommand } from '../commands/containers/exec-command.js';
import { killCommand } from '../commands/containers/kill-command.js';
import { endsAsProgram, programFailure } from '../commands/containers/program-status.js';
import { psCommand } from '../commands/containers/ps-command.js';
import { runCommand } from '../commands/containers/run-command.js';
import { doctorCommand } from '../commands/doctor.js';
import { engineCommand } from '../commands/engine/engine.js';
import { explainCommand } from '../commands/explain/explain.js';
import { failure } from '../commands/failure.js';
import { FISH_COMPLETION, isFish } from '../commands/fish-completion.js';
import { helpCommand } from '../commands/help/help.js';
import { hooksCommand } from '../commands/hooks/hooks.js';
import { installCommand } from '../commands/installation/install-command.js';
import { statusCommand } from '../commands/installation/status-command.js';
import { uninstallCommand } from '../commands/installation/uninstall-command.js';
import { usersCommand } from '../commands/installation/users-command.js';
import { logsCommand } from '../commands/logs.js';
import { nvidiaCommand, nvidiaHookCommand } from '../commands/nvidia/nvidia.js';
import type { CommandOutput } from '../commands/output.js';
import { reportCommand } from '../commands/report.js';
import { rewriteCommand } from '../commands/rewrite.js';
import { testCommand } from '../commands/test.js';
import { usageError } from '../commands/usage-error.js';
import { HELP_WIDTH, usageText } from '../commands/usage-text.js';
import { validateCommand } from '../commands/validate.js';
import { versionCommand } from '../commands/version.js';
import { volumeCommand } from '../commands/volume/volume.js';
import type { Emit, World } from '../commands/world.js';
import { useYargsEnvironment } from './yargs-environment.js';

const EXIT_STATUS_TEXT = `Exit status: 0 done, or nothing wrong; 1 refused, found faulty, or failed; 2 wrong usage.
Each error has a code, such as ERR_VOLUME_NOT_FOUND: \`ociwrap help CODE\` says what to do.`;

/**
 * The command line of `ociwrap`: arguments in, what to print and the exit status out. yargs neither prints nor ends
 * the process here.
 */
export async function ociwrap(args: readonly string[], world: World): Promise<CommandOutput> {
  useYargsEnvironment(world.env);
  // What the script of `ociwrap completion` asks with.
  if (args[0] === COMPLETE) return { status: 0, stdout: await completions(args, world) };
  // yargs has no script for fish.
  if (args.join(' ') === 'completion' && isFish(world.env)) return { status: 0, stdout: FISH_COMPLETION };
  let output: CommandOutput | undefined;
  try {
    const parser = commandLine(world, (said) => {
      output = said;
    });
    // Given a callback, yargs hands over the text of --help and --version instead of printing it.
    await parser.parseAsync(withStandardInput(args), {}, (_error, _args, text) => {
      output ??= { status: 0, stdout: `${text}\n` };
    });
  } catch (error) {
    const said = withHelpOf(args, error);
    return endsAsProgram(args) ? programFailure(said) : failure(said);
  }
  return output ?? failure(withHelpOf(args, usageError('no command given')));
}

/** One word a line. yargs would print them by itself, and is left without any. */
async function completions(args: readonly string[], world: World): Promise<string> {
  let found: readonly string[] = [];
  const parser = commandLine(
    world,
    () => undefined,
    args,
    (words) => {
      found = words;
    },
  );
  await parser.parseAsync();
  return [...found, ...(await completedIds(args, world))].map((word) => `${word}\n`).join('');
}

/** The help that is about the command at fault; and where there is no such command, this instead of what yargs makes of it. */
function withHelpOf(args: readonly string[], error: unknown): unknown {
  if (!(error instanceof CliError) || error.code !== 'ERR_USAGE') return error;
  return usageError(whyNoCommand(args) ?? error.message, commandOf(args));
}

/** Commands with a list of files, or with a file that may be left out. */
const TAKE_STANDARD_INPUT: readonly string[] = ['cdi', 'config', 'explain', 'validate'];

/**
 * yargs drops a lone `-` from a list of files and where a file may be left out, and nothing would be looked at: the commands
 * that this is about get its other name. What stands behind `--` is the runtime's.
 */
function withStandardInput(args: readonly string[]): string[] {
  if (!TAKE_STANDARD_INPUT.includes(args[0] ?? '')) return [...args];
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  return args.map((arg, index) => (arg === '-' && index < end ? '/dev/stdin' : arg));
}

/** yargs gives a text for a faulty command line, or what a command threw; some of its texts come as a YError. */
function throwFault(text: string | undefined, thrown: Error | undefined): never {
  const isUsage = thrown === undefined || thrown.name === 'YError';
  // A text about choices has several lines.
  throw isUsage ? usageError(printable((text ?? thrown?.message ?? '').replace(/\n\s*/g, ' '))) : thrown;
}

/** What yargs says, in words of people who do not know what a non-option argument is. */
const YARGS_TEXTS = {
  'Not enough non-option arguments: got %s, need at least %s': {
    one: 'too few arguments: got %s, need at least %s',
    other: 'too few arguments: got %s, need at least %s',
  },
  'Too many non-option arguments: got %s, maximum of %s': {
    one: 'too many arguments: got %s, take at most %s',
    other: 'too many arguments: got %s, take at most %s',
  },
  'Missing argument value: %s': { one: 'option without a value: %s', other: 'options without a value: %s' },
  'Missing required argument: %s': {
    one: 'missing option: --%s',
    other: 'missing options: %s',
  },
  'Unknown argument: %s': {
    one: 'unknown option or argument: %s',
    other: 'unknown options or arguments: %s',
  },
  'Invalid values:': 'invalid value:',
  'Argument: %s, Given: %s, Choices: %s': '%s is %s, and must be one of %s',
  'Not enough arguments following: %s': 'option without a value: %s',
};

const COMPLETE = '--get-yargs-completions';

type Completions = (error: Error | null, words: readonly string[] | undefined) => void;

/**
 * Options only where one is begun: after `validate` or `test` a path is meant, which the shell completes when it gets nothing.
 *
 * @returns what yargs asks: by the number of parameters it knows that the usual words are wanted too
 */
function completer(take: (words: readonly string[]) => void) {
  return (
    current: string,
    _args: unknown,
    usual: (completions: Completions) => void,
    done: (words: string[]) => void,
  ): void =>
    usual((_error, words = []) => {
      take(words.filter((word) => current.startsWith('-') || !word.startsWith('-')));
      done([]);
    });
}

/**
 * @param args - what a shell asks for, to complete it; nothing where the arguments are parsed later
 * @param take - takes the words that complete it
 */
function commandLine(
  world: World,
  emit: Emit,
  args: readonly string[] = [],
  take: (words: readonly string[]) => void = () => undefined,
): Argv {
  return yargs(args)
    .scriptName('ociwrap')
    .locale('en')
    .parserConfiguration({
      'populate--': true,
      'duplicate-arguments-array': false,
    })
    .usage(
      usageText(
        'Shows and does by hand what oci-runtime-wrapper does with the calls of a container engine.',
        [
          ['explain --bundle /run/b', 'would this bundle be rewritten, and how?'],
          ['rewrite --bundle /run/b --dry-run', 'print what config.json would become'],
          ['validate /run/b', 'check a config.json'],
          ['cdi list', 'which devices can containers ask for?'],
          ['volume status /mnt/pv', 'what is on a volume that is the root of containers?'],
          ['doctor', 'what is wrong with this node?'],
          ['logs --since 1h', 'what was refused or changed, and why?'],
          ['test rules/test', 'try rules on containers that are kept as files'],
        ],
      ),
    )
    .command(explainCommand(world, emit))
    .command(rewriteCommand(world, emit))
    .command(validateCommand(world, emit, args.length > 0))
    .command(testCommand(world, emit))
    .command(configCommand(world, emit))
    .command(nvidiaCommand(world, emit))
    .command(nvidiaHookCommand)
    .command(hooksCommand(world, emit))
    .command(cdiCommand(world, emit))
    .command(volumeCommand(world, emit))
    .command(engineCommand(world, emit))
    .command(runCommand(world, emit))
    .command(psCommand(world, emit))
    .command(execCommand(world, emit))
    .command(killCommand(world, emit))
    .command(deleteCommand(world, emit))
    .command(eventsCommand(world, emit))
    .command(doctorCommand(world, emit))
    .command(reportCommand(world, emit))
    .command(logsCommand(world, emit))
    .command(installCommand(world, emit, 'install'))
    .command(installCommand(world, emit, 'upgrade'))
    .command(uninstallCommand(world, emit))
    .command(statusCommand(world, emit))
    .command(usersCommand(world, emit))
    .command(versionCommand(world, emit))
    .command(helpCommand((command) => ociwrap([...command, '--help'], world), emit))
    .completion('completion', 'Print a script that completes commands in bash, zsh or fish', completer(take))
    .demandCommand(1, 'no command given')
    .strict()
    .updateStrings(YARGS_TEXTS as unknown as Record<string, string>)
    .version(world.version)
    .help()
    .alias('help', 'h')
    .epilogue(EXIT_STATUS_TEXT)
    .wrap(HELP_WIDTH)
    .exitProcess(false)
    .fail(throwFault);
}
