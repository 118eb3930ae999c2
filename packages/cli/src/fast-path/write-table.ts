import type { FileId, Rule } from '@opencontainers-ts/rootfs-rewriter';

import { isSameBytes } from '@opencontainers-ts/runtime-spec';
import { join } from '../system/paths.js';
import { readFile } from '../system/read-file.js';
import { replaceFile } from '../system/replace-file.js';
import { answerOf, type FileStatus, isFailure, type System } from '../system/system.js';
import { textOf } from '../system/text.js';
import { encodeTable, type FileStamp, plainTriggers, type WatchedFile } from './fast-path-table.js';

/** Where the launcher looks (fast-path-table.h of packages/launcher). In memory: a machine that starts anew starts without. */
export const TABLE_FOLDER = '/run/ociwrap';

/** Launchers that are no longer there leave their tables behind. */
const MAX_TABLES = 64;

export interface TableOrigin {
  /** The launcher of this call. */
  readonly launcher: FileId & { readonly path: string };
  /** The handler of this call: each has a configuration of its own. */
  readonly handler?: string | undefined;
  readonly rules: readonly Pick<Rule, 'triggers' | 'slipTexts'>[];
  /** The files that the rules were read from, or would have been. */
  readonly watched: readonly WatchedFile[];
}

/**
 * Leaves the table by which the launcher lets the next call through without the engine, unless the one that is there says the
 * same. It is an optimisation: whatever goes wrong is returned, and the call goes on.
 *
 * Only for root, who alone can write where the launcher believes it. What a table cannot say has
 * none, and one that is there is taken away.
 */
export function renewTable(
  system: System,
  origin: TableOrigin,
  folder: string = TABLE_FOLDER,
): unknown | undefined {
  if (system.geteuid() !== 0) return undefined;
  // Whatever the caller's umask allows or forbids: the folder is 0700 and the file 0600, or the launcher believes neither.
  const umask = system.umask(0o077);
  try {
    const table = tableOf(system, origin);
    const path = join(folder, tableName(origin));
    if (!holds(system, path, table)) replace(system, folder, path, table);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    system.umask(umask);
  }
}

/** The name of a table's file, as the launcher looks for it (fast-path-table.cc). */
export function tableName({
  launcher: { dev, ino },
  handler,
}: Pick<TableOrigin, 'launcher' | 'handler'>): string {
  return `${dev}-${ino}${handler === undefined ? '' : `-${handler}`}`;
}

function tableOf(system: System, { launcher, rules, watched }: TableOrigin): Uint8Array | undefined {
  const stamp = stampOf(system, launcher.path);
  // Replaced since it started this call: its successor will ask for a table of its own.
  if (stamp.dev !== launcher.dev || stamp.ino !== launcher.ino) return undefined;
  const triggers = plainTriggers(rules);
  return encodeTable({ launcher: stamp, watched, triggers }, system.fnv1a);
}

function stampOf(system: System, path: string): FileStamp {
  const { dev, ino, size, ctimeNs } = answerOf(system.stat(path), path);
  return { dev, ino, size, ctimeNs };
}

/** Whether this table, or none when it is undefined, stands at the path as the launcher wants it. */
function holds(system: System, path: string, table: Uint8Array | undefined): boolean {
  const status = statusOf(system, path);
  if (status === undefined || table === undefined) return status === table;
  const { type, uid, mode, nlink, size } = status;
  const isSound = type === 'file' && uid === 0 && (mode & 0o077) === 0 && nlink === 1;
  return (
    isSound && Number(size) === table.length && isSameBytes(answerOf(readFile(system, path), path), table)
  );
}

function statusOf(system: System, path: string): FileStatus | undefined {
  const status = system.lstat(path);
  return isFailure(status) && status.errno === 'ENOENT' ? undefined : answerOf(status, path);
}

function replace(system: System, folder: string, path: string, table: Uint8Array | undefined): void {
  const made = system.mkdir(folder, 0o700);
  if (isFailure(made) && made.errno !== 'EEXIST') answerOf(made, folder);
  const { uid, mode } = answerOf(system.lstat(folder), folder);
  // A link is 0777: that it leads to root's own folder does not help. Others may go through it, to a root (own-namespace.ts).
  if (uid !== 0 || (mode & 0o066) !== 0) {
    throw new Error(`${folder} is not a folder of root's alone`);
  }
  if (table === undefined) {
    answerOf(system.unlink(path), path);
    return;
  }
  replaceFile(system, path, table);
  prune(system, folder);
}

function prune(system: System, folder: string): void {
  const paths = answerOf(system.readdir(folder), folder)
    .map(textOf)
    .filter((name) => /^\d+-\d+(?:-[\w.-]+)?$/.test(name))
    .map((name) => join(folder, name));
  if (paths.length <= MAX_TABLES) return;
  const aged = paths
    .map((path) => ({ path, time: statusOf(system, path)?.mtimeNs ?? 0n }))
    .sort((one, other) => (one.time > other.time ? -1 : 1));
  for (const { path } of aged.slice(MAX_TABLES)) {
    const removed = system.unlink(path);
    if (isFailure(removed) && removed.errno !== 'ENOENT') answerOf(removed, path);
  }
}
