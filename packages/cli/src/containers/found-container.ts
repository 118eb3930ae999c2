import {
  type ContainerRecord,
  type ContainerStore,
  RuntimeClient,
  RuntimeClientError,
} from '@opencontainers-ts/runtime-client';

import { quoted } from '@opencontainers-ts/runtime-spec';

import type { ContainerChoice, RuntimeChoice } from '../commands/containers/container-commands.js';

/** A container, and the client of its runtime. */
export interface FoundContainer {
  readonly id: string;
  readonly client: RuntimeClient;
  /** Whether it has a record: `Container.open` finds it then. */
  readonly isRecorded: boolean;
}

export function clientOf({ runtime, root, globalArgs }: RuntimeChoice): RuntimeClient {
  return new RuntimeClient({
    ...(runtime !== undefined && { runtime }),
    ...(root !== undefined && { root }),
    ...(globalArgs !== undefined && { globalArgs }),
  });
}

/**
 * A container by its record, which says its runtime; or of the runtime that is chosen, such as one of a container engine's.
 *
 * @throws RuntimeClientError `ERR_CONTAINER_MISSING` where there is no record and no runtime is chosen; `ERR_CONTAINER_RECORD`
 */
export async function findContainer(
  store: ContainerStore,
  { id, runtime, root, globalArgs }: ContainerChoice,
): Promise<FoundContainer> {
  const isChosen = runtime !== undefined || root !== undefined;
  const record = await recordOf(store, id).catch((error) => {
    if (isChosen && isMissing(error)) return undefined;
    throw error;
  });
  if (record !== undefined && isOf(record, { runtime, root })) {
    const client = clientOf({
      runtime: record.runtime,
      root: record.runtimeRoot,
      globalArgs: globalArgs ?? record.runtimeArgs,
    });
    return { id: record.id, client, isRecorded: true };
  }
  return { id, client: clientOf({ runtime, root, globalArgs }), isRecorded: false };
}

async function recordOf(store: ContainerStore, idOrPrefix: string): Promise<ContainerRecord> {
  const id = await store.find(idOrPrefix);
  const record = await store.read(id);
  if (record !== undefined) return record;
  throw new RuntimeClientError('ERR_CONTAINER_MISSING', `the container ${quoted(id)} is gone`, {
    details: { id },
  });
}

function isOf(record: ContainerRecord, { runtime, root }: RuntimeChoice): boolean {
  return (
    (runtime === undefined || runtime === record.runtime) &&
    (root === undefined || root === record.runtimeRoot)
  );
}

export function isMissing(error: unknown): boolean {
  return error instanceof RuntimeClientError && error.code === 'ERR_CONTAINER_MISSING';
}
