import type { EngineChange, NodeFiles } from '../src/index.js';

/** A node that is nothing but files. */
export class MemoryNode implements NodeFiles {
  readonly files: Map<string, string>;

  constructor(files: Readonly<Record<string, string>>) {
    this.files = new Map(Object.entries(files));
  }

  readonly readFile = (path: string): Uint8Array | undefined => {
    const text = this.files.get(path);
    return text === undefined ? undefined : new TextEncoder().encode(text);
  };

  readonly list = (folder: string): readonly string[] => {
    const names = [...this.files.keys()].flatMap((path) =>
      path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1).split('/')[0] as string] : [],
    );
    return [...new Set(names)];
  };

  readonly exists = (path: string): boolean =>
    [...this.files.keys()].some((each) => each === path || each.startsWith(`${path}/`));

  /** Does what a change says. */
  carryOut({ files }: EngineChange): void {
    for (const { path, after } of files) {
      if (after === undefined) this.files.delete(path);
      else this.files.set(path, after);
    }
  }

  /** All files, to be compared. */
  snapshot(): Record<string, string> {
    return Object.fromEntries([...this.files].sort());
  }
}
