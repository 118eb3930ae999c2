import { dirname, join } from 'node:path';

import { readProcessState } from '@opencontainers-ts/exec-native';
import { refusalOf } from '../call/refusal.js';
import { refuseCall, runWrapper } from '../call/run-wrapper.js';
import { CliError } from '../cli-error.js';
import { tellOnStderr } from '../log/tell-on-stderr.js';
import { nodeSystem } from '../system/node-system.js';
import { failUnlessEnded } from './process-end.js';

/** The launcher starts this file with one argument: the descriptor that holds what it recorded. */
function main(): number | Promise<number> {
  try {
    const system = nodeSystem(readProcessState(Number(process.argv[2])));
    const status = runWrapper(system, join(dirname(process.argv[1] ?? ''), 'wrapper-code.cjs'));
    if (!(status instanceof Promise)) return status;
    // A configuration may bring code that is not ours.
    const unfinished = new CliError(
      'ERR_CALL_UNFINISHED',
      'the program was ended before the call was decided',
    );
    const end = failUnlessEnded((error = unfinished) => refuseCall(system, error));
    return status.catch((error) => refuseCall(system, error)).then(end);
  } catch (error) {
    tellOnStderr(nodeSystem(), refusalOf(error));
    return 1;
  }
}

const status = main();
process.exitCode = status instanceof Promise ? 1 : status;
