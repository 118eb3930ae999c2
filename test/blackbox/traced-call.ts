import { join } from 'node:path';

import { packaged, program } from './programs.js';

/** The file whose opening shows that Node works on the call: the launcher only asks whether it is there. */
const ADDON = join(packaged, 'lib/exec_native.node');

/** Starts a program under strace, which says nothing but what it is asked to. A signal that ends the program ends it, too. */
export const strace = (...options: readonly string[]): readonly string[] => [
  program('strace'),
  '-f',
  '-qq',
  ...options,
];

/** Sends a signal to the wrapper while Node works. */
export const duringNode = (signal: number | string, output = '/dev/null'): readonly string[] =>
  strace('-o', output, '-P', ADDON, '--trace=openat', `--inject=openat:signal=${signal}:when=1`);
