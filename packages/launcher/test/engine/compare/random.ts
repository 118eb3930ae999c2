/**
 * Chance that two engines share: a seed and a number give the same choices everywhere (mulberry32, whose state is one word of 32
 * bits).
 */
export class Random {
  #state: number;

  /** @param stream - which of the many sequences of a seed: that of one case does not depend on the cases before it */
  constructor(seed: number, stream: number) {
    this.#state = mixed(mixed(seed | 0) ^ Math.imul(stream | 0, 0x9e3779b1));
  }

  /** A whole number from 0, less than `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    return Math.floor((mixed(this.#state) / 2 ** 32) * limit);
  }

  /** True once in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of them. */
  pick<T>(list: readonly [T, ...T[]]): T;
  pick<T>(list: readonly T[]): T | undefined;
  pick<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }

  /** Up to `most` of what is made. */
  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }

  /** At least one, up to `most`, of what is made. */
  few<T>(most: number, make: () => T): T[] {
    return Array.from({ length: 1 + this.below(most) }, make);
  }
}

/** The 32 bits, each of which depends on all that were given; not negative. */
function mixed(bits: number): number {
  let word = Math.imul(bits ^ (bits >>> 15), bits | 1);
  word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
  return (word ^ (word >>> 14)) >>> 0;
}
