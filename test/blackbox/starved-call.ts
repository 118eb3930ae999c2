import { program } from './programs.js';
import { type Ended, type RunOptions, runProgram } from './run-program.js';

/** Of address space: enough for the program and for any runtime of these tests, and too little for an engine. */
const TOO_LITTLE = 12 * 1024 * 1024;

/** The wrapper started where its engine cannot have its memory, which is one way of many for it to fail. */
export function starvedProgram(wrapper: string, args: readonly string[]): [string, readonly string[]] {
  return [program('prlimit'), [`--as=${TOO_LITTLE}`, wrapper, ...args]];
}

export function starvedCall(wrapper: string, args: readonly string[], options: RunOptions = {}): Ended {
  return runProgram(...starvedProgram(wrapper, args), options);
}
