import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

import type { FileId, Rule } from '@opencontainers-ts/rootfs-rewriter';
import { replaceFile } from '../system/replace-file.js';
import { encodeTable, type FileStamp, plainTriggers, type WatchedFile } from './fast-path-table.js';

/** Where the launcher looks (fast-path-table.h of packages/launcher). In memory: a machine that starts anew starts without. */
export const TABLE_FOLDER = '/run/ociwrap';

/** Launchers that are no longer there leave their tables behind. */
const MAX_TABLES = 64;

export interface TableOrigin {
  /** The launcher of this call. */
  readonly launcher: FileId & { readonly path: string };
  /** This program. */
  readonly script: string;
  readonly rules: readonly Pick<Rule, 'triggers' | 'slipTexts'>[];
  /** The files that the rules were read from, or would have been. */
  readonly watched: readonly WatchedFile[];
}

/**
 * Leaves the table by which the launcher lets the next call through without Node, unless the one that is there says the
 * same. It is an optimisation: whatever goes wrong is returned, and the call goes on.
 *
 * Only for root, who alone can write where the launcher believes it. What a table cannot say has
 * none, and one that is there is taken away.
 */
export function renewTable(origin: TableOrigin, folder: string = TABLE_FOLDER): unknown | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  // Whatever the caller's umask allows or forbids: the folder is 0700 and the file 0600, or the launcher believes neither.
  const umask = process.umask(0o077);
  try {
    const table = tableOf(origin);
    const path = join(folder, `${origin.launcher.dev}-${origin.launcher.ino}`);
    if (!holds(path, table)) replace(folder, path, table);
    return undefined;
  } catch (error) {
    return error;
  } finally {
    process.umask(umask);
  }
}

function tableOf({ launcher, script, rules, watched }: TableOrigin): Buffer | undefined {
  const stamp = stampOf(launcher.path);
  // Replaced since it started this call: its successor will ask for a table of its own.
  if (stamp.dev !== launcher.dev || stamp.ino !== launcher.ino) return undefined;
  return encodeTable({ launcher: stamp, script: stampOf(script), watched, triggers: plainTriggers(rules) });
}

function stampOf(path: string): FileStamp {
  const { dev, ino, size, ctimeNs } = statSync(path, { bigint: true });
  return { dev, ino, size, ctimeNs };
}

/** Whether this table, or none when it is undefined, stands at the path as the launcher wants it. */
function holds(path: string, table: Buffer | undefined): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || table === undefined) return stat === table;
  const isSound = stat.isFile() && stat.uid === 0 && (stat.mode & 0o077) === 0 && stat.nlink === 1;
  return isSound && stat.size === table.length && readFileSync(path).equals(table);
}

function replace(folder: string, path: string, table: Buffer | undefined): void {
  makeFolder(folder);
  const { uid, mode } = lstatSync(folder);
  // A link is 0777: that it leads to root's own folder does not help.
  if (uid !== 0 || (mode & 0o077) !== 0) {
    throw new Error(`${folder} is not a folder of root's alone`);
  }
  if (table === undefined) {
    unlinkSync(path);
    return;
  }
  replaceFile(path, table);
  prune(folder);
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, 0o700);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function prune(folder: string): void {
  const paths = readdirSync(folder)
    .filter((name) => /^\d+-\d+$/.test(name))
    .map((name) => join(folder, name));
  if (paths.length <= MAX_TABLES) return;
  const aged = paths
    .map((path) => ({ path, time: lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((one, other) => other.time - one.time);
  for (const { path } of aged.slice(MAX_TABLES)) removeIfThere(path);
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
