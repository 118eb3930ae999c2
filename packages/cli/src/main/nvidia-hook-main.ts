import { writeSync } from 'node:fs';

import { execve, type ProcessState, readProcessState } from '@opencontainers-ts/exec-native';
import { refusalLine, refusalOf } from '../call/refusal.js';
import { readEnvironment } from '../call/runtime-environment.js';
import { CliError } from '../cli-error.js';
import { hookProcess } from '../nvidia-hook/hook-process.js';
import { runNvidiaHook } from '../nvidia-hook/run-nvidia-hook.js';
import { failUnlessEnded } from './process-end.js';

const text = (bytes: Uint8Array = new Uint8Array()): string => Buffer.from(bytes).toString();

/** The launcher starts this file with one argument: the descriptor that holds what it recorded. */
async function main(): Promise<number> {
  const state: ProcessState = readProcessState(Number(process.argv[2]));
  const argv = state.argv.map(text);
  const [name = '', first] = argv;
  const isCommand = first === 'nvidia-hook';
  const call = await hookProcess(
    {
      name,
      args: argv.slice(isCommand ? 2 : 1),
      env: state.env,
      cwd: state.cwd === undefined ? '' : text(state.cwd),
      become: (file, args, env) => execve(file, args, env, { state }),
    },
    { env: readEnvironment(state.env), invokedAs: 'runc' },
  );
  return runNvidiaHook(call);
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
