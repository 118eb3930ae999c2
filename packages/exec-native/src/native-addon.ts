import type { EntryBeneath, ExpectedEntry, FoundFolder } from './folder.js';
import type { PipeEnds } from './pipe-ends.js';
import type { ProcessExit } from './process-exit.js';
import type { ProcessState } from './process-state.js';
import type { WindowSize } from './window-size.js';

/** A failed system call, as the addon returns it. */
export interface NativeFailure {
  readonly syscall: string;
  /** Negative. */
  readonly errno: number;
}

/** Bytes that are not a valid record. */
export interface InvalidRecord {
  readonly reason: string;
}

/** What `exec_native.node` exports. It expects checked arguments, and returns failures instead of throwing. */
export interface NativeAddon {
  execve(
    file: Uint8Array,
    argv: readonly Uint8Array[],
    env: readonly Uint8Array[],
    record: Uint8Array | undefined,
  ): NativeFailure | InvalidRecord;
  isMainThread(): boolean;
  readProcessState(fd: number): ProcessState | NativeFailure | InvalidRecord;
  parseProcessState(record: Uint8Array): ProcessState | InvalidRecord;
  mayExecute(path: Uint8Array): boolean;
  resolveBeneath(root: Uint8Array, path: Uint8Array): FoundFolder | NativeFailure;
  resolveBeneathByWalk(root: Uint8Array, path: Uint8Array): FoundFolder | NativeFailure;
  lookBeneath(
    root: Uint8Array,
    dev: bigint,
    ino: bigint,
    path: Uint8Array,
  ): EntryBeneath | NativeFailure | undefined;
  removeBeneath(
    root: Uint8Array,
    dev: bigint,
    ino: bigint,
    path: Uint8Array,
    expected: ExpectedEntry['kind'],
    target: Uint8Array | undefined,
  ): 'removed' | 'missing' | 'different' | NativeFailure;
  listBeneath(
    root: Uint8Array,
    dev: bigint,
    ino: bigint,
    path: Uint8Array,
    limit: number,
  ): readonly Uint8Array[] | NativeFailure;
  tryLock(fd: number): boolean | NativeFailure;
  openPidfd(pid: number): number | NativeFailure;
  signalPidfd(pidfd: number, signal: number): NativeFailure | undefined;
  exitOf(pidfd: number): ProcessExit | NativeFailure | undefined;
  /** Calls back once, with 0 or a negative errno, unless `unwatchReadable` is called with the result before. */
  watchReadable(fd: number, callback: (status: number) => void): number | NativeFailure;
  unwatchReadable(watch: number): undefined;
  setChildSubreaper(on: boolean): NativeFailure | undefined;
  isChildSubreaper(): boolean | NativeFailure;
  listenUnix(path: Uint8Array): number | NativeFailure;
  acceptUnix(listener: number): number | NativeFailure;
  receiveDescriptor(
    connection: number,
  ): { readonly descriptor: number; readonly text: Uint8Array } | NativeFailure;
  openPipe(): PipeEnds | NativeFailure;
  closeDescriptor(fd: number): NativeFailure | undefined;
  windowSize(fd: number): WindowSize | NativeFailure;
  setWindowSize(fd: number, columns: number, rows: number): NativeFailure | undefined;
}
