import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { busyboxRoot } from './kubelet-volume.js';
import { program, wrapper } from './programs.js';
import { type Ended, runProgram } from './run-program.js';
import { atEnd, removeCgroupAtEnd, scratchFolder } from './scratch.js';

/** The name by which the daemon knows the wrapper. */
export const RUNTIME = 'pvc';
export const IMAGE = 'busybox:test';

/** A Docker daemon of our own. */
export interface Dockerd {
  /** Calls `docker` against it. */
  docker(...args: readonly string[]): Ended;
  /** Whether `docker run --annotation` is there: since version 1.43 of the API, Docker 24. */
  readonly hasAnnotations: boolean;
}

/**
 * Starts a daemon that knows the wrapper as a runtime, and gives it an image. It has a network of its own: none.
 *
 * @param runtimes - the options by which it knows it
 */
export async function startDockerd(
  env: Readonly<Record<string, string>>,
  runtimes: readonly string[] = ['--add-runtime', `${RUNTIME}=${wrapper}`],
): Promise<Dockerd> {
  const folder = scratchFolder('docker');
  const socket = join(folder, 'docker.sock');
  const log = join(folder, 'dockerd.log');
  removeCgroupAtEnd('docker');
  const options = [
    ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
    ...['--host', `unix://${socket}`, '--pidfile', join(folder, 'pid')],
    ...['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
    ...['--storage-driver=vfs', '--exec-opt', 'native.cgroupdriver=cgroupfs'],
    ...runtimes,
  ];
  const written = openSync(log, 'w');
  const daemon = spawn('unshare', ['--net', program('dockerd'), ...options], {
    stdio: ['ignore', written, written],
    env: { PATH: process.env['PATH'], ...env },
  });
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  const docker = (...args: readonly string[]) =>
    runProgram(program('docker'), ['--host', `unix://${socket}`, ...args], { env: { HOME: folder } });
  atEnd(() => {
    daemon.kill('SIGTERM');
    return ended;
  });
  while (!existsSync(socket) || docker('version').status !== 0) {
    if (daemon.exitCode !== null) {
      throw new Error(`dockerd ended with status ${daemon.exitCode}: ${readFileSync(log, 'utf8')}`);
    }
    await pause(50);
  }
  importImage(docker, folder);
  const { stdout } = docker('version', '--format', '{{.Server.APIVersion}}');
  const [, minor] = stdout.trim().split('.').map(Number);
  return { docker, hasAnnotations: minor !== undefined && minor >= 43 };
}

function importImage(docker: Dockerd['docker'], folder: string): void {
  const archive = join(folder, 'image.tar');
  const packed = runProgram('tar', ['-C', busyboxRoot('image'), '-cf', archive, '.']);
  const imported = docker('import', archive, IMAGE);
  for (const { status, stderr } of [packed, imported]) {
    if (status !== 0) throw new Error(`no image: ${stderr}`);
  }
}
