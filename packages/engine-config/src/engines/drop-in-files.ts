import type { NodeFiles } from '../found-engine.js';
import { fileText } from '../text/file-text.js';
import { merged, parseToml, type TomlTable } from '../toml/toml-table.js';

/** A file of an engine, read. */
export interface TomlFile {
  readonly path: string;
  readonly text: string;
  readonly table: TomlTable;
}

/** Reads a file, if it is there. */
export function tomlFile(files: NodeFiles, path: string): TomlFile | undefined {
  const text = fileText(files, path);
  return text === undefined ? undefined : { path, text, table: parseToml(text, path) };
}

/** Main files and the drop-ins of a folder, in the order in which an engine reads them. */
export function tomlFiles(
  files: NodeFiles,
  main: readonly string[],
  folders: readonly string[],
  isRead: (name: string) => boolean = (name) => name.endsWith('.conf'),
): readonly TomlFile[] {
  const dropIns = folders.flatMap((folder) =>
    files
      .list(folder)
      .filter(isRead)
      .toSorted()
      .map((name) => `${folder}/${name}`),
  );
  return [...main, ...dropIns].flatMap((path) => tomlFile(files, path) ?? []);
}

/** What they say together. */
export function mergedTable(read: readonly TomlFile[]): TomlTable {
  return read.reduce<TomlTable>((table, file) => merged(table, file.table), {});
}
