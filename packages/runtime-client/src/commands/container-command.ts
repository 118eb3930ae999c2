import type { CommandName } from '../dialects/command-name.js';
import type { RuntimeVersion } from '../dialects/runtime-version.js';
import { RuntimeClientError } from '../runtime-client-error.js';
import { checkContainerId } from '../store/container-id.js';
import type { CallOptions, CommandLine } from './command-line.js';
import { checkCommand, flagsFor, type OptionRow } from './option-rows.js';

/** A command about one container: `COMMAND FLAGS EXTRA-ARGS ID WORDS`. */
export function containerCommand<Options extends CallOptions>(
  runtime: RuntimeVersion,
  command: CommandName,
  id: string,
  {
    rows = [],
    options,
    words = [],
  }: {
    readonly rows?: readonly OptionRow<Options>[];
    readonly options: Options;
    /** Behind the id. */
    readonly words?: readonly string[];
  },
): CommandLine {
  checkContainerId(id);
  const flags = flagsFor(runtime, command, rows, options);
  return { command, args: [command, ...flags, ...extraArgsOf(options), id, ...words] };
}

/** A command about no container: `COMMAND FLAGS EXTRA-ARGS`. */
export function runtimeCommand(
  runtime: RuntimeVersion,
  command: CommandName,
  flags: readonly string[],
  options: CallOptions,
): CommandLine {
  checkCommand(runtime, command);
  return { command, args: [command, ...flags, ...extraArgsOf(options)] };
}

/** Words of the caller; execve(2) takes no NUL in them. */
export function checkWords(option: string, words: readonly string[]): readonly string[] {
  const areWords =
    Array.isArray(words) && words.every((word) => typeof word === 'string' && !word.includes('\0'));
  if (!areWords) {
    throw new RuntimeClientError('ERR_RUNTIME_OPTION', `${option} is not a list of texts without a NUL`, {
      details: { option },
    });
  }
  return words;
}

function extraArgsOf({ extraArgs = [] }: CallOptions): readonly string[] {
  return checkWords('extraArgs', extraArgs);
}
