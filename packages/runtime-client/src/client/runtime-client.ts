import type { Features, LinuxResources } from '@opencontainers-ts/runtime-spec';
import { validateFeatures } from '@opencontainers-ts/runtime-spec';

import { type Capabilities, capabilitiesOf, hasFeatures } from '../capabilities/capabilities.js';
import {
  type CheckpointOptions,
  checkpointCommand,
  type RestoreOptions,
  restoreCommand,
} from '../commands/checkpoint-commands.js';
import type { CallOptions, CommandLine } from '../commands/command-line.js';
import { type CreateOptions, type RunOptions, runCommand } from '../commands/create-command.js';
import type { ExecOptions } from '../commands/exec-command.js';
import {
  type DeleteOptions,
  deleteCommand,
  type KillOptions,
  killCommand,
  plainCommand,
} from '../commands/lifecycle-commands.js';
import {
  type EventsOptions,
  eventsCommand,
  featuresCommand,
  listCommand,
  psCommand,
  statsCommand,
} from '../commands/question-commands.js';
import { updateCommand } from '../commands/update-command.js';
import type { RuntimeVersion } from '../dialects/runtime-version.js';
import { type ContainerState, readState } from '../events/container-state.js';
import { type ListedContainer, readList, readPids } from '../events/listed-container.js';
import { type RuntimeEvent, readEvent } from '../events/runtime-event.js';
import type { Pipes } from '../process/standard-streams.js';
import { type CallVerb, type PlannedBundle, planBundle } from '../rewriting/bundle-rules.js';
import { createContainer, restoreContainer } from './create-container.js';
import { eventLines } from './event-lines.js';
import { execProgram } from './exec-program.js';
import { RuntimeCaller, readJson } from './runtime-caller.js';
import { attachedProcess, detachedProcess, type RuntimeProcess } from './runtime-process.js';
import { type RuntimeClientOptions, settingsOf } from './runtime-settings.js';
import type { StreamOptions } from './stream-options.js';
import { checkIdIsFree } from './taken-id.js';

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
  #capabilities: Promise<Capabilities> | undefined;

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

  /** What comes before each command, besides the root and systemd's control groups. */
  get globalArgs(): readonly string[] {
    return this.#caller.settings.globalArgs;
  }

  /** What the runtime says of itself; asked once. */
  version(): Promise<RuntimeVersion> {
    return this.#caller.version();
  }

  /** What `features` prints, checked. crun 1.8.1 and runsc 20240729.0 do not have it, nor have older ones: ERR_RUNTIME_LACKS. */
  async features(options: CallOptions = {}): Promise<Features> {
    const line = featuresCommand(await this.version(), options);
    const printed = await this.#caller.output(line, options.signal);
    return readJson(this.#caller, line, printed, readFeatures);
  }

  /** What the runtime can do; asked once. */
  capabilities(): Promise<Capabilities> {
    this.#capabilities ??= this.#askCapabilities().catch((error) => {
      this.#capabilities = undefined;
      throw error;
    });
    return this.#capabilities;
  }

  /**
   * Creates a container, of which the program waits for {@link RuntimeClient.start}.
   *
   * @returns our ends of the pipes, where `stdio` asks for any: they stay open until the container's process and the caller close them; and the
   * plan, where the client has rules
   */
  create(id: string, options: CreateOptions & StreamOptions): Promise<Pipes & PlannedBundle> {
    return createContainer(this.#caller, id, options);
  }

  /** Creates and starts a container. Attached, the container is gone when its program has ended, unless `keep` is given. */
  async run(id: string, options: RunOptions & StreamOptions): Promise<RuntimeProcess & PlannedBundle> {
    const version = await this.version();
    await checkIdIsFree(this.#caller, id, options.signal);
    const descriptors = options.preserveDescriptors?.length ?? 0;
    return this.#planned('run', options, (more) =>
      runCommand(version, id, { ...options, ...more }, descriptors),
    );
  }

  /** Starts the program of a container that was created. */
  start(id: string, options: CallOptions = {}): Promise<void> {
    return this.#plain('start', id, options);
  }

  /** The state of a container, checked: ERR_RUNTIME_OUTPUT for a status that is none. */
  async state(id: string, options: CallOptions = {}): Promise<ContainerState> {
    const line = plainCommand(await this.version(), 'state', id, options);
    return readJson(this.#caller, line, await this.#caller.output(line, options.signal), readState);
  }

  /** Runs a program in a container. */
  exec(id: string, options: ExecOptions & StreamOptions): Promise<RuntimeProcess> {
    return execProgram(this.#caller, id, options);
  }

  /** Sends a signal to the first process of a container. */
  async kill(id: string, signal: NodeJS.Signals | number, options: KillOptions = {}): Promise<void> {
    await this.#caller.done(killCommand(await this.version(), id, signal, options), options.signal);
  }

  /** Removes a container that has stopped, or any with `force`. */
  async delete(id: string, options: DeleteOptions = {}): Promise<void> {
    await this.#caller.done(deleteCommand(await this.version(), id, options), options.signal);
  }

  /** Freezes the processes of a container. */
  pause(id: string, options: CallOptions = {}): Promise<void> {
    return this.#plain('pause', id, options);
  }

  /** Lets them go on. */
  resume(id: string, options: CallOptions = {}): Promise<void> {
    return this.#plain('resume', id, options);
  }

  /** The process ids of a container: of runsc those within the sandbox. */
  async ps(id: string, options: CallOptions = {}): Promise<readonly number[]> {
    const line = psCommand(await this.version(), id, options);
    return readJson(this.#caller, line, await this.#caller.output(line, options.signal), readPids);
  }

  /** The containers in the runtime's folder. */
  async list(options: CallOptions = {}): Promise<readonly ListedContainer[]> {
    const line = listCommand(await this.version(), options);
    return readJson(this.#caller, line, await this.#caller.output(line, options.signal), readList);
  }

  /**
   * What happens to a container, until it stops: statistics from time to time, and that it ran out of memory. Leaving the loop kills the
   * runtime's process.
   */
  events(id: string, options: EventsOptions = {}): AsyncIterable<RuntimeEvent> {
    const lineOf = async () => eventsCommand(await this.version(), id, options);
    return eventLines(this.#caller, lineOf, options.signal);
  }

  /** The statistics of a container now. */
  async stats(id: string, options: CallOptions = {}): Promise<RuntimeEvent> {
    const line = statsCommand(await this.version(), id, options);
    return readJson(this.#caller, line, await this.#caller.output(line, options.signal), readEvent);
  }

  /** Changes limits of a container; what is left out stays. */
  async update(id: string, resources: LinuxResources, options: CallOptions = {}): Promise<void> {
    await this.#caller.done(updateCommand(await this.version(), id, resources, options), options.signal);
  }

  /** Saves a container into a folder, and stops it, unless `leaveRunning` is given. */
  async checkpoint(id: string, options: CheckpointOptions): Promise<void> {
    await this.#caller.done(checkpointCommand(await this.version(), id, options), options.signal);
  }

  /** Makes a container of a checkpoint, under an id that is free. */
  async restore(
    id: string,
    options: RestoreOptions & StreamOptions,
  ): Promise<RuntimeProcess & PlannedBundle> {
    const version = await this.version();
    await checkIdIsFree(this.#caller, id, options.signal);
    return this.#planned('restore', options, (more) => restoreCommand(version, id, { ...options, ...more }));
  }

  /**
   * The container of a checkpoint, left to itself as {@link RuntimeClient.create} leaves one: the status of its end is for whoever waits for the process.
   *
   * @returns our ends of the pipes, where `stdio` asks for any
   */
  restoreDetached(
    id: string,
    options: Omit<RestoreOptions, 'detach'> & StreamOptions,
  ): Promise<Pipes & PlannedBundle> {
    return restoreContainer(this.#caller, id, options);
  }

  /** A program of a bundle, which the rules have seen before. */
  async #planned(
    verb: CallVerb,
    options: (RunOptions | RestoreOptions) & StreamOptions,
    lineWith: (more: { readonly pidFile?: string }) => CommandLine,
  ): Promise<RuntimeProcess & PlannedBundle> {
    // What is wrong with the options is told before anything is written.
    const line = lineWith({});
    const planned = planBundle(this.#caller.settings.rules, options.bundle, verb);
    const program =
      options.detach === true
        ? await detachedProcess(this.#caller, (pidFile) => lineWith({ pidFile }), options)
        : await attachedProcess(this.#caller, line, options);
    return { ...program, ...planned };
  }

  async #plain(command: 'start' | 'pause' | 'resume', id: string, options: CallOptions): Promise<void> {
    await this.#caller.done(plainCommand(await this.version(), command, id, options), options.signal);
  }

  async #askCapabilities(): Promise<Capabilities> {
    const version = await this.version();
    return capabilitiesOf(version, hasFeatures(version) ? await this.features() : undefined);
  }
}

function readFeatures(value: unknown): Features | string {
  const fault = validateFeatures(value).find(({ level }) => level === 'error');
  return fault === undefined ? (value as Features) : fault.message;
}
