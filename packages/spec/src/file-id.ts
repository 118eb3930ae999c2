/** The identity of a file, whatever path leads to it: `st_dev` and `st_ino` of stat(2). */
export interface FileId {
  readonly dev: bigint;
  readonly ino: bigint;
}
