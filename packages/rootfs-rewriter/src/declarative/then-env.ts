import type { EnvEdit } from '../generated/rule-definition.js';
import { dropKeys, putByKey } from '../spec-edit/keyed-list.js';
import { textsAt, withList } from '../spec-edit/spec-tree.js';
import { type EditKind, placesIn } from './edit-kind.js';

const ENV = ['process', 'env'];

/** The name in `NAME=value`. */
export function envNameOf(entry: string): string {
  return entry.split('=', 1)[0] ?? '';
}

/** Changes the environment of the process. */
export const thenEnv: EditKind<EnvEdit> = {
  reads: () => ['/process/env'],
  holds: ({ set = {}, remove = [] }) => placesIn(ENV, [...remove, ...Object.keys(set)]),
  apply: (spec, { set = {}, remove = [] }) => {
    const without = dropKeys(textsAt(spec, ENV), remove, envNameOf, Object.keys(set));
    const env = Object.entries(set).reduce(
      (before, [name, value]) => putByKey(before, `${name}=${value}`, envNameOf),
      without,
    );
    return withList(spec, ENV, env);
  },
};
