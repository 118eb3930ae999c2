import { Container, type ContainerStore } from '@opencontainers-ts/runtime-client';

import type { ContainerChoice } from '../commands/containers/container-commands.js';
import { findContainer } from './found-container.js';

/** @param name - of a signal, or its number; that it is one is seen by the client */
export async function killContainer(
  store: ContainerStore,
  choice: ContainerChoice,
  name: string,
): Promise<void> {
  const signal = /^\d+$/.test(name) ? Number(name) : (name as NodeJS.Signals);
  const { id, client, isRecorded } = await findContainer(store, choice);
  if (!isRecorded) return client.kill(id, signal);
  const container = await Container.open(client, id, { store });
  try {
    await container.signal(signal);
  } finally {
    container.close();
  }
}
