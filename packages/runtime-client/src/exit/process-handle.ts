import {
  closeDescriptor,
  ErrnoError,
  exitOf,
  openPidfd,
  signalPidfd,
  whenReadable,
} from '@opencontainers-ts/exec-native';
import { quoted } from '@opencontainers-ts/runtime-spec';

import { RuntimeClientError } from '../runtime-client-error.js';
import { type ExitStatus, exitStatusOf, signalNumber } from './exit-status.js';
import { exitOfZombie, readProcessStat } from './proc-files.js';

/** Options of {@link ProcessHandle.wait}. */
export interface WaitOptions {
  /** Ends this wait, and no other; the promise is rejected with the reason of the signal. The process goes on. */
  readonly signal?: AbortSignal;
}

/**
 * One process, and never another one that gets its pid later: a pidfd, with the time at which the process was started.
 *
 * The exit status of a child of this process is collected by whoever sees its end first, which frees the pid; so do not
 * open one for a `ChildProcess`, of which Node.js has to see the end itself. The init of a container becomes a child when the runtime
 * has left and this process is a subreaper (`setChildSubreaper` of exec-native). Of other processes the status is known while they
 * are zombies, to whoever may trace them, and from Linux 6.15 on always.
 *
 * @example
 * ```ts
 * import { spawn } from 'node:child_process';
 * import { once } from 'node:events';
 * import { ProcessHandle } from '@opencontainers-ts/runtime-client';
 *
 * // The shell is the parent of the process, and prints its pid.
 * const shell = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
 * const process = ProcessHandle.open(Number(String((await once(shell.stdout, 'data'))[0])));
 * console.log(process?.isAlive()); // true
 * process?.signal('SIGTERM');
 * console.log(await process?.wait()); // { signal: 'SIGTERM' }
 * process?.close();
 * ```
 */
export class ProcessHandle {
  /** How many there are for each process. */
  static readonly #handles = new Map<number, number>();

  readonly pid: number;
  /** Field 22 of `/proc/PID/stat`: clock ticks since the machine was started. */
  readonly startTime: bigint;
  /** Undefined once it is closed. */
  #pidfd: number | undefined;
  #status: ExitStatus | undefined;
  readonly #waits = new Set<AbortController>();

  private constructor(pid: number, startTime: bigint, pidfd: number) {
    this.pid = pid;
    this.startTime = startTime;
    this.#pidfd = pidfd;
    ProcessHandle.#handles.set(pid, (ProcessHandle.#handles.get(pid) ?? 0) + 1);
  }

  /** Whether there is one of this process, by which it will be collected. */
  static isOpen(pid: number): boolean {
    return ProcessHandle.#handles.has(pid);
  }

  /**
   * Opens a process. One that has ended and was not collected by its parent is there still.
   *
   * @param pid - as this process and its `/proc` have it
   * @param expected - of the process that is meant, if that was found out before
   * @returns undefined if the process is gone, or another one has its pid by now
   * @throws RuntimeClientError `ERR_PROCESS`: `/proc` does not show it, there are no more descriptors, ...
   */
  static open(pid: number, expected?: { readonly startTime: bigint }): ProcessHandle | undefined {
    return forProcess(pid, 'cannot be opened', () => {
      const pidfd = unlessGone(() => openPidfd(pid));
      if (pidfd === undefined) return undefined;
      let handle: ProcessHandle | undefined;
      try {
        const startTime = startTimeOf(pid, pidfd);
        const isMeant = startTime !== undefined && (expected?.startTime ?? startTime) === startTime;
        handle = isMeant ? new ProcessHandle(pid, startTime, pidfd) : undefined;
        return handle;
      } finally {
        if (handle === undefined) closeDescriptor(pidfd);
      }
    });
  }

