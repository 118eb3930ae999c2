import { writeSync } from 'node:fs';

import { readProcessState } from '@opencontainers-ts/exec-native';

import { refusalLine, refusalOf } from './refusal.js';
import { runWrapper } from './run-wrapper.js';

/** The launcher starts this file with one argument: the descriptor that holds what it recorded. */
function main(): number {
  try {
    return runWrapper(readProcessState(Number(process.argv[2])));
  } catch (error) {
    writeSync(2, `oci-runtime-wrapper: ${refusalLine(refusalOf(error))}\n`);
    return 1;
  }
}

process.exitCode = main();
