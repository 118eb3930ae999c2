import type { LinuxResources } from '@opencontainers-ts/runtime-spec';
import { quoted } from '@opencontainers-ts/runtime-spec';

import type { RuntimeClient } from '../client/runtime-client.js';
import type { RuntimeProcess } from '../client/runtime-process.js';
import type { StreamOptions } from '../client/stream-options.js';
import type { CheckpointOptions } from '../commands/checkpoint-commands.js';
import type { CallOptions } from '../commands/command-line.js';
import type { ExecOptions } from '../commands/exec-command.js';
import type { KillOptions } from '../commands/lifecycle-commands.js';
import type { EventsOptions } from '../commands/question-commands.js';
import type { ContainerState } from '../events/container-state.js';
import type { RuntimeEvent } from '../events/runtime-event.js';
import type { ExitStatus } from '../exit/exit-status.js';
import { ProcessHandle, type WaitOptions } from '../exit/process-handle.js';
import { RuntimeClientError } from '../runtime-client-error.js';
import type { ContainerStore, LockedRecord } from '../store/container-store.js';
import { type ContainerOperation, checkOperation } from './transitions.js';

/**
 * The calls of a runtime for one container, each after a look at its state: what it cannot do is refused before the runtime is asked
 * (ERR_CONTAINER_STATE). It is what `Container` has its calls of.
 *
 * @example
 * ```ts
 * import { CheckedCalls, Container } from '@opencontainers-ts/runtime-client';
 *
 * console.log(Container.prototype instanceof CheckedCalls); // true
 * ```
 */
export abstract class CheckedCalls {
  abstract readonly id: string;
  abstract readonly client: RuntimeClient;
  abstract readonly store: ContainerStore;
  abstract state(options?: Pick<CallOptions, 'signal'>): Promise<ContainerState>;

  /** Runs a further program in the container. */
  async exec(options: ExecOptions & StreamOptions): Promise<RuntimeProcess> {
    await this.check('exec', options.signal);
    return this.client.exec(this.id, options);
  }

  /** Stops all processes where they are. */
  async pause(options: CallOptions = {}): Promise<void> {
    await this.change('pause', options, () => this.client.pause(this.id, options));
  }

  /** Lets them go on. */
  async resume(options: CallOptions = {}): Promise<void> {
    await this.change('resume', options, () => this.client.resume(this.id, options));
  }

  /** Sends a signal to the first process, or with `all` to all of them. */
  async signal(name: NodeJS.Signals | number, options: KillOptions = {}): Promise<void> {
    await this.check('kill', options.signal);
    await this.client.kill(this.id, name, options);
  }

  /**
   * Sends a signal to one process of the container. Not of runsc, whose processes are not the host's.
   *
   * @param pid - one that {@link CheckedCalls.processes} gives
   * @throws RuntimeClientError `ERR_PROCESS`: the container has no such process
   */
  async signalPid(pid: number, name: NodeJS.Signals | number, options: CallOptions = {}): Promise<void> {
    const handle = await this.#processOf(pid, options);
    try {
      handle.signal(name);
    } finally {
      handle.close();
    }
  }

  /**
   * Waits until one process of the container has ended, such as one that was started by {@link CheckedCalls.exec} in another process.
   *
   * @throws RuntimeClientError `ERR_PROCESS`: the container has no such process; the reason of the signal
   */
  async waitPid(pid: number, options: WaitOptions = {}): Promise<ExitStatus> {
    const handle = await this.#processOf(pid, options);
    try {
      return await handle.wait(options);
    } finally {
      handle.close();
    }
  }

  /** The process ids of the container, as the host has them; of runsc those within the sandbox. */
  async processes(options: CallOptions = {}): Promise<readonly number[]> {
    await this.check('ps', options.signal);
    return this.client.ps(this.id, options);
  }

  /** Changes limits; what is left out stays. */
  async update(resources: LinuxResources, options: CallOptions = {}): Promise<void> {
    await this.change('update', options, () => this.client.update(this.id, resources, options));
  }

  /** Statistics now. */
  async stats(options: CallOptions = {}): Promise<RuntimeEvent> {
    await this.check('events', options.signal);
    return this.client.stats(this.id, options);
  }

  /** What happens to the container, until it stops or the loop is left. */
  async *events(options: EventsOptions = {}): AsyncGenerator<RuntimeEvent, void> {
    await this.check('events', options.signal);
    yield* this.client.events(this.id, options);
  }

  /** Saves the container into a folder, and stops it unless `leaveRunning` is given; the record stays until it is destroyed. */
  async checkpoint(options: CheckpointOptions): Promise<void> {
    await this.change('checkpoint', options, () => this.client.checkpoint(this.id, options));
  }

  protected async check(operation: ContainerOperation, signal: AbortSignal | undefined): Promise<void> {
    const { status } = await this.state(signal && { signal });
    const { dialect } = await this.client.version();
    checkOperation(dialect, operation, { id: this.id, status });
  }

  /** A step that others must not come between. */
  protected async change(
    operation: ContainerOperation,
    { signal }: CallOptions,
    act: (locked: LockedRecord) => Promise<void>,
  ): Promise<void> {
    await this.store.locked(
      this.id,
      async (locked) => {
        await this.check(operation, signal);
        await act(locked);
      },
      signal && { signal },
    );
  }

  /** Opened first: only then does the runtime's answer hold for it. */
  async #processOf(pid: number, { signal }: CallOptions): Promise<ProcessHandle> {
    const handle = ProcessHandle.open(pid);
    try {
      const { dialect } = await this.client.version();
      const pids = dialect === 'runsc' ? [] : await this.processes(signal && { signal });
      if (handle !== undefined && pids.includes(pid)) return handle;
    } catch (error) {
      handle?.close();
      throw error;
    }
    handle?.close();
    throw new RuntimeClientError(
      'ERR_PROCESS',
      `the container ${quoted(this.id)} has no process ${pid} of this host`,
      {
        details: { id: this.id, pid },
      },
    );
  }
}
