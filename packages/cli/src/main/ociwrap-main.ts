#!/usr/bin/env node
import { readFileSync, realpathSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { execve } from '@opencontainers-ts/exec-native';
import type { PinnedPath } from '@opencontainers-ts/rootfs-rewriter';
import { printable } from '@opencontainers-ts/runtime-spec';
import { refusalLine, refusalOf } from '../call/refusal.js';
import { CliError } from '../cli-error.js';
import { type CommandOutput, paintFor, shownOutput, wantsColor } from '../commands/output.js';
import { loadSettings } from '../config/load-settings.js';
import type { ModuleLine } from '../config/module-output.js';
import { humanLog } from '../log/human-log.js';
import { hookProcess } from '../nvidia-hook/hook-process.js';
import { runNvidiaHook } from '../nvidia-hook/run-nvidia-hook.js';
import { nodeHost } from '../system/node-host.js';
import { ociwrap } from './ociwrap.js';
import { failUnlessEnded } from './process-end.js';
import { programVersion } from './program-version.js';

/** The wrapper of this installation (`bin/` beside our `lib/`), or this script where it is not installed with one. */
function installedWrapper(): PinnedPath {
  const script = realpathSync(fileURLToPath(import.meta.url));
  const launcher = join(dirname(dirname(script)), 'bin/oci-runtime-wrapper');
  const path = statSync(launcher, { throwIfNoEntry: false })?.isFile() ? realpathSync(launcher) : script;
  const { dev, ino } = statSync(path, { bigint: true });
  return { path, dev, ino };
}

/** @returns the exit status, when everything has been written */
async function print({ status, stdout = '', stderr = '' }: CommandOutput): Promise<number> {
  const code = await written(process.stdout, shownOutput(stdout, process.stdout.isTTY));
  // A reader that has seen enough (`| head`) closes the pipe: that needs no words.
  const complaint =
    code === undefined || code === 'EPIPE' ? '' : `ociwrap: cannot write to stdout: ${code}\n`;
  await written(process.stderr, `${complaint}${stderr}`);
  return code === undefined ? status : 1;
}

/** Writes, also what has been written before, and gives the code of what went wrong. */
function written(stream: NodeJS.WriteStream, text: string | Uint8Array): Promise<string | undefined> {
  return new Promise((resolve) => {
    stream.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
    stream.write(text, (error) => {
      if (!error) resolve(undefined);
    });
  });
}

async function main(): Promise<CommandOutput> {
  const { env } = process;
  const settingsFor = (invokedAs: string) => loadSettings({ env, invokedAs }, { tell });
  const settings = await settingsFor('runc');
  return ociwrap(process.argv.slice(2), {
    env,
    cwd: process.cwd(),
    userId: process.geteuid?.() ?? 0,
    self: installedWrapper(),
    settings,
    settingsFor,
    host: nodeHost(),
    tell,
    paint: paintFor(wantsColor(process.stdout.isTTY, env)),
    version: programVersion(),
    readInput: (path) => readFileSync(path === '-' ? 0 : path),
    log: ({ verbose }) => humanLog({ verbose, wrapperLog: settings.log }),
  });
}

/** `ociwrap nvidia-hook` where no launcher has started nvidia-hook.cjs in our place: from the npm package, say. */
async function hook(): Promise<number> {
  const env = Object.entries(process.env).map(([name, value]) => Buffer.from(`${name}=${value}`));
  const call = { name: 'ociwrap', args: process.argv.slice(3), env, cwd: process.cwd(), become: execve };
  return runNvidiaHook(await hookProcess(call, { env: process.env, invokedAs: 'runc' }));
}

/** What rule modules write is told as theirs: it is no output of the command. */
function tell({ module, line }: ModuleLine): void {
  process.stderr.write(printable(`ociwrap: ${module} wrote: ${line}`).concat('\n'));
}

process.exitCode = 1;
const unfinished = new CliError('ERR_CALL_UNFINISHED', 'the command was ended before it was done');
const end = failUnlessEnded((error = unfinished) =>
  writeSync(2, `ociwrap: ${refusalLine(refusalOf(error))}\n`),
);
const status = process.argv[2] === 'nvidia-hook' ? hook() : main().then(print);
// Not before what is still to be written is.
void status.then((code) => setImmediate(end, code));