  /**
   * Waits in the event loop for the end of the process, of all its threads. It may be called as often as one likes, also after the end.
   *
   * @throws RuntimeClientError `ERR_PROCESS`: the handle is closed, or was closed meanwhile; the reason of the signal
   */
  async wait({ signal }: WaitOptions = {}): Promise<ExitStatus> {
    signal?.throwIfAborted();
    const stop = new AbortController();
    const abort = () => stop.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    this.#waits.add(stop);
    try {
      for (;;) {
        const status = this.#end();
        if (status !== undefined) return status;
        await whenReadable(this.#open(), { signal: stop.signal });
      }
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#waits.delete(stop);
    }
  }

  /**
   * Sends a signal to the process. To one that has ended nothing happens.
   *
   * @param signal - `SIGTERM` and so on, or a number from 0 to 64
   * @throws RuntimeClientError `ERR_PROCESS`: no such signal, not allowed, or the handle is closed
   */
  signal(signal: NodeJS.Signals | number): void {
    const number = signalNumber(signal);
    if (number === undefined) {
      throw processError(this.pid, `cannot get ${quoted(String(signal))}, which is no signal`);
    }
    const pidfd = this.#open();
    forProcess(this.pid, `cannot get ${signal}`, () => unlessGone(() => signalPidfd(pidfd, number)));
  }

  /**
   * Whether the process has not ended yet: a zombie has.
   *
   * @throws RuntimeClientError `ERR_PROCESS`: the handle is closed
   */
  isAlive(): boolean {
    return this.#end() === undefined;
  }

  /** Gives the descriptor back, and ends all waits with `ERR_PROCESS`. The process goes on. */
  close(): void {
    const pidfd = this.#pidfd;
    if (pidfd === undefined) return;
    this.#pidfd = undefined;
    closeDescriptor(pidfd);
    const others = (ProcessHandle.#handles.get(this.pid) ?? 1) - 1;
    if (others === 0) ProcessHandle.#handles.delete(this.pid);
    else ProcessHandle.#handles.set(this.pid, others);
    for (const wait of this.#waits) wait.abort(closedError(this.pid));
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): number {
    if (this.#pidfd === undefined) throw closedError(this.pid);
    return this.#pidfd;
  }

  /** What is known once is kept: a child can be collected only once. */
  #end(): ExitStatus | undefined {
    if (this.#status !== undefined) return this.#status;
    const pidfd = this.#open();
    const status = forProcess(this.pid, 'cannot be looked at', () => this.#exit(pidfd));
    if (status !== undefined && !('unknown' in status)) this.#status = status;
    return status;
  }

  #exit(pidfd: number): ExitStatus | undefined {
    const exit = exitOf(pidfd);
    if (exit === undefined || !('unknown' in exit) || exit.unknown === 'not-kept') {
      return exit && exitStatusOf(exit);
    }
    // If it is no zombie any more, it was collected meanwhile.
    return exitStatusOf(exitOfZombie(this.pid, this.startTime) ?? exitOf(pidfd) ?? exit);
  }
}

/** What `/proc` says of the pid belongs to the process of the pidfd if that can still be found afterwards. */
function startTimeOf(pid: number, pidfd: number): bigint | undefined {
  const stat = readProcessStat(pid);
  const isThere = unlessGone(() => signalZero(pidfd)) !== undefined;
  if (!isThere) return undefined;
  if (stat === undefined) throw processError(pid, 'is there, and not to be seen in /proc');
  return stat.startTime;
}

function signalZero(pidfd: number): true {
  try {
    signalPidfd(pidfd, 0);
  } catch (error) {
    // Of another user: it is there.
    if (!(error instanceof ErrnoError) || error.code !== 'EPERM') throw error;
  }
  return true;
}

function unlessGone<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof ErrnoError && error.code === 'ESRCH') return undefined;
    throw error;
  }
}

function forProcess<T>(pid: number, problem: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (cause instanceof RuntimeClientError) throw cause;
    throw processError(pid, problem, cause);
  }
}

function processError(pid: number, problem: string, cause?: unknown): RuntimeClientError {
  const why = cause instanceof Error ? `: ${quoted(cause.message)}` : '';
  return new RuntimeClientError('ERR_PROCESS', `the process ${quoted(String(pid))} ${problem}${why}`, {
    details: { pid: String(pid) },
    cause,
  });
}

const closedError = (pid: number) => processError(pid, 'is not watched any more: its handle is closed');
