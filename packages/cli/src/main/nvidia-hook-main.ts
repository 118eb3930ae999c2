import { writeSync } from 'node:fs';

import { readProcessState } from '@opencontainers-ts/exec-native';
import { refusalLine, refusalOf } from '../call/refusal.js';
import { CliError } from '../cli-error.js';
import { hookProcess } from '../nvidia-hook/hook-process.js';
import { runNvidiaHook } from '../nvidia-hook/run-nvidia-hook.js';
import { nodeSystem } from '../system/node-system.js';
import { textOf } from '../system/text.js';
import { failUnlessEnded } from './process-end.js';

/** The launcher starts this file with one argument: the descriptor that holds what it recorded. */
async function main(): Promise<number> {
  const system = nodeSystem(readProcessState(Number(process.argv[2])));
  const [name = '', ...args] = system.argv().map(textOf);
  const isCommand = args[0] === 'nvidia-hook';
  return runNvidiaHook(await hookProcess(system, { name, args: isCommand ? args.slice(1) : args }));
}

// Until it is known how it ends, an end of the process is a failure: a configuration may bring code that is not ours.
process.exitCode = 1;
const tellError = (error: unknown): number => {
  writeSync(2, `nvidia-container-runtime-hook: ${refusalLine(refusalOf(error))}\n`);
  return 1;
};
const unfinished = new CliError('ERR_CALL_UNFINISHED', 'the hook was ended before it was done');
const end = failUnlessEnded((error = unfinished) => tellError(error));
void main().catch(tellError).then(end);
