import { Container, type ContainerStore, type RuntimeClient } from '@opencontainers-ts/runtime-client';

import type { ContainerChoice, ContainerEvent } from '../commands/containers/container-commands.js';
import { findContainer } from './found-container.js';
import { interruptible } from './passed-signals.js';

/** What a runtime tells of a container, once or as it comes. */
export async function containerEvents(
  store: ContainerStore,
  choice: ContainerChoice,
  { follow }: { readonly follow: boolean },
  take: (event: ContainerEvent) => boolean,
): Promise<void> {
  const { id, client, isRecorded } = await findContainer(store, choice);
  if (!follow) {
    take(await client.stats(id));
    return;
  }
  const container = isRecorded ? await Container.open(client, id, { store }) : undefined;
  try {
    await interruptible((signal) => untilEnd(container, signal, (any) => takeAll(client, id, any, take)));
  } finally {
    container?.close();
  }
}

async function takeAll(
  client: RuntimeClient,
  id: string,
  signal: AbortSignal,
  take: (event: ContainerEvent) => boolean,
): Promise<void> {
  try {
    for await (const event of client.events(id, { signal })) {
      if (!take(event)) return;
    }
  } catch (error) {
    // Somebody has had enough, or the container has ended.
    if (!signal.aborted) throw error;
  }
}

/** Not every runtime ends by itself when the container does. */
async function untilEnd(
  container: Container | undefined,
  signal: AbortSignal,
  act: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  if (container === undefined) return act(signal);
  const stop = new AbortController();
  const any = AbortSignal.any([signal, stop.signal]);
  const ended = container.wait({ signal: any }).then(
    () => stop.abort(),
    () => undefined,
  );
  try {
    await act(any);
  } finally {
    stop.abort();
    await ended;
  }
}
