import type { JsonObject } from '@opencontainers-ts/runtime-spec';
import type { MountEntry, MountOptionsEdit, MountsEdit } from '../../generated/rule-definition.js';
import { tidyPath } from '../../spec-edit/absolute-path.js';
import { dropKeys, putByKey } from '../../spec-edit/keyed-list.js';
import { mountOptionKey } from '../../spec-edit/mount-option-key.js';
import { objectsAt, textOf, textsOf, withList } from '../../spec-edit/spec-tree.js';
import { type EditKind, placesIn } from '../edit-kind.js';

const MOUNTS = ['mounts'];

const destinationOf = (mount: JsonObject) => tidyPath(textOf(mount, 'destination', MOUNTS));

/** Changes the mounts. */
export const thenMounts: EditKind<MountsEdit> = {
  reads: () => ['/mounts'],
  holds: ({ remove = [], add = [], options = [] }) => [
    ...placesIn(MOUNTS, [...remove, ...add.map(({ destination }) => destination)].map(tidyPath)),
    ...options.flatMap(({ destination, add: added = [], remove: removed = [] }) =>
      placesIn([...MOUNTS, tidyPath(destination), 'options'], [...removed, ...added].map(mountOptionKey)),
    ),
  ],
  apply: (spec, { remove = [], add = [], options = [] }) => {
    const destinations = add.map(({ destination }) => tidyPath(destination));
    const kept = dropKeys(objectsAt(spec, MOUNTS), remove.map(tidyPath), destinationOf, destinations);
    const added = add.reduce(putMount, kept);
    return withList(spec, MOUNTS, options.reduce(changeOptions, added));
  },
};

/** A new mount over a folder would hide what is mounted in it: it goes before those. */
function putMount(mounts: readonly JsonObject[], entry: MountEntry): readonly JsonObject[] {
  const mount: JsonObject = { ...entry };
  const destination = destinationOf(mount);
  if (mounts.some((each) => destinationOf(each) === destination)) {
    return putByKey(mounts, mount, destinationOf);
  }
  const folder = destination === '/' ? '/' : `${destination}/`;
  const below = mounts.findIndex((each) => destinationOf(each).startsWith(folder));
  return below < 0 ? [...mounts, mount] : mounts.toSpliced(below, 0, mount);
}

function changeOptions(
  mounts: readonly JsonObject[],
  { destination, add = [], remove = [] }: MountOptionsEdit,
): readonly JsonObject[] {
  return mounts.map((mount, index) => {
    if (destinationOf(mount) !== tidyPath(destination)) return mount;
    const present = textsOf(mount, 'options', [...MOUNTS, index]);
    const kept = dropKeys(present, remove, (option) => option, add);
    const options = add.reduce<readonly string[]>(
      (before, option) => putByKey(before, option, mountOptionKey),
      kept,
    );
    return options.length === 0 && present.length === 0 ? mount : { ...mount, options };
  });
}
