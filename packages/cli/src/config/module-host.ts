/**
 * The engine that rule modules run in, as those who load them see it: quickjs-ng in every case, inside the program itself or,
 * under Node.js, in a sandbox of its own.
 */
export interface ModuleHost {
  /**
   * Evaluates an ECMAScript module that imports nothing, and runs the jobs that it leaves.
   *
   * @param name - for stack traces
   * @returns its namespace
   * @throws what the module throws; an error that names the import, for one that has any; an error, for one that waits for
   *   something that is not there at once
   */
  evaluate(name: string, source: Uint8Array): Readonly<Record<string, unknown>>;
  /**
   * Runs a step and ends it after so many milliseconds, wherever it is: in a loop, or in a regular expression that backtracks.
   * No `catch` of the step sees that.
   *
   * @throws what the step throws; an Error with the code `ERR_RULE_TIMEOUT` when it was ended
   */
  within<T>(milliseconds: number, step: () => T): T;
  /** Runs the jobs of promises until none is left. */
  runJobs(): void;
}
