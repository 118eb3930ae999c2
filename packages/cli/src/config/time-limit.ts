import { Script } from 'node:vm';

import { CliError } from '../cli-error.js';

/** By which the script below finds its step; of the main context, which need not be the one that we run in. */
const STEP = Symbol.for('@opencontainers-ts/cli/step');

interface Watched {
  readonly script: Script;
  readonly globals: Record<symbol, unknown>;
}
let watched: Watched | undefined;

/**
 * Runs a step and ends it after so many seconds, wherever it is: in a loop, or in a regular expression that backtracks.
 * One that waits in a system call is ended when it comes back from there. Of JavaScript's means only a script of node:vm
 * can be ended so.
 *
 * @throws CliError `ERR_RULE_TIMEOUT`
 */
export function withinTime<T>(seconds: number, step: () => T): T {
  watched ??= {
    script: new Script(`globalThis[Symbol.for(${JSON.stringify(Symbol.keyFor(STEP))})]()`),
    globals: new Script('globalThis').runInThisContext() as Record<symbol, unknown>,
  };
  const { script, globals } = watched;
  const outer = globals[STEP];
  let result: { readonly value: T } | undefined;
  globals[STEP] = () => {
    result = { value: step() };
  };
  try {
    script.runInThisContext({ timeout: seconds * 1000 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException | null | undefined)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      throw error;
    throw new CliError('ERR_RULE_TIMEOUT', `it was not done after ${seconds} s`, { cause: error });
  } finally {
    globals[STEP] = outer;
  }
  if (result === undefined) throw new CliError('ERR_UNEXPECTED', 'a step ended without an end');
  return result.value;
}
