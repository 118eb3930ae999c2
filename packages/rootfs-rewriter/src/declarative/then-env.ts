import { findBytes } from '@opencontainers-ts/runtime-spec';
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
      (before, [name, value]) => putVariable(before, `${name}=${value}`),
      without,
    );
    return withList(spec, ENV, env);
  },
};

function putVariable(env: readonly string[], entry: string): readonly string[] {
  // One search in a long text: there may be thousands of entries, and a variable that a rule sets is rarely one of them.
  const texts = encoder.encode(`\n${env.join('\n')}`);
  const isNew = findBytes(texts, encoder.encode(`\n${envNameOf(entry)}`)) === -1;
  return isNew ? [...env, entry] : putByKey(env, entry, envNameOf);
}

const encoder = new TextEncoder();
