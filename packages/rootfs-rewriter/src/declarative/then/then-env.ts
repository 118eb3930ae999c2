import { findBytes } from '@opencontainers-ts/runtime-spec';
import type { EnvEdit } from '../../generated/rule-definition.js';
import { appended, dropKeys, putByKey } from '../../spec-edit/keyed-list.js';
import { textsAt, withList } from '../../spec-edit/spec-tree.js';
import { type EditKind, placesIn } from '../edit-kind.js';

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
    const entries = Object.entries(set).map(([name, value]) => `${name}=${value}`);
    const env = areNew(Object.keys(set), without)
      ? appended(without, entries)
      : entries.reduce((before, entry) => putByKey(before, entry, envNameOf), without);
    return withList(spec, ENV, env);
  },
};

/** Searched for in one long text: there may be thousands of entries, and a variable that a rule sets is rarely one of them. */
function areNew(names: readonly string[], env: readonly string[]): boolean {
  const texts = encoder.encode(`\n${env.join('\n')}`);
  return names.every((name) => findBytes(texts, encoder.encode(`\n${name}`)) === -1);
}

const encoder = new TextEncoder();
