import type { CandidateOrigin, Verdict } from './candidate.js';
import type { FileId, PinnedPath } from './file-system.js';
import type { ResolverError } from './resolver-error.js';
import type { RuntimeMode } from './runtime-mode.js';

/** A runtime that the operator names: nothing else is looked at, and one that cannot be called is an error. */
export interface NamedRuntime {
  /** A path, or a name to look up on PATH. */
  readonly value: string;
  readonly from: CandidateOrigin;
  /** What messages say it is named by: a variable, or a key and its file. */
  readonly by: string;
}

/**
 * What a configuration says about the real runtime. `SGS_RUNC_PATH` and `SGS_WRAPPER_MODE` in the environment come
 * before all of it but `named`.
 */
export interface ConfiguredRuntimes {
  /** Comes before `SGS_RUNC_PATH`. */
  readonly named?: NamedRuntime;
  /** A runtime must be named, here or in the environment: the variable that an error asks for. */
  readonly required?: string;
  /** Instead of the mode that the name of the call says. */
  readonly mode?: RuntimeMode;
  readonly paths?: Readonly<Partial<Record<RuntimeMode, NamedRuntime>>>;
  /** Names and absolute paths to look for, in order, instead of `runc`. */
  readonly search?: readonly string[];
}

/** How the wrapper was called: everything that decides which runtime it becomes. */
export interface RuntimeQuery {
  /** argv[0], which may be empty. */
  readonly invokedAs: string;
  /** AT_EXECFN of getauxval(3): the path that the caller gave to execve(2). */
  readonly execFn?: string;
  /** Working directory, absolute; empty when it is unknown. */
  readonly cwd: string;
  /** This program, by real path: the launcher, or the script where there is none. */
  readonly self: PinnedPath;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly configured?: ConfiguredRuntimes;
}

/** The runtime to become. */
export interface RealRuntime {
  /** The path as it was found, symlinks not followed; absolute unless the working folder is unknown. */
  readonly path: string;
  /** Where `path` leads, without a symlink in it; absent where that cannot be said. */
  readonly realPath?: string;
  /** Base name of `path`: what to pass as argv[0]. */
  readonly argv0: string;
  /** The file at `path` when it was looked at, so that the caller can check it again before execve(2). */
  readonly id: FileId;
  readonly mode: RuntimeMode;
  /**
   * What to hand on to it as `NVIDIA_CTK_CONFIG_FILE_PATH`: the wrapper stands in the place of a script of the GPU operator,
   * which would have named that configuration.
   */
  readonly nvidiaConfig?: string;
}

/** What `resolveRuntime` found: a runtime or an error, and how it came to that. */
export interface Resolution {
  readonly runtime?: RealRuntime;
  readonly error?: ResolverError;
  readonly mode: RuntimeMode;
  /** For the log: one sentence each, already escaped. */
  readonly warnings: readonly string[];
  /** Each candidate in the order in which it was looked at, with what became of it. */
  readonly trail: readonly Verdict[];
  /** The value of `OCIWRAP_DEPTH` for the next program: this passage included, so at least 1. */
  readonly depth: number;
}
