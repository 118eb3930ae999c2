import { open } from 'node:fs/promises';

import { quoted } from '@opencontainers-ts/runtime-spec';

import type { CommandLine } from '../commands/command-line.js';
import { globalArguments, hasLog } from '../commands/global-arguments.js';
import { parseRuntimeVersion, type RuntimeVersion } from '../dialects/runtime-version.js';
import { CallFolder } from '../process/call-folder.js';
import { findRuntime } from '../process/find-runtime.js';
import { printedText } from '../process/printed-text.js';
import { isSuccess, type RuntimeEnd } from '../process/runtime-end.js';
import { type RuntimeStart, type StartedRuntime, spawnRuntime } from '../process/spawn-runtime.js';
import { closePipes } from '../process/standard-streams.js';
import { RuntimeClientError } from '../runtime-client-error.js';
import { callError } from '../runtime-log/call-error.js';
import type { RuntimeSettings } from './runtime-settings.js';

/** Calls one runtime: finds it, asks once what it is, and gives each call a folder of its own. */
export class RuntimeCaller {
  readonly settings: RuntimeSettings;
  #asked: Promise<RuntimeVersion> | undefined;

  constructor(settings: RuntimeSettings) {
    this.settings = settings;
  }

  /** Asked once; a failure is not kept. */
  version(): Promise<RuntimeVersion> {
    this.#asked ??= this.#askVersion().catch((error) => {
      this.#asked = undefined;
      throw error;
    });
    return this.#asked;
  }

  /** Runs a command that leaves no process, and gives what it printed. */
  output(line: CommandLine, signal: AbortSignal | undefined): Promise<string> {
    return this.#run(line, signal, 'pipe');
  }

  /** Runs a command that leaves no process and prints nothing. A hook that it runs may go on: its output is nobody's. */
  async done(line: CommandLine, signal: AbortSignal | undefined): Promise<void> {
    await this.#run(line, signal, 'ignore');
  }

  async #run(line: CommandLine, signal: AbortSignal | undefined, stdout: 'pipe' | 'ignore'): Promise<string> {
    const { folder, errors, remove } = await this.openFolder();
    // A file: nobody has to write while it reads.
    const input = line.input === undefined ? undefined : await folder.openInput(line.input);
    try {
      const streams = [input?.fd ?? 'ignore', stdout, errors] as const;
      const started = await this.start(line, folder, { streams, signal });
      const [end, printed] = await endAndOutput(started, line.command);
      await this.checkEnd(line, folder, end);
      return printed;
    } finally {
      await input?.close();
      await remove();
    }
  }

  /** A folder with an open file for what the runtime prints as errors: a file has no end that whoever holds it could keep us from. */
  async openFolder(): Promise<{
    readonly folder: CallFolder;
    readonly errors: number;
    remove(): Promise<void>;
  }> {
    const folder = await CallFolder.make();
    try {
      const file = await open(folder.errors, 'w', 0o600);
      return {
        folder,
        errors: file.fd,
        remove: async () => {
          await file.close();
          await folder.remove();
        },
      };
    } catch (error) {
      await folder.remove();
      throw error;
    }
  }

  /** Does something with a folder that is removed in the end. */
  async inFolder<Result>(use: (folder: CallFolder) => Promise<Result>): Promise<Result> {
    const folder = await CallFolder.make();
    try {
      return await use(folder);
    } finally {
      await folder.remove();
    }
  }

  /** Starts a command, with its log in the folder. */
  async start(
    line: CommandLine,
    folder: CallFolder,
    how: Pick<RuntimeStart, 'streams' | 'descriptors' | 'signal'>,
  ): Promise<StartedRuntime> {
    const { runtime, root, systemdCgroup, globalArgs, env } = this.settings;
    const { dialect } = await this.version();
    const file = await findRuntime(runtime, env);
    const global = globalArguments(dialect, {
      root,
      systemdCgroup,
      more: globalArgs,
      ...(hasLog(dialect) && { log: folder.log }),
    });
    return spawnRuntime({ file, args: [...global, ...line.args], env, ...how });
  }

  /**
   * That a command was done.
   *
   * @param printed what the runtime printed as errors, where it is not in the folder
   */
  async checkEnd(line: CommandLine, folder: CallFolder, end: RuntimeEnd, printed?: string): Promise<void> {
    if (isSuccess(end)) return;
    throw callError({
      runtime: this.settings.runtime,
      command: line.command,
      end,
      stderr: printed ?? (await folder.errorText()),
      log: await folder.logText(),
    });
  }

  async #askVersion(): Promise<RuntimeVersion> {
    const { runtime, dialect, env } = this.settings;
    const file = await findRuntime(runtime, env);
    const started = await spawnRuntime({
      file,
      args: ['--version'],
      env,
      streams: ['ignore', 'pipe', 'ignore'],
    });
    const [end, printed] = await endAndOutput(started, '--version');
    if (!isSuccess(end) && dialect === undefined) {
      throw callError({ runtime, command: '--version', end, stderr: printed, log: '' });
    }
    const version = parseRuntimeVersion(printed);
    return dialect === undefined ? version : { ...version, dialect };
  }
}

/** How it ended, and what it printed. Where one of them fails there is no process and no pipe any more. */
async function endAndOutput(
  { pipes, ended, kill }: StartedRuntime,
  command: string,
): Promise<readonly [RuntimeEnd, string]> {
  try {
    const printed = pipes.stdout === undefined ? '' : printedText(pipes.stdout, command);
    return await Promise.all([ended, printed]);
  } catch (error) {
    closePipes(pipes);
    kill();
    await ended.catch(() => undefined);
    throw error;
  }
}

/** What a command printed as JSON, checked by `read`, which says what is wrong. */
export function readJson<Value>(
  { settings: { runtime } }: RuntimeCaller,
  { command }: CommandLine,
  printed: string,
  read: (value: unknown) => Value | string,
): Value {
  let value: unknown;
  try {
    value = JSON.parse(printed);
  } catch (cause) {
    throw outputError({ command, runtime, printed, why: 'it is not JSON', cause });
  }
  const found = read(value);
  if (typeof found === 'string') throw outputError({ command, runtime, printed, why: found });
  return found;
}

/** Characters of such output in the message, and in the details. */
const SHOWN = 1024;
const KEPT = 64 * 1024;

/** The error of output that is not what a command promises. */
function outputError({
  command,
  runtime,
  printed,
  why,
  cause,
}: {
  readonly command: string;
  readonly runtime: string;
  readonly printed: string;
  readonly why: string;
  readonly cause?: unknown;
}): RuntimeClientError {
  return new RuntimeClientError(
    'ERR_RUNTIME_OUTPUT',
    `${quoted(runtime)} ${command} printed ${quoted(printed.slice(0, SHOWN))}: ${why}`,
    { details: { command, runtime, output: printed.slice(0, KEPT) }, cause },
  );
}
