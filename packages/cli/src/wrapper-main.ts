import { readProcessState } from '@opencontainers-ts/exec-native';

import { refusalOf } from './refusal.js';
import { runWrapper } from './run-wrapper.js';
import { tellOnStderr } from './tell-on-stderr.js';

/** The launcher starts this file with one argument: the descriptor that holds what it recorded. */
function main(): number {
  try {
    return runWrapper(readProcessState(Number(process.argv[2])));
  } catch (error) {
    tellOnStderr(refusalOf(error));
    return 1;
  }
}

process.exitCode = main();
