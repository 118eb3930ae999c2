import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { program } from './programs.js';
import { type Ended, runProgram } from './run-program.js';
import { atEnd, scratchFolder } from './scratch.js';

/** A containerd of our own, with nothing shared with one that the machine may run. */
export interface Containerd {
  readonly socket: string;
  /** Where it keeps what runs: its `/run/containerd`. */
  readonly state: string;
  /** Calls `ctr` against it. */
  ctr(...args: readonly string[]): Ended;
}

/**
 * @param env - of the daemon, which its shims and so the wrapper inherit
 * @param plugins - its configuration beyond the folders; without one the CRI plugin is off
 */
export async function startContainerd(
  env: Readonly<Record<string, string>>,
  plugins = 'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
): Promise<Containerd> {
  const folder = scratchFolder('containerd');
  const socket = join(folder, 'containerd.sock');
  const config = join(folder, 'config.toml');
  writeFileSync(
    config,
    `version = 2
root = "${folder}/root"
state = "${folder}/state"
${plugins.startsWith('[') ? '' : plugins}
[grpc]
  address = "${socket}"
${plugins.startsWith('[') ? plugins : ''}
`,
  );
  const daemon = spawn(program('containerd'), ['--config', config], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], ...env },
  });
  atEnd(() => daemon.kill('SIGTERM'));
  await socketOf(daemon, socket);
  return {
    socket,
    state: join(folder, 'state'),
    ctr: (...args) => runProgram(program('ctr'), ['--address', socket, ...args]),
  };
}

async function socketOf(daemon: ChildProcess, socket: string): Promise<void> {
  while (!existsSync(socket) || runProgram(program('ctr'), ['--address', socket, 'version']).status !== 0) {
    if (daemon.exitCode !== null) {
      throw new Error(`containerd ended with status ${daemon.exitCode}`);
    }
    await pause(50);
  }
}
