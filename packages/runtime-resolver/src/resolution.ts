import type { CandidateOrigin, Verdict } from './candidate.js';
import type { FileId, PinnedPath } from './file-system.js';
import type { ResolverError } from './resolver-error.js';
import type { RuntimeMode } from './runtime-mode.js';

/** A runtime that the operator names. No other is considered, and it is an error if it cannot be executed. */
export interface NamedRuntime {
  /** A path, or a name to look up on PATH. */
  readonly value: string;
  readonly from: CandidateOrigin;
  /** What names it, for messages: a variable, or a key and its file. */
  readonly by: string;
}

/**
 * What a configuration says about the real runtime. `SGS_RUNC_PATH` and `SGS_WRAPPER_MODE` in the environment take
 * precedence over all of it except `named`.
 */
export interface ConfiguredRuntimes {
  /** Takes precedence over `SGS_RUNC_PATH`. */
  readonly named?: NamedRuntime;
  /** If set, a runtime must be named, here or in the environment: the variable that the error message asks for. */
  readonly required?: string;
  /** Overrides the mode that the name of the call implies. */
  readonly mode?: RuntimeMode;
  readonly paths?: Readonly<Partial<Record<RuntimeMode, NamedRuntime>>>;
  /** Names and absolute paths to look for, in order, instead of `runc`. */
  readonly search?: readonly string[];
}

/** How the wrapper was called: everything that decides which runtime it becomes. */
export interface RuntimeQuery {
  /** argv[0]; may be empty. */
  readonly invokedAs: string;
  /** AT_EXECFN of getauxval(3): the path that the caller gave to execve(2). */
  readonly execFn?: string;
  /** The absolute path of the working directory; empty if unknown. */
  readonly cwd: string;
  /** The real path of this program: the launcher, or the script if there is no launcher. */
  readonly self: PinnedPath;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly configured?: ConfiguredRuntimes;
}

/** The runtime to become. */
export interface RealRuntime {
  /** The path as it was found, without following symlinks; absolute unless the working folder is unknown. */
  readonly path: string;
  /** `path` with all symlinks resolved; absent if it could not be resolved. */
  readonly realPath?: string;
  /** The base name of `path`, to be passed as argv[0]. */
  readonly argv0: string;
  /** The file at `path` when it was examined, so that the caller can check it again before execve(2). */
  readonly id: FileId;
  readonly mode: RuntimeMode;
  /**
   * The value to pass to it as `NVIDIA_CTK_CONFIG_FILE_PATH`: the wrapper is installed in place of a script of the GPU
   * operator, which would have named this configuration.
   */
  readonly nvidiaConfig?: string;
}

/** What `resolveRuntime` found: a runtime or an error, and how it got there. */
export interface Resolution {
  readonly runtime?: RealRuntime;
  readonly error?: ResolverError;
  readonly mode: RuntimeMode;
  /** One sentence each, for the log; already escaped. */
  readonly warnings: readonly string[];
  /** The candidates in the order in which they were examined, each with its result. */
  readonly trail: readonly Verdict[];
  /** The value of `OCIWRAP_DEPTH` for the next program. It counts this passage, so it is at least 1. */
  readonly depth: number;
}
