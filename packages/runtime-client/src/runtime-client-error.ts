/**
 * What each code means and what to do about it; `docs/errors.md` is generated from this table.
 *
 * @example
 * ```ts
 * import { RUNTIME_CLIENT_ERROR_CODES } from '@opencontainers-ts/runtime-client';
 *
 * console.log(RUNTIME_CLIENT_ERROR_CODES.ERR_CONTAINER_ID.summary);
 * ```
 */
export const RUNTIME_CLIENT_ERROR_CODES = {
  ERR_CONTAINER_ID: {
    summary: 'The id of a container is not one that all runtimes take.',
    hint: 'use letters, digits, "_", "+", "." and "-", at most 255 of them; not "." or "..", and no "-" at the start',
  },
  ERR_CONTAINER_EXISTS: {
    summary: 'There is a container of this id already. It was left as it is.',
    hint: 'choose another id, or destroy that container first',
  },
  ERR_CONTAINER_MISSING: {
    summary: 'There is no container of this id, or more than one whose id begins so.',
    hint: 'list the containers of the same root, and give the whole id',
  },
  ERR_CONTAINER_STATE: {
    summary: 'A container cannot do this in the state that it is in; the runtime was not asked.',
    hint: 'look at the state that the message names, and bring the container into one that the message lists',
  },
  ERR_CONTAINER_RECORD: {
    summary: 'The record of a container cannot be read or written.',
    hint: 'look at the named file; destroying the container by its id removes a record that is broken',
  },
  ERR_CONTAINER_BUSY: {
    summary: 'Another process is changing this container, and went on for longer than was waited.',
    hint: 'try again when it is done; the lock is the file that the message names, and goes with its process',
  },
  ERR_CONTAINER_NOT_DESTROYED: {
    summary: 'Some step of destroying a container failed; all others were tried.',
    hint: 'look at the errors, one for each step; destroying it again goes on with what is left',
  },
  ERR_RUNTIME_CALL: {
    summary: 'The runtime ended with an error.',
    hint: 'the message is the one of the runtime; its exit status, its reason and what it printed are in the details',
  },
  ERR_RUNTIME_NOT_STARTED: {
    summary: 'The program that is to be the runtime could not be started.',
    hint: 'give the path of a runtime that is there and may be executed',
  },
  ERR_RUNTIME_OUTPUT: {
    summary: 'The runtime printed something else than what its command promises.',
    hint: 'look at what it printed, in the details; another version of the runtime may print something else',
  },
  ERR_RUNTIME_OPTION: {
    summary: 'An option has a value that cannot be, or is one that this runtime does not have.',
    hint: 'leave it out, or use a runtime that has it; what is given as further arguments is handed to the runtime unchecked',
  },
  ERR_RUNTIME_LACKS: {
    summary: 'This runtime, or this version of it, does not have the command.',
    hint: 'look at the capabilities of the client; an unknown runtime has what the specification asks for, and no more',
  },
  ERR_RUNTIME_ABORTED: {
    summary: 'The signal that was given along was aborted; the runtime was killed.',
    hint: 'a container that was being created may be half there: destroy it by its id',
  },
  ERR_HOOK_FAILED: {
    summary: 'A hook could not be started, ended with an error, or took longer than its timeout.',
    hint: 'look at what the hook printed, in the details',
  },
  ERR_PROCESS: {
    summary: 'A process cannot be opened, waited for or signalled.',
    hint: 'look at the cause; a handle that is closed cannot be used again, open the process once more',
  },
  ERR_GPU_REQUEST: {
    summary: 'A container asks for a GPU, or a part of its driver, that runsc cannot give or may not give.',
    hint: 'name GPUs by index or "GPU-UUID" in NVIDIA_VISIBLE_DEVICES, and allow what NVIDIA_DRIVER_CAPABILITIES asks for with --nvproxy-allowed-driver-capabilities of runsc',
  },
  ERR_CONSOLE: {
    summary: 'No terminal came over the console socket.',
    hint: 'process.terminal has to be true in config.json, and the runtime has to be given the path of the socket',
  },
} as const;

/** The codes of {@link RuntimeClientError}. */
export type RuntimeClientErrorCode = keyof typeof RUNTIME_CLIENT_ERROR_CODES;

/** A value in the details of an error. */
export type DetailValue =
  | string
  | number
  | readonly DetailValue[]
  | { readonly [name: string]: DetailValue | undefined };

/** What an error has besides its code and message. */
export interface RuntimeClientErrorOptions {
  readonly details?: Readonly<Record<string, DetailValue | undefined>>;
  readonly cause?: unknown;
  /** Of an error that stands for several: each of them. */
  readonly errors?: readonly unknown[];
}

/**
 * Why something could not be done. Match on `code`: messages may change.
 *
 * @example
 * ```ts
 * import { RuntimeClientError } from '@opencontainers-ts/runtime-client';
 *
 * const error = new RuntimeClientError('ERR_CONTAINER_ID', 'the id "a/b" has a "/"', { details: { id: 'a/b' } });
 * console.log(error.code, error.details['id']); // ERR_CONTAINER_ID a/b
 * ```
 */
export class RuntimeClientError extends Error {
  override readonly name = 'RuntimeClientError';
  readonly code: RuntimeClientErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, DetailValue | undefined>>;
  /** One for each step that failed, where it stands for several; else empty. */
  readonly errors: readonly unknown[];

  constructor(code: RuntimeClientErrorCode, message: string, options: RuntimeClientErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = RUNTIME_CLIENT_ERROR_CODES[code].hint;
    this.details = options.details ?? {};
    this.errors = options.errors ?? [];
  }
}
