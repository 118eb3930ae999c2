import { quoted, type SpecDocument } from '@opencontainers-ts/runtime-spec';
import { PlaceSet } from '../spec-edit/place-set.js';
import { changedPlaces, type PlaceName } from '../spec-edit/spec-places.js';
import { exactSpec } from '../spec-edit/spec-tree.js';
import { refuse } from './refuse.js';
import type { Pass, Refuse, Rewrite, Rule } from './rule.js';

/** What one rule did, and so answers for. */
export interface Doing {
  readonly rule: Rule;
  readonly outcome: Pass | Rewrite;
  readonly before: SpecDocument;
  readonly after: SpecDocument;
}

/**
 * The refusal where a rule changed what a rule before it had set. What a rule wrote is told by comparing the documents
 * before and after it, whatever form its patch has; what it `holds` counts as well, so that the answer does not depend
 * on which of the two values the container came with.
 *
 * @param earlier - what the rules before it did, in order
 */
export function findConflict(earlier: readonly Doing[], doing: Doing): Refuse | undefined {
  const others = earlier.filter(
    ({ before, after, outcome }) => before !== after || outcome.holds !== undefined,
  );
  // With one rule that does anything, as nearly always, nothing is compared.
  if (others.length === 0 || doing.rule.override === true) return undefined;
  const consumed = new PlaceSet(doing.outcome.kind === 'rewrite' ? (doing.outcome.consumes ?? []) : []);
  const changed = placesChanged(doing).filter((place) => !consumed.covers(place));
  for (const other of others) {
    const held = placesHeld(other);
    const place = changed.find((each) => held.touches(each));
    if (place !== undefined) return conflict(other.rule, doing.rule, place);
  }
  return undefined;
}

const held = new WeakMap<Doing, PlaceSet>();

/** What a rule answers for; every rule after it asks. */
function placesHeld(doing: Doing): PlaceSet {
  const known = held.get(doing);
  if (known !== undefined) return known;
  const places = new PlaceSet([...(doing.outcome.holds ?? []), ...placesChanged(doing)]);
  held.set(doing, places);
  return places;
}

function placesChanged({ before, after }: Doing): readonly PlaceName[] {
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
