import { plainScans } from '@opencontainers-ts/runtime-spec';
import { OPEN, type Path } from '@opencontainers-ts/runtime-spec/bundle';

import type { EngineHost } from '../system/engine-host.js';
import { join } from '../system/paths.js';
import { bytesOf, joinBytes, textOf } from '../system/text.js';

/** A call, and the files that it meets, by their paths. */
export interface RehearsedCall {
  readonly argv: readonly string[];
  readonly environment: readonly string[];
  readonly found: Readonly<Record<string, string>>;
  readonly execFn: string;
  readonly exe: string;
  readonly files: Map<string, Uint8Array>;
  /** Those that have no file in them; of the others the paths of the files tell. */
  readonly folders: readonly string[];
  /** The folder of the volume. */
  readonly volume: string;
}

/** What a rehearsed call asks for: the other functions are not there. */
export type RehearsalHost = Omit<
  EngineHost,
  | 'lookBeneath'
  | 'removeBeneath'
  | 'listBeneath'
  | 'openRealm'
  | 'grantRealm'
  | 'askRealm'
  | 'evaluateInRealm'
  | 'failureOfRealm'
  | 'readlink'
  | 'rmdir'
  | 'symlink'
  | 'link'
  | 'chroot'
  | 'awaitSignal'
  | 'isRunning'
  | 'runProgram'
  | 'sleep'
  | 'setMountAttributes'
  | 'syncfs'
  | 'setxattr'
  | 'removexattr'
  | 'listxattr'
  | 'userNamespace'
  | 'setFileSystemIds'
  | 'beginTree'
  | 'continueTree'
  | 'treeNotes'
  | 'endTree'
>;

const ENOENT = -2;
const EBADF = -9;
const ENODATA = -61;
/** Of FILE_TYPES in engine-system.ts. */
const FILE = 0n;
const FOLDER = 1n;

interface OpenFile {
  readonly path: string;
  at: number;
}

/**
 * A machine that is made up, as the launcher's host functions show one: root's alone, without symlinks, on which time
 * stands still and no program can be started.
 *
 * @param tellExecve - is told of each call of execve(2), which all fail
 */
