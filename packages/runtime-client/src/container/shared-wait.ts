/**
 * One wait for many waiters: it runs while somebody waits, and its result is kept. A waiter that leaves does not end the wait of the others;
 * when the last one leaves, the wait is ended, so that it does not keep Node.js running.
 */
export class SharedWait<Result> {
  readonly #start: (signal: AbortSignal) => Promise<Result>;
  #running: { readonly result: Promise<Result>; readonly stop: AbortController } | undefined;
  #done: Promise<Result> | undefined;
  #waiters = 0;

  constructor(start: (signal: AbortSignal) => Promise<Result>) {
    this.#start = start;
  }

  /** @throws the reason of the signal, when it is aborted before the result is there */
  async wait(signal?: AbortSignal): Promise<Result> {
    signal?.throwIfAborted();
    this.#waiters++;
    try {
      return await orAborted(this.#done ?? this.#run(), signal);
    } finally {
      this.#waiters--;
      if (this.#waiters === 0) this.#running?.stop.abort();
    }
  }

  #run(): Promise<Result> {
    // One that was stopped may not have noticed yet.
    if (this.#running === undefined || this.#running.stop.signal.aborted) this.#running = this.#begin();
    return this.#running.result;
  }

  #begin(): { readonly result: Promise<Result>; readonly stop: AbortController } {
    const stop = new AbortController();
    const result = this.#start(stop.signal);
    const running = { result, stop };
    result.then(
      () => {
        this.#done = result;
        this.#forget(running);
      },
      () => this.#forget(running), // each waiter has got the error
    );
    return running;
  }

  #forget(running: unknown): void {
    if (this.#running === running) this.#running = undefined;
  }
}

function orAborted<Result>(result: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return result;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
