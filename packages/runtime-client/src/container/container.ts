import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';

import { isChildSubreaper, setChildSubreaper } from '@opencontainers-ts/exec-native';
import type { Plan } from '@opencontainers-ts/rootfs-rewriter';
import { quoted } from '@opencontainers-ts/runtime-spec';

import type { RuntimeClient } from '../client/runtime-client.js';
import type { CallOptions } from '../commands/command-line.js';
import type { ContainerState } from '../events/container-state.js';
import type { ExitStatus } from '../exit/exit-status.js';
import type { WaitOptions } from '../exit/process-handle.js';
import type { Pipes } from '../process/standard-streams.js';
import type { PlannedBundle } from '../rewriting/bundle-rules.js';
import { RuntimeClientError } from '../runtime-client-error.js';
import { checkContainerId } from '../store/container-id.js';
import type { ContainerRecord, ContainerStep } from '../store/container-record.js';
import { ContainerStore, type LockedRecord, type StoredContainer } from '../store/container-store.js';
import { CheckedCalls } from './checked-calls.js';
import type {
  ContainerOptions,
  MadeOptions,
  RestoredContainerOptions,
  StoreOptions,
} from './container-options.js';
import { createRecorded } from './creation.js';
import { destroyContainer } from './destruction.js';
import { forwardSignals, type StopForwarding } from './forwarded-signals.js';
import { InitWatch } from './init-watch.js';
import { askState, asSeen, unknownToRuntime } from './live-state.js';

/**
 * A container with a record on disk: any process can find it by its id, whether or not the one that created it still lives.
 *
 * Methods that change the container take its lock, so that what several processes do to it is done one after another; what a container cannot do
 * in the state that it is in is refused before the runtime is asked (ERR_CONTAINER_STATE). All of them take a `signal` that ends the call.
 *
 * @example
 * ```ts
 * import { Container, ContainerStore, RuntimeClient } from '@opencontainers-ts/runtime-client';
 *
 * const client = new RuntimeClient({ runtime: 'crun' });
 * const store = new ContainerStore({ root: '/tmp/containers-that-are-not-there' });
 * await Container.open(client, 'web', { store }).catch((error) => console.log(error.code)); // ERR_CONTAINER_MISSING
 * ```
 */
export class Container extends CheckedCalls {
  readonly id: string;
  /** The absolute path of its bundle. */
  readonly bundle: string;
  readonly client: RuntimeClient;
  readonly store: ContainerStore;
  /** The container's standard streams, where `create` was asked for a pipe. */
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
  /** What the rules of the client have decided of the bundle, where this process has made the container. */
  readonly plan: Plan | undefined;
  readonly #init: InitWatch;
  #isClosed = false;

  private constructor(
    { client, store, id, bundle }: Pick<Container, 'client' | 'store' | 'id' | 'bundle'>,
    init: InitWatch,
    made: Pipes & PlannedBundle = {},
  ) {
    super();
    this.id = id;
    this.bundle = bundle;
    this.client = client;
    this.store = store;
    this.#init = init;
    this.stdin = made.stdin;
    this.stdout = made.stdout;
    this.stderr = made.stderr;
    this.plan = made.plan;
  }

