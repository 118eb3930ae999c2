import {
  type RuntimeVersion,
  readRuntimeVersion,
  type UnknownVersion,
} from '@opencontainers-ts/rootfs-rewriter';
import { DEPTH_VARIABLE } from '@opencontainers-ts/runtime-resolver';

import { readEnvironment } from '../call/runtime-environment.js';
import {
  type Failure,
  type FileStatus,
  isFailure,
  MOST_OUTPUT,
  OPEN,
  type ProgramEnd,
  type System,
} from '../system/system.js';
import { bytesOf, startsWith, textOf } from '../system/text.js';
import { keepVersion, keptVersion } from './kept-versions.js';

/** A runtime that is read from a slow disk on a busy node takes a second. */
const MOST_MILLISECONDS = 5000;

const ELF = new Uint8Array([0x7f, 0x45, 0x4c, 0x46]);

/**
 * The version of a runtime, which says it itself: it is started with `--version`, in an environment of ours, unless the file is the one that
 * said it before.
 *
 * @param folder - where it is kept
 */
export function askRuntimeVersion(
  system: System,
  path: string,
  folder?: string,
): RuntimeVersion | UnknownVersion {
  const file = system.stat(path);
  if (isFailure(file)) return { unknown: `it cannot be looked at: ${file.errno}` };
  const kept = keptVersion(system, file, folder);
  if (kept !== undefined) return kept;
  const end = system.runProgram(
    path,
    [path, '--version'].map(bytesOf),
    environmentOf(system).map(bytesOf),
    MOST_MILLISECONDS,
  );
  const version = versionIn(end);
  if (!('unknown' in version) && saysItself(system, path, file)) keepVersion(system, file, version, folder);
  return version;
}

/** The version of a runtime, as far as it is known without a start of it: for who only looks. */
export function knownRuntimeVersion(
  system: System,
  path: string,
  folder?: string,
): RuntimeVersion | UnknownVersion {
  const file = system.stat(path);
  const kept = isFailure(file) ? undefined : keptVersion(system, file, folder);
  return kept ?? { unknown: 'only a start of a container asks the runtime for it, and none has yet' };
}

function versionIn(end: ProgramEnd | Failure): RuntimeVersion | UnknownVersion {
  if (isFailure(end)) return { unknown: whyNone(end) };
  if (end.status !== 0) return { unknown: `"--version" ends with the status ${end.status}` };
  return readRuntimeVersion(textOf(end.output)) ?? { unknown: 'what "--version" prints has none' };
}

function whyNone({ errno }: Failure): string {
  if (errno === 'ETIMEDOUT') return `"--version" takes longer than ${MOST_MILLISECONDS / 1000} seconds`;
  if (errno === 'EFBIG') return `"--version" prints more than ${MOST_OUTPUT} bytes`;
  return `it cannot be run: ${errno}`;
}

/**
 * Whether the file is the program that has answered: a script starts another, which may be replaced without it. And whether it is
 * still the file that was looked at before.
 */
function saysItself(system: System, path: string, { dev, ino, size, ctimeNs }: FileStatus): boolean {
  const fd = system.open(path, OPEN.read + OPEN.nonBlocking);
  if (isFailure(fd)) return false;
  try {
    const now = system.fstat(fd);
    const start = system.read(fd, ELF.length);
    return (
      !isFailure(now) &&
      !isFailure(start) &&
      now.dev === dev &&
      now.ino === ino &&
      now.size === size &&
      now.ctimeNs === ctimeNs &&
      startsWith(start, ELF)
    );
  } finally {
    system.close(fd);
  }
}

/** The count of passages goes along: what is called runsc may lead back to us. */
function environmentOf(system: System): readonly string[] {
  const passages = Number(readEnvironment(system.environ())[DEPTH_VARIABLE] ?? 0) || 0;
  return [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    `${DEPTH_VARIABLE}=${passages + 1}`,
  ];
}
