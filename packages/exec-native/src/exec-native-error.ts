/** The codes of this package, in addition to the errno codes (`ENOENT`, `EACCES`, ...) of failed system calls. */
export const EXEC_NATIVE_ERROR_CODES = {
  ERR_ADDON_MISSING: {
    summary: 'The compiled part of the package (exec_native.node) cannot be loaded.',
    hint: 'build it for this machine with g++: npm install node-addon-api node-api-headers, then node tools/build-native.mjs in the folder of the package',
  },
  ERR_PROCESS_STATE: {
    summary: 'The record of a process state is damaged, forged or not sealed.',
    hint: 'start the program through its launcher, which writes the record',
  },
  ERR_NOT_MAIN_THREAD: {
    summary: 'execve was called in a worker thread.',
    hint: 'call it in the main thread: the parent death signal is lost in any other',
  },
  ERR_INVALID_ARG_TYPE: {
    summary: 'An argument has the wrong type.',
    hint: 'give paths, arguments and variables as strings or as Uint8Array',
  },
  ERR_INVALID_ARG_VALUE: {
    summary: 'An argument holds what no system call can take: a NUL byte, or half a surrogate pair.',
    hint: 'cut the text at the NUL, or give the bytes that are meant as a Uint8Array',
  },
} as const;

/** A code of this package that is not an errno code. */
export type ExecNativeErrorCode = keyof typeof EXEC_NATIVE_ERROR_CODES;

type DetailValue =
  | string
  | number
  | readonly DetailValue[]
  | { readonly [name: string]: DetailValue | undefined };

/** What an error of this package has besides its code and message. */
export interface ExecNativeErrorOptions {
  readonly details?: Readonly<Record<string, DetailValue>>;
  readonly cause?: unknown;
}

/**
 * An error that is neither a failed system call ({@link ErrnoError}) nor a wrong argument ({@link ArgumentError}). Match on
 * `code`: messages may change.
 *
 * @example
 * ```ts
 * import { readProcessState } from '@opencontainers-ts/exec-native';
 *
 * try {
 *   readProcessState(0);
 * } catch (error) {
 *   // Standard input is not a record.
 *   console.log((error as { code: string }).code); // ERR_PROCESS_STATE
 * }
 * ```
 */
export class ExecNativeError extends Error {
  readonly code: ExecNativeErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, DetailValue>>;

  constructor(code: ExecNativeErrorCode, message: string, options: ExecNativeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ExecNativeError';
    this.code = code;
    this.hint = EXEC_NATIVE_ERROR_CODES[code].hint;
    this.details = options.details ?? {};
  }
}

/**
 * A wrong argument. It is a `TypeError`, which is what Node's own functions throw.
 *
 * @example
 * ```ts
 * import { resolveBeneath } from '@opencontainers-ts/exec-native';
 *
 * try {
 *   resolveBeneath('/tmp', 'a\0b');
 * } catch (error) {
 *   console.log((error as { code: string }).code); // ERR_INVALID_ARG_VALUE
 * }
 * ```
 */
export class ArgumentError extends TypeError {
  readonly code: 'ERR_INVALID_ARG_TYPE' | 'ERR_INVALID_ARG_VALUE';
  readonly hint: string;
  readonly details: Readonly<Record<string, DetailValue>>;

  constructor(code: ArgumentError['code'], argument: string, problem: string) {
    super(`the argument ${argument} ${problem}`);
    this.name = 'ArgumentError';
    this.code = code;
    this.hint = EXEC_NATIVE_ERROR_CODES[code].hint;
    this.details = { argument };
  }
}
