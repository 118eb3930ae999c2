import { Session } from 'node:inspector';
import { chargeBuiltIns } from './built-in-steps.js';

/** What a piece of work took, by function: the same on every machine and in every run. */
export type StepCounts = ReadonlyMap<string, number>;

/** The steps of all functions that lie in built-in ones. */
export const BUILT_IN = 'built-in functions';

/**
 * Counts steps in place of time: how often V8 ran each block of the code (the precise coverage of its inspector), and
 * how many elements or characters built-in functions went through, which run no block of ours. What a regular expression
 * goes back over is not seen.
 */
export class StepCounter {
  readonly #session = new Session();
  readonly #url: string;
  #builtIn = 0;

  /** @param url - of the script whose blocks count */
  constructor(url: string) {
    this.#url = url;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    chargeBuiltIns((steps) => {
      this.#builtIn += steps;
    });
  }

  count(work: () => unknown): StepCounts {
    this.#take();
    this.#builtIn = 0;
    work();
    const builtIn = this.#builtIn;
    return new Map([...this.#take(), [BUILT_IN, builtIn]]);
  }

  /** What was counted since the last time. The session calls back before `post` returns. */
  #take(): StepCounts {
    const counts = new Map<string, number>();
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      const ours = result.filter(({ url }) => url === this.#url);
      for (const { functionName, ranges } of ours.flatMap(({ functions }) => functions)) {
        const name = functionName || `function at ${ranges[0]?.startOffset}`;
        counts.set(
          name,
          ranges.reduce((sum, { count }) => sum + count, counts.get(name) ?? 0),
        );
      }
    });
    return counts;
  }
}
