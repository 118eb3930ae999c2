import { formatPointer } from '@opencontainers-ts/runtime-spec';
import { type Path, withoutValue, withValue } from '../../spec-edit/spec-tree.js';
import { type EditKind, placesIn } from '../edit-kind.js';

/** `set` and `remove` of a map of strings. */
export interface TextMapEdit {
  readonly set?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
}

/** Changes a map of strings: annotations, sysctls, files of a cgroup. */
export function thenTextMap(path: Path): EditKind<TextMapEdit> {
  return {
    reads: () => [formatPointer(path)],
    holds: ({ set = {}, remove = [] }) => placesIn(path, [...remove, ...Object.keys(set)]),
    apply: (spec, { set = {}, remove = [] }) => {
      const gone = remove.filter((key) => !Object.hasOwn(set, key));
      const without = gone.reduce((before, key) => withoutValue(before, [...path, key]), spec);
      return Object.entries(set).reduce(
        (before, [key, value]) => withValue(before, [...path, key], value),
        without,
      );
    },
  };
}
