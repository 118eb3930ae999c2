import { quoted } from '@opencontainers-ts/runtime-spec';

import type { RuntimeClient } from '../client/runtime-client.js';
import type { ContainerState } from '../events/container-state.js';
import { RuntimeClientError } from '../runtime-client-error.js';

/** Whether a runtime has said that it has no such container. */
export function isNotFound(error: unknown): boolean {
  return (
    error instanceof RuntimeClientError &&
    error.code === 'ERR_RUNTIME_CALL' &&
    error.details['reason'] === 'not-found'
  );
}

/** What the runtime says of a container; undefined where it has none of this id. */
export async function askState(
  client: RuntimeClient,
  id: string,
  signal?: AbortSignal,
): Promise<ContainerState | undefined> {
  try {
    const state = await client.state(id, signal && { signal });
    // runsc takes the beginning of an id for the whole where no other has it.
    return state.id === id ? state : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The state with what is seen of the live process: one that is gone is stopped, whatever its runtime has noted. */
export function asSeen(state: ContainerState, init: { readonly isGone: boolean }): ContainerState {
  if (!init.isGone || state.status === 'stopped') return state;
  const { pid: _pid, ...rest } = state; // is another process by now
  return { ...rest, status: 'stopped' };
}

/** The error for a container that has a record, and that its runtime does not know. */
export function unknownToRuntime(client: RuntimeClient, id: string): RuntimeClientError {
  return new RuntimeClientError(
    'ERR_CONTAINER_MISSING',
    `${quoted(client.runtime)} has no container ${quoted(id)}; what is kept of it can be destroyed`,
    { details: { id, runtime: client.runtime } },
  );
}
