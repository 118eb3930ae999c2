import { type ChildProcess, spawn } from 'node:child_process';

import { quoted } from '@opencontainers-ts/runtime-spec';

import { RuntimeClientError } from '../runtime-client-error.js';
import type { RuntimeEnd } from './runtime-end.js';
import { type Pipes, StandardStreams, type StreamChoices } from './standard-streams.js';
import { startTurn } from './start-turn.js';

/** What is started. */
export interface RuntimeStart {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string | undefined;
  readonly streams: StreamChoices;
  /** Descriptors of ours that the runtime finds as 3, 4 and so on. */
  readonly descriptors?: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** A runtime that runs, and how it ends. */
export interface StartedRuntime {
  readonly pid: number;
  /** Of the caller, who has to see to their end, or to call `finish`. */
  readonly pipes: Pipes;
  /**
   * When the process itself has ended, whoever still holds its pipes; fails with ERR_RUNTIME_ABORTED when the signal was aborted
   * before.
   */
  readonly ended: Promise<RuntimeEnd>;
  /** Sends SIGKILL. */
  kill(): void;
  /** Once it has ended and has left its pipes to nobody: closes standard input, and reads what is left of the output. */
  finish(): void;
}

/**
 * Starts a runtime, one in each turn of the event loop. Once this has resolved there is a process, and `ended` tells of it.
 *
 * @throws RuntimeClientError `ERR_RUNTIME_NOT_STARTED`, with the error of the system as its cause; ERR_RUNTIME_ABORTED for a signal that was aborted already
 */
export async function spawnRuntime(start: RuntimeStart): Promise<StartedRuntime> {
  await startTurn();
  const { file, args, env, cwd, streams: choices, descriptors = [], signal } = start;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(aborted(file, signal));
      return;
    }
    // What is wrong with an argument, and a lack of descriptors or memory, is thrown at once.
    let opened: StandardStreams | undefined;
    const fail = (cause: unknown) => {
      opened?.close();
      reject(notStarted(file, cause));
    };
    try {
      const streams = new StandardStreams(choices);
      opened = streams;
      const child = spawn(file, args, { env, cwd, stdio: [...streams.stdio, ...descriptors] });
      streams.handOver();
      const ended = endOf(child, file, signal);
      child.once('error', fail);
      child.once('spawn', () => {
        // From here on it tells only of a signal that could not be sent, as to a runtime that has become another user.
        child.off('error', fail).on('error', () => undefined);
        resolve(started(child, ended, streams));
      });
    } catch (cause) {
      fail(cause);
    }
  });
}

function started(child: ChildProcess, ended: Promise<RuntimeEnd>, streams: StandardStreams): StartedRuntime {
  return {
    pid: child.pid as number,
    pipes: streams.pipes,
    ended,
    kill: () => child.kill('SIGKILL'),
    finish: () => streams.finish(),
  };
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
