import { type Container, elementIndex, type Item } from '../json/json-items.js';
import type { FieldNames } from '../json/member-names.js';
import type { FieldShape } from './field-table.js';

/** A value in a document: where it starts, what the field table says about it, and the way to it. */
export interface Place {
  readonly start: number;
  readonly end: number;
  readonly shape: FieldShape | undefined;
  readonly path: readonly (string | number)[];
}

/** Reads one level of the container at an offset; `undefined` when a scalar stands there. */
export type ReadLevel = (start: number) => Container | undefined;

export interface Readings {
  /** The values at the path. */
  readonly found: readonly Place[];
  /** The objects and arrays that were gone through, the document itself first. */
  readonly above: readonly Place[];
}

/**
 * Every value that some runtime could read at `path`. Where a member occurs twice Go merges the two, crun takes the
 * first and JavaScript the last; where two spellings fold to one field, Go takes both: so each of them counts.
 */
export function findReadings(
  root: Place,
  path: readonly string[],
  readLevel: ReadLevel,
  names: FieldNames,
): Readings {
  const above: Place[] = [];
  let places: Place[] = [root];
  for (const step of path) {
    for (const place of places) above.push(place);
    places = places.flatMap((place) => {
      const container = readLevel(place.start);
      return container === undefined ? [] : itemsAt(container, step, place, names);
    });
  }
  return { found: places, above };
}

function itemsAt(container: Container, step: string, place: Place, names: FieldNames): Place[] {
  const shape = names.shapeOf(place.shape, step);
  const placeOf = (item: Item): Place => ({
    start: item.value,
    end: item.end,
    shape,
    path: [...place.path, item.name ?? step],
  });
  if (container.kind === 'array') {
    const index = elementIndex(step, container.length);
    return index === undefined ? [] : [placeOf(container.item(index))];
  }
  const key = names.keyOf(place.shape, step);
  const plain = container.plainNames(names);
  if (plain !== undefined) {
    const index = plain.indexOf(key);
    return index === -1 ? [] : [placeOf(container.item(index))];
  }
  return container.items
    .filter(({ name = '' }) => name === step || names.keyOf(place.shape, name) === key)
    .map(placeOf);
}
