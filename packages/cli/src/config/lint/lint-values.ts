import type { JsonValue } from '@opencontainers-ts/runtime-spec';
import type { ConfigTable } from '../parse-config.js';
import type { KeyPath } from '../settings/settings.js';
import { lintPath, lintText, type TextLint } from './lint-text.js';

/** {@link TextLint}, and the key that it is about. */
export interface ConfigLint extends TextLint {
  readonly path: KeyPath;
}

const FOLDERS: readonly string[] = [
  'kubelet-root',
  'host-path-folders',
  'spec-dirs',
  'source',
  'destination',
  'cwd',
];
const FILES: readonly string[] = [
  'file',
  'runc',
  'nvidia',
  'search',
  'module',
  'path',
  'hostPath',
  'profile',
];

/** Texts of one file whose author most probably meant something else. */
export function lintValues(table: ConfigTable): readonly ConfigLint[] {
  return lintsAt(table, []);
}

function lintsAt(value: JsonValue, path: KeyPath): readonly ConfigLint[] {
  if (typeof value === 'string') return lintsOfText(value, path);
  if (Array.isArray(value)) return value.flatMap((item, index) => lintsAt(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...lintText(key, 'error').map((lint) => ({ ...lint, path: [...path, key] })),
    ...lintsAt(inner, [...path, key]),
  ]);
}

function lintsOfText(text: string, path: KeyPath): readonly ConfigLint[] {
  const key = path.findLast((part) => typeof part === 'string');
  const isData = path.includes('then');
  // For readers; globs; and what may hold anything.
  if (key === 'description' || path.includes('patch')) return [];
  const isFile = key !== undefined && FILES.includes(key);
  const isPath = !path.includes('when') && (isFile || (key !== undefined && FOLDERS.includes(key)));
  const found = [
    // What a container is given may begin with a blank on purpose; where a path leads may not.
    ...lintText(text, isData && !isPath ? 'warning' : 'error'),
    ...(isPath ? lintPath(text, isFile) : []),
  ];
  return found.map((lint) => ({ ...lint, path }));
}
