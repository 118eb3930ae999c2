import { formatPointer } from '@opencontainers-ts/runtime-spec';
import type { PathListEdit } from '../../generated/rule-definition.js';
import { tidyPath } from '../../spec-edit/absolute-path.js';
import { addMissing, dropKeys } from '../../spec-edit/keyed-list.js';
import { type Path, textsAt, withList } from '../../spec-edit/spec-tree.js';
import { type EditKind, placesIn } from '../edit-kind.js';

/** Changes a list of paths: `maskedPaths`, `readonlyPaths`. */
export function thenPathList(path: Path): EditKind<PathListEdit> {
  return {
    reads: () => [formatPointer(path)],
    holds: ({ add = [], remove = [] }) => placesIn(path, [...remove, ...add].map(tidyPath)),
    apply: (spec, { add = [], remove = [] }) => {
      const kept = dropKeys(textsAt(spec, path), remove.map(tidyPath), tidyPath, add.map(tidyPath));
      return withList(spec, path, addMissing(kept, add, tidyPath));
    },
  };
}
