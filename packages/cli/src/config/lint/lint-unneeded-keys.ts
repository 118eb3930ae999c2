import type { ConfigFile, ConfigTable } from '../parse-config.js';
import type { KeyPath } from '../settings/settings.js';
import type { ConfigLint } from './lint-values.js';

/** Keys of earlier versions that are taken, so that a node with one in its file works, and have no effect. */
const UNNEEDED: Readonly<Record<string, string>> = {
  'gvisor-runs-hooks':
    'has no effect, and can be left out: runsc says by its version whether it runs createContainer hooks, and is asked where that matters',
};

/** Of one file. */
export function lintUnneededKeys({ table }: Pick<ConfigFile, 'table'>): readonly ConfigLint[] {
  const rules = Array.isArray(table['rule']) ? table['rule'] : [];
  return [
    ...lintsIn(table['cdi'], ['cdi']),
    ...rules.flatMap((rule, index) =>
      lintsIn((rule as ConfigTable | null)?.['options'], ['rule', index, 'options']),
    ),
  ];
}

function lintsIn(options: unknown, path: KeyPath): readonly ConfigLint[] {
  if (typeof options !== 'object' || options === null) return [];
  return Object.keys(options)
    .filter((key) => Object.hasOwn(UNNEEDED, key))
    .map((key) => ({ level: 'warning', message: UNNEEDED[key] ?? '', path: [...path, key] }));
}
