import type { JsonObject } from '@opencontainers-ts/runtime-spec';
import type { CapabilitiesEdit, CapabilityEdit } from '../../generated/rule-definition.js';
import { textsAt, withList } from '../../spec-edit/spec-tree.js';
import { type EditKind, placesIn } from '../edit-kind.js';

const PATH = ['process', 'capabilities'];
const SETS = ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'] as const;
/** Where engines put what `--cap-add` asks for; since CVE-2022-24769 no longer into the inheritable set. */
const ADDED_TO: ReadonlySet<string> = new Set(['bounding', 'effective', 'permitted']);

/** Changes the capabilities of the process. */
export const thenCapabilities: EditKind<CapabilitiesEdit> = {
  reads: () => ['/process/capabilities'],
  holds: (edit) =>
    SETS.flatMap((set) => {
      const { add = [], drop = [] } = editOf(set, edit);
      const path = [...PATH, set];
      return drop.includes('ALL') ? [`/${path.join('/')}`] : placesIn(path, [...drop, ...add]);
    }),
  apply: (spec, edit) => SETS.reduce((before, set) => changeSet(before, set, editOf(set, edit)), spec),
};

/** What is asked for all sets, and then for this one: the narrower word counts. */
function editOf(set: (typeof SETS)[number], edit: CapabilitiesEdit): CapabilityEdit {
  const own = edit[set] ?? {};
  const added = (ADDED_TO.has(set) ? (edit.add ?? []) : []).filter((name) => !own.drop?.includes(name));
  const dropped = (edit.drop ?? []).filter((name) => !own.add?.includes(name));
  return { add: [...added, ...(own.add ?? [])], drop: [...dropped, ...(own.drop ?? [])] };
}

function changeSet(spec: JsonObject, set: string, { add = [], drop = [] }: CapabilityEdit): JsonObject {
  const path = [...PATH, set];
  const present = textsAt(spec, path);
  // What is dropped only to be added again stays where it is.
  const isKept = (name: string) => add.includes(name) || (!drop.includes('ALL') && !drop.includes(name));
  const kept = present.filter(isKept);
  return withList(spec, path, [...kept, ...new Set(add.filter((name) => !kept.includes(name)))]);
}
