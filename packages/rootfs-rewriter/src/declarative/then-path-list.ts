import { formatPointer } from '@opencontainers-ts/runtime-spec';
import { tidyPath } from '../absolute-path.js';
import type { PathListEdit } from '../generated/rule-definition.js';
import { addMissing, dropKeys } from './keyed-list.js';
import { type Path, textsAt, withList } from './spec-tree.js';
import { placesIn, type Verb } from './verb.js';

/** Changes a list of paths: `maskedPaths`, `readonlyPaths`. */
export function thenPathList(path: Path): Verb<PathListEdit> {
  return {
    reads: () => [formatPointer(path)],
    holds: ({ add = [], remove = [] }) => placesIn(path, [...remove, ...add].map(tidyPath)),
    apply: (spec, { add = [], remove = [] }) => {
      const kept = dropKeys(textsAt(spec, path), remove.map(tidyPath), tidyPath, add.map(tidyPath));
      return withList(spec, path, addMissing(kept, add, tidyPath));
    },
  };
}
