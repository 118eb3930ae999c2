/**
 * The reasons for which the command-line package itself stops a call or a command, beyond those of the
 * packages it is made of. A code is a contract: it is never renamed and never means something else.
 *
 * @example
 * ```ts
 * import { CLI_ERROR_CODES } from '@opencontainers-ts/cli';
 *
 * console.log(CLI_ERROR_CODES.ERR_OUTPUT_UNWRITABLE.hint); // check the path, and that you may write there
 * ```
 */
export const CLI_ERROR_CODES = {
  ERR_HOST_CHANGED: {
    summary: 'A path that the decision rests on is no longer the same file just before the runtime starts.',
    hint: 'start the container again; if it happens again, something on the node replaces the volume while containers start',
  },
  ERR_EXEC_FAILED: {
    summary: 'The real runtime was there, but the kernel refused to execute it.',
    hint: 'run the named file by hand; check its interpreter, its architecture and the mount options of its file system',
  },
  ERR_ARGUMENTS_AMBIGUOUS: {
    summary:
      'A flag of the call is not known, so that its arguments can mean one bundle or another, and a rule acts on more than one of them.',
    hint: 'give the flag its value with "=" (--flag=value) where the engine is told to pass it',
  },
  ERR_ENGINE_FAILED: {
    summary:
      'The JavaScript engine of the launcher could not have its memory, or went wrong, and a rule may have had to act on the container.',
    hint: 'look for who wrote so large a config.json, if it has more than some megabytes; else give the service of the container engine more memory (its cgroup, LimitAS), and report it together with this line where it has enough',
  },
  ERR_USAGE: {
    summary: 'A command of `ociwrap` was called with arguments that it does not take.',
    hint: 'see the help of the command, such as `ociwrap validate --help`',
  },
  ERR_INPUT_UNREADABLE: {
    summary: 'A file that a command of `ociwrap` was asked to look at cannot be read.',
    hint: 'check the path, and that you may read it',
  },
  ERR_SETTINGS_MISSING: {
    summary: 'OCIWRAP_CONFIG names a configuration file that is not there.',
    hint: 'correct OCIWRAP_CONFIG, or remove it so that /etc/ociwrap/config.toml is read, if there is one',
  },
  ERR_SETTINGS_UNREADABLE: {
    summary: 'The configuration, or a rule module that it names, is there and cannot be read.',
    hint: 'see to it that the named path is a regular file (or, for conf.d, a folder) that root can read',
  },
  ERR_SETTINGS_UNTRUSTED: {
    summary:
      'The configuration, a rule module, or a folder above one of them, does not belong to root or can be written by others.',
    hint: 'chown root the named path and take away the write permission of group and others (chmod go-w)',
  },
  ERR_SETTINGS_SYNTAX: {
    summary: 'A configuration file is not TOML, or not UTF-8.',
    hint: 'correct the file at the named line; `ociwrap config check` looks at it again',
  },
  ERR_SETTINGS_INVALID: {
    summary: 'A configuration file has an unknown key, or a value that the key does not take.',
    hint: 'correct the file at the named line; `ociwrap config check` looks at it again, docs/configuration.md lists every key',
  },
  ERR_RULE_MODULE: {
    summary:
      'A rule module that the configuration names cannot be loaded, or does not export what makes a rule.',
    hint: 'export what `defineRule` makes from a self-contained ECMAScript module (bundled by `esbuild --bundle --format=esm`); `ociwrap config check` loads it again',
  },
  ERR_RULE_TIMEOUT: {
    summary: 'A rule of a module was asked, and did not answer in time.',
    hint: 'look for a loop in the module, or a regular expression that backtracks (RegExp with nested quantifiers); "module-timeout" in the configuration says how long it may take',
  },
  ERR_RULE_MEMORY: {
    summary: 'A rule of a module was asked, and used up the memory that it may.',
    hint: 'look for a list or a text in the module that grows without an end',
  },
  ERR_CALL_UNFINISHED: {
    summary: 'The program was about to end before it had decided what to do: nothing was started.',
    hint: 'a defect: report it; if it was started under Node.js, with what --import and NODE_OPTIONS loaded',
  },
  ERR_OUTPUT_UNWRITABLE: {
    summary: 'A file that a command of `ociwrap` was asked to write cannot be written.',
    hint: 'check the path, and that you may write there',
  },
  ERR_UNEXPECTED: {
    summary: 'Something failed that no code describes: a defect of this program.',
    hint: 'report it together with the log record of this call',
  },
} as const;

/** A stable code of this package. */
export type CliErrorCode = keyof typeof CLI_ERROR_CODES;

/**
 * An error of the command-line package, in the shape that all packages share.
 *
 * @example
 * ```ts
 * import { CliError } from '@opencontainers-ts/cli';
 *
 * const error = new CliError('ERR_USAGE', 'no bundle given');
 * console.log(error.code, error.hint);
 * ```
 */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, string>>;

  constructor(
    code: CliErrorCode,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly details?: Readonly<Record<string, string>>;
      /** Left out: the one of the code. */
      readonly hint?: string;
    } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.hint = options.hint ?? CLI_ERROR_CODES[code].hint;
    this.details = options.details ?? {};
  }
}
