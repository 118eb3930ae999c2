import type { FoundEngine, NodeFiles } from '../../found-engine.js';
import { fileText } from '../../text/file-text.js';
import { blocksOf } from '../../text/marked-block.js';
import { merged, parseToml, type TomlPath, type TomlTable, textsAt, valueAt } from '../../toml/toml-table.js';
import { type ContainerdNames, hasCri, namesOfVersion, versionOf } from './containerd-version.js';

/** A file that containerd, or what makes its configuration, reads. */
export interface ContainerdFile {
  readonly path: string;
  readonly text: string;
  /** What it says; of a template, only what stands between our marks. */
  readonly table: TomlTable;
  /** It is a Go template, which only its distribution can read. */
  readonly isTemplate: boolean;
  /** It never replaces a section of others: its distribution merges it in. */
  readonly isMerged: boolean;
}

/** The configuration of a containerd. */
export interface ContainerdFiles {
  readonly files: readonly ContainerdFile[];
  readonly version: number;
  readonly names: ContainerdNames;
  /** What counts of all of them together. */
  readonly table: TomlTable;
  /** The file that says what stands at a place; the last one that does. */
  readonly fileOf: (place: TomlPath) => string | undefined;
  /** Whether there is a file to begin with. */
  readonly hasMain: boolean;
}

/**
 * Reads the configuration of a containerd, with what it imports.
 *
 * Version 2 is read by containerd 1 and 2. containerd 1 replaces the whole section of a plugin by that of a file that is imported
 * later; containerd 2 merges them (containerd#9982). Of a version 2 only the last section counts here, so that what is added
 * holds for both.
 */
export function readContainerd(engine: FoundEngine, files: NodeFiles): ContainerdFiles {
  const main = mainFile(engine, files);
  const version = main === undefined ? 2 : versionOf(main.table);
  const names = namesOfVersion(version);
  const read = main === undefined ? [] : withImports(main, files);
  const all = [...read, ...templatesOf(engine, files), ...dropInsOfK0s(engine, files)];
  const table = all.reduce<TomlTable>((before, file) => {
    const replaces = version < 3 && !file.isMerged && hasCri(file.table, names);
    return merged(replaces ? withoutPlugin(before, names) : before, file.table);
  }, {});
  return {
    files: all,
    version,
    names,
    table,
    hasMain: main !== undefined,
    fileOf: (place) => all.findLast((file) => valueAt(file.table, place) !== undefined)?.path,
  };
}

function mainFile({ configPath }: FoundEngine, files: NodeFiles): ContainerdFile | undefined {
  const text = fileText(files, configPath);
  return text === undefined
    ? undefined
    : { path: configPath, text, table: parseToml(text, configPath), isTemplate: false, isMerged: false };
}

/** The template that a distribution renders, with what is ours in it: the file that containerd reads shows it only later. */
function templatesOf({ distribution, configPath }: FoundEngine, files: NodeFiles): readonly ContainerdFile[] {
  if (distribution !== 'k3s' && distribution !== 'rke2') return [];
  const folder = configPath.slice(0, configPath.lastIndexOf('/'));
  return ['config.toml.tmpl', 'config-v3.toml.tmpl'].flatMap((name) => {
    const path = `${folder}/${name}`;
    const text = fileText(files, path);
    if (text === undefined) return [];
    const ours = blocksOf(text, path).map(({ body }) => body);
    return { path, text, table: parseToml(ours.join(''), path), isTemplate: true, isMerged: true };
  });
}

/** k0s merges the files of this folder into the section of its own (k0s: worker/containerd/configurer.go). */
export const K0S_DROP_INS = '/etc/k0s/containerd.d';

function dropInsOfK0s({ distribution }: FoundEngine, files: NodeFiles): readonly ContainerdFile[] {
  if (distribution !== 'k0s') return [];
  const names = files.list(K0S_DROP_INS).filter((name) => matches(name, '*.toml'));
  return names.toSorted().flatMap((name) => {
    const path = `${K0S_DROP_INS}/${name}`;
    const text = fileText(files, path);
    return text === undefined
      ? []
      : [{ path, text, table: parseToml(text, path), isTemplate: false, isMerged: true }];
  });
}

/** In the order in which containerd merges them: each file, then what all files before it import. */
function withImports(main: ContainerdFile, files: NodeFiles): readonly ContainerdFile[] {
  const read = new Map<string, ContainerdFile>();
  const pending = [main];
  for (let file = pending.shift(); file !== undefined; file = pending.shift()) {
    if (read.has(file.path)) continue;
    read.set(file.path, file);
    for (const path of importsOf(file, files)) {
      const text = fileText(files, path);
      if (text !== undefined)
        pending.push({ path, text, table: parseToml(text, path), isTemplate: false, isMerged: false });
    }
  }
  return [...read.values()];
}

function importsOf({ path, table }: ContainerdFile, files: NodeFiles): readonly string[] {
  return importPatterns(path, table).flatMap((pattern) => {
    const { folder, name } = splitPath(pattern);
    // filepath.Glob gives the names in order; patterns in folders are not looked into.
    return name.includes('*') && !folder.includes('*')
      ? files
          .list(folder)
          .filter((each) => matches(each, name))
          .toSorted()
          .map((each) => `${folder}/${each}`)
      : [pattern];
  });
}

/** The patterns of `imports`, absolute: relative ones are so to the folder of the file. */
export function importPatterns(path: string, table: TomlTable): readonly string[] {
  return textsAt(table, ['imports']).map((pattern) =>
    pattern.startsWith('/') ? pattern : `${splitPath(path).folder}/${pattern.replace(/^\.\//, '')}`,
  );
}

/** A path as the folder and the last name. */
export function splitPath(path: string): { readonly folder: string; readonly name: string } {
  const at = path.lastIndexOf('/');
  return { folder: path.slice(0, at), name: path.slice(at + 1) };
}

/** Of path.Match of Go what imports are written with: `*` and `?`. */
export function matches(name: string, pattern: string): boolean {
  const text = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  return new RegExp(`^${text}$`).test(name);
}

function withoutPlugin(table: TomlTable, { cri: [plugins = '', plugin = ''] }: ContainerdNames): TomlTable {
  const before = table[plugins];
  if (typeof before !== 'object' || before === null) return table;
  return {
    ...table,
    [plugins]: Object.fromEntries(Object.entries(before).filter(([key]) => key !== plugin)),
  };
}
