import type { JsonObject, JsonValue } from '@opencontainers-ts/runtime-spec';
import type { HugepagesEdit, ResourcesEdit } from '../../generated/rule-definition.js';
import { dropKeys, putByKey } from '../../spec-edit/keyed-list.js';
import { objectsAt, textOf, withList, withValue } from '../../spec-edit/spec-tree.js';
import { type EditKind, placesIn } from '../edit-kind.js';
import { thenTextMap } from './then-text-map.js';

const RESOURCES = ['linux', 'resources'];
const HUGEPAGES = [...RESOURCES, 'hugepageLimits'];
const CONTROLLERS = ['cpu', 'memory', 'pids'] as const;

const unified = thenTextMap([...RESOURCES, 'unified']);
const pageSizeOf = (limit: JsonObject) => textOf(limit, 'pageSize', HUGEPAGES);

/** Changes limits of the cgroup. */
export const thenResources: EditKind<ResourcesEdit> = {
  reads: (edit) => [
    ...CONTROLLERS.filter((name) => edit[name] !== undefined).map((name) => `/linux/resources/${name}`),
    ...(edit.hugepages === undefined ? [] : ['/linux/resources/hugepageLimits']),
    ...(edit.unified === undefined ? [] : ['/linux/resources/unified']),
  ],
  holds: (edit) => [
    ...CONTROLLERS.flatMap((name) => placesIn([...RESOURCES, name], Object.keys(edit[name] ?? {}))),
    ...placesIn(HUGEPAGES, [...(edit.hugepages?.remove ?? []), ...Object.keys(edit.hugepages?.set ?? {})]),
    ...unified.holds(edit.unified ?? {}),
  ],
  apply: (spec, edit, host) => {
    const limited = CONTROLLERS.reduce((before, name) => setMembers(before, name, edit[name] ?? {}), spec);
    return unified.apply(changeHugepages(limited, edit.hugepages ?? {}), edit.unified ?? {}, host);
  },
};

function setMembers(spec: JsonObject, controller: string, values: object): JsonObject {
  return Object.entries(values).reduce(
    (before, [name, value]) => withValue(before, [...RESOURCES, controller, name], value as JsonValue),
    spec,
  );
}

function changeHugepages(spec: JsonObject, { set = {}, remove = [] }: HugepagesEdit): JsonObject {
  const kept = dropKeys(objectsAt(spec, HUGEPAGES), remove, pageSizeOf, Object.keys(set));
  const limits = Object.entries(set).reduce(
    (before, [pageSize, limit]) => putByKey(before, { pageSize, limit }, pageSizeOf),
    kept,
  );
  return withList(spec, HUGEPAGES, limits);
}
