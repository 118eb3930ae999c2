/** A path: text, which is encoded as UTF-8, or bytes, which need not be UTF-8. */
export type Path = string | Uint8Array;

/** Why a system call failed, as a value, so that the caller has to check for it: {@link isFailure}. */
export interface Failure {
  /** The name as in errno(3), such as `ENOENT`; for a number without a name, `ERRNO_` and the number. */
  readonly errno: string;
  /** The system call, if known. */
  readonly syscall?: string;
}

/**
 * Flags of `open`, which are added up. The values are our own, because those of the kernel differ between architectures.
 * Every descriptor is close-on-exec.
 */
export const OPEN = {
  read: 0,
  write: 1,
  readWrite: 2,
  append: 4,
  create: 8,
  exclusive: 16,
  directory: 32,
  noFollow: 64,
  nonBlocking: 128,
  noControllingTerminal: 256,
  truncate: 512,
} as const;

/** What stat(2) says of a file. */
export interface FileStatus {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly type: 'file' | 'directory' | 'symlink' | 'block-device' | 'character-device' | 'fifo' | 'socket';
  /** The twelve bits of chmod(2), 0 to 0o7777. */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  /** The major number of a device (`st_rdev`). */
  readonly major: number;
  readonly minor: number;
  /** In bytes. */
  readonly size: bigint;
  /** In nanoseconds since 1970. */
  readonly mtimeNs: bigint;
  /** In nanoseconds since 1970. */
  readonly ctimeNs: bigint;
}

/**
 * The system calls that reading and writing a bundle needs, by their names. Each is synchronous and returns a value or a
 * {@link Failure}, but never EINTR.
 */
export interface BundleFiles {
  /**
   * open(2), close-on-exec.
   * @param flags - values of {@link OPEN}, added up
   * @param mode - permission bits of a file that is created. @defaultValue `0o600`
   */
  open(path: Path, flags: number, mode?: number): number | Failure;
  /** stat(2): symlinks are followed. */
  stat(path: Path): FileStatus | Failure;
  /** fstat(2). */
  fstat(fd: number): FileStatus | Failure;
  /** read(2): at most `most` bytes from the current offset; none at the end of the file. */
  read(fd: number, most: number): Uint8Array | Failure;
  /** write(2): the number of bytes written, which may be fewer than given. */
  write(fd: number, bytes: Uint8Array): number | Failure;
  /** fsync(2). */
  fsync(fd: number): undefined | Failure;
  /** fchmod(2). */
  fchmod(fd: number, mode: number): undefined | Failure;
  /** fchown(2). */
  fchown(fd: number, uid: number, gid: number): undefined | Failure;
  /** close(2). */
  close(fd: number): undefined | Failure;
  /** The names in a folder, without `.` and `..`, in the order of the kernel. */
  readdir(path: Path): readonly Uint8Array[] | Failure;
  /** unlink(2). */
  unlink(path: Path): undefined | Failure;
  /** rename(2). */
  rename(from: Path, to: Path): undefined | Failure;
  /** getpid(2). */
  getpid(): number;
}

/**
 * Tells a failure from every other answer that a call may give.
 *
 * @example
 * ```ts
 * import { isFailure, nodeFiles } from '@opencontainers-ts/runtime-spec/bundle';
 *
 * const status = nodeFiles().stat('/nowhere');
 * console.log(isFailure(status) && status.errno); // ENOENT
 * ```
 */
export function isFailure(answer: unknown): answer is Failure {
  return typeof answer === 'object' && answer !== null && 'errno' in answer;
}

/**
 * A failure as an error. Its `code` is the name of the errno, as in errors of node:fs.
 *
 * @example
 * ```ts
 * import { SystemError } from '@opencontainers-ts/runtime-spec/bundle';
 *
 * console.log(new SystemError({ errno: 'EACCES' }, '/secret').message); // EACCES: /secret
 * ```
 */
export class SystemError extends Error {
  override readonly name = 'SystemError';
  readonly code: string;
  /** The system call, if known. */
  readonly syscall?: string;
  /** The path that the call was given, if it takes one. */
  readonly path?: string;

  constructor({ errno, syscall }: Failure, path?: string) {
    super(path === undefined ? errno : `${errno}: ${path}`);
    this.code = errno;
    if (syscall !== undefined) this.syscall = syscall;
    if (path !== undefined) this.path = path;
  }
}

/**
 * The answer of a call; a failure is thrown, as a {@link SystemError}.
 *
 * @example
 * ```ts
 * import { answerOf, nodeFiles } from '@opencontainers-ts/runtime-spec/bundle';
 *
 * console.log(answerOf(nodeFiles().stat('/')).type); // directory
 * try {
 *   answerOf(nodeFiles().stat('/nowhere'), '/nowhere');
 * } catch (error) {
 *   console.log((error as Error).message); // ENOENT: /nowhere
 * }
 * ```
 */
export function answerOf<T>(answer: T | Failure, path?: Path): T {
  if (!isFailure(answer)) return answer;
  throw new SystemError(
    answer,
    path === undefined || typeof path === 'string' ? path : new TextDecoder().decode(path),
  );
}
