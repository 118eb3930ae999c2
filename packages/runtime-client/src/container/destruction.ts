import { quoted } from '@opencontainers-ts/runtime-spec';

import type { RuntimeClient } from '../client/runtime-client.js';
import type { CallOptions } from '../commands/command-line.js';
import type { ContainerState } from '../events/container-state.js';
import { collectOrphans } from '../exit/orphans.js';
import { ProcessHandle } from '../exit/process-handle.js';
import { RuntimeClientError } from '../runtime-client-error.js';
import type { ContainerRecord } from '../store/container-record.js';
import type { ContainerStore, LockedRecord } from '../store/container-store.js';
import { removeCgroups } from './cgroup-folders.js';
import { InitWatch } from './init-watch.js';
import { askState, isNotFound } from './live-state.js';
import { creatorsOf, goferPids, seenProcesses } from './process-files.js';

/** How long what has been killed, or is about to end, is waited for, in milliseconds. */
const LONGEST_END = 10_000;

/** How often orphans are looked for meanwhile, in milliseconds: a worker thread is not told of a child's end (`SIGCHLD`). */
const COLLECTED_EVERY = 20;

/** What is destroyed, and what is known of it in this process. */
export interface Destruction {
  readonly client: RuntimeClient;
  readonly store: ContainerStore;
  readonly id: string;
  /** Where this process watches it already. */
  readonly watch?: InitWatch | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes everything of a container away, in an order in which each step may have been done before. Each is tried, whatever became of
 * those before it.
 *
 * @throws RuntimeClientError `ERR_CONTAINER_NOT_DESTROYED`, with one error for each step that failed; the record is kept then
 */
export async function destroyContainer(destruction: Destruction): Promise<void> {
  const { store, id, signal } = destruction;
  await store.locked(id, (locked) => destroyLocked(destruction, locked), signal && { signal });
}

/** The same for who holds the lock. */
export async function destroyLocked(destruction: Destruction, locked: LockedRecord): Promise<void> {
  const { client, store, id, signal } = destruction;
  const errors: unknown[] = [];
  const attempt = async <Result>(step: () => Promise<Result>): Promise<Result | undefined> => {
    try {
      return await step();
    } catch (error) {
      errors.push(error);
      return undefined;
    }
  };
  const record = await readUsable(locked, attempt);
  const pidFile = pidFileOf(store, id);
  await attempt(() => endOfCreators(client, id, pidFile));
  const opened =
    destruction.watch === undefined ? await attempt(() => InitWatch.ofRecord(record?.init)) : undefined;
  const watch = destruction.watch ?? opened;
  await attempt(() => deleteByRuntime(client, id, watch, signal));
  if (watch !== undefined) await attempt(() => endOfInit(watch));
  opened?.close();
  await attempt(() => removeCgroups(record?.cgroups ?? []));
  // Last: from it the next call knows what is left.
  if (errors.length === 0) await attempt(() => locked.remove());
  if (errors.length > 0) throw notDestroyed(id, errors);
}

/** The file into which the runtime writes the pid of a container's init. */
export const pidFileOf = (store: ContainerStore, id: string): string => `${store.folderOf(id)}/init.pid`;

/** A record that is broken says nothing, and goes with the container. */
async function readUsable(
  locked: LockedRecord,
  attempt: <Result>(step: () => Promise<Result>) => Promise<Result | undefined>,
): Promise<ContainerRecord | undefined> {
  const record = await locked.read().catch((error) => {
    if (error instanceof RuntimeClientError && error.code === 'ERR_CONTAINER_RECORD') return undefined;
    throw error;
  });
  if (record !== undefined) await attempt(() => locked.write({ ...record, step: 'destroying' }));
  return record;
}

/**
 * A runtime whose caller was killed while it creates goes on: what it makes could not be found before it is done. One that does not end is
 * killed.
 */
async function endOfCreators(client: RuntimeClient, id: string, pidFile: string): Promise<void> {
  for (const pid of creatorsOf(pidFile, await seenProcesses())) {
    const handle = ProcessHandle.open(pid);
    if (handle === undefined) continue;
    try {
      // Only now is the pid held fast.
      if (!creatorsOf(pidFile, await seenProcesses()).includes(pid)) continue;
      if (await isInit(client, id, pid)) continue;
      if (await hasEnded(handle)) continue;
      handle.signal('SIGKILL');
      await handle.wait();
    } finally {
      handle.close();
    }
  }
}

/** The init of crun has the arguments of `crun create` until it is started: it is waited for in vain, and deleted as others are. */
async function isInit(client: RuntimeClient, id: string, pid: number): Promise<boolean> {
  // A runtime that has no answer yet is still at it.
  const state = await askState(client, id).catch(() => undefined);
  return state?.pid === pid;
}

async function hasEnded(handle: ProcessHandle): Promise<boolean> {
  const limit = AbortSignal.timeout(LONGEST_END);
  return handle.wait({ signal: limit }).then(
    () => true,
    (error) => {
      if (limit.aborted) return false;
      throw error;
    },
  );
}

async function deleteByRuntime(
  client: RuntimeClient,
  id: string,
  watch: InitWatch | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const call = signal && { signal };
  const state = await askState(client, id, signal);
  if (state === undefined) return;
  if (state.status === 'paused') await wakeToDie(client, id, call);
  await whileCollecting(client, state, watch, () => client.delete(id, { force: true, ...call }));
  if ((await askState(client, id, signal)) === undefined) return;
  throw new RuntimeClientError(
    'ERR_RUNTIME_OUTPUT',
    `${quoted(client.runtime)} has deleted ${quoted(id)}, and still has it`,
    { details: { id, runtime: client.runtime } },
  );
}

/** runsc neither kills nor deletes what is paused; crun waits for seconds. A signal that waits is the first thing that others get. */
async function wakeToDie(client: RuntimeClient, id: string, call: CallOptions | undefined): Promise<void> {
  const { dialect } = await client.version();
  if (dialect !== 'runsc') await client.kill(id, 'SIGKILL', call);
  try {
    await client.resume(id, call);
  } catch (error) {
    // runc thaws what it kills, under cgroup v1.
    if ((await askState(client, id, call?.signal))?.status === 'paused') throw error;
  }
}

/**
 * A runtime that deletes waits until the processes are gone, which they are when their parent has collected them; that may be this
 * process, whether or not it watches them.
 */
async function whileCollecting(
  client: RuntimeClient,
  { pid, bundle }: ContainerState,
  known: InitWatch | undefined,
  act: () => Promise<void>,
): Promise<void> {
  const { dialect } = await client.version();
  const watches = [
    ...(known === undefined ? [] : [known]),
    ...(await unwatched(pid, await goferPids(dialect, bundle))),
  ];
  const done = new AbortController();
  const orphans = setInterval(collectOrphans, COLLECTED_EVERY);
  const collecting = Promise.allSettled(watches.map((watch) => watch.wait(done.signal)));
  try {
    await act();
  } catch (error) {
    if (!isNotFound(error)) throw error; // it is what was wanted
  } finally {
    done.abort();
    clearInterval(orphans);
    await collecting;
    for (const watch of watches) if (watch !== known) watch.close();
  }
}

const unwatched = (pid: number | undefined, beside: readonly number[]): Promise<readonly InitWatch[]> =>
  Promise.all([...(pid === undefined ? [] : [pid]), ...beside].map((each) => InitWatch.ofPid(each, [])));

/** The runtime may have lost a container whose process lives on. */
async function endOfInit(watch: InitWatch): Promise<void> {
  watch.kill();
  const limit = AbortSignal.timeout(LONGEST_END);
  const orphans = setInterval(collectOrphans, COLLECTED_EVERY);
  try {
    await watch.wait(limit);
  } finally {
    clearInterval(orphans);
  }
}

function notDestroyed(id: string, errors: readonly unknown[]): RuntimeClientError {
  const told = errors.map((error) => (error instanceof Error ? error.message : String(error))).join('; ');
  return new RuntimeClientError(
    'ERR_CONTAINER_NOT_DESTROYED',
    `of the container ${quoted(id)} something is left: ${told}`,
    {
      details: { id },
      errors,
      cause: errors[0],
    },
  );
}
