import { program } from './programs.js';

/** Starts a program under strace, which says nothing but what it is asked to. A signal that ends the program ends it, too. */
export const strace = (...options: readonly string[]): readonly string[] => [
  program('strace'),
  '-f',
  '-qq',
  ...options,
];

/** Sends a signal to the wrapper as the engine starts: nothing else of a call moves a mapping, as it does its snapshot. */
export const duringEngine = (signal: number | string, output = '/dev/null'): readonly string[] =>
  duringCall('mremap', signal, output);

/** Sends a signal to the wrapper as it makes a system call for the first time. */
export const duringCall = (call: string, signal: number | string, output = '/dev/null'): readonly string[] =>
  strace('-o', output, `--trace=${call}`, `--inject=${call}:signal=${signal}:when=1`);

/** A machine on which a system call fails, for the wrapper and what it becomes; processes that this starts have it. */
export const failingCall = (call: string, error: string): readonly string[] => [
  program('strace'),
  ...['-qq', '-o', '/dev/null', `--trace=${call}`, `--inject=${call}:error=${error}`],
];
