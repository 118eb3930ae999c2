import { damaged } from './damage.js';
import { type Machine, machineOf } from './host-case.js';
import { Random } from './random.js';
import { type Rules, rulesOf } from './rule-case.js';
import { specBytes } from './spec-case.js';

/** How many cases that follow one another share parts, and of how many of each kind. */
const CASES = 1000;
const PARTS = 200;

/**
 * Machines, rules and configurations, which take an interpreter longer to make than all that is asked of them. Which of them a case gets depends
 * on its seed and number alone.
 */
export class SharedParts {
  readonly #seed: number;
  readonly #block: number;
  readonly #machines = new Map<number, Machine>();
  readonly #rules = new Map<number, Rules>();
  readonly #specs = new Map<number, Uint8Array>();

  private constructor(seed: number, block: number) {
    this.#seed = seed;
    this.#block = block;
  }

  static #last: SharedParts | undefined;

  /** Those of a case. */
  static of(seed: number, index: number): SharedParts {
    const block = Math.floor(index / CASES);
    let parts = SharedParts.#last;
    if (parts === undefined || parts.#seed !== seed || parts.#block !== block) {
      parts = new SharedParts(seed, block);
      SharedParts.#last = parts;
    }
    return parts;
  }

  machine(random: Random): Machine {
    return this.#part(this.#machines, random, machineOf);
  }

  rules(random: Random): Rules {
    return this.#part(this.#rules, random, rulesOf);
  }

  /** The bytes of a `config.json`, sometimes damaged, each time in another way. */
  spec(random: Random): Uint8Array {
    const bytes = this.#part(this.#specs, random, specBytes);
    return random.oneIn(6) ? damaged(bytes, random) : bytes;
  }

  #part<T>(known: Map<number, T>, random: Random, make: (random: Random) => T): T {
    const number = random.below(PARTS);
    const part = known.get(number) ?? make(new Random(this.#seed, -1 - this.#block * PARTS - number));
    known.set(number, part);
    return part;
  }
}
