import * as native from '@opencontainers-ts/exec-native';
import { plainScans } from '@opencontainers-ts/runtime-spec';
import { attempt, type Failure, nodeFiles, pathOf, statusOf } from '@opencontainers-ts/runtime-spec/bundle';

import { fnv1a } from './fnv1a.js';
import { noMountCalls } from './mount-calls.js';
import { nodeModuleHost } from './node-module-host.js';
import { type EntryBeneath, MOST_OUTPUT, type Path, type ProgramEnd, type System } from './system.js';
import { bytesOf, textOf } from './text.js';
import { noTreeCalls } from './tree-calls.js';

/**
 * The kernel by node:fs and exec-native: for the packages as npm has them, in which the program is a script.
 *
 * @param state - what a launcher recorded of this process before Node.js changed it; without it the process is as it is
 * @example
 * ```ts
 * import { nodeSystem } from '@opencontainers-ts/cli';
 *
 * console.log(nodeSystem().lstat('/nowhere')); // { errno: 'ENOENT', syscall: 'lstat' }
 * ```
 */
export function nodeSystem(state?: native.ProcessState): System {
  // Not imports: the program that needs no Node.js is bundled from the same sources.
  const fs = process.getBuiltinModule('node:fs');
  const { X_OK } = fs.constants;
  return {
    ...nodeFiles(),
    ...noMountCalls(),
    ...noTreeCalls(),
    lstat: (path) => attempt(() => statusOf(fs.lstatSync(pathOf(path), { bigint: true }))),
    readlink: (path) => attempt(() => fs.readlinkSync(pathOf(path), 'buffer')),
    realpath: (path) => attempt(() => fs.realpathSync.native(pathOf(path), 'buffer')),
    symlink: (target, path) => attempt(() => void fs.symlinkSync(pathOf(target), pathOf(path))),
    link: (path, to) => attempt(() => void fs.linkSync(pathOf(path), pathOf(to))),
    mkdir: (path, mode) => attempt(() => void fs.mkdirSync(pathOf(path), mode)),
    rmdir: (path) => attempt(() => void fs.rmdirSync(pathOf(path))),
    // What `ociwrap` only looks at (`validate`, `explain`) it looks at without the addon too, where npm found no compiler
    // for it: by the real ids, which differ from the effective ones in no shell.
    mayExecute: (path) =>
      withAddon(
        () => native.mayExecute(path),
        () => attempt(() => void fs.accessSync(pathOf(path), X_OK)) === undefined,
      ),
    tryLock: (fd) => nativeAnswer(() => native.tryLock(fd)),
    isatty: (fd) => process.getBuiltinModule('node:tty').isatty(fd),
    resolveBeneath: (root, path) => nativeAnswer(() => native.resolveBeneath(root, path)),
    lookBeneath: (root, path) => nativeAnswer<EntryBeneath | undefined>(() => native.lookBeneath(root, path)),
    removeBeneath: (root, path, expected) => nativeAnswer(() => native.removeBeneath(root, path, expected)),
    listBeneath: (root, path, limit) => nativeAnswer(() => native.listBeneath(root, path, limit)),
    argv: () => state?.argv ?? [process.argv0, ...process.argv.slice(2)].map(bytesOf),
    environ: () =>
      state?.env ?? Object.entries(process.env).map(([name, value]) => bytesOf(`${name}=${value}`)),
    foundCall: () => new Map(),
    execFn: () => state?.execFn ?? bytesOf(process.argv[1] ?? process.execPath),
    exe: () => state?.exe ?? script(),
    cwd: () => (state === undefined ? bytesOf(process.cwd()) : state.cwd),
    geteuid: () => process.geteuid?.() ?? 0,
    umask: (mask) => process.umask(mask),
    isRunning: (pid) => {
      const failure = attempt(() => void process.kill(pid, 0));
      return failure?.errno !== 'ESRCH';
    },
    chroot: () => ({ errno: 'ENOSYS', syscall: 'chroot' }),
    execve: (path, argv, env) =>
      nativeAnswer(() => native.execve(path, argv, env, state === undefined ? {} : { state })),
    runProgram,
    now: () => Date.now(),
    uptime: () => process.uptime() * 1000,
    sleep: (milliseconds) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    },
    awaitSignal: () => ({ errno: 'ENOSYS', syscall: 'rt_sigtimedwait' }),
    scans: plainScans,
    fnv1a,
    modules: nodeModuleHost(),
  };

  /** The program is a script, where no launcher has started it. */
  function script(): ReturnType<System['exe']> {
    const path = fs.realpathSync(process.argv[1] ?? process.execPath);
    const { dev, ino } = fs.statSync(path, { bigint: true });
    return { path: bytesOf(path), dev, ino };
  }
}

/**
 * As {@link System.runProgram}, with two weaknesses: what the program has started itself outlives it, and of the descriptors that this
 * process was given Node.js makes only those up to the first gap close-on-exec (uv_disable_stdio_inheritance).
 */
function runProgram(
  path: Path,
  [argv0, ...args]: readonly Uint8Array[],
  env: readonly Uint8Array[],
  milliseconds: number,
  mostOutput = MOST_OUTPUT,
): ProgramEnd | Failure {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { signals } = process.getBuiltinModule('node:os').constants;
  const { status, signal, stdout, error } = spawnSync(textOf(bytesOf(path)), args.map(textOf), {
    ...(argv0 === undefined ? {} : { argv0: textOf(argv0) }),
    cwd: '/',
    env: Object.fromEntries(env.map((entry) => textOf(entry).split(/=(.*)/s, 2))),
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: milliseconds,
    killSignal: 'SIGKILL',
    maxBuffer: mostOutput,
  });
  if (error !== undefined) {
    const { code = 'EIO' } = error as NodeJS.ErrnoException;
    return { errno: code === 'ENOBUFS' ? 'EFBIG' : code, syscall: 'execve' };
  }
  return { status: status ?? 128 + (signal === null ? 0 : signals[signal]), output: stdout };
}

/** exec-native throws what the kernel says. */
function nativeAnswer<T>(call: () => T): T | Failure {
  try {
    return call();
  } catch (error) {
    const { errno, code, syscall } = error as NodeJS.ErrnoException;
    if (typeof errno !== 'number' || code === undefined) throw error;
    return { errno: code, ...(syscall === undefined ? {} : { syscall }) };
  }
}

function withAddon<T>(call: () => T, without: () => T): T {
  try {
    return call();
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_ADDON_MISSING') throw error;
    return without();
  }
}
