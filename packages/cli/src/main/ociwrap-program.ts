import type { PinnedPath } from '@opencontainers-ts/rootfs-rewriter';
import { printable } from '@opencontainers-ts/runtime-spec';

import { readEnvironment } from '../call/runtime-environment.js';
import { failure } from '../commands/failure.js';
import type { HookRunner } from '../commands/hooks/hook-runner.js';
import { type CommandOutput, paintFor, shownOutput, wantsColor } from '../commands/output.js';
import type { World } from '../commands/world.js';
import type { TellLine } from '../config/rules/module-output.js';
import { loadSettings } from '../config/settings/load-settings.js';
import { humanLog } from '../log/human-log.js';
import { hookProcess } from '../nvidia-hook/hook-process.js';
import { runNvidiaHook } from '../nvidia-hook/run-nvidia-hook.js';
import { knownRuntimeVersion } from '../runtime-version/runtime-version.js';
import { readAll, readFile } from '../system/read-file.js';
import { answerOf, type System } from '../system/system.js';
import { systemHost } from '../system/system-host.js';
import { bytesOf, textOf } from '../system/text.js';
import { writeAll } from '../system/write-all.js';
import { ociwrap } from './ociwrap.js';
import { programVersion } from './program-version.js';

/** What one engine has, and another has not. */
export interface OciwrapOptions {
  /** Makes the log of commands that change something. @defaultValue {@link humanLog} */
  readonly makeLog?: typeof humanLog;
  /** Runs hooks. */
  readonly hookRunner?: HookRunner;
  /** Loads what runs containers. Left out: these commands refuse. */
  readonly containers?: NonNullable<World['containers']>;
}

/**
 * The program `ociwrap`, whatever engine it runs in: the command line and the machine are those of the system.
 *
 * @returns the exit status, when everything has been written
 */
export async function ociwrapProgram(system: System, options: OciwrapOptions = {}): Promise<number> {
  try {
    const [, ...args] = system.argv().map(textOf);
    // The hook has the command line of Go's package flag. A launcher may have started it by itself.
    if (args[0] === 'nvidia-hook') {
      return runNvidiaHook(await hookProcess(system, { name: 'ociwrap', args: args.slice(1) }));
    }
    return print(system, await ociwrap(args, await worldOf(system, options)));
  } catch (error) {
    writeAll(system, 2, bytesOf(failure(error).stderr));
    return 1;
  }
}

async function worldOf(
  system: System,
  { makeLog = humanLog, hookRunner, containers }: OciwrapOptions,
): Promise<World> {
  const env = readEnvironment(system.environ());
  // What rule modules write is told as theirs: it is no output of the command.
  const tell: TellLine = ({ module, line }) => {
    writeAll(system, 2, bytesOf(`${printable(`ociwrap: ${module} wrote: ${line}`)}\n`));
  };
  const settingsFor = (invokedAs: string) => loadSettings(system, { env, invokedAs }, { tell });
  const settings = await settingsFor('runc');
  return {
    system,
    env,
    cwd: textOf(answerOf<Uint8Array>(system.cwd() ?? { errno: 'ENOENT', syscall: 'getcwd' }, '.')),
    userId: system.geteuid(),
    self: installedWrapper(system),
    settings,
    settingsFor,
    host: { ...systemHost(system), runtimeVersion: (path) => knownRuntimeVersion(system, path) },
    tell,
    paint: paintFor(wantsColor(system.isatty(1), env)),
    version: programVersion(system),
    readInput: (path) => answerOf(path === '-' ? readAll(system, 0) : readFile(system, path), path),
    hookRunner,
    containers,
    log: ({ verbose }) => makeLog(system, { verbose, wrapperLog: settings.log }),
  };
}

/** The wrapper that an engine would call: this very program, by another name. */
function installedWrapper(system: System): PinnedPath {
  const { path, dev, ino } = system.exe();
  return { path: textOf(path), dev, ino };
}

function print(system: System, { status, stdout = '', stderr = '' }: CommandOutput): number {
  const failure = writeAll(system, 1, bytesOf(shownOutput(stdout, system.isatty(1))));
  // A reader that has seen enough (`| head`) closes the pipe: that needs no words.
  const complaint =
    failure === undefined || failure.errno === 'EPIPE'
      ? ''
      : `ociwrap: cannot write to stdout: ${failure.errno}\n`;
  writeAll(system, 2, bytesOf(`${complaint}${stderr}`));
  return failure === undefined ? status : 1;
}
