import type { EntryBeneath, ExpectedEntry, FoundFolder } from './folder.js';
import type { ProcessState } from './process-state.js';

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
}
