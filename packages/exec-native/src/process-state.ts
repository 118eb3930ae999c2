import type { FileId } from './file-id.js';

/** A resource limit; `0xffffffffffffffffn` is RLIM_INFINITY. */
export interface ResourceLimit {
  readonly soft: bigint;
  readonly hard: bigint;
}

/** A descriptor that was open when the program was started. */
export interface InheritedDescriptor {
  readonly fd: number;
  readonly closeOnExec: boolean;
}

/**
 * The state in which a program was started, as its launcher found it before Node changed anything. Its byte arrays are
 * views of `record`: treat them as read-only.
 */
export interface ProcessState {
  /** The arguments, `argv[0]` included. */
  readonly argv: readonly Uint8Array[];
  /** The environment, each `NAME=value`; an entry may be a duplicate or lack the `=`. */
  readonly env: readonly Uint8Array[];
  /** AT_EXECFN (getauxval(3)): the path that the caller gave to execve, unresolved. */
  readonly execFn: Uint8Array;
  /** The launcher itself: /proc/self/exe. The path is empty if it could not be determined. */
  readonly exe: FileId & { readonly path: Uint8Array };
  /** The working directory; `undefined` if it was removed, is unreachable, or has a path of more than 4095 bytes. */
  readonly cwd: Uint8Array | undefined;
  /** In ascending order. A standard stream that is not listed was closed. */
  readonly descriptors: readonly InheritedDescriptor[];
  /** The blocked signals: signal `n` is bit `n - 1`. */
  readonly signalMask: bigint;
  /** The ignored signals, in the same form. */
  readonly ignoredSignals: bigint;
  /** The sixteen limits of getrlimit(2), indexed by number: `limits[7]` is RLIMIT_NOFILE. */
  readonly limits: readonly ResourceLimit[];
  readonly umask: number;
  /** PR_SET_PDEATHSIG of prctl(2); 0 for none. */
  readonly parentDeathSignal: number;
  /** Opaque; {@link execve} restores the state from it. */
  readonly record: Uint8Array;
}
