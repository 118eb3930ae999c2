import { join } from '../system/paths.js';

import type { FolderTree } from './folder-tree.js';

/** A file of a case, read. */
export interface CaseFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Ways to say what a case should come to. */
export const EXPECTATIONS = ['expected.json', 'expected.patch.json', 'expected-error.json'] as const;

export type ExpectationName = (typeof EXPECTATIONS)[number];

/** One folder that says: this container, on this host, with these rules, comes to that. */
export interface RuleCase {
  /** Its folder from where the search began; `.` for that one. */
  readonly name: string;
  readonly dir: string;
  /** The whole config.json; or a base, and what is different from it in this case. */
  readonly config: CaseFile | { readonly base: CaseFile | undefined; readonly patch: CaseFile };
  readonly rules: CaseFile | undefined;
  /** The main file of the node, to which `rules` is a drop-in; without it, `rules` is the main file. */
  readonly node: CaseFile | undefined;
  readonly host: CaseFile | undefined;
  readonly call: CaseFile | undefined;
  readonly expected: readonly (CaseFile & { readonly name: ExpectationName })[];
}

/** Files that a folder has from the nearest one above it which has them, if it has none of its own. */
const INHERITED = ['base.json', 'config.toml', 'rules.toml', 'host.json', 'call.json'] as const;

type Inherited = Partial<Readonly<Record<(typeof INHERITED)[number], CaseFile>>>;

/** Every case in a folder and below it: the folders that hold `config.json` or `patch.json`. In the order of names. */
export function findCases(root: string, tree: FolderTree): readonly RuleCase[] {
  return casesBelow(root, '.', inheritedBy(root, tree), tree);
}

/** No tree of tests is so deep; a relative path may climb for ever. */
const MOST_FOLDERS_ABOVE = 20;

/**
 * What a single case has from folders above it, up to the one that holds its rules: so it can be tried alone. A folder
 * with rules of its own, or below none, has nothing from above.
 */
function inheritedBy(root: string, tree: FolderTree): Inherited {
  let found: Inherited = {};
  let dir = root;
  for (let level = 0; level <= MOST_FOLDERS_ABOVE; level += 1) {
    const files = tree.list(dir)?.files ?? [];
    found = { ...inheritedIn(dir, files, tree), ...found };
    if (files.includes('rules.toml')) return level === 0 ? {} : found;
    const above = join(dir, '..');
    if (above === dir || tree.list(above) === undefined) break;
    dir = above;
  }
  return {};
}

function inheritedIn(dir: string, files: readonly string[], tree: Pick<FolderTree, 'read'>): Inherited {
  const own = INHERITED.flatMap((base) => {
    const path = `${dir}/${base}`;
    const bytes = files.includes(base) ? tree.read(path) : undefined;
    return bytes === undefined ? [] : [[base, { path, bytes }] as const];
  });
  return Object.fromEntries(own);
}

function casesBelow(dir: string, name: string, above: Inherited, tree: FolderTree): readonly RuleCase[] {
  const { files, folders } = tree.list(dir) ?? { files: [], folders: [] };
  const file = (base: string): CaseFile | undefined => {
    const path = `${dir}/${base}`;
    const bytes = files.includes(base) ? tree.read(path) : undefined;
    return bytes === undefined ? undefined : { path, bytes };
  };
  const here: Inherited = { ...above, ...inheritedIn(dir, files, tree) };
  const config = file('config.json');
  const patch = file('patch.json');
  const cases = folders
    .filter((folder) => folder !== 'node_modules' && !folder.startsWith('.'))
    .flatMap((folder) =>
      casesBelow(`${dir}/${folder}`, name === '.' ? folder : `${name}/${folder}`, here, tree),
    );
  if (config === undefined && patch === undefined) return cases;
  const expected = EXPECTATIONS.flatMap((base) => {
    const found = file(base);
    return found === undefined ? [] : [{ ...found, name: base }];
  });
  const start = patch === undefined ? config : { base: config ?? here['base.json'], patch };
  return start === undefined
    ? cases
    : [
        {
          name,
          dir,
          config: start,
          rules: here['rules.toml'],
          node: here['config.toml'],
          host: here['host.json'],
          call: here['call.json'],
          expected,
        },
        ...cases,
      ];
}
