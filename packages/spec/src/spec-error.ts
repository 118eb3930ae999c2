import type { JsonValue } from './json/json.js';

/** The codes of {@link SpecError}: what each means, and what to do about it. */
export const SPEC_ERROR_CODES = {
  ERR_SPEC_SYNTAX: {
    summary: 'The document is not valid JSON (RFC 8259).',
    hint: 'correct the document at the line and column given; a byte order mark and comments are not JSON',
  },
  ERR_SPEC_EXTENT: {
    summary: 'The document nests deeper, or has an object of more members, than any real one.',
    hint: 'no engine writes such a configuration: look for who put so many annotations into the pod, or built the document',
  },
  ERR_POINTER_SYNTAX: {
    summary: 'The text is not a JSON Pointer (RFC 6901).',
    hint: 'start it with "/", and write "~" as "~0" and "/" as "~1" inside a name',
  },
  ERR_PATCH_OPERATION: {
    summary: 'An operation of a patch is not one of RFC 6902, or a member of it is missing.',
    hint: 'write the operation that the message names as RFC 6902, section 4, has it',
  },
  ERR_PATCH_POINTER: {
    summary: 'An operation of a patch holds a malformed JSON Pointer, or moves a value into itself.',
    hint: 'correct the pointer of the operation that the message names',
  },
  ERR_PATCH_VALUE: {
    summary: 'A value in a patch cannot be written as JSON without loss.',
    hint: 'write integers beyond 2^53 as bigint, leave out undefined members, and use finite numbers only',
  },
  ERR_PATCH_MISSING: {
    summary: 'An operation of a patch names a place that the document does not have.',
    hint: 'add the enclosing object or array first, or leave the operation out',
  },
  ERR_PATCH_TEST: {
    summary: 'A test operation of a patch found another value than it demands.',
    hint: 'make the patch anew: the document is not the one that it was made for',
  },
  ERR_PATCH_AMBIGUOUS: {
    summary: 'Runtimes would disagree about the member that an operation of a patch names.',
    hint: 'remove the duplicate or differently spelled member from the document: runtimes read different ones',
  },
  ERR_CONFIG_MISSING: {
    summary: 'The bundle has no config.json.',
    hint: 'give the folder that holds config.json, as --bundle or as the working directory',
  },
  ERR_CONFIG_NOT_REGULAR: {
    summary:
      'The config.json of the bundle is a folder, a FIFO, a socket or a device; or a symlink, where it has to be changed.',
    hint: 'put a regular file in its place',
  },
  ERR_CONFIG_UNREADABLE: {
    summary: 'The config.json of the bundle cannot be read.',
    hint: 'check, by the errno in the message, who may read the bundle, whether its file system is in order, and whether a limit of the service is met (EMFILE: LimitNOFILE)',
  },
  ERR_CONFIG_CHANGED: {
    summary: 'The config.json of the bundle is no longer the file that was read.',
    hint: 'another program writes to the bundle at the same time; try again when it is done',
  },
  ERR_CONFIG_WRITE: {
    summary: 'The new config.json cannot be written.',
    hint: 'check that the file system of the bundle is writable and has room (EFBIG: raise LimitFSIZE of the service); the old file is whole, unless the message says that it was replaced',
  },
  ERR_LINT_RUNTIME: {
    summary: 'The lint was asked about a runtime or a release that it does not know how to read.',
    hint: 'name runc, crun or runsc, alone or with a release: crun@1.21, runsc@20240729',
  },
} as const;

/** A code of this package's errors. */
export type SpecErrorCode = keyof typeof SPEC_ERROR_CODES;

/** What a {@link SpecError} has besides its code and message. */
export interface SpecErrorOptions {
  readonly details?: Readonly<Record<string, JsonValue>>;
  /** Overrides the hint of the code. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The error class of this package. Match on `code`: messages may change.
 *
 * @example
 * ```ts
 * import { SpecDocument } from '@opencontainers-ts/runtime-spec';
 *
 * try {
 *   SpecDocument.parse(new TextEncoder().encode('{"root": }'));
 * } catch (error) {
 *   console.log((error as { code: string }).code); // ERR_SPEC_SYNTAX
 * }
 * ```
 */
export class SpecError extends Error {
  readonly code: SpecErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, JsonValue>>;

  constructor(code: SpecErrorCode, message: string, options: SpecErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SpecError';
    this.code = code;
    this.hint = options.hint ?? SPEC_ERROR_CODES[code].hint;
    this.details = options.details ?? {};
  }
}
