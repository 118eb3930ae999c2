import type { UserEdit } from '../../generated/rule-definition.js';
import { addMissing, dropKeys } from '../../spec-edit/keyed-list.js';
import { canonicalText } from '../../spec-edit/same-json.js';
import { listAt, withList, withValue } from '../../spec-edit/spec-tree.js';
import { type EditKind, placesIn } from '../edit-kind.js';

const USER = ['process', 'user'];
const GROUPS = [...USER, 'additionalGids'];

/** Changes who the process runs as. */
export const thenUser: EditKind<UserEdit> = {
  reads: () => ['/process/user'],
  holds: ({ additionalGids: { add = [], remove = [] } = {}, ...ids }) => [
    ...placesIn(USER, Object.keys(ids)),
    ...placesIn(GROUPS, [...remove, ...add]),
  ],
  apply: (spec, { additionalGids: { add = [], remove = [] } = {}, ...ids }) => {
    const withIds = Object.entries(ids).reduce(
      (before, [name, id]) => withValue(before, [...USER, name], id),
      spec,
    );
    const kept = dropKeys(
      listAt(withIds, GROUPS),
      remove.map(canonicalText),
      canonicalText,
      add.map(canonicalText),
    );
    return withList(withIds, GROUPS, addMissing(kept, add, canonicalText));
  },
};