export function rehearsalMachine(
  { argv, environment, found, execFn, exe, files, folders, volume }: RehearsedCall,
  tellExecve: () => void,
): RehearsalHost {
  const opened = new Map<number, OpenFile>();
  const isFolder = (path: string) =>
    path === '/' ||
    [...files.keys(), ...folders].some((each) => each === path || each.startsWith(`${path}/`));
  const isThere = (path: string) => files.has(path) || isFolder(path);
  const pathOfOpen = (fd: number) => opened.get(fd)?.path ?? '';
  // Paths of /proc lead to what is open.
  const pathText = (path: Path) =>
    (typeof path === 'string' ? path : textOf(path)).replace(
      /^\/proc\/self\/fd\/(\d+)(?:\/\.)?/,
      (_, fd: string) => pathOfOpen(Number(fd)),
    );
  const openPath = (path: string): number => {
    if (!isThere(path)) return ENOENT;
    const fd = 3 + opened.size;
    opened.set(fd, { path, at: 0 });
    return fd;
  };
  const inodeOf = (path: string) => {
    let inode = 1n;
    for (const byte of bytesOf(path)) inode = (inode * 31n + BigInt(byte)) % 1_000_003n;
    return inode;
  };
  const status = (path: string, numbers: BigUint64Array): number => {
    if (!isThere(path)) return ENOENT;
    const content = files.get(path);
    const mode = content === undefined || path.includes('/bin/') ? 0o755n : 0o600n;
    const type = content === undefined ? FOLDER : FILE;
    numbers.set([1n, inodeOf(path), type, mode, 1n, 0n, 0n, 0n, 0n, BigInt(content?.length ?? 0), 1n, 1n]);
    return 0;
  };
  const namesIn = (folder: string) => [
    ...new Set(
      [...files.keys(), ...folders].flatMap((each) =>
        each.startsWith(`${folder}/`) ? [each.slice(folder.length + 1).split('/')[0] ?? ''] : [],
      ),
    ),
  ];
  return {
    open: (path, flags) => {
      const name = pathText(path);
      if ((flags & OPEN.create) !== 0 && !files.has(name)) files.set(name, new Uint8Array());
      return openPath(name);
    },
    openat2: (folder, path) => openPath(join(pathOfOpen(folder), pathText(path))),
    cloneTree: (folder) => (folder === -1 ? EBADF : openPath(pathOfOpen(folder))),
    unshareMounts: () => 0,
    setPropagation: () => 0,
    moveMount: (mount) => (mount === -1 ? EBADF : 0),
    // What is mounted shows the volume, whatever it is.
    fsopen: () => openPath(volume),
    fsconfig: () => 0,
    createFileSystem: () => 0,
    fsmount: () => openPath(volume),
    entryTypes: () => 1,
    getxattr: () => ENODATA,
    statfs: (_, numbers) => {
      numbers.set([0xef53n, 4096n, 99n, 99n, 99n, 99n, 0n]); // ext4
      return 0;
    },
    stat: (path, numbers) => status(pathText(path), numbers),
    lstat: (path, numbers) => status(pathText(path), numbers),
    fstat: (fd, numbers) => status(opened.get(fd)?.path ?? '', numbers),
    read: ((fd: number, into: Uint8Array | number) => {
      const file = opened.get(fd);
      const content = files.get(file?.path ?? '');
      if (file === undefined || content === undefined) return EBADF;
      const piece = content.subarray(file.at, file.at + (typeof into === 'number' ? into : into.length));
      file.at += piece.length;
      if (typeof into === 'number') return piece.slice();
      into.set(piece);
      return piece.length;
    }) as EngineHost['read'],
    write: (fd, bytes) => {
      const path = opened.get(fd)?.path ?? 'stderr';
      files.set(path, joinBytes([files.get(path) ?? new Uint8Array(), bytes]));
      return bytes.length;
    },
    fsync: () => 0,
    fchmod: () => 0,
    fchown: () => 0,
    close: () => 0,
    flock: () => 1,
    isatty: () => false,
    readdir: (path) => closed(namesIn(pathText(path))),
    unlink: (path) => (files.delete(pathText(path)) ? 0 : ENOENT),
    rename: (from, to) => {
      const content = files.get(pathText(from));
      if (content === undefined) return ENOENT;
      files.delete(pathText(from));
      files.set(pathText(to), content);
      return 0;
    },
    realpath: (path, into) => (isThere(pathText(path)) ? put(pathText(path), into) : ENOENT),
    mkdir: () => 0,
    mayExecute: (path) => files.has(pathText(path)),
    resolveBeneath: (root, path, numbers) => {
      const answer = status(join(pathText(root), pathText(path)), numbers);
      numbers[2] = 1n; // it is the root of a mount
      return answer;
    },
    argv: () => closed(argv),
    environment: () => closed(environment),
    foundCall: () => closed(Object.entries(found).map(([name, value]) => `${name}=${value}`)),
    execFn: (into) => put(execFn, into),
    exe: (into, numbers) => {
      status(exe, numbers);
      return put(exe, into);
    },
    cwd: (into) => put('/', into),
    getpid: () => 2,
    geteuid: () => 0,
    umask: () => 0o22,
    execve: () => {
      tellExecve();
      return ENOENT;
    },
    now: () => 0,
    uptime: () => 1,
    find: (bytes, wanted, from) => plainScans.find(bytes, wanted, from),
    isSame: (one, other) => plainScans.isSame(one, other),
    isUtf8: (bytes) => plainScans.isUtf8(bytes),
    isJson: (bytes) => plainScans.isJson(bytes),
    items: (bytes, start, offsets) => {
      const items = plainScans.items(bytes, start);
      offsets.set(items);
      return items.length;
    },
    plainNames: (bytes, start, levels) => {
      const names = plainScans.plainNames(bytes, start, levels);
      return names === undefined ? null : names.map((name) => `${name}\n`).join('');
    },
    fnv1a: () => 1n,
    extent: (bytes, numbers) => {
      const { depth, members } = plainScans.extent(bytes);
      numbers.set([BigInt(depth), BigInt(members)]);
      return 0;
    },
  };
}

function put(text: string, into: Uint8Array): number {
  const bytes = bytesOf(text);
  into.set(bytes);
  return bytes.length;
}

/** Texts that stand one behind the other, each closed by a NUL. */
const closed = (texts: readonly string[]) => bytesOf(texts.map((text) => `${text}\0`).join(''));
