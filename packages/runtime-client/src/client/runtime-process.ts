import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

import type { CommandLine } from '../commands/command-line.js';
import type { ExitStatus } from '../exit/exit-status.js';
import { keepOrphans } from '../exit/orphans.js';
import { ProcessHandle } from '../exit/process-handle.js';
import { CallFolder } from '../process/call-folder.js';
import { errorsOfFailed } from '../process/failed-output.js';
import { isSuccess, type RuntimeEnd } from '../process/runtime-end.js';
import type { StartedRuntime } from '../process/spawn-runtime.js';
import { closePipes } from '../process/standard-streams.js';
import { RuntimeClientError } from '../runtime-client-error.js';
import { callError } from '../runtime-log/call-error.js';
import { lastError, parseRuntimeLog } from '../runtime-log/log-record.js';
import type { RuntimeCaller } from './runtime-caller.js';
import { type StreamOptions, streamsOf } from './stream-options.js';

/** A program that runs in a container. */
export interface RuntimeProcess {
  /**
   * Of a detached one the process id of the program, else that of the runtime, which stands for it: it hands signals on, and ends as
   * the program does.
   */
  readonly pid: number;
  readonly stdin?: Writable;
  readonly stdout?: Readable;
  readonly stderr?: Readable;
  /**
   * How the program ended. Fails with ERR_RUNTIME_CALL where the runtime could not start it, and with ERR_RUNTIME_ABORTED.
   */
  readonly exit: Promise<ExitStatus>;
}

/** What all commands that run a program take. */
export interface ProcessOptions extends StreamOptions {
  readonly signal?: AbortSignal;
  readonly pidFile?: string;
}

/** A command whose runtime stays in front of the program until that ends. */
export async function attachedProcess(
  caller: RuntimeCaller,
  line: CommandLine,
  options: ProcessOptions,
): Promise<RuntimeProcess> {
  const streams = streamsOf(options, 'pipe');
  const folder = await CallFolder.make();
  let started: StartedRuntime;
  try {
    started = await caller.start(line, folder, {
      streams,
      descriptors: options.preserveDescriptors ?? [],
      signal: options.signal,
    });
  } catch (error) {
    await folder.remove();
    throw error;
  }
  const { pid, pipes, ended, finish } = started;
  const exit = programExit(caller, line, folder, ended).finally(finish);
  // Whoever waits for it gets the error.
  exit.catch(() => undefined);
  return { pid, ...pipes, exit };
}

/** The status is that of the program, unless the runtime has logged why there is none. */
async function programExit(
  caller: RuntimeCaller,
  { command }: CommandLine,
  folder: CallFolder,
  ended: Promise<RuntimeEnd>,
): Promise<ExitStatus> {
  try {
    const end = await ended;
    if (isSuccess(end)) return end;
    const log = await folder.logText();
    // A program that is killed gives 128 and the number: a signal is the end of the runtime itself.
    if ('exitCode' in end && lastError(parseRuntimeLog(log)) === undefined) return end;
    throw callError({ runtime: caller.settings.runtime, command, end, stderr: '', log });
  } finally {
    await folder.remove();
  }
}

/** The file in the folder of the call, where the caller wants none of its own. */
export const PID_FILE = 'pid';

/** A command whose runtime leaves as soon as the program runs. It gets the path of the file with the process id. */
export async function detachedProcess(
  caller: RuntimeCaller,
  lineWith: (pidFile: string) => CommandLine,
  options: ProcessOptions,
): Promise<RuntimeProcess> {
  const streams = streamsOf(options, 'ignore');
  return keepOrphans(() =>
    caller.inFolder(async (folder) => {
      const pidFile = options.pidFile ?? join(folder.path, PID_FILE);
      const line = lineWith(pidFile);
      const { pipes, ended } = await caller.start(line, folder, {
        streams,
        descriptors: options.preserveDescriptors ?? [],
        signal: options.signal,
      });
      try {
        const end = await ended;
        const errors = isSuccess(end) ? '' : await errorsOfFailed(pipes.stderr);
        await caller.checkEnd(line, folder, end, errors);
        const pid = pidOf(await folder.read(pidFile), line.command);
        const exit = exitOfDetached(pid, options.signal);
        exit.catch(() => undefined);
        return { pid, ...pipes, exit };
      } catch (error) {
        closePipes(pipes);
        throw error;
      }
    }),
  );
}

function pidOf(text: string, command: string): number {
  const pid = Number(text.trim());
  if (Number.isSafeInteger(pid) && pid > 0) return pid;
  throw new RuntimeClientError('ERR_RUNTIME_OUTPUT', `${command} wrote no process id into its file`, {
    details: { command, output: text },
  });
}

async function exitOfDetached(pid: number, signal: AbortSignal | undefined): Promise<ExitStatus> {
  const handle = ProcessHandle.open(pid);
  if (handle === undefined) return { unknown: 'it had ended before it could be watched' };
  try {
    return await handle.wait(signal === undefined ? {} : { signal });
  } finally {
    handle.close();
  }
}
