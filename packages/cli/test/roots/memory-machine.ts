import { plainScans } from '@opencontainers-ts/runtime-spec';

import { noMountCalls } from '../../src/system/mount-calls.js';
import { type Failure, type FileStatus, OPEN, type Path, type System } from '../../src/system/system.js';
import { bytesOf, bytesOfWord, joinBytes, textOf, wordOf } from '../../src/system/text.js';

/** What is made in a tree: a text is a file, an object a folder, and the rest as it says. */
export type Made = string | Folder | Special;
export interface Folder {
  readonly [name: string]: Made;
}

/** An entry with what texts and folders do not say. */
export class Special {
  readonly is: Partial<Entry>;
  readonly content: Made | undefined;
  constructor(is: Partial<Entry>, content?: Made) {
    this.is = is;
    this.content = content;
  }
}

export const whiteout = new Special({ type: 'character-device' });
export const opaque = (content: Folder, value = 'y') =>
  withAttributes(content, { 'trusted.overlay.opaque': value });
export const symlink = (target: string) => new Special({ type: 'symlink', target: bytesOf(target) });
export const withAttributes = (content: Made, attributes: Readonly<Record<string, string>>) =>
  new Special(
    { attributes: new Map(Object.entries(attributes).map(([name, value]) => [name, bytesOf(value)])) },
    content,
  );

/** An inode. */
export interface Entry {
  readonly ino: bigint;
  readonly type: FileStatus['type'];
  mode: number;
  uid: number;
  gid: number;
  nlink: number;
  readonly major: number;
  readonly minor: number;
  mtimeNs: bigint;
  bytes: Uint8Array;
  readonly target: Uint8Array;
  /** By names with one character a byte. */
  readonly children: Map<string, Entry>;
  attributes: Map<string, Uint8Array>;
}

/** Is thrown by each call of a machine that was killed. */
export class Killed extends Error {}

/** A machine in memory: one file system, whose calls fail as those of Linux do. */
export interface MemoryMachine {
  readonly system: System;
  /** What is at an absolute path; undefined for nothing. */
  at(path: string): Entry | undefined;
  make(path: string, content: Made): Entry;
  /** The tree at a path, with files as texts. */
  tree(path: string): unknown;
  /** Paths of folders that an overlay of the machine has as its upper. */
  readonly uppers: Set<string>;
  /** How many descriptors are open. */
  readonly openDescriptors: number;
  /** What was written to a descriptor of the process, by its number. */
  readonly written: Record<1 | 2, Uint8Array>;
  /** The most descriptors that were open at a time. */
  readonly mostDescriptors: number;
  /** Calls that were made. */
  readonly calls: number;
  /** Before which call, counted from 1 on, the process is killed; 0 for never. */
  killBefore: number;
  /** A new process on the same machine. */
  restart(): void;
  /** How calls about a name fail, by `call name`. */
  readonly failures: Map<string, string>;
}

const MOST_LINKS = 40;

interface Opened {
  readonly entry: Entry;
  at: number;
}

