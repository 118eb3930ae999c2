import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { quoted } from '@opencontainers-ts/runtime-spec';

import type { RuntimeClient } from '../client/runtime-client.js';
import { RuntimeClientError } from '../runtime-client-error.js';
import type { ContainerRecord } from '../store/container-record.js';
import type { ContainerStore, LockedRecord } from '../store/container-store.js';
import { absentCgroups } from './cgroup-folders.js';
import { destroyLocked, pidFileOf } from './destruction.js';
import { InitWatch } from './init-watch.js';
import { askState } from './live-state.js';
import { goferPids } from './process-files.js';

/** What makes the runtime's container: `create`, or `restore`. */
export interface Creation<Made> {
  readonly client: RuntimeClient;
  readonly store: ContainerStore;
  readonly id: string;
  /** Absolute path. */
  readonly bundle: string;
  readonly step: 'creating' | 'restoring';
  readonly signal?: AbortSignal | undefined;
  readonly make: (pidFile: string) => Promise<Made>;
}

/** A container that was just made. */
export interface Creature<Made> {
  readonly made: Made;
  readonly watch: InitWatch;
}

/**
 * Makes a container and its record: the record first, with what is about to be done; the pid of init as soon as the runtime has told it. What has
 * failed leaves nothing, and never touches a container that was there before.
 *
 * @throws RuntimeClientError `ERR_CONTAINER_EXISTS`, also where only the runtime has a container of this id; of the runtime's call;
 * `ERR_CONTAINER_NOT_DESTROYED` where something of a failed one is left
 */
export function createRecorded<Made>(creation: Creation<Made>): Promise<Creature<Made>> {
  const { store, id, signal } = creation;
  return store.locked(id, (locked) => createLocked(creation, locked), signal && { signal });
}

async function createLocked<Made>(creation: Creation<Made>, locked: LockedRecord): Promise<Creature<Made>> {
  const { client, store, id, bundle, step } = creation;
  // Before there is a record, from which a later call would take that one to be ours.
  if ((await askState(client, id, creation.signal)) !== undefined) throw existsAtRuntime(client, id);
  const record: ContainerRecord = {
    id,
    bundle,
    runtime: client.runtime,
    ...(client.root !== undefined && { runtimeRoot: client.root }),
    ...(client.globalArgs.length > 0 && { runtimeArgs: client.globalArgs }),
    step,
    createdAt: new Date().toISOString(),
    cgroups: await absentCgroups(id, await cgroupsPathOf(bundle)),
  };
  await locked.reserve(record);
  try {
    const pidFile = pidFileOf(store, id);
    const made = await creation.make(pidFile);
    const pid = Number(await readFile(pidFile, 'utf8'));
    const { dialect } = await client.version();
    const watch = await InitWatch.ofPid(pid, await goferPids(dialect, bundle));
    try {
      await locked.write({
        ...record,
        step: step === 'restoring' ? 'started' : 'created',
        init: watch.identity,
      });
    } catch (error) {
      watch.close();
      throw error;
    }
    return { made, watch };
  } catch (error) {
    await undo(creation, locked, error);
    throw error;
  }
}

/** Takes back what a failed call has made, but for a container that somebody else has made meanwhile. */
async function undo<Made>(
  { client, store, id }: Creation<Made>,
  locked: LockedRecord,
  failure: unknown,
): Promise<void> {
  if (isTaken(failure)) {
    await locked.remove();
    throw existsAtRuntime(client, id, failure);
  }
  try {
    await destroyLocked({ client, store, id }, locked);
  } catch (error) {
    if (!(error instanceof RuntimeClientError)) throw error;
    throw new RuntimeClientError(error.code, error.message, {
      details: error.details,
      errors: [failure, ...error.errors],
      cause: failure,
    });
  }
}

const isTaken = (error: unknown): boolean =>
  error instanceof RuntimeClientError && error.details['reason'] === 'exists';

function existsAtRuntime(client: RuntimeClient, id: string, cause?: unknown): RuntimeClientError {
  return new RuntimeClientError(
    'ERR_CONTAINER_EXISTS',
    `${quoted(client.runtime)} has a container ${quoted(id)} already`,
    { details: { id, runtime: client.runtime }, cause },
  );
}

/** Where config.json wants its control group; what is wrong with that file is the runtime's to tell. */
async function cgroupsPathOf(bundle: string): Promise<string | undefined> {
  try {
    const config: unknown = JSON.parse(await readFile(join(bundle, 'config.json'), 'utf8'));
    const path = (config as { linux?: { cgroupsPath?: unknown } } | null)?.linux?.cgroupsPath;
    return typeof path === 'string' && path !== '' ? path : undefined;
  } catch {
    return undefined;
  }
}
