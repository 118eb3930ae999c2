import { formatPointer, type JsonValue } from '@opencontainers-ts/runtime-spec';
import { type Path, withValue } from '../../spec-edit/spec-tree.js';
import type { EditKind } from '../edit-kind.js';

/** Sets the value at a place: `cwd`, `oomScoreAdj`, ... */
export function thenValue<Edit extends JsonValue>(path: Path): EditKind<Edit> {
  const pointer = formatPointer(path);
  return {
    reads: () => [pointer],
    holds: () => [pointer],
    apply: (spec, edit) => withValue(spec, path, edit),
  };
}
