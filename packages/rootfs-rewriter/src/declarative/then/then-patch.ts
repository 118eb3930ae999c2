import {
  applyPatch,
  formatPointer,
  type JsonObject,
  type JsonPatch,
  parsePointer,
} from '@opencontainers-ts/runtime-spec';
import type { RawOperation } from '../../generated/rule-definition.js';

import type { EditKind } from '../edit-kind.js';

/** Operations as they stand: for what no other edit covers. */
export const thenPatch: EditKind<readonly RawOperation[]> = {
  // The list is read where an element is named: which element that is depends on the others.
  reads: (operations) =>
    operations
      .flatMap(({ path, from }) => [path, ...(from === undefined ? [] : [from])])
      .map((pointer) => formatPointer(beforeIndex(parsePointer(pointer)))),
  holds: () => [],
  // Object or not, the schema of the operations is that of RFC 6902; a path that is missing throws a coded error.
  apply: (spec, operations) => applyPatch(spec, operations as JsonPatch) as JsonObject,
};

function beforeIndex(path: readonly string[]): readonly string[] {
  const index = path.findIndex((step) => /^(-|\d+)$/.test(step));
  return index < 0 ? path : path.slice(0, index);
}
