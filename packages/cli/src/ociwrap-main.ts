#!/usr/bin/env node
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { execve } from '@opencontainers-ts/exec-native';
import type { PinnedPath } from '@opencontainers-ts/rootfs-rewriter';

import { type CommandOutput, paintFor, shownOutput, wantsColor } from './commands/output.js';
import { loadSettings } from './config/load-settings.js';
import { humanLog } from './human-log.js';
import { nodeHost } from './node-host.js';
import { hookProcess } from './nvidia-hook/hook-process.js';
import { runNvidiaHook } from './nvidia-hook/run-nvidia-hook.js';
import { ociwrap } from './ociwrap.js';
import { programVersion } from './program-version.js';

/** The wrapper of this installation (`bin/` beside our `lib/`), or this script where it is not installed with one. */
function installedWrapper(): PinnedPath {
  const script = realpathSync(fileURLToPath(import.meta.url));
  const launcher = join(dirname(dirname(script)), 'bin/oci-runtime-wrapper');
  const path = statSync(launcher, { throwIfNoEntry: false })?.isFile() ? realpathSync(launcher) : script;
  const { dev, ino } = statSync(path, { bigint: true });
  return { path, dev, ino };
}

function print({ status, stdout, stderr }: CommandOutput): void {
  process.exitCode = status;
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    process.exitCode = 1;
    // A reader that has seen enough (`| head`) closes the pipe: that needs no words.
    if (code !== 'EPIPE') {
      process.stderr.write(`ociwrap: cannot write to stdout: ${code}\n`);
    }
  });
  if (stdout !== undefined && stdout.length > 0) {
    process.stdout.write(shownOutput(stdout, process.stdout.isTTY));
  }
  if (stderr !== undefined) {
    process.stderr.write(stderr);
  }
}

async function main(): Promise<CommandOutput> {
  const { env } = process;
  const settingsFor = (invokedAs: string) => loadSettings({ env, invokedAs });
  const settings = await settingsFor('runc');
  return ociwrap(process.argv.slice(2), {
    env,
    cwd: process.cwd(),
    userId: process.geteuid?.() ?? 0,
    self: installedWrapper(),
    settings,
    settingsFor,
    host: nodeHost(),
    paint: paintFor(wantsColor(process.stdout.isTTY, env)),
    version: programVersion(),
    readInput: (path) => readFileSync(path === '-' ? 0 : path),
    log: ({ verbose }) => humanLog({ verbose, wrapperLog: settings.log }),
  });
}

/** `ociwrap nvidia-hook` where no launcher has started nvidia-hook.cjs in our place: from the npm package, say. */
async function hook(): Promise<void> {
  const env = Object.entries(process.env).map(([name, value]) => Buffer.from(`${name}=${value}`));
  const call = { name: 'ociwrap', args: process.argv.slice(3), env, cwd: process.cwd(), become: execve };
  process.exitCode = runNvidiaHook(await hookProcess(call, { env: process.env, invokedAs: 'runc' }));
}

void (process.argv[2] === 'nvidia-hook' ? hook() : main().then(print));
