import type { PlaceName } from './spec-places.js';

interface Step {
  isHeld: boolean;
  readonly below: Map<string, Step>;
}

/** Places of a spec, as the tree that their names make: a question takes as long as the name, however many there are. */
export class PlaceSet {
  readonly #top: Step = { isHeld: false, below: new Map() };

  constructor(places: readonly PlaceName[]) {
    for (const place of places) {
      let at = this.#top;
      for (const name of place.split('/')) {
        const next = at.below.get(name) ?? { isHeld: false, below: new Map() };
        at.below.set(name, next);
        at = next;
      }
      at.isHeld = true;
    }
  }

  /** Whether the place is one of them, or lies in one. */
  covers(place: PlaceName): boolean {
    return this.#meet(place) === 'in one';
  }

  /** Whether the place is one of them, lies in one, or has one in it. */
  touches(place: PlaceName): boolean {
    return this.#meet(place) !== undefined;
  }

  #meet(place: PlaceName): 'in one' | 'around one' | undefined {
    let at = this.#top;
    for (const name of place.split('/')) {
      const next = at.below.get(name);
      if (next === undefined) return undefined;
      if (next.isHeld) return 'in one';
      at = next;
    }
    return 'around one';
  }
}
