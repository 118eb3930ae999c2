/** Waits for a promise without giving way: gives what it is settled with. */
export type Settle = <T>(start: () => T) => Awaited<T>;

/**
 * Runs a step in a turn of the event loop of its own. In it, `settle` carries on with everything that can go on at once
 * (promises, ticks), so that whoever limits the time of a step limits that too; a promise that waits for anything else (a
 * timer, a read) is a fault. No timer that the step leaves behind comes before what waits for the turn.
 *
 * @param step - what it throws rejects the promise
 */
export function ownTurn<T>(step: (settle: Settle) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    let stray: { readonly error: unknown } | undefined;
    const settle: Settle = <S>(start: () => S) => {
      let state: { readonly value: Awaited<S> } | { readonly error: unknown } | undefined;
      Promise.resolve(start()).then(
        (value) => {
          state = { value };
        },
        (error) => {
          state = { error };
        },
      );
      carryOn();
      const ended = stray ?? state;
      if (ended === undefined) throw new Error('it waits for something: what it needs must be there at once');
      if ('error' in ended) throw ended.error;
      return ended.value;
    };
    // A tick that throws and a promise that is rejected and that nobody waits for end up here, and would end the process.
    // What the step throws does too: a step that was ended in a tick leaves the stack of async contexts as it was there,
    // and only the way of an uncaught exception puts that right (node:internal/process/execution).
    process.setUncaughtExceptionCaptureCallback((error) => {
      stray = { error };
      if (!isRunning) end(() => reject(error));
    });
    let isRunning = true;
    const end = (say: () => void) => {
      process.setUncaughtExceptionCaptureCallback(null);
      say();
    };
    setImmediate(() => {
      try {
        const value = step(settle);
        end(() => resolve(value));
      } finally {
        isRunning = false;
      }
    });
  });
}

/** Runs ticks and promise jobs until none is left. From a turn of its own, since jobs are not run from within a job. */
function carryOn(): void {
  (process as NodeJS.Process & { readonly _tickCallback: () => void })._tickCallback();
}
