import type { JsonPatch, SpecDocument } from '@opencontainers-ts/runtime-spec';
import { quoted } from '@opencontainers-ts/runtime-spec';
import { PlaceSet } from '../spec-edit/place-set.js';
import { changedPlaces, type PlaceName } from '../spec-edit/spec-places.js';
import { exactExcerpt } from '../spec-edit/spec-tree.js';
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
  if (doing.rule.override === true) return undefined;
  const parts = partsChanged(doing);
  // Rules rarely work at the same part of a spec; only where they do, is anything compared.
  const others = earlier.filter((other) => parts.some((part) => partsHeld(other).touches(part)));
  if (others.length === 0) return undefined;
  const consumed = new PlaceSet(doing.outcome.kind === 'rewrite' ? (doing.outcome.consumes ?? []) : []);
  const changed = placesChanged(doing).filter((place) => !consumed.covers(place));
  for (const other of others) {
    const held = placesHeld(other);
    const place = changed.find((each) => held.touches(each));
    if (place !== undefined) return conflict(other.rule, doing.rule, place);
  }
  return undefined;
}

/** Makes of a rule's doing a set of places that every rule after it asks, and so is kept. */
function keptSet(placesOf: (doing: Doing) => readonly PlaceName[]): (doing: Doing) => PlaceSet {
  const kept = new WeakMap<Doing, PlaceSet>();
  return (doing) => {
    const known = kept.get(doing);
    if (known !== undefined) return known;
    const places = new PlaceSet([...(doing.outcome.holds ?? []), ...placesOf(doing)]);
    kept.set(doing, places);
    return places;
  };
}

/** What a rule answers for. */
const placesHeld = keptSet(placesChanged);
/** The parts of a spec in which that lies. */
const partsHeld = keptSet(partsChanged);

function placesChanged(doing: Doing): readonly PlaceName[] {
  const { before, after } = doing;
  const parts = partsChanged(doing);
  return parts.length === 0 ? [] : changedPlaces(exactExcerpt(before, parts), exactExcerpt(after, parts));
}

/** The parts of the documents before and after a rule outside of which they are the same: where its patch leads. */
function partsChanged({ outcome, before, after }: Doing): readonly PlaceName[] {
  return before === after || outcome.kind === 'pass' ? [] : patchedParts(outcome.patch);
}

function patchedParts(patch: JsonPatch): PlaceName[] {
  const parts = new Set<PlaceName>();
  for (const operation of patch) {
    if (operation.op === 'test') continue;
    parts.add(beforeIndex(operation.path));
    if ('from' in operation) parts.add(beforeIndex(operation.from));
  }
  return [...parts];
}

/** The way up to the first list: its elements go by keys in the name of a place. A name that begins with a digit may be one. */
function beforeIndex(pointer: string): string {
  for (let slash = pointer.indexOf('/'); slash !== -1; slash = pointer.indexOf('/', slash + 1)) {
    const first = pointer[slash + 1] ?? '';
    const isIndex = (first >= '0' && first <= '9') || (first === '-' && (pointer[slash + 2] ?? '/') === '/');
    if (isIndex) return pointer.slice(0, slash);
  }
  return pointer;
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
