import { printable } from '@opencontainers-ts/runtime-spec';

import { bareName, type LogRecord } from './format-record.js';

/** Members of a record whose values are ours alone. */
const OURS: readonly (keyof LogRecord)[] = [
  ...(['time', 'level', 'msg', 'id', 'namespace', 'pod', 'container', 'verb', 'bundle', 'runtime'] as const),
  ...([
    'durationMs',
    'version',
    'decision',
    'reason',
    'code',
    'hint',
    'rule',
    'rules',
    'audit',
    'patch',
  ] as const),
];

const RESERVED = new Set(OURS.map(folded));

/**
 * The facts of rules as members of a record. One with the name of a field of ours stands there as `fact.NAME`: who reads a record
 * must be able to believe what it says about the call.
 */
export function factFields(facts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const members = Object.entries(facts).map(([name, value]) => {
    const bare = bareName(printable(name));
    return [bare === '' || RESERVED.has(folded(bare)) ? `fact.${bare}` : bare, value] as const;
  });
  return Object.fromEntries(members);
}

/** As readers in Go fold names (encoding/json): `LEVEL`, and `mſg` with its long s. */
function folded(name: string): string {
  return name.toUpperCase().toLowerCase();
}
