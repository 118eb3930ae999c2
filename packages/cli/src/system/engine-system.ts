import type { Scans } from '@opencontainers-ts/runtime-spec';
import { errnoName, type Failure, type FileStatus, type Path } from '@opencontainers-ts/runtime-spec/bundle';

import type { EngineHost } from './engine-host.js';
import type { ModuleHost, ModuleRealm, RealmFailure } from './module-host.js';
import type { MountCalls, OpenedAs } from './mount-calls.js';
import {
  type BeneathRoot,
  type EndingSignal,
  type EntryBeneath,
  type ExpectedEntry,
  MOST_OUTPUT,
  type System,
} from './system.js';
import type { TreeCalls, TreeTask, UntakenAttribute } from './tree-calls.js';

declare const host: EngineHost;

/** The calls that a host function of another name may fail in: `Call` in port-values.h. */
const FAILED_CALLS = [
  undefined,
  'open',
  'fstat',
  'openat',
  'openat2',
  'statx',
  'readlinkat',
  'unlinkat',
  'getdents64',
  'flock',
  'mkdirat',
  'mknodat',
  'symlinkat',
  'linkat',
  'read',
  'write',
  'ftruncate',
  'lseek',
  'fchown',
  'fchmod',
  'utimensat',
  'flistxattr',
  'fgetxattr',
  'fsetxattr',
  'mmap',
] as const;
const CALL_UNIT = 4096;

/** `type_of` in file-status.cc. */
const FILE_TYPES = [
  'file',
  'directory',
  'symlink',
  'block-device',
  'character-device',
  'fifo',
  'socket',
] as const;

/** `EntryType` and `Expected` in beneath.cc. */
const ENTRY_TYPES = ['file', 'directory', 'symlink', 'other'] as const;
const EXPECTED = ['empty-file', 'file', 'empty-directory', 'symlink'] as const;
/** `Ended` in realms.cc. */
const REALM_ENDS = ['time', 'memory', 'crash'] as const;

const REMOVALS = ['removed', 'missing', 'different'] as const;

/** Those that `awaitSignal` waits for: `kEnds` in time.cc. The same numbers on every architecture. */
const ENDING_SIGNALS: Readonly<Record<number, EndingSignal>> = { 1: 'SIGHUP', 2: 'SIGINT', 15: 'SIGTERM' };

/** The host has a place of its own for as much: `kReadAtOnce` in descriptors.cc. */
const READ_AT_ONCE = 65_536;

/** PATH_MAX of the kernel, with its NUL. */
const PATH_MAX = 4096;

// Where answers of more than one number, and paths, are put. One call uses them at a time, and none keeps them.
const numbers = new BigUint64Array(12);
const signedNumbers = new BigInt64Array(numbers.buffer);
const lowerHalves = new Uint32Array(numbers.buffer);
const pathBytes = new Uint8Array(PATH_MAX);
/** Where a scan puts the offsets of the items of an object or array; of most it has room for all. */
const offsets = new Uint32Array(1024);

const decoder = new TextDecoder();
const EQUALS = 0x3d;

/**
 * The kernel, as the launcher offers it to the engine inside it. Nothing is decided here: each call is one host function of the
 * same name, and what it gives is put into the shape that {@link System} has.
 */
