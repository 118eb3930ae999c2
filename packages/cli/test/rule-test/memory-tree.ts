import type { FolderTree } from '../../src/rule-test/folder-tree.js';

/** Files in memory, by path; values that are no text are written as JSON. */
export function memoryTree(files: Readonly<Record<string, unknown>>): FolderTree & {
  readonly files: ReadonlyMap<string, string>;
} {
  const held = new Map(
    Object.entries(files).map(([path, content]) => [
      path,
      typeof content === 'string' ? content : JSON.stringify(content),
    ]),
  );
  return {
    files: held,
    read: (path) => {
      const text = held.get(path);
      return text === undefined ? undefined : Buffer.from(text);
    },
    list: (dir) => {
      const below = [...held.keys()].filter((path) => path.startsWith(`${dir}/`));
      const names = below.map((path) => path.slice(dir.length + 1).split('/'));
      const unique = (wanted: string[][]) => [...new Set(wanted.map(([name]) => String(name)))].sort();
      return below.length === 0
        ? undefined
        : {
            files: unique(names.filter(({ length }) => length === 1)),
            folders: unique(names.filter(({ length }) => length > 1)),
          };
    },
    write: (path, bytes) => void held.set(path, Buffer.from(bytes).toString()),
    remove: (path) => void held.delete(path),
  };
}
