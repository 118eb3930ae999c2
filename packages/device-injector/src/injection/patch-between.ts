import { diffSpecs, type JsonObject } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
import type { JsonPatch, JsonValue } from '@opencontainers-ts/runtime-spec';

import { mountsPatch } from './mounts-patch.js';

/** The operations from one spec to the other, each at the smallest place. Mounts that are reordered are moved. */
export function patchBetween(before: JsonObject, after: JsonObject): JsonPatch {
  const { mounts: olds, ...rest } = before;
  const { mounts: nexts, ...nextRest } = after;
  const others = diffSpecs(rest, nextRest);
  if (olds === nexts || nexts === undefined) return others;
  const patch: JsonPatch =
    isList(olds) && isList(nexts) ? mountsPatch(olds, nexts) : [{ op: 'add', path: '/mounts', value: nexts }];
  return [...others, ...patch];
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
