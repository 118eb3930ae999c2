/** What the tests of rules see of the disk; paths are joined with `/`. */
export interface FolderTree {
  /** The bytes of a file; `undefined` where there is none. */
  read(path: string): Uint8Array | undefined;
  /** The names in a folder, sorted; `undefined` where there is no folder. */
  list(path: string): { readonly files: readonly string[]; readonly folders: readonly string[] } | undefined;
  /** Replaces a file, or makes it with the folders above it. */
  write(path: string, bytes: string | Uint8Array): void;
  remove(path: string): void;
}