export function engineSystem(): System {
  return {
    open: (path, flags, mode = 0o600) => numberOf(host.open(path, flags, mode), 'open'),
    stat: (path) => statusOf(host.stat(path, numbers), 'stat'),
    lstat: (path) => statusOf(host.lstat(path, numbers), 'lstat'),
    fstat: (fd) => statusOf(host.fstat(fd, numbers), 'fstat'),
    read,
    write: (fd, bytes) => numberOf(host.write(fd, bytes), 'write'),
    fsync: (fd) => nothingOf(host.fsync(fd), 'fsync'),
    fchmod: (fd, mode) => nothingOf(host.fchmod(fd, mode), 'fchmod'),
    fchown: (fd, uid, gid) => nothingOf(host.fchown(fd, uid, gid), 'fchown'),
    close: (fd) => nothingOf(host.close(fd), 'close'),
    tryLock: (fd) => {
      const locked = host.flock(fd);
      return locked < 0 ? failureOf(locked, 'flock') : locked === 1;
    },
    isatty: (fd) => host.isatty(fd),
    readdir: (path) => listOf(host.readdir(path), 'scandir'),
    unlink: (path) => nothingOf(host.unlink(path), 'unlink'),
    rename: (from, to) => nothingOf(host.rename(from, to), 'rename'),
    readlink: (path) => pathOf(host.readlink(path, pathBytes), 'readlink'),
    symlink: (target, path) => nothingOf(host.symlink(target, path), 'symlink'),
    link: (path, to) => nothingOf(host.link(path, to), 'link'),
    realpath: (path) => pathOf(host.realpath(path, pathBytes), 'realpath'),
    mkdir: (path, mode) => nothingOf(host.mkdir(path, mode), 'mkdir'),
    rmdir: (path) => nothingOf(host.rmdir(path), 'rmdir'),
    mayExecute: (path) => host.mayExecute(path),
    resolveBeneath,
    lookBeneath,
    removeBeneath,
    listBeneath: (root, path, limit) =>
      listOf(host.listBeneath(root.path, path, numbersOf(root), limit), 'openat2'),
    argv: once(() => textsOf(host.argv())),
    environ: once(() => textsOf(host.environment())),
    foundCall: () => new Map(textsOf(host.foundCall()).map(memberOf)),
    execFn: () => pathBytes.slice(0, host.execFn(pathBytes)),
    exe: () => {
      const length = host.exe(pathBytes, numbers);
      return length > 0
        ? { path: pathBytes.slice(0, length), dev: number(0), ino: number(1) }
        : { path: new Uint8Array(0), dev: 0n, ino: 0n };
    },
    cwd: () => {
      const length = host.cwd(pathBytes);
      return length < 0 ? undefined : pathBytes.slice(0, length);
    },
    getpid: () => host.getpid(),
    geteuid: () => host.geteuid(),
    umask: (mask) => host.umask(mask),
    isRunning: (pid) => host.isRunning(pid),
    chroot: (path) => nothingOf(host.chroot(path), 'chroot'),
    execve: (path, argv, env) => {
      const [words, variables] = [closedTexts(argv), closedTexts(env)];
      return words === undefined || variables === undefined
        ? { errno: 'EINVAL', syscall: 'execve' }
        : failureOf(host.execve(path, words, variables), 'execve');
    },
    runProgram: (path, argv, env, milliseconds, mostOutput = MOST_OUTPUT) => {
      const [words, variables] = [closedTexts(argv), closedTexts(env)];
      if (words === undefined || variables === undefined) return { errno: 'EINVAL', syscall: 'execve' };
      const output = host.runProgram(path, words, variables, milliseconds, mostOutput, numbers);
      return typeof output === 'number' ? failureOf(output, 'execve') : { status: Number(number(0)), output };
    },
    now: () => host.now(),
    uptime: () => host.uptime(),
    sleep: (milliseconds) => host.sleep(milliseconds),
    awaitSignal: (milliseconds) => {
      const signal = host.awaitSignal(milliseconds);
      return signal < 0 ? failureOf(signal, 'rt_sigtimedwait') : ENDING_SIGNALS[signal];
    },
    scans: engineScans,
    fnv1a: (bytes) => host.fnv1a(bytes),
    modules: engineModules,
    ...engineMountCalls,
    ...engineTreeCalls,
  };
}

/** `OpenedAs` in mounts.cc. */
const OPENED_AS: readonly OpenedAs[] = ['path', 'folder', 'file'];

const engineMountCalls: MountCalls = {
  unshareMounts: () => nothingOf(host.unshareMounts(), 'unshare'),
  setPropagation: (path, propagation) => nothingOf(host.setPropagation(path, propagation), 'mount'),
  openat2: (folder, path, as, resolve) =>
    numberOf(host.openat2(folder, path, OPENED_AS.indexOf(as), resolve), 'openat2'),
  cloneTree: (folder, recursive) => numberOf(host.cloneTree(folder, recursive ? 1 : 0), 'open_tree'),
  moveMount: (mount, path, flags) => nothingOf(host.moveMount(mount, path, flags), 'move_mount'),
  setMountAttributes: (mount, attributes, userNamespace) =>
    nothingOf(host.setMountAttributes(mount, attributes, userNamespace), 'mount_setattr'),
  fsopen: (type) => numberOf(host.fsopen(type), 'fsopen'),
  fsconfig: (context, key, value) => {
    const kind = value === undefined ? 0 : typeof value === 'number' ? 2 : 1;
    const [text, fd] = typeof value === 'number' ? ['', value] : [value ?? '', -1];
    return nothingOf(host.fsconfig(context, key, kind, text, fd), 'fsconfig');
  },
  createFileSystem: (context) => nothingOf(host.createFileSystem(context), 'fsconfig'),
  fsmount: (context, attributes) => numberOf(host.fsmount(context, attributes), 'fsmount'),
  statfs: (path) => {
    const answer = host.statfs(path, numbers);
    if (answer < 0) return failureOf(answer, 'statfs');
    return {
      type: number(0),
      blockSize: number(1),
      blocks: number(2),
      freeBlocks: number(3),
      inodes: number(4),
      freeInodes: number(5),
      flags: lower(6),
    };
  },
  syncfs: (fd) => nothingOf(host.syncfs(fd), 'syncfs'),
  entryTypes: (folder) => {
    const answer = host.entryTypes(folder);
    return answer < 0 ? failureOf(answer, 'getdents64') : answer === 1;
  },
  getxattr: (path, name) => bytesOrFailure(host.getxattr(path, name), 'lgetxattr'),
  setxattr: (path, name, value) => nothingOf(host.setxattr(path, name, value), 'lsetxattr'),
  removexattr: (path, name) => nothingOf(host.removexattr(path, name), 'lremovexattr'),
  listxattr: (path) => listOf(host.listxattr(path), 'llistxattr'),
  setFileSystemIds: (uid, gid) => nothingOf(host.setFileSystemIds(uid, gid), 'setfsuid'),
  userNamespace: (uidMap, gidMap) => numberOf(host.userNamespace(uidMap, gidMap), 'clone'),
};

