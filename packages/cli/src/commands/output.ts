import { printableJson } from '@opencontainers-ts/runtime-spec';

import { textOf } from '../system/text.js';

/** What a command of `ociwrap` has to say, as a value: the entry prints it, tests read it. */
export interface CommandOutput {
  /** Exit status, see `EXIT_STATUS`; of a command that runs a program in a container that of the program. */
  readonly status: number;
  /** The result that was asked for: bytes where they must arrive unchanged. */
  readonly stdout?: string | Uint8Array;
  /** What was done, and errors: for people, never parsed. */
  readonly stderr?: string;
}

/** What a terminal can do; neither a pipe nor a user who sets NO_COLOR (https://no-color.org) gets escape sequences. */
export function wantsColor(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

const COLORS = { red: 31, green: 32, yellow: 33, cyan: 36, bold: 1 } as const;

/** Colours a piece of one line, or leaves it as it is. */
export type Paint = (color: keyof typeof COLORS, text: string) => string;

/** Makes the {@link Paint} of a terminal, or that of everything else. */
export function paintFor(color: boolean): Paint {
  return color ? (name, text) => `\u001b[${COLORS[name]}m${text}\u001b[0m` : (_, text) => text;
}

/**
 * A value as indented JSON for machines. 64-bit integers (device and inode numbers, limits in a patch) are written
 * as strings: most readers round JSON numbers above 2^53. What would act on a terminal is escaped as JSON escapes it.
 */
export function jsonOutput(value: unknown): string {
  const withoutBigInt = (_: string, member: unknown) =>
    typeof member === 'bigint' ? String(member) : member;
  return printableJson(`${JSON.stringify(value, withoutBigInt, 2)}\n`);
}

/**
 * What is written to stdout: the bytes of a document unchanged, unless a person is to see them. A config.json must not drive
 * the terminal of whoever looks at it.
 */
export function shownOutput(stdout: string | Uint8Array, isTerminal: boolean): string | Uint8Array {
  return typeof stdout === 'string' || !isTerminal ? stdout : printableJson(textOf(stdout));
}