  /**
   * Creates a container: its program waits for {@link Container.start}. A failure leaves nothing of it.
   *
   * @throws RuntimeClientError `ERR_CONTAINER_ID`; `ERR_CONTAINER_EXISTS`: the one that is there is left as it is; `ERR_RUNTIME_CALL` and
   * others of the runtime's call; `ERR_CONTAINER_BUSY`, `ERR_CONTAINER_RECORD`; `ERR_CONTAINER_NOT_DESTROYED`: it failed, and something of it is left
   */
  static create(client: RuntimeClient, options: ContainerOptions): Promise<Container> {
    const { id, store, subreaper, ...call } = options;
    const bundle = resolve(call.bundle);
    return Container.#made(client, options, 'creating', (pidFile) =>
      client.create(id, { ...call, bundle, pidFile }),
    );
  }

  /**
   * Makes a container of what {@link CheckedCalls.checkpoint} has saved; it runs. A failure leaves nothing of it. By CRIU, but for runsc.
   *
   * @throws RuntimeClientError as {@link Container.create}
   */
  static restore(client: RuntimeClient, options: RestoredContainerOptions): Promise<Container> {
    const { id, store, subreaper, ...call } = options;
    const bundle = resolve(call.bundle);
    return Container.#made(client, options, 'restoring', (pidFile) =>
      client.restoreDetached(id, { ...call, bundle, pidFile }),
    );
  }

  static async #made(
    client: RuntimeClient,
    { id, store = new ContainerStore(), subreaper = true, bundle: given, signal }: MadeOptions,
    step: 'creating' | 'restoring',
    make: (pidFile: string) => Promise<Pipes>,
  ): Promise<Container> {
    const bundle = resolve(given);
    checkContainerId(id);
    if (subreaper && !isChildSubreaper()) setChildSubreaper(true);
    const { made, watch } = await createRecorded({ client, store, id, bundle, step, signal, make });
    return new Container({ client, store, id, bundle }, watch, made);
  }

  /**
   * Creates a container and starts it; one that cannot be started is destroyed.
   *
   * @throws RuntimeClientError as {@link Container.create} and {@link Container.start}
   */
  static async run(client: RuntimeClient, options: ContainerOptions): Promise<Container> {
    const container = await Container.create(client, options);
    try {
      await container.start(options.signal && { signal: options.signal });
      return container;
    } catch (error) {
      await container.destroy();
      throw error;
    }
  }

  /**
   * A container that exists, whichever process has created it.
   *
   * @param client - of the runtime that it was created with
   * @param idOrPrefix - its id, or what only its id begins with
   * @throws RuntimeClientError `ERR_CONTAINER_MISSING`; `ERR_CONTAINER_RECORD`; `ERR_RUNTIME_OPTION`: it was created by another runtime
   */
  static async open(
    client: RuntimeClient,
    idOrPrefix: string,
    { store = new ContainerStore() }: StoreOptions = {},
  ): Promise<Container> {
    const id = await store.find(idOrPrefix);
    const record = await store.read(id);
    if (record === undefined) {
      throw new RuntimeClientError('ERR_CONTAINER_MISSING', `the container ${quoted(id)} is gone`, {
        details: { id },
      });
    }
    checkRuntime(client, record);
    return new Container({ client, store, id, bundle: record.bundle }, await InitWatch.ofRecord(record.init));
  }

  /** The containers of a store, those of all runtimes; of one whose record is broken the error. */
  static list({ store = new ContainerStore() }: StoreOptions = {}): Promise<readonly StoredContainer[]> {
    return store.list();
  }

  /**
   * Destroys a container by its id as the method `destroy` does, also one that has no record or a broken one, or was half created.
   *
   * @throws RuntimeClientError `ERR_CONTAINER_ID`, `ERR_CONTAINER_BUSY`, `ERR_CONTAINER_NOT_DESTROYED`
   */
  static async destroy(
    client: RuntimeClient,
    id: string,
    { store = new ContainerStore(), signal }: StoreOptions & Pick<CallOptions, 'signal'> = {},
  ): Promise<void> {
    await destroyContainer({ client, store, id, signal });
  }

  /** Starts the program. */
  async start(options: CallOptions = {}): Promise<void> {
    await this.change('start', options, async (locked) => {
      await this.#note(locked, 'starting');
      await this.client.start(this.id, options);
      await this.#note(locked, 'started');
    });
  }

  /**
   * Hands these signals on to the container's first process when this process gets them; they no longer end this process then.
   *
   * @param onError - gets what goes wrong, such as a container that has ended; by default a warning of this process
   * @returns what ends it
   */
  forwardSignals(
    names: readonly NodeJS.Signals[],
    onError: (error: unknown) => void = (error) => process.emitWarning(String(error)),
  ): StopForwarding {
    return forwardSignals(process, names, (name) => this.client.kill(this.id, name), onError);
  }

  /**
   * Waits until the first process has ended. Any number of callers may wait, also after the end. Of a container that another process has
   * created the status is known from Linux 6.15 on, else `unknown`.
   *
   * @throws the reason of the signal, when it is aborted; the container goes on
   */
  wait({ signal }: WaitOptions = {}): Promise<ExitStatus> {
    return this.#init.wait(signal);
  }

  /** What the container is now, as its runtime and its process tell. @throws RuntimeClientError `ERR_CONTAINER_MISSING` */
  async state({ signal }: Pick<CallOptions, 'signal'> = {}): Promise<ContainerState> {
    const state = await askState(this.client, this.id, signal);
    if (state === undefined) throw unknownToRuntime(this.client, this.id);
    return asSeen(state, { isGone: this.#init.identity !== undefined && !this.#init.isAlive() });
  }

  /**
   * Kills what runs, deletes the container, waits for its end, and removes its control group, pid file and record. All steps are tried, and
   * those that were done before do no harm: it may be called again, by several processes too.
   *
   * @throws RuntimeClientError `ERR_CONTAINER_BUSY`; `ERR_CONTAINER_NOT_DESTROYED`, with one error for each step that failed
   */
  async destroy({ signal }: Pick<CallOptions, 'signal'> = {}): Promise<void> {
    await destroyContainer({
      client: this.client,
      store: this.store,
      id: this.id,
      watch: this.#init,
      signal,
    });
  }

  /** Lets go of the process, and leaves the container as it is. Nobody can wait here any more. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#init.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #note(locked: LockedRecord, step: ContainerStep): Promise<void> {
    const record = await locked.read();
    if (record !== undefined) await locked.write({ ...record, step });
  }
}

/** Another runtime, or the same with another folder, knows nothing of the container, or has another one of the same id. */
function checkRuntime(client: RuntimeClient, { id, runtime, runtimeRoot }: ContainerRecord): void {
  if (client.runtime === runtime && client.root === runtimeRoot) return;
  const by =
    runtimeRoot === undefined ? quoted(runtime) : `${quoted(runtime)} with the root ${quoted(runtimeRoot)}`;
  throw new RuntimeClientError('ERR_RUNTIME_OPTION', `the container ${quoted(id)} was created by ${by}`, {
    details: { id, runtime, root: runtimeRoot },
  });
}