/** `Task` in copy-tree.cc. */
const TREE_TASKS: readonly TreeTask[] = ['measure', 'copy', 'clear'];

const engineTreeCalls: TreeCalls = {
  beginTree: (task, { image, volume }) =>
    nothingOf(host.beginTree(TREE_TASKS.indexOf(task), image, volume), 'openat2'),
  continueTree: (milliseconds) => {
    const answer = host.continueTree(milliseconds, numbers);
    if (answer < 0) return failureOf(answer, 'openat2');
    return {
      isDone: answer === 0,
      entries: number(0),
      bytes: number(1),
      inodes: number(2),
      found: number(3),
    };
  },
  treeNotes: () => {
    const [path = new Uint8Array(0), ...texts] = textsOf(host.treeNotes());
    const untaken: UntakenAttribute[] = [];
    for (let at = 0; at + 1 < texts.length; at += 2) {
      untaken.push({ name: decoder.decode(texts[at]), path: texts[at + 1] ?? path });
    }
    return { path, untaken };
  },
  endTree: () => host.endTree(),
};

function bytesOrFailure(answer: Uint8Array | number, named: string): Uint8Array | Failure {
  return typeof answer === 'number' ? failureOf(answer, named) : answer;
}

/** The scans of the launcher, with the answers of `plainScans`. */
const engineScans: Scans = {
  find: (bytes, wanted, from) => host.find(bytes, wanted, from),
  isSame: (one, other) => host.isSame(one, other),
  isUtf8: (bytes) => host.isUtf8(bytes),
  areQuick: true,
  isJson: (bytes) => host.isJson(bytes),
  items: (bytes, start) => {
    const length = host.items(bytes, start, offsets);
    if (length <= offsets.length) return offsets.slice(0, length);
    const all = new Uint32Array(length);
    host.items(bytes, start, all);
    return all;
  },
  plainNames: (bytes, start, levels) => host.plainNames(bytes, start, levels)?.split('\n').slice(0, -1),
  extent: (bytes) =>
    // Without memory to count in it is as large as it can be, which no limit allows.
    host.extent(bytes, numbers) < 0
      ? { depth: bytes.length, members: bytes.length }
      : { depth: Number(number(0)), members: Number(number(1)) },
};

/** Rule modules run in the engine that runs this, each in a realm with a heap, jobs and a stack of its own. */
const engineModules: ModuleHost = {
  open: (ruleSide, bytes, outside): ModuleRealm => {
    const realm = host.openRealm(ruleSide, bytes, outside);
    return {
      grant: (milliseconds) => host.grantRealm(realm, milliseconds),
      evaluate: (question, name, source) =>
        answerOfRealm(host.evaluateInRealm(realm, question, name, decoder.decode(source))),
      ask: (question, given) => answerOfRealm(host.askRealm(realm, question, given)),
    };
  },
};

function answerOfRealm(answer: string | number): string | RealmFailure {
  if (typeof answer === 'string') return answer;
  return { ended: REALM_ENDS[answer] ?? 'crash', message: host.failureOfRealm() };
}

function number(index: number): bigint {
  return numbers[index] ?? 0n;
}

/** Of a number that the kernel keeps in 32 bits, the lower half: a bigint takes ten times as long. All machines are little-endian. */
function lower(index: number): number {
  return lowerHalves[index * 2] ?? 0;
}

