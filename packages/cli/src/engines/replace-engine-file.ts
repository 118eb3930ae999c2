import { makeFolders } from '../system/make-folders.js';
import { dirname, join } from '../system/paths.js';
import { answerOf, type FileStatus, isFailure, OPEN, type System } from '../system/system.js';
import { bytesOf, textOf } from '../system/text.js';
import { writeAll } from '../system/write-all.js';

/**
 * Gives a file of an engine another text, whole or not at all, or takes it away. Owner and mode stay, and so does a symlink: its
 * target is replaced.
 *
 * @throws SystemError
 */
export function replaceEngineFile(system: System, path: string, text: string | undefined): void {
  const target = targetOf(system, path);
  if (text === undefined) {
    const failure = system.unlink(target);
    if (isFailure(failure) && failure.errno !== 'ENOENT') answerOf(failure, path);
    flushFolder(system, dirname(target));
    return;
  }
  makeFolders(system, dirname(target), 0o755);
  const there = system.stat(target);
  const fresh = freshPath(target);
  try {
    // What a killed run has left is of no use to anybody.
    const left = system.unlink(fresh);
    if (isFailure(left) && left.errno !== 'ENOENT') answerOf(left, fresh);
    const fd = answerOf(system.open(fresh, OPEN.write + OPEN.create + OPEN.exclusive, 0o600), fresh);
    writeThrough(system, fd, fresh, text, isFailure(there) ? undefined : there);
    answerOf(system.rename(fresh, target), target);
  } catch (error) {
    system.unlink(fresh);
    throw error;
  }
  flushFolder(system, dirname(target));
}

function writeThrough(
  system: System,
  fd: number,
  path: string,
  text: string,
  before: FileStatus | undefined,
): void {
  try {
    answerOf(writeAll(system, fd, bytesOf(text)), path);
    if (before !== undefined) answerOf(system.fchown(fd, before.uid, before.gid), path);
    answerOf(system.fchmod(fd, before?.mode ?? 0o644), path);
    answerOf(system.fsync(fd), path);
  } catch (error) {
    system.close(fd);
    throw error;
  }
  answerOf(system.close(fd), path);
}

function targetOf(system: System, path: string): string {
  const real = system.realpath(path);
  return isFailure(real) ? path : textOf(real);
}

/**
 * Above a folder of drop-ins: CRI-O reads whatever lies in its own (config.go, UpdateFromPath), and would not start with half a
 * file of a run that was killed.
 */
function freshPath(target: string): string {
  const folder = dirname(target);
  return join(folder.endsWith('.d') ? dirname(folder) : folder, '.ociwrap-engine-file');
}

function flushFolder(system: System, folder: string): void {
  const fd = system.open(folder, OPEN.read);
  if (isFailure(fd)) return;
  system.fsync(fd);
  system.close(fd);
}
