/** As often is enough: three losses in a row are not seen in years. */
const MOST_TRIES = 3;

/**
 * crun 1.8.1 loses the first process of about one container in 300 that has hooks, alone as behind the wrapper, and
 * then says one of these. That is no answer to anything, and the container is started anew.
 */
const LOST = /read from the init process|writing to pipe: Broken pipe|\(exit code: -33\)/;

/**
 * What a start of a container came to, unless crun lost it.
 *
 * @param saidBy - what the runtime said, on stderr or in its log
 */
export function unlessLost<T>(start: () => T, saidBy: (started: T) => string): T {
  for (let tries = 1; ; tries += 1) {
    const started = start();
    if (tries === MOST_TRIES || !LOST.test(saidBy(started))) return started;
  }
}

/** The same, for a start that is waited for. */
export async function unlessLostLater<T>(
  start: () => Promise<T>,
  saidBy: (started: T) => string,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const started = await start();
    if (tries === MOST_TRIES || !LOST.test(saidBy(started))) return started;
  }
}
