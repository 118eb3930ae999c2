/** What identifies a file for as long as it exists, whatever its path. */
export interface FileId {
  readonly dev: bigint;
  readonly ino: bigint;
}
