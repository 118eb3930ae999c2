import { makeFolders } from '../system/make-folders.js';
import { dirname, join } from '../system/paths.js';
import { removeFile } from '../system/remove-file.js';
import { replaceFile } from '../system/replace-file.js';
import { answerOf, isFailure, OPEN, type System } from '../system/system.js';
import { textOf } from '../system/text.js';
import { writeAll } from '../system/write-all.js';
import { freshPath, PROGRAM_NAME } from './layout.js';
import { manifestText } from './manifest.js';
import type { Step } from './steps.js';

/** The bytes of what is written, which steps only name. */
export interface StepContents {
  readonly program: Uint8Array;
  readonly configuration?: Uint8Array;
}

/**
 * Does one step.
 *
 * @throws SystemError
 */
export function carryOutStep(system: System, step: Step, contents: StepContents): void {
  const { path } = step;
  switch (step.do) {
    case 'make-folder':
      makeFolders(system, path, 0o755);
      break;
    case 'write-version':
      writeVersion(system, path, contents.program);
      break;
    case 'write-manifest':
      replaceFile(system, path, manifestText(step.manifest), { flush: true, mode: 0o644 });
      flushFolder(system, dirname(path));
      break;
    case 'link':
      replaceLink(system, path, step.target);
      break;
    case 'keep-original':
      keepOriginal(system, path, step.original);
      break;
    case 'restore':
      answerOf(system.rename(step.original, path), path);
      flushFolder(system, dirname(path));
      break;
    case 'write-configuration':
      makeFolders(system, dirname(path), 0o755);
      replaceFile(system, path, contents.configuration ?? '', { flush: true, mode: 0o644 });
      break;
    case 'remove-file':
      removeFile(system, path);
      break;
    case 'remove-tree':
      removeTree(system, path);
      break;
    case 'remove-folder':
      removeFolder(system, path);
      break;
  }
}

/** The folder gets its name when all of it is on the disk. One that has the name already is mended. */
function writeVersion(system: System, folder: string, program: Uint8Array): void {
  const fresh = freshPath(folder);
  answerOf(system.mkdir(fresh, 0o755), fresh);
  writeProgram(system, join(fresh, PROGRAM_NAME), program);
  flushFolder(system, fresh);
  const failure = system.rename(fresh, folder);
  if (isFailure(failure) && ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(failure.errno)) {
    const damaged = system.lstat(folder);
    if (!isFailure(damaged) && damaged.type !== 'directory') removeTree(system, folder);
    makeFolders(system, folder, 0o755);
    removeFolderAt(system, join(folder, PROGRAM_NAME));
    answerOf(system.rename(join(fresh, PROGRAM_NAME), join(folder, PROGRAM_NAME)), folder);
    answerOf(system.rmdir(fresh), fresh);
    flushFolder(system, folder);
  } else answerOf(failure, folder);
  flushFolder(system, dirname(folder));
}

/** A folder of the name of the program is nothing that a rename replaces. */
function removeFolderAt(system: System, path: string): void {
  const found = system.lstat(path);
  if (!isFailure(found) && found.type === 'directory') removeTree(system, path);
}

function writeProgram(system: System, path: string, program: Uint8Array): void {
  const fd = answerOf(system.open(path, OPEN.write + OPEN.create + OPEN.exclusive, 0o700), path);
  try {
    answerOf(writeAll(system, fd, program), path);
    answerOf(system.fchmod(fd, 0o755), path);
    answerOf(system.fsync(fd), path);
  } catch (error) {
    system.close(fd);
    throw error;
  }
  answerOf(system.close(fd), path);
}

function replaceLink(system: System, path: string, target: string): void {
  const fresh = freshPath(path);
  answerOf(system.symlink(target, fresh), fresh);
  answerOf(system.rename(fresh, path), path);
  flushFolder(system, dirname(path));
}

/** At no moment is the program without the name that it has. */
function keepOriginal(system: System, path: string, original: string): void {
  const failure = system.link(path, original);
  if (isFailure(failure) && failure.errno === 'EEXIST') {
    const fresh = freshPath(original);
    answerOf(system.link(path, fresh), fresh);
    answerOf(system.rename(fresh, original), original);
  } else answerOf(failure, original);
  // Before the other program takes the name that it had.
  flushFolder(system, dirname(path));
}

function flushFolder(system: System, path: string): void {
  const fd = answerOf(system.open(path, OPEN.directory), path);
  const failure = system.fsync(fd);
  system.close(fd);
  answerOf(failure, path);
}

/** No link is followed, and what is not there is no fault. */
function removeTree(system: System, path: string): void {
  const found = system.lstat(path);
  if (isFailure(found) && found.errno === 'ENOENT') return;
  if (answerOf(found, path).type !== 'directory') {
    removeFile(system, path);
    return;
  }
  for (const name of answerOf(system.readdir(path), path)) {
    removeTree(system, join(path, textOf(name)));
  }
  answerOf(system.rmdir(path), path);
}

/** One that something is in stays. Where a symlink leads to it, that goes too. */
function removeFolder(system: System, path: string): void {
  const found = system.lstat(path);
  if (isFailure(found) && found.errno === 'ENOENT') return;
  const isLink = answerOf(found, path).type === 'symlink';
  const folder = isLink ? textOf(answerOf(system.realpath(path), path)) : path;
  const failure = system.rmdir(folder);
  if (isFailure(failure)) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(failure.errno)) answerOf(failure, folder);
  } else if (isLink) removeFile(system, path);
}
