import { readProcessState } from '@opencontainers-ts/exec-native';

import { refusalOf } from './refusal.js';
import { runWrapper } from './run-wrapper.js';
import { tellOnStderr } from './tell-on-stderr.js';

function fail(error: unknown): number {
  tellOnStderr(refusalOf(error));
  return 1;
}

/** The launcher starts this file with one argument: the descriptor that holds what it recorded. */
function main(): number | Promise<number> {
  try {
    return runWrapper(readProcessState(Number(process.argv[2])));
  } catch (error) {
    return fail(error);
  }
}

const status = main();
if (status instanceof Promise) {
  // Until a configuration has been loaded, an end of the process is a failure: a module that waits for ever, say.
  process.exitCode = 1;
  status.catch(fail).then((code) => {
    process.exitCode = code;
  });
} else {
  process.exitCode = status;
}
