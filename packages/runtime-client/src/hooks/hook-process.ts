import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

import { errorCode, quoted } from '@opencontainers-ts/runtime-spec';

import { LARGEST_REST } from '../process/pipe-streams.js';
import { StandardStreams } from '../process/standard-streams.js';
import { killAtExit, killGroup } from './hook-group.js';
import { type HookEnd, type HookRun, NO_OUTPUT } from './hook-result.js';
import { OutputHead } from './output-head.js';
import type { PlannedHook } from './planned-hook.js';
import { hasNoFormat } from './program-head.js';

/** What a hook runs with. */
export interface HookSurroundings {
  /** The descriptor that is its stdin. */
  readonly stdin: number;
  readonly cwd: string;
  /** Bytes of stdout, and of stderr, that are kept. */
  readonly outputLimit: number;
  readonly signal: AbortSignal | undefined;
}

/** The longest that a timer can be: 2^31 - 1 ms, about 24 days. A longer timeout is that long. */
const LONGEST_TIMER = 0x7fffffff;

/**
 * Runs one hook to its end, in a session of its own. When its time is over, or the caller gives up, it is killed with all that it has
 * started in that session; when it ends by itself, what it has left running stays, as with the runtimes: hooks start daemons.
 */
export async function runHookProcess(
  hook: PlannedHook,
  { stdin, cwd, outputLimit, signal }: HookSurroundings,
): Promise<Omit<HookRun, 'index' | 'path'>> {
  const began = performance.now();
  const took = () => performance.now() - began;
  const notStarted = async (error: unknown) => {
    const why = await whyNotStarted(error, cwd);
    return {
      end: { kind: 'not-started', why },
      milliseconds: took(),
      stdout: NO_OUTPUT,
      stderr: NO_OUTPUT,
    } as const;
  };
  if (await hasNoFormat(hook.path)) return notStarted({ code: 'ENOEXEC' });
  let child: ChildProcess;
  let streams: StandardStreams | undefined;
  try {
    streams = new StandardStreams([stdin, 'pipe', 'pipe']);
    child = started(hook, streams, cwd);
    streams.handOver();
  } catch (error) {
    streams?.close();
    return notStarted(error);
  }
  const { pid } = child;
  const { stdout, stderr } = streams.pipes;
  if (pid === undefined || stdout === undefined || stderr === undefined) {
    const [error] = await once(child, 'error');
    streams.close();
    return notStarted(error);
  }
  const outputs = [new OutputHead(stdout, outputLimit), new OutputHead(stderr, outputLimit)] as const;
  try {
    const forced = await endOf(child, pid, hook.timeoutMs, signal);
    const milliseconds = took();
    await drain([stdout, stderr], () => outputs[0].size + outputs[1].size);
    const end = forced ?? ownEnd(child);
    return { end, milliseconds, stdout: outputs[0].output(), stderr: outputs[1].output() };
  } finally {
    streams.close();
  }
}

function started(
  { path, argv: [argv0, ...args], env }: PlannedHook,
  { stdio }: StandardStreams,
  cwd: string,
): ChildProcess {
  return spawn(path, args, {
    argv0,
    cwd,
    // A name with no value is left out. Without this one Node.js would add that of its own environment.
    env: { NODE_V8_COVERAGE: undefined, ...env },
    detached: true,
    stdio: [...stdio],
  });
}

/** Waits until it has ended, and sees to it that it does. Nothing where it ended by itself. */
async function endOf(
  child: ChildProcess,
  pid: number,
  timeoutMs: number | undefined,
  signal: AbortSignal | undefined,
): Promise<HookEnd | undefined> {
  let forced: HookEnd | undefined;
  let failedKill: unknown;
  const ended = new AbortController();
  const force = (kind: 'timed-out' | 'aborted') => () => {
    forced ??= { kind };
    try {
      killGroup(pid);
    } catch (error) {
      failedKill = error;
      ended.abort(error);
    }
  };
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(force('timed-out'), Math.min(timeoutMs, LONGEST_TIMER));
  const abort = force('aborted');
  signal?.addEventListener('abort', abort);
  const forget = killAtExit(pid);
  try {
    const exited = once(child, 'exit', { signal: ended.signal });
    if (signal?.aborted) abort();
    await exited;
  } catch (error) {
    throw failedKill ?? error;
  } finally {
    forget();
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
  return forced;
}

function ownEnd({ exitCode, signalCode }: ChildProcess): HookEnd {
  return signalCode === null
    ? { kind: 'exited', exitCode: exitCode ?? -1 }
    : { kind: 'signalled', signal: signalCode };
}

/**
 * Reads what the hook had written when it ended. The end of the stream is not waited for: what it has left running may hold that
 * open for ever. All that it wrote is in the pipe by now, which the event loop reads before it comes to an immediate.
 */
async function drain(streams: readonly Readable[], size: () => number): Promise<void> {
  const most = size() + LARGEST_REST;
  for (let quiet = 0; quiet < 2 && size() < most && !streams.every(({ readableEnded }) => readableEnded); ) {
    const before = size();
    await setImmediate();
    quiet = size() === before ? quiet + 1 : 0;
  }
}

/** The kernel says ENOENT of a program that is not there, of one whose interpreter is not, and of a missing working directory. */
async function whyNotStarted(error: unknown, cwd: string): Promise<string> {
  const code = errorCode(error) ?? String(error);
  const hasFolder = await access(cwd).then(
    () => true,
    () => false,
  );
  return hasFolder ? code : `${code} (the working directory ${quoted(cwd)} cannot be entered)`;
}
