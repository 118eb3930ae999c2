import type { JsonObject } from '@opencontainers-ts/runtime-spec';
import type { RlimitEdit, RlimitValue } from '../../generated/rule-definition.js';
import { dropKeys, putByKey } from '../../spec-edit/keyed-list.js';
import { objectsAt, textOf, withList } from '../../spec-edit/spec-tree.js';
import { type EditKind, placesIn } from '../edit-kind.js';

const RLIMITS = ['process', 'rlimits'];
/** RLIM_INFINITY of getrlimit(2) on 64-bit Linux. */
const UNLIMITED = 18446744073709551615n;

const typeOf = (rlimit: JsonObject) => textOf(rlimit, 'type', RLIMITS);

/** Changes resource limits. */
export const thenRlimits: EditKind<RlimitEdit> = {
  reads: () => ['/process/rlimits'],
  holds: ({ set = {}, remove = [] }) => placesIn(RLIMITS, [...remove, ...Object.keys(set)]),
  apply: (spec, { set = {}, remove = [] }) => {
    const without = dropKeys(objectsAt(spec, RLIMITS), remove, typeOf, Object.keys(set));
    const rlimits = Object.entries(set).reduce(
      (before, [type, { soft, hard }]) =>
        putByKey(before, { type, hard: limitOf(hard), soft: limitOf(soft) }, typeOf),
      without,
    );
    return withList(spec, RLIMITS, rlimits);
  },
};

function limitOf(limit: RlimitValue['soft']): number | bigint {
  return limit === 'unlimited' ? UNLIMITED : limit;
}
