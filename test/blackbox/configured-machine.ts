import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { wrapper } from './programs.js';
import { type Ended, type RunOptions, runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

const CONFIG = '/etc/ociwrap';
const STATE = '/var/lib/ociwrap/settings';
const MEMORY = '/run/ociwrap-settings';

/** Puts folders in the place of the machine's for one program only: tests of other files run beside this one. */
const IN_PLACE = [
  `mount --bind "$1" ${CONFIG}`,
  `mount --bind "$2" ${STATE}`,
  `mount --bind "$3" ${MEMORY}`,
  'shift 3',
  'exec "$@"',
].join(' && ');

/** A machine with a configuration of its own. */
export interface ConfiguredMachine {
  /** The folder that programs see as /etc/ociwrap. */
  readonly config: string;
  /** The folder on disk that programs see as the wrapper's memory. */
  readonly state: string;
  /** What it keeps in /run, which is empty when a machine starts. */
  readonly memory: string;
  /** Writes a file of the configuration. */
  write(path: string, text: string, mode?: number): void;
  run(file: string, args: readonly string[], options?: RunOptions): Ended;
  /** Calls the wrapper. */
  call(args: readonly string[], options?: RunOptions): Ended;
}

/** @param files by their paths below /etc/ociwrap */
export function configuredMachine(files: Readonly<Record<string, string>> = {}): ConfiguredMachine {
  // The runner has made the empty folder CONFIG, which is no configuration: tests of other files run beside this one.
  for (const place of [STATE, MEMORY]) mkdirSync(place, { recursive: true, mode: 0o755 });
  const [config, state, memory] = [scratchFolder('config'), scratchFolder('state'), scratchFolder('memory')];
  chmodSync(config, 0o755);
  const write = (path: string, text: string, mode = 0o644) => {
    const file = join(config, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(file, text);
    chmodSync(file, mode);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  const run = (file: string, args: readonly string[], options: RunOptions = {}) =>
    runProgram(
      'unshare',
      [
        ...['--mount', '--propagation', 'private', 'sh', '-c', IN_PLACE, 'sh'],
        ...[config, state, memory, file, ...args],
      ],
      options,
    );
  return { config, state, memory, write, run, call: (args, options) => run(wrapper, args, options) };
}
