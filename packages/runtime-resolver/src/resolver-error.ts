/**
 * What each code means and what to do about it; `docs/errors.md` is generated from this table.
 *
 * @example
 * ```ts
 * import { RESOLVER_ERROR_CODES } from '@opencontainers-ts/runtime-resolver';
 *
 * console.log(Object.keys(RESOLVER_ERROR_CODES).length); // 6
 * ```
 */
export const RESOLVER_ERROR_CODES = {
  ERR_RUNTIME_MISSING: {
    summary:
      'None of the places where the real runtime may be holds a regular executable file that is not the wrapper.',
    hint: 'install runc, or name the absolute path of the real runtime: as runtime.paths.runc in the configuration, or in SGS_RUNC_PATH, which not every engine hands on',
  },
  ERR_RUNTIME_NOT_EXECUTABLE: {
    summary:
      'The runtime that a variable (SGS_RUNC_PATH, GUARDIAN_RUNC_SHIM_BINARY) or the configuration names is not a regular executable file.',
    hint: 'name the absolute path of the real runtime there, or remove the name so that the runtime is searched for',
  },
  ERR_RUNTIME_IS_SELF: {
    summary:
      'The runtime that a variable (SGS_RUNC_PATH, GUARDIAN_RUNC_SHIM_BINARY) or the configuration names is the wrapper itself: by path, by device and inode, or as a copy.',
    hint: 'name the real runtime there (the .real file beside the symlink, where there is one), or remove the name',
  },
  ERR_RUNTIME_CALLS_ITSELF: {
    summary:
      'What stands for the real runtime is a script that calls a program of its own name, and so itself for ever: most probably a script of the GPU operator, moved over the program that it calls.',
    hint: "put NVIDIA's program back (the toolkit's pod of the GPU operator writes its folder anew when it is restarted), and link the wrapper elsewhere, as docs/gpu-nodes.md says",
  },
  ERR_RUNTIME_NOT_NAMED: {
    summary: 'The profile asks for a runtime that is named by hand, and none is named.',
    hint: 'set the variable that the message names to the absolute path of the real runtime, or runtime.paths.runc in the configuration',
  },
  ERR_RUNTIME_LOOP: {
    summary:
      'The wrapper was passed for the fifth time in one call: something that it starts comes back to it.',
    hint: 'look for a script or a runtime configuration that calls the wrapper again, and point it, or SGS_RUNC_PATH, at the real runc',
  },
} as const;

/** The codes of {@link ResolverError}. */
export type ResolverErrorCode = keyof typeof RESOLVER_ERROR_CODES;

/** What a {@link ResolverError} knows besides its message, as plain JSON. */
export type ResolverErrorDetails = Readonly<Record<string, string | number | readonly string[]>>;

/**
 * Why there is no runtime to call. `resolveRuntime` never throws it; it returns it together with the trail.
 *
 * @example
 * ```ts
 * import { ResolverError } from '@opencontainers-ts/runtime-resolver';
 *
 * const error = new ResolverError('ERR_RUNTIME_LOOP', 'passed for the fifth time', { details: { passage: 5 } });
 * console.log(error.code); // ERR_RUNTIME_LOOP
 * ```
 */
export class ResolverError extends Error {
  override readonly name = 'ResolverError';
  readonly code: ResolverErrorCode;
  readonly hint: string;
  readonly details: ResolverErrorDetails;

  constructor(
    code: ResolverErrorCode,
    message: string,
    options: { readonly details?: ResolverErrorDetails; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = RESOLVER_ERROR_CODES[code].hint;
    this.details = options.details ?? {};
  }
}
