import type { Readable } from 'node:stream';

import type { HookOutput } from './hook-result.js';

/** The beginning of what a stream brings, and how much it brought. All of it is read: a full pipe would stop the writer. */
export class OutputHead {
  readonly #kept: Uint8Array[] = [];
  readonly #limit: number;
  #size = 0;

  /** @param limit - how many bytes are kept */
  constructor(stream: Readable, limit: number) {
    this.#limit = limit;
    stream.on('data', (chunk: Uint8Array) => {
      const room = Math.max(0, limit - this.#size);
      if (room > 0) this.#kept.push(chunk.subarray(0, room));
      this.#size += chunk.length;
    });
  }

  get size(): number {
    return this.#size;
  }

  output(): HookOutput {
    const text = Buffer.concat(this.#kept).toString('utf8');
    return { text, size: this.#size, isCut: this.#size > this.#limit };
  }
}
