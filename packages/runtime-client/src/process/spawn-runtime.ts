import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';

import { quoted } from '@opencontainers-ts/runtime-spec';

import { RuntimeClientError } from '../runtime-client-error.js';
import type { RuntimeEnd } from './runtime-end.js';

/** A standard stream of a runtime, and so of the container's process, which inherits it: a number is a descriptor of ours. */
export type StreamChoice = 'ignore' | 'inherit' | 'pipe' | number;

/** What is started. */
export interface RuntimeStart {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string | undefined;
  /** Standard input, output and error. */
  readonly streams: readonly [StreamChoice, StreamChoice, StreamChoice];
  /** Descriptors of ours that the runtime finds as 3, 4 and so on. */
  readonly descriptors?: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** A runtime that runs, and how it ends. */
export interface StartedRuntime {
  readonly child: ChildProcess;
  /**
   * When the process itself has ended, whoever still holds its pipes; fails with ERR_RUNTIME_ABORTED when the signal was aborted
   * before.
   */
  readonly ended: Promise<RuntimeEnd>;
  /** When in addition nobody holds its pipes any more. */
  readonly closed: Promise<unknown>;
}

/**
 * Starts a runtime. Once this has resolved there is a process, and `ended` tells of it.
 *
 * @throws RuntimeClientError `ERR_RUNTIME_NOT_STARTED`, with the error of the system as its cause; ERR_RUNTIME_ABORTED for a signal that was aborted already
 */
export function spawnRuntime(start: RuntimeStart): Promise<StartedRuntime> {
  const { file, args, env, cwd, streams, descriptors = [], signal } = start;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(aborted(file, signal));
      return;
    }
    const stdio: StdioOptions = [...streams, ...descriptors];
    // What is wrong with an argument, and a lack of descriptors or memory, is thrown at once.
    let child: ChildProcess;
    try {
      child = spawn(file, args, { env, cwd, stdio });
    } catch (cause) {
      reject(notStarted(file, cause));
      return;
    }
    const ended = endOf(child, file, signal);
    const closed = new Promise((done) => child.once('close', done));
    child.once('spawn', () => resolve({ child, ended, closed }));
    child.once('error', (cause) => reject(notStarted(file, cause)));
  });
}

function endOf(child: ChildProcess, file: string, signal: AbortSignal | undefined): Promise<RuntimeEnd> {
  const ended = new Promise<RuntimeEnd>((resolve, reject) => {
    const kill = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', kill, { once: true });
    // `exit` is told only of a process that was started, and once.
    child.once('exit', (exitCode, killer) => {
      signal?.removeEventListener('abort', kill);
      if (signal?.aborted) reject(aborted(file, signal));
      else resolve(killer === null ? { exitCode: exitCode ?? 0 } : { signal: killer });
    });
  });
  // Whoever waits gets the error; that nobody waits yet is none of its own.
  ended.catch(() => undefined);
  return ended;
}

function aborted(file: string, signal: AbortSignal): RuntimeClientError {
  return new RuntimeClientError('ERR_RUNTIME_ABORTED', `the call of ${quoted(file)} was aborted`, {
    details: { runtime: file },
    cause: signal.reason,
  });
}

function notStarted(file: string, cause: unknown): RuntimeClientError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new RuntimeClientError(
    'ERR_RUNTIME_NOT_STARTED',
    `${quoted(file)} cannot be started: ${quoted(why)}`,
    {
      details: { runtime: file },
      cause,
    },
  );
}
