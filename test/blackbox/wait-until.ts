/** No test comes near it: what takes this long does not happen. */
const LONGEST = 30_000;

/** Waits for what others do. */
export function waitUntil(what: string, isSo: () => boolean): void {
  for (let waited = 0; !isSo(); waited += 10) {
    if (waited >= LONGEST) throw new Error(`in vain: ${what}`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
}
