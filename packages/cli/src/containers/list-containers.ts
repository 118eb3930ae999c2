import {
  Container,
  type ContainerStore,
  type RuntimeClient,
  RuntimeClientError,
  type StoredContainer,
} from '@opencontainers-ts/runtime-client';

import type { ContainerRow, RuntimeChoice } from '../commands/containers/container-commands.js';
import { clientOf, isMissing } from './found-container.js';

/** Those that have a record; or all of the runtime that is chosen. */
export async function listContainers(
  store: ContainerStore,
  choice: RuntimeChoice,
): Promise<readonly ContainerRow[]> {
  if (choice.runtime !== undefined || choice.root !== undefined) return listOfRuntime(clientOf(choice));
  const stored = await store.list();
  return Promise.all(stored.map((each) => rowOf(store, each)));
}

async function listOfRuntime(client: RuntimeClient): Promise<readonly ContainerRow[]> {
  const { runtime, root } = client;
  const listed = await client.list();
  return listed.map(({ id, status, pid, bundle }) => ({ id, status, pid, runtime, root, bundle }));
}

/** What a record says of a container, and its runtime of its state. */
async function rowOf(store: ContainerStore, stored: StoredContainer): Promise<ContainerRow> {
  if ('error' in stored) {
    return { id: stored.id, status: 'unknown', runtime: '-', fault: stored.error.message };
  }
  const { id, runtime, runtimeRoot: root, runtimeArgs, bundle, createdAt: created } = stored.record;
  const row = { id, runtime, root, bundle, created };
  try {
    const container = await Container.open(clientOf({ runtime, root, globalArgs: runtimeArgs }), id, {
      store,
    });
    try {
      const { status, pid } = await container.state();
      return { ...row, status, pid };
    } finally {
      container.close();
    }
  } catch (error) {
    if (!(error instanceof RuntimeClientError)) throw error;
    // The runtime has lost it, or it was destroyed a moment ago.
    return { ...row, status: isMissing(error) ? 'lost' : 'unknown', fault: error.message };
  }
}
