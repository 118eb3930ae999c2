import type { Path } from '@opencontainers-ts/runtime-spec/bundle';

import type { Outside } from './module-host.js';

/**
 * What the launcher offers to the engine inside it (`packages/launcher/native/port`). A negative number is a failure: an errno
 * of the kernel of this machine, and 4096 times the index in FAILED_CALLS of the call that failed. Bytes are put into arrays
 * that are passed in; `numbers` are the {@link numbers} of this file.
 */
export interface EngineHost {
  open(path: Path, flags: number, mode: number): number;
  stat(path: Path, numbers: BigUint64Array): number;
  lstat(path: Path, numbers: BigUint64Array): number;
  fstat(fd: number, numbers: BigUint64Array): number;
  read(fd: number, into: Uint8Array): number;
  read(fd: number, most: number): Uint8Array | number;
  write(fd: number, bytes: Uint8Array): number;
  fsync(fd: number): number;
  fchmod(fd: number, mode: number): number;
  fchown(fd: number, uid: number, gid: number): number;
  close(fd: number): number;
  flock(fd: number): number;
  isatty(fd: number): boolean;
  readdir(path: Path): Uint8Array | number;
  unlink(path: Path): number;
  rename(from: Path, to: Path): number;
  symlink(target: Path, path: Path): number;
  link(path: Path, to: Path): number;
  readlink(path: Path, into: Uint8Array): number;
  realpath(path: Path, into: Uint8Array): number;
  mkdir(path: Path, mode: number): number;
  rmdir(path: Path): number;
  mayExecute(path: Path): boolean;
  resolveBeneath(root: Path, path: Path, numbers: BigUint64Array): number;
  lookBeneath(root: Path, path: Path, numbers: BigUint64Array, target: Uint8Array): number;
  removeBeneath(
    root: Path,
    path: Path,
    numbers: BigUint64Array,
    expected: number,
    target: Path | undefined,
  ): number;
  listBeneath(root: Path, path: Path, numbers: BigUint64Array, limit: number): Uint8Array | number;
  argv(): Uint8Array;
  environment(): Uint8Array;
  /** Members `name=value`, each closed by a NUL. */
  foundCall(): Uint8Array;
  execFn(into: Uint8Array): number;
  exe(into: Uint8Array, numbers: BigUint64Array): number;
  cwd(into: Uint8Array): number;
  getpid(): number;
  geteuid(): number;
  umask(mask: number): number;
  isRunning(pid: number): boolean;
  chroot(path: Path): number;
  execve(path: Path, argv: Uint8Array, env: Uint8Array): number;
  /** The exit status is put into `numbers`. */
  runProgram(
    path: Path,
    argv: Uint8Array,
    env: Uint8Array,
    milliseconds: number,
    mostOutput: number,
    numbers: BigUint64Array,
  ): Uint8Array | number;
  now(): number;
  uptime(): number;
  sleep(milliseconds: number): void;
  /** The number of the signal; 0 for none. */
  awaitSignal(milliseconds: number): number;
  find(bytes: Uint8Array, wanted: Uint8Array, from: number): number;
  isSame(one: Uint8Array, other: Uint8Array): boolean;
  isUtf8(bytes: Uint8Array): boolean;
  isJson(bytes: Uint8Array): boolean;
  /** How many there are; `offsets` has them all where it has room for that. */
  items(bytes: Uint8Array, start: number, offsets: Uint32Array): number;
  /** A name a line, with a line feed after each. */
  plainNames(bytes: Uint8Array, start: number, levels: number): string | null;
  fnv1a(bytes: Uint8Array): bigint;
  extent(bytes: Uint8Array, numbers: BigUint64Array): number;
  unshareMounts(): number;
  setPropagation(path: Path, propagation: number): number;
  openat2(folder: number, path: Path, as: number, resolve: number): number;
  cloneTree(folder: number, recursive: number): number;
  moveMount(mount: number, path: Path, flags: number): number;
  setMountAttributes(mount: number, attributes: number, userNamespace: number): number;
  fsopen(type: string): number;
  /** `kind`: 0 a flag, 1 a text, 2 a descriptor. */
  fsconfig(context: number, key: string, kind: number, value: Path, descriptor: number): number;
  createFileSystem(context: number): number;
  fsmount(context: number, attributes: number): number;
  statfs(path: Path, numbers: BigUint64Array): number;
  syncfs(fd: number): number;
  entryTypes(folder: number): number;
  getxattr(path: Path, name: string): Uint8Array | number;
  setxattr(path: Path, name: string, value: Uint8Array): number;
  removexattr(path: Path, name: string): number;
  /** Names, each closed by a NUL. */
  listxattr(path: Path): Uint8Array | number;
  setFileSystemIds(uid: number, gid: number): number;
  userNamespace(uidMap: string, gidMap: string): number;
  /** `task`: its index in TREE_TASKS of engine-system.ts. */
  beginTree(task: number, image: number, volume: number): number;
  continueTree(milliseconds: number, numbers: BigUint64Array): number;
  /** Texts, each closed by a NUL. */
  treeNotes(): Uint8Array;
  endTree(): void;
  openRealm(ruleSide: string, bytes: number, outside: Outside): number;
  grantRealm(realm: number, milliseconds: number): void;
  askRealm(realm: number, question: string, bytes: Uint8Array | undefined): string | number;
  evaluateInRealm(realm: number, question: string, name: string, source: string): string | number;
  failureOfRealm(): string;
}
