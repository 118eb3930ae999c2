import { expect, test } from '@jest/globals';

import { SharedWait } from '../../src/container/shared-wait.js';

/** A wait that is ended by hand, and what became of it. */
function waitByHand() {
  const started: { readonly signal: AbortSignal; readonly end: (result: string) => void }[] = [];
  const wait = new SharedWait<string>(
    (signal) =>
      new Promise((end, fail) => {
        started.push({ signal, end });
        signal.addEventListener('abort', () => fail(signal.reason));
      }),
  );
  return { wait, started };
}

test('many share one wait, and who comes later gets the same', async () => {
  const { wait, started } = waitByHand();
  const waiting = [wait.wait(), wait.wait()];
  started[0].end('done');
  expect(await Promise.all([...waiting, wait.wait()])).toEqual(['done', 'done', 'done']);
  expect(await wait.wait()).toBe('done');
  expect(started).toHaveLength(1);
  expect(started[0].signal.aborted).toBe(false);
});

test('one that leaves does not end the wait of the other', async () => {
  const { wait, started } = waitByHand();
  const stop = new AbortController();
  const [left, stays] = [wait.wait(stop.signal), wait.wait()];
  stop.abort(new Error('enough'));
  await expect(left).rejects.toThrow('enough');
  expect(started[0].signal.aborted).toBe(false);
  started[0].end('done');
  expect(await stays).toBe('done');
});

test('the last one that leaves ends it, and another one begins anew', async () => {
  const { wait, started } = waitByHand();
  const stop = new AbortController();
  const left = wait.wait(stop.signal);
  stop.abort(new Error('enough'));
  await expect(left).rejects.toThrow('enough');
  expect(started[0].signal.aborted).toBe(true);
  const again = wait.wait();
  expect(started).toHaveLength(2);
  started[1].end('done');
  expect(await again).toBe('done');
});

test('with a signal that is aborted already nothing begins', async () => {
  const { wait, started } = waitByHand();
  await expect(wait.wait(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  expect(started).toEqual([]);
});

test('a failure is told to all, and the next one tries again', async () => {
  let tries = 0;
  const wait = new SharedWait<number>(async () => {
    tries++;
    if (tries === 1) throw new Error('failed');
    return tries;
  });
  const ends = await Promise.allSettled([wait.wait(), wait.wait()]);
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await wait.wait()).toBe(2);
});
