import { formatPointer, type JsonObject } from '@opencontainers-ts/runtime-spec';
import type { Host } from '../planning/host.js';
import type { PlaceName } from '../spec-edit/spec-places.js';

/** A member of `then`: how it changes a spec. Its functions are pure; what it refuses, it throws as a refusal. */
export interface EditKind<Edit> {
  /** JSON Pointers of the subtrees that are read or written. */
  readonly reads: (edit: Edit) => readonly string[];
  /** The places that the edit decides about, also where it finds them as it wants them. */
  readonly holds: (edit: Edit) => readonly PlaceName[];
  /** What must be out of the way before the other edits of the rule are made. */
  readonly prepare?: (spec: JsonObject, edit: Edit) => JsonObject;
  /** The spec after the edit; applied once more, it changes nothing. */
  readonly apply: (spec: JsonObject, edit: Edit, host: Host) => JsonObject;
}

/** The places of entries of a list or map, by their keys. */
export function placesIn(path: readonly string[], keys: readonly (string | number | bigint)[]): PlaceName[] {
  return keys.map((key) => formatPointer([...path, String(key)]));
}
