import type { ExitStatus } from '../exit/exit-status.js';
import { pidNamespaceOf, watchOrphans } from '../exit/orphans.js';
import { ProcessHandle } from '../exit/process-handle.js';
import type { ProcessIdentity } from '../store/container-record.js';
import { watchChildren } from './child-reaper.js';
import { readBootId } from './process-files.js';
import { SharedWait } from './shared-wait.js';

const NOT_SEEN: ExitStatus = { unknown: 'it had ended before this process looked at it' };

/**
 * The first process of a container, and those that a runtime leaves beside it, each by a descriptor. There is one for a process, whoever
 * asks: the status of a child can be collected only once.
 */
export class InitWatch {
  static readonly #open = new Map<string, InitWatch>();

  readonly identity: ProcessIdentity | undefined;
  readonly #init: ProcessHandle | undefined;
  readonly #beside: readonly ProcessHandle[];
  readonly #end: SharedWait<ExitStatus>;
  #forget: (() => void) | undefined;
  #isClosed = false;
  #users = 1;

  private constructor(
    identity: ProcessIdentity | undefined,
    init: ProcessHandle | undefined,
    beside: readonly ProcessHandle[],
  ) {
    this.identity = identity;
    this.#init = init;
    this.#beside = beside;
    this.#end = new SharedWait((signal) => this.#ended(signal));
    if (init === undefined) return;
    const namespace = pidNamespaceOf(init.pid);
    const ends = [watchChildren(this), ...(namespace === undefined ? [] : [watchOrphans(namespace)])];
    this.#forget = () => {
      for (const end of ends) end();
    };
    InitWatch.#open.set(keyOf(init), this);
  }

  /** Of a container that was just created. Its init waits to be started, so that the pid is its own, or it has ended already. */
  static async ofPid(pid: number, beside: readonly number[]): Promise<InitWatch> {
    const bootId = await readBootId();
    const handle = ProcessHandle.open(pid);
    const identity = handle && { pid, startTime: handle.startTime, bootId };
    return InitWatch.#shared(identity, handle, beside);
  }

  /** Of a record: the process that was recorded, and no other that has its pid by now. */
  static async ofRecord(identity: ProcessIdentity | undefined): Promise<InitWatch> {
    const isThisBoot = identity?.bootId === (await readBootId());
    const handle = isThisBoot ? ProcessHandle.open(identity.pid, identity) : undefined;
    return InitWatch.#shared(identity, handle, []);
  }

  static #shared(
    identity: ProcessIdentity | undefined,
    handle: ProcessHandle | undefined,
    beside: readonly number[],
  ): InitWatch {
    const known = handle && InitWatch.#open.get(keyOf(handle));
    if (known === undefined) return new InitWatch(identity, handle, handlesOf(beside));
    handle?.close();
    known.#users++;
    return known;
  }

  isAlive(): boolean {
    return !this.#isClosed && (this.#init?.isAlive() ?? false);
  }

  /** For any number of waiters. */
  wait(signal?: AbortSignal): Promise<ExitStatus> {
    return this.#end.wait(signal);
  }

  /** Ends the process past its runtime. */
  kill(): void {
    if (this.isAlive()) this.#init?.signal('SIGKILL');
  }

  /** Gives the descriptors back when the last who asked for it has closed it. An end that was seen is still known; who waits for one gets an error. */
  close(): void {
    this.#users--;
    if (this.#users <= 0) this.#release();
  }

  #release(): void {
    this.#isClosed = true;
    this.#forget?.();
    this.#forget = undefined;
    if (this.#init !== undefined) InitWatch.#open.delete(keyOf(this.#init));
    for (const handle of [this.#init, ...this.#beside]) handle?.close();
  }

  async #ended(signal: AbortSignal): Promise<ExitStatus> {
    if (this.#init === undefined) return NOT_SEEN;
    const status = await this.#init.wait({ signal });
    // They end by themselves when the first one has.
    await Promise.all(this.#beside.map((handle) => handle.wait({ signal })));
    this.#release();
    return status;
  }
}

const keyOf = ({ pid, startTime }: ProcessHandle): string => `${pid} ${startTime}`;

const handlesOf = (pids: readonly number[]): readonly ProcessHandle[] =>
  pids.map((pid) => ProcessHandle.open(pid)).filter((handle) => handle !== undefined);