/** @param node - the name of the node */
export function memoryMachine({ node = 'node-1' } = {}): MemoryMachine {
  let inodes = 1n;
  const newEntry = (is: Partial<Entry> = {}): Entry => {
    inodes += 1n;
    return {
      ino: inodes,
      type: 'file',
      mode: is.type === 'symlink' ? 0o777 : is.type === 'directory' ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      nlink: 1,
      major: 0,
      minor: 0,
      mtimeNs: 1_700_000_000_000_000_000n,
      bytes: new Uint8Array(),
      target: new Uint8Array(),
      children: new Map(),
      attributes: new Map(),
      ...is,
    };
  };
  const built = (content: Made): Entry => {
    if (typeof content === 'string') return newEntry({ bytes: bytesOf(content) });
    if (content instanceof Special) {
      const { type, bytes, children } =
        content.content === undefined ? newEntry(content.is) : built(content.content);
      return newEntry({ type, bytes, children, ...content.is, attributes: new Map(content.is.attributes) });
    }
    const children = Object.entries(content).map(
      ([name, child]) => [wordOf(bytesOf(name)), built(child)] as const,
    );
    return newEntry({ type: 'directory', children: new Map(children) });
  };
  const root = built({ proc: { sys: { kernel: { hostname: `${node}\n` } } } });
  const opened = new Map<number, Opened>();
  const locked = new Set<Entry>();
  const contexts = new Map<number, { readonly type: string; readonly settings: Map<string, string> }>();
  const uppers = new Set<string>();
  const failures = new Map<string, string>();
  const written = { 1: new Uint8Array() as Uint8Array, 2: new Uint8Array() as Uint8Array };
  let calls = 0;
  let killed = false;
  let mostDescriptors = 0;

  const fail = (errno: string, syscall: string): Failure => ({ errno, syscall });
  const isFailed = (answer: unknown): answer is Failure =>
    typeof answer === 'object' && answer !== null && 'errno' in answer;

  const describe = (entry: Entry): number => {
    let fd = 3;
    while (opened.has(fd) || contexts.has(fd)) fd += 1;
    opened.set(fd, { entry, at: 0 });
    mostDescriptors = Math.max(mostDescriptors, opened.size);
    return fd;
  };

  /** As openat2(2) walks, without a way out; symlinks are not followed. */
  const walk = (from: Entry, names: readonly string[], syscall: string): Entry | Failure => {
    let entry = from;
    for (const name of names) {
      if (name === '' || name === '.') continue;
      if (entry.type === 'symlink') return fail('ELOOP', syscall);
      if (entry.type !== 'directory') return fail('ENOTDIR', syscall);
      if (name.length > 255) return fail('ENAMETOOLONG', syscall);
      const next = entry.children.get(name);
      if (next === undefined) return fail('ENOENT', syscall);
      entry = next;
    }
    return entry;
  };
  const start = (path: Path): { readonly from: Entry; readonly names: readonly string[] } | undefined => {
    const word = wordOf(bytesOf(path));
    const [, fd, rest = ''] = /^\/proc\/self\/fd\/(\d+)(?:\/(.*))?$/s.exec(word) ?? [];
    if (fd === undefined) return { from: root, names: word.split('/') };
    const from = opened.get(Number(fd))?.entry;
    return from && { from, names: rest.split('/') };
  };
  const find = (path: Path, syscall: string): Entry | Failure => {
    const begin = start(path);
    return begin === undefined ? fail('ENOENT', syscall) : walk(begin.from, begin.names, syscall);
  };
  /** The folder of a path and the last name in it. */
  const place = (
    path: Path,
    syscall: string,
  ): { readonly folder: Entry; readonly name: string } | Failure => {
    const begin = start(path);
    if (begin === undefined) return fail('ENOENT', syscall);
    const folder = walk(begin.from, begin.names.slice(0, -1), syscall);
    const name = begin.names.at(-1) ?? '';
    const planned = failures.get(`${syscall} ${name}`);
    if (planned !== undefined) return fail(planned, syscall);
    return isFailed(folder) ? folder : { folder, name };
  };
  const statusOf = (entry: Entry): FileStatus => {
    const { ino, type, mode, nlink, uid, gid, major, minor, mtimeNs, bytes, target } = entry;
    const size = BigInt(type === 'symlink' ? target.length : bytes.length);
    return { dev: 7n, ino, type, mode, nlink, uid, gid, major, minor, size, mtimeNs, ctimeNs: mtimeNs };
  };
  const descriptor = (fd: number, syscall: string): Opened | Failure =>
    opened.get(fd) ?? fail('EBADF', syscall);

  const system: Partial<System> = {
    ...noMountCalls(),
    open: (path, flags, mode = 0o600) => {
      const found = find(path, 'open');
      if (!isFailed(found)) {
        if ((flags & OPEN.exclusive) !== 0) return fail('EEXIST', 'open');
        if (found.type === 'symlink') return fail('ELOOP', 'open');
        if ((flags & OPEN.directory) !== 0 && found.type !== 'directory') return fail('ENOTDIR', 'open');
        if ((flags & OPEN.truncate) !== 0) found.bytes = new Uint8Array();
        return describe(found);
      }
      const where = place(path, 'open');
      if (isFailed(where)) return where;
      if (found.errno !== 'ENOENT' || (flags & OPEN.create) === 0) return found;
      const fresh = newEntry({ mode });
      where.folder.children.set(where.name, fresh);
      return describe(fresh);
    },
    openat2: (fd, path, as) => {
      const folder = descriptor(fd, 'openat2');
      if (isFailed(folder)) return folder;
      const names = wordOf(bytesOf(path)).split('/');
      if (wordOf(bytesOf(path)).length > 4095) return fail('ENAMETOOLONG', 'openat2');
      const planned = failures.get(`openat2 ${names.at(-1)}`);
      if (planned !== undefined) return fail(planned, 'openat2');
      const found = walk(folder.entry, names, 'openat2');
      if (isFailed(found)) return found;
      if (found.type === 'symlink') return fail('ELOOP', 'openat2');
      if (as === 'folder' && found.type !== 'directory') return fail('ENOTDIR', 'openat2');
      if (as === 'file' && !['file', 'directory'].includes(found.type)) return fail('ENXIO', 'openat2');
      return describe(found);
    },
    close: (fd) => (opened.delete(fd) || contexts.delete(fd) ? undefined : fail('EBADF', 'close')),
    lstat: (path) => {
      const found = find(path, 'lstat');
      return isFailed(found) ? found : statusOf(found);
    },
    stat: (path) => {
      const found = find(path, 'stat');
      return isFailed(found) ? found : statusOf(found);
    },
    fstat: (fd) => {
      if (fd === 1 || fd === 2) return fail('EBADF', 'fstat');
      const found = descriptor(fd, 'fstat');
      return isFailed(found) ? found : statusOf(found.entry);
    },
    readlink: (path) => {
      const found = find(path, 'readlink');
      if (isFailed(found)) return found;
      return found.type === 'symlink' ? found.target : fail('EINVAL', 'readlink');
    },
    realpath: (path) => {
      let text = textOf(bytesOf(path));
      for (let links = 0; links < MOST_LINKS; links += 1) {
        const found = find(text, 'realpath');
        if (isFailed(found)) return found;
        if (found.type !== 'symlink') return bytesOf(text);
        text = textOf(found.target);
      }
      return fail('ELOOP', 'realpath');
    },
    readdir: (path) => {
      const found = find(path, 'scandir');
      if (isFailed(found)) return found;
      if (found.type !== 'directory') return fail('ENOTDIR', 'scandir');
      return [...found.children.keys()].map(bytesOfWord);
    },
    read: (fd, most) => {
      const file = descriptor(fd, 'read');
      if (isFailed(file)) return file;
      const piece = file.entry.bytes.slice(file.at, file.at + most);
      file.at += piece.length;
      return piece;
    },
    write: (fd, bytes) => {
      if (fd === 1 || fd === 2) {
        const planned = failures.get(`write ${fd}`);
        if (planned !== undefined) return fail(planned, 'write');
        written[fd] = joinBytes([written[fd], bytes]);
        return bytes.length;
      }
      const file = descriptor(fd, 'write');
      if (isFailed(file)) return file;
      const planned = failures.get('write');
      if (planned !== undefined) return fail(planned, 'write');
      file.entry.bytes = joinBytes([file.entry.bytes, bytes]);
      return bytes.length;
    },
    fsync: () => undefined,
    syncfs: () => undefined,
    fchmod: (fd, mode) => {
      const file = descriptor(fd, 'fchmod');
      if (isFailed(file)) return file;
      file.entry.mode = mode;
      return undefined;
    },
    mkdir: (path, mode) => {
      const where = place(path, 'mkdir');
      if (isFailed(where)) return where;
      if (where.folder.children.has(where.name)) return fail('EEXIST', 'mkdir');
      where.folder.children.set(where.name, newEntry({ type: 'directory', mode }));
      return undefined;
    },
    unlink: (path) => {
      const where = place(path, 'unlink');
      if (isFailed(where)) return where;
      const entry = where.folder.children.get(where.name);
      if (entry === undefined) return fail('ENOENT', 'unlink');
      if (entry.type === 'directory') return fail('EISDIR', 'unlink');
      entry.nlink -= 1;
      where.folder.children.delete(where.name);
      return undefined;
    },
    rmdir: (path) => {
      const where = place(path, 'rmdir');
      if (isFailed(where)) return where;
      const entry = where.folder.children.get(where.name);
      if (entry === undefined) return fail('ENOENT', 'rmdir');
      if (entry.type !== 'directory') return fail('ENOTDIR', 'rmdir');
      if (entry.children.size > 0) return fail('ENOTEMPTY', 'rmdir');
      where.folder.children.delete(where.name);
      return undefined;
    },
    rename: (from, to) => {
      const [source, target] = [place(from, 'rename'), place(to, 'rename')];
      if (isFailed(source)) return source;
      if (isFailed(target)) return target;
      const entry = source.folder.children.get(source.name);
      if (entry === undefined) return fail('ENOENT', 'rename');
      const there = target.folder.children.get(target.name);
      if (there?.type === 'directory' && there.children.size > 0) return fail('ENOTEMPTY', 'rename');
      source.folder.children.delete(source.name);
      target.folder.children.set(target.name, entry);
      return undefined;
    },
    getxattr: (path, name) => {
      const found = find(path, 'lgetxattr');
      if (isFailed(found)) return found;
      return found.attributes.get(name) ?? fail('ENODATA', 'lgetxattr');
    },
    removexattr: (path, name) => {
      const found = find(path, 'lremovexattr');
      if (isFailed(found)) return found;
      return found.attributes.delete(name) ? undefined : fail('ENODATA', 'lremovexattr');
    },
    listxattr: (path) => {
      const found = find(path, 'llistxattr');
      return isFailed(found) ? found : [...found.attributes.keys()].map(bytesOf);
    },
    statfs: () => ({
      type: 0xef53n,
      blockSize: 4096n,
      blocks: 1000n,
      freeBlocks: 250n,
      inodes: 100n,
      freeInodes: 50n,
      flags: 0,
    }),
    tryLock: (fd) => {
      const file = descriptor(fd, 'flock');
      return isFailed(file) ? file : !locked.has(file.entry);
    },
    fsopen: (type) => {
      const fd = describe(newEntry());
      contexts.set(fd, { type, settings: new Map() });
      return fd;
    },
    fsconfig: (fd, key, value) => void contexts.get(fd)?.settings.set(key, String(value)),
    createFileSystem: (fd) => {
      const context = contexts.get(fd);
      if (context?.type !== 'overlay') return undefined;
      const lower = find(context.settings.get('lowerdir') ?? '', 'fsconfig');
      const isUpper = [...uppers].some((path) => find(path, 'fsconfig') === lower);
      return isUpper ? fail('EBUSY', 'fsconfig') : undefined;
    },
    fsmount: () => describe(newEntry({ type: 'directory' })),
    isatty: () => false,
    geteuid: () => 0,
    getpid: () => 42,
    umask: () => 0o22,
    now: () => 0,
    sleep: () => undefined,
    isRunning: () => false,
    scans: plainScans,
  };

  const machine: MemoryMachine = {
    system: Object.fromEntries(
      Object.entries(system).map(([name, call]) => [
        name,
        typeof call !== 'function'
          ? call
          : (...args: readonly unknown[]) => {
              calls += 1;
              killed ||= calls === machine.killBefore;
              if (killed) throw new Killed(`${name}, the call ${calls}`);
              return Reflect.apply(call, undefined, args);
            },
      ]),
    ) as unknown as System,
    at: (path) => {
      const found = find(path, 'lstat');
      return isFailed(found) ? undefined : found;
    },
    make: (path, content) => {
      const where = place(path, 'mkdir');
      if (isFailed(where)) throw new Error(`${path}: ${where.errno}`);
      const entry = built(content);
      where.folder.children.set(where.name, entry);
      return entry;
    },
    tree: (path) => {
      const found = find(path, 'lstat');
      return isFailed(found) ? undefined : treeOf(found);
    },
    uppers,
    failures,
    written,
    killBefore: 0,
    restart: () => {
      opened.clear();
      contexts.clear();
      killed = false;
      calls = 0;
      machine.killBefore = 0;
    },
    get openDescriptors() {
      return opened.size;
    },
    get mostDescriptors() {
      return mostDescriptors;
    },
    get calls() {
      return calls;
    },
  };
  return machine;
}

function treeOf(entry: Entry): unknown {
  if (entry.type === 'file') return textOf(entry.bytes);
  if (entry.type === 'symlink') return `-> ${textOf(entry.target)}`;
  if (entry.type !== 'directory') return entry.type;
  return Object.fromEntries(
    [...entry.children].map(([name, child]) => [textOf(bytesOfWord(name)), treeOf(child)]),
  );
}