function failureOf(negative: number, named: string): Failure {
  const call = Math.floor(-negative / CALL_UNIT);
  return { errno: errnoName(-negative % CALL_UNIT), syscall: FAILED_CALLS[call] ?? named };
}

function numberOf(answer: number, named: string): number | Failure {
  return answer < 0 ? failureOf(answer, named) : answer;
}

function nothingOf(answer: number, named: string): undefined | Failure {
  return answer < 0 ? failureOf(answer, named) : undefined;
}

function read(fd: number, most: number): Uint8Array | Failure {
  if (most <= READ_AT_ONCE) {
    const answer = host.read(fd, most);
    return typeof answer === 'number' ? failureOf(answer, 'read') : answer;
  }
  const bytes = new Uint8Array(most);
  const length = host.read(fd, bytes);
  return length < 0 ? failureOf(length, 'read') : bytes.subarray(0, length);
}

/** The length of a path in `pathBytes`. */
function pathOf(length: number, named: string): Uint8Array | Failure {
  return length < 0 ? failureOf(length, named) : pathBytes.slice(0, length);
}

function listOf(answer: Uint8Array | number, named: string): readonly Uint8Array[] | Failure {
  return typeof answer === 'number' ? failureOf(answer, named) : textsOf(answer);
}

/** What stays the same all through a call, and so is asked for at most once. */
function once<T>(ask: () => T): () => T {
  let known: { readonly answer: T } | undefined;
  return () => {
    known ??= { answer: ask() };
    return known.answer;
  };
}

/** Texts that stand one behind the other, each closed by a NUL. */
function textsOf(bytes: Uint8Array): readonly Uint8Array[] {
  const texts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0, at);
    texts.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return texts;
}

/** `name=value`. */
function memberOf(text: Uint8Array): readonly [string, Uint8Array] {
  const end = text.indexOf(EQUALS);
  return [decoder.decode(text.subarray(0, end)), text.subarray(end + 1)];
}

/** The other way round; undefined where one of them has a NUL in it, which would end it there. */
function closedTexts(texts: readonly Uint8Array[]): Uint8Array | undefined {
  let length = 0;
  for (const text of texts) length += text.length + 1;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const text of texts) {
    bytes.set(text, at);
    const end = at + text.length;
    if (bytes.indexOf(0, at) !== end) return undefined;
    at = end + 1;
  }
  return bytes;
}

/** What stat(2) says, from `numbers`, in the order of `give_status` in file-status.cc. */
function statusOf(answer: number, named: string): FileStatus | Failure {
  if (answer < 0) return failureOf(answer, named);
  return {
    dev: number(0),
    ino: number(1),
    type: FILE_TYPES[lower(2)] ?? 'socket',
    mode: lower(3),
    nlink: lower(4),
    uid: lower(5),
    gid: lower(6),
    major: lower(7),
    minor: lower(8),
    size: number(9),
    // Before 1970 they are negative.
    mtimeNs: signedNumbers[10] ?? 0n,
    ctimeNs: signedNumbers[11] ?? 0n,
  };
}

/** The device and inode that the root must have, where the host reads them. */
function numbersOf({ dev, ino }: BeneathRoot): BigUint64Array {
  numbers[0] = dev;
  numbers[1] = ino;
  return numbers;
}

function resolveBeneath(root: Path, path: Path): ReturnType<System['resolveBeneath']> {
  const answer = host.resolveBeneath(root, path, numbers);
  if (answer < 0) return failureOf(answer, 'openat2');
  const isMountRoot = number(2);
  return { dev: number(0), ino: number(1), ...(isMountRoot > 1n ? {} : { isMountRoot: isMountRoot === 1n }) };
}

function lookBeneath(root: BeneathRoot, path: Path): EntryBeneath | undefined | Failure {
  const answer = host.lookBeneath(root.path, path, numbersOf(root), pathBytes);
  if (answer < 0) return failureOf(answer, 'openat2');
  if (answer === 0) return undefined;
  const type = ENTRY_TYPES[Number(number(0))] ?? 'other';
  return {
    type,
    size: number(1),
    ...(type === 'symlink' ? { target: pathBytes.slice(0, Number(number(2))) } : {}),
  };
}

function removeBeneath(
  root: BeneathRoot,
  path: Path,
  expected: ExpectedEntry,
): ReturnType<System['removeBeneath']> {
  const answer = host.removeBeneath(
    root.path,
    path,
    numbersOf(root),
    EXPECTED.indexOf(expected.kind),
    expected.kind === 'symlink' ? expected.target : undefined,
  );
  return answer < 0 ? failureOf(answer, 'openat2') : (REMOVALS[answer] ?? 'different');
}
