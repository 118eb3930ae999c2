/**
 * The engine that rule modules run in, as those who load them see it: quickjs-ng in every case, inside the program itself or,
 * under Node.js, in a sandbox of its own.
 *
 * Each module has a realm of its own, so that no built-in that it changes is one of ours or of another module. Only text and
 * bytes pass the wall around a realm. Its inner side is the rule side (`rule-side/`): a script that evaluates to a function
 * `(outside) => answer`, where `outside(question: string)` gives a text or a Uint8Array, and `answer(question: string, given?)` a
 * text. Before the script runs, a realm has the built-ins of ECMAScript, TextEncoder and TextDecoder, and UTC for its time zone.
 */
export interface ModuleHost {
  /**
   * Opens a realm that nobody has used.
   *
   * @param ruleSide - the script; the same one each time
   * @param bytes - about how much memory the steps in it may take beyond what it takes now
   * @param outside - what `outside` of the script calls; it never throws
   */
  open(ruleSide: string, bytes: number, outside: Outside): ModuleRealm | Promise<ModuleRealm>;
}

/** Answers what the rule side asks of the outside. */
export type Outside = (question: string) => string | Uint8Array;

/**
 * A realm. Each step in it ends with its jobs (of promises): they are run until none is left. A promise that was rejected by then
 * and that nobody waits for is handed to `answer('stray', reason)`, and what that gives is the answer of the step.
 */
export interface ModuleRealm {
  /**
   * Grants time to the steps that follow, all together: whatever they do, also in a regular expression that backtracks, is
   * ended when it is used up, and no `catch` or `finally` of the realm sees that.
   */
  grant(milliseconds: number): void;
  /**
   * Evaluates an ECMAScript module and hands the promise of its namespace to `answer(question, promise)`; where it cannot even be
   * compiled, a promise that is rejected with the error. An import fails with an Error whose message is `import "<specifier>"`,
   * whether it is written or called (`import()`).
   *
   * @param name - for stack traces
   */
  evaluate(question: string, name: string, source: Uint8Array): string | RealmFailure;
  /** Calls `answer(question)`, or `answer(question, bytes)` with a Uint8Array. */
  ask(question: string, bytes?: Uint8Array): string | RealmFailure;
}

/** Why a step gave no answer. */
export interface RealmFailure {
  /** `crash`: an error that came out of the rule side, or the end of the realm. */
  readonly ended: 'time' | 'memory' | 'crash';
  /** What the engine says. */
  readonly message: string;
}
