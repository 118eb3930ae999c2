import { quoted } from '@opencontainers-ts/runtime-spec';

import type { CommandName } from '../dialects/command-name.js';
import { flagsOf, hasFlag } from '../dialects/dialect-flags.js';
import { isWithoutFlag, whyWithoutCommand } from '../dialects/newer-parts.js';
import type { RuntimeVersion } from '../dialects/runtime-version.js';
import { RuntimeClientError } from '../runtime-client-error.js';

/** What an option is given as; `texts` and `counts` stand once for each of them. */
type OptionKind = 'switch' | 'text' | 'texts' | 'count' | 'counts';

/** One option: its name in the API, that of the flag, and what it is given as. */
export interface OptionRow<Options> {
  readonly option: keyof Options & string;
  readonly flag: string;
  readonly kind: OptionKind;
}

/**
 * The flags of a command, in the order of the rows.
 *
 * @throws RuntimeClientError `ERR_RUNTIME_LACKS` for a command that the runtime does not have; ERR_RUNTIME_OPTION for an option that it does not
 * have, and for a value of another kind
 */
export function flagsFor<Options extends object>(
  runtime: RuntimeVersion,
  command: CommandName,
  rows: readonly OptionRow<Options>[],
  options: Options,
): readonly string[] {
  checkCommand(runtime, command);
  return rows.flatMap(({ option, flag, kind }) => {
    const words = wordsOf(flag, kind, checkedValue(option, kind, options[option]));
    if (words.length > 0) checkFlag(runtime, command, { option, flag });
    return words;
  });
}

/** That the runtime has the command. */
export function checkCommand(runtime: RuntimeVersion, command: CommandName): void {
  const { dialect } = runtime;
  const why =
    flagsOf(dialect, command) === undefined ? 'does not have it' : whyWithoutCommand(runtime, command);
  if (why === undefined) return;
  const named =
    dialect === 'unknown' ? 'a runtime of which only the specification is known' : `this ${dialect}`;
  throw new RuntimeClientError('ERR_RUNTIME_LACKS', `the command ${command}: ${named} ${why}`, {
    details: { command, dialect, version: runtime.version },
  });
}

function checkFlag(
  runtime: RuntimeVersion,
  command: CommandName,
  { option, flag }: { readonly option: string; readonly flag: string },
): void {
  const { dialect, version } = runtime;
  const isKnown = hasFlag(flagsOf(dialect, command) ?? {}, flag);
  if (isKnown && !isWithoutFlag(runtime, command, flag)) return;
  const named = isKnown ? `${dialect} ${version}` : dialect === 'unknown' ? 'an unknown runtime' : dialect;
  throw new RuntimeClientError('ERR_RUNTIME_OPTION', `${option}: ${named} has no --${flag} of ${command}`, {
    details: { option, command, dialect, version },
  });
}

// `--flag=value`, so that no value is read as a flag.
function wordsOf(flag: string, kind: OptionKind, value: unknown): readonly string[] {
  if (value === undefined || value === false) return [];
  if (kind === 'switch') return [`--${flag}`];
  return [value].flat().map((item) => `--${flag}=${item}`);
}

const WANTED: Readonly<Record<OptionKind, string>> = {
  switch: 'true or false',
  text: 'a text that is not empty and has no NUL',
  texts: 'a list of texts that are not empty and have no NUL',
  count: 'a whole number that is not negative',
  counts: 'a list of whole numbers that are not negative',
};

const IS_OF: Readonly<Record<OptionKind, (value: unknown) => boolean>> = {
  switch: (value) => typeof value === 'boolean',
  text: isText,
  texts: (value) => Array.isArray(value) && value.every(isText),
  count: isCount,
  counts: (value) => Array.isArray(value) && value.every(isCount),
};

/** A value from untyped code may be anything. */
function checkedValue(option: string, kind: OptionKind, value: unknown): unknown {
  if (value === undefined || IS_OF[kind](value)) return value;
  const given = typeof value === 'string' ? quoted(value) : `a value of type ${typeof value}`;
  throw new RuntimeClientError('ERR_RUNTIME_OPTION', `${option} is ${given}, not ${WANTED[kind]}`, {
    details: { option },
  });
}

// An argument ends at a NUL (execve(2)).
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\0');
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
