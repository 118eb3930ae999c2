import { quoted } from '@opencontainers-ts/runtime-spec';

import { plainCommand } from '../commands/lifecycle-commands.js';
import { listCommand } from '../commands/question-commands.js';
import { readState } from '../events/container-state.js';
import { readList } from '../events/listed-container.js';
import { RuntimeClientError } from '../runtime-client-error.js';
import { type RuntimeCaller, readJson } from './runtime-caller.js';

/**
 * That no container has this id, before runsc is to create one. runsc refuses an id that is taken, and as it cleans up after that forgets the
 * container which has it: the sandbox runs on, and nobody can stop it (seen with 0.0~20221219.0, Debian 12). The others leave it alone.
 *
 * @throws RuntimeClientError `ERR_CONTAINER_EXISTS`
 */
export async function checkIdIsFree(
  caller: RuntimeCaller,
  id: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  if ((await caller.version()).dialect !== 'runsc' || !(await isTaken(caller, id, signal))) return;
  throw new RuntimeClientError('ERR_CONTAINER_EXISTS', `runsc has a container ${quoted(id)} already`, {
    details: { id },
  });
}

async function isTaken(caller: RuntimeCaller, id: string, signal: AbortSignal | undefined): Promise<boolean> {
  const runtime = await caller.version();
  const line = plainCommand(runtime, 'state', id, {});
  try {
    return readJson(caller, line, await caller.output(line, signal), readState).id === id;
  } catch (error) {
    if (!(error instanceof RuntimeClientError) || error.code !== 'ERR_RUNTIME_CALL') throw error;
    if (error.details['reason'] === 'not-found') return false;
  }
  // runsc takes the beginning of an id for the whole, and says so only where it is that of several.
  const list = listCommand(runtime, {});
  return readJson(caller, list, await caller.output(list, signal), readList).some((one) => one.id === id);
}
