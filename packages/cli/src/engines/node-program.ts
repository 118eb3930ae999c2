import { DEFAULT_SEARCH_PATH } from '@opencontainers-ts/runtime-resolver';

import { type Failure, isFailure, type ProgramEnd, type System } from '../system/system.js';
import { bytesOf } from '../system/text.js';

/** A disk that is slow, on a node that is busy. */
const MOST_MILLISECONDS = 30_000;

/** The configuration of an engine, written out, has some ten thousand bytes. */
const MOST_OUTPUT = 1 << 20;

/**
 * Runs a program of the node.
 *
 * @param more - of its environment, beside PATH
 */
export function runNodeProgram(
  system: System,
  path: string,
  args: readonly string[],
  more: readonly string[] = [],
): ProgramEnd | Failure {
  return system.runProgram(
    path,
    [path, ...args].map(bytesOf),
    [`PATH=${DEFAULT_SEARCH_PATH}`, 'HOME=/root', 'LC_ALL=C', ...more].map(bytesOf),
    MOST_MILLISECONDS,
    MOST_OUTPUT,
  );
}

/** Whether it ran, and was content. */
export function isContent(end: ProgramEnd | Failure): end is ProgramEnd & { readonly status: 0 } {
  return !isFailure(end) && end.status === 0;
}

/** The first of some paths that can be executed. */
export function programAmong(system: System, paths: readonly string[]): string | undefined {
  return paths.find((path) => system.mayExecute(path));
}
