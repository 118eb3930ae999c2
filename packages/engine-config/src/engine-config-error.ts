import { quoted } from '@opencontainers-ts/runtime-spec';

/**
 * What each code means and what to do about it; `docs/errors.md` is generated from this table.
 *
 * @example
 * ```ts
 * import { ENGINE_CONFIG_ERROR_CODES } from '@opencontainers-ts/engine-config';
 *
 * console.log(Object.keys(ENGINE_CONFIG_ERROR_CODES).length); // 6
 * ```
 */
export const ENGINE_CONFIG_ERROR_CODES = {
  ERR_ENGINE_FILE_BROKEN: {
    summary: 'A file of a container engine is not what the engine reads: not UTF-8, not TOML, or not JSON.',
    hint: 'correct the file at the named place, as its engine would have to read it too; nothing was changed',
  },
  ERR_ENGINE_FILE_SHAPE: {
    summary:
      'A file of a container engine is written in a way that a handler cannot be added to without writing it anew, such as a table in braces.',
    hint: 'write the named table with a header of its own, in brackets, or add the handler by hand as the page of the engine in docs/engines says',
  },
  ERR_ENGINE_HANDLER_TAKEN: {
    summary: 'The engine has a handler of this name already, and it is not one of ours.',
    hint: 'choose another name with --handler, or remove that handler from the named file first',
  },
  ERR_ENGINE_MARKS: {
    summary:
      'The marks around what was added to a file of an engine are not as they were written: one of them is missing.',
    hint: 'look at the named file: remove what is left of the block "ociwrap" by hand, then configure the engine again',
  },
  ERR_ENGINE_NO_CRI: {
    summary:
      'The configuration of containerd turns off the plugin that serves the kubelet, so it has no handlers.',
    hint: 'take "cri" out of disabled_plugins where the kubelet uses this containerd; where only Docker does, configure docker',
  },
  ERR_ENGINE_REQUEST: {
    summary: 'The name of a handler, or the path of a program, is not one that all engines take.',
    hint: 'name a handler with lower-case letters, digits and dashes, as a RuntimeClass does, and the program by its absolute path',
  },
} as const;

/** The codes of {@link EngineConfigError}. */
export type EngineConfigErrorCode = keyof typeof ENGINE_CONFIG_ERROR_CODES;

/**
 * Why an engine cannot be configured. Nothing has been changed then: all of this is decided on texts.
 *
 * @example
 * ```ts
 * import { EngineConfigError } from '@opencontainers-ts/engine-config';
 *
 * const error = new EngineConfigError('ERR_ENGINE_NO_CRI', 'the CRI plugin is off', { path: '/etc/containerd/config.toml' });
 * console.log(error.code, error.path); // ERR_ENGINE_NO_CRI /etc/containerd/config.toml
 * ```
 */
export class EngineConfigError extends Error {
  override readonly name = 'EngineConfigError';
  readonly code: EngineConfigErrorCode;
  readonly hint: string;
  /** The file that it is about. */
  readonly path: string | undefined;
  /** The line there, counted from 1. */
  readonly line: number | undefined;

  constructor(
    code: EngineConfigErrorCode,
    message: string,
    options: { readonly path?: string; readonly line?: number | undefined; readonly cause?: unknown } = {},
  ) {
    const { path, line } = options;
    const place = [
      path === undefined ? undefined : quoted(path),
      line === undefined ? undefined : `line ${line}`,
    ];
    const where = place.filter((part) => part !== undefined).join(', ');
    super(
      where === '' ? message : `${where}: ${message}`,
      'cause' in options ? { cause: options.cause } : undefined,
    );
    this.code = code;
    this.hint = ENGINE_CONFIG_ERROR_CODES[code].hint;
    this.path = path;
    this.line = line;
  }
}
