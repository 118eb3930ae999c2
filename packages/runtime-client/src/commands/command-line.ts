import type { CommandName } from '../dialects/command-name.js';

/** A command of a runtime and its arguments, without the options that stand before the command. */
export interface CommandLine {
  readonly command: CommandName;
  /** The command first. */
  readonly args: readonly string[];
  /** What the runtime reads from its standard input. */
  readonly input?: string;
}

/** What every call takes. */
export interface CallOptions {
  /** Aborting it kills the runtime that is being waited for; the call ends with ERR_RUNTIME_ABORTED. */
  readonly signal?: AbortSignal;
  /** Arguments that stand before the id of the container, handed on unchecked. */
  readonly extraArgs?: readonly string[];
}
