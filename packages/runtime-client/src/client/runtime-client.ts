import type { CallOptions } from '../commands/command-line.js';
import type { CreateOptions } from '../commands/create-command.js';
import {
  type DeleteOptions,
  deleteCommand,
  type KillOptions,
  killCommand,
  plainCommand,
} from '../commands/lifecycle-commands.js';
import type { RuntimeVersion } from '../dialects/runtime-version.js';
import { type ContainerState, readState } from '../events/container-state.js';
import { type CreateStreams, createContainer, type StreamOptions } from './create-container.js';
import { jsonOf, outputError, RuntimeCaller } from './runtime-caller.js';
import { type RuntimeClientOptions, settingsOf } from './runtime-settings.js';

/**
 * Calls the commands of one runtime, each as a method. It keeps nothing between calls but what the runtime is.
 *
 * Every call takes `signal`, which kills the runtime (ERR_RUNTIME_ABORTED), and `extraArgs`, which stand before the id of the container.
 *
 * @example
 * ```ts
 * import { RuntimeClient } from '@opencontainers-ts/runtime-client';
 *
 * const client = new RuntimeClient({ runtime: 'crun', root: '/run/my-tool' });
 * console.log(client.runtime, client.root); // crun /run/my-tool
 * ```
 */
export class RuntimeClient {
  readonly #caller: RuntimeCaller;

  /** @throws RuntimeClientError `ERR_RUNTIME_OPTION` */
  constructor(options: RuntimeClientOptions = {}) {
    this.#caller = new RuntimeCaller(settingsOf(options));
  }

  /** The path of the runtime, or its name, as it was given. */
  get runtime(): string {
    return this.#caller.settings.runtime;
  }

  /** The folder in which the runtime keeps its containers; undefined: its own default. */
  get root(): string | undefined {
    return this.#caller.settings.root;
  }

  /** What the runtime says of itself; asked once. */
  version(): Promise<RuntimeVersion> {
    return this.#caller.version();
  }

  /** Creates a container, of which the program waits for {@link RuntimeClient.start}. */
  async create(id: string, options: CreateOptions & StreamOptions): Promise<CreateStreams> {
    return createContainer(this.#caller, id, options);
  }

  async start(id: string, options: CallOptions = {}): Promise<void> {
    await this.#plain('start', id, options);
  }

  /** The state of a container, checked. */
  async state(id: string, options: CallOptions = {}): Promise<ContainerState> {
    const line = plainCommand(await this.version(), 'state', id, options);
    const printed = await this.#caller.output(line, options.signal);
    const state = readState(jsonOf(line, this.runtime, printed));
    if (typeof state !== 'string') return state;
    throw outputError({ command: 'state', runtime: this.runtime, printed, why: state });
  }

  async kill(id: string, signal: NodeJS.Signals | number, options: KillOptions = {}): Promise<void> {
    await this.#caller.output(killCommand(await this.version(), id, signal, options), options.signal);
  }

  async delete(id: string, options: DeleteOptions = {}): Promise<void> {
    await this.#caller.output(deleteCommand(await this.version(), id, options), options.signal);
  }

  async pause(id: string, options: CallOptions = {}): Promise<void> {
    await this.#plain('pause', id, options);
  }

  async resume(id: string, options: CallOptions = {}): Promise<void> {
    await this.#plain('resume', id, options);
  }

  async #plain(command: 'start' | 'pause' | 'resume', id: string, options: CallOptions): Promise<void> {
    await this.#caller.output(plainCommand(await this.version(), command, id, options), options.signal);
  }
}
