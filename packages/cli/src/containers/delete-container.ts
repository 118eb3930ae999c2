import { Container, type ContainerStore, RuntimeClientError } from '@opencontainers-ts/runtime-client';

import type { ContainerChoice } from '../commands/containers/container-commands.js';
import { clientOf, findContainer, isMissing } from './found-container.js';

/** Removes a container; one that runs, or whose record is broken, only with `force`. */
export async function deleteContainer(
  store: ContainerStore,
  choice: ContainerChoice,
  { force }: { readonly force: boolean },
): Promise<void> {
  const found = await findContainer(store, choice).catch((error) => {
    if (!force || !isBroken(error)) throw error;
    return undefined;
  });
  if (found === undefined) return Container.destroy(clientOf(choice), choice.id, { store });
  const { id, client, isRecorded } = found;
  if (!isRecorded) return client.delete(id, { force });
  const container = await Container.open(client, id, { store });
  try {
    if (!force) await checkEnded(container);
    await container.destroy();
  } finally {
    container.close();
  }
}

async function checkEnded(container: Container): Promise<void> {
  const state = await container.state().catch((error) => {
    if (isMissing(error)) return undefined; // its runtime has lost it: what is left may go
    throw error;
  });
  if (state === undefined || state.status === 'stopped') return;
  throw new RuntimeClientError(
    'ERR_CONTAINER_STATE',
    `the container "${container.id}" is ${state.status}; delete is possible when it is stopped, or with --force`,
    { details: { id: container.id, status: state.status } },
  );
}

function isBroken(error: unknown): boolean {
  return error instanceof RuntimeClientError && error.code === 'ERR_CONTAINER_RECORD';
}
