/**
 * What identifies a file for as long as it exists, whatever its path. The same as `FileId` of runtime-spec, and a type of
 * its own because this package imports no other one.
 */
export interface FileId {
  readonly dev: bigint;
  readonly ino: bigint;
}
