import { quoted, type SpecDocument } from '@opencontainers-ts/runtime-spec';
import { changedPlaces, isWithin, type PlaceName } from './declarative/spec-places.js';
import { exactSpec } from './declarative/spec-tree.js';
import { refuse } from './refuse.js';
import type { Pass, Refuse, Rewrite, Rule } from './rule.js';

/** What one rule did, and so answers for. */
interface Doing {
  readonly rule: Rule;
  readonly outcome: Pass | Rewrite;
  readonly before: SpecDocument;
  readonly after: SpecDocument;
}

/**
 * Finds rules that set one place to different values. What a rule wrote is told by comparing the documents before and
 * after it, whatever form its patch has; what it `holds` counts as well, so that the answer does not depend on which
 * of the values the container came with.
 */
export class RuleConflicts {
  readonly #doings: Doing[] = [];

  /** Takes in what a rule did. Returns the refusal where it changed what a rule before it had set. */
  add(doing: Doing): Refuse | undefined {
    const earlier = [...this.#doings];
    this.#doings.push(doing);
    // One that overrides may; and with one rule, or none before it that did anything, there is nothing to compare.
    if (doing.rule.override === true || doing.before === doing.after || earlier.length === 0)
      return undefined;
    const changed = placesChanged(doing);
    for (const other of earlier) {
      const places = [...(other.outcome.holds ?? []), ...placesChanged(other)];
      const place = changed.find((each) =>
        places.some((held) => isWithin(each, held) || isWithin(held, each)),
      );
      if (place !== undefined) return conflict(other.rule, doing.rule, place);
    }
    return undefined;
  }
}

function placesChanged({ before, after }: Doing): PlaceName[] {
  return before === after ? [] : changedPlaces(exactSpec(before), exactSpec(after));
}

function conflict(first: Rule, second: Rule, place: PlaceName): Refuse {
  const wins =
    first.override === true
      ? `; ${quoted(first.name)} overrides, and must stand after the other for that`
      : '';
  return refuse(
    'ERR_RULE_CONFLICT',
    `rules ${quoted(first.name)} and ${quoted(second.name)} both set ${quoted(place)}, to different values${wins}`,
    { rules: [first.name, second.name], path: place },
  );
}
