import { dirname } from '../system/paths.js';
import { readAll } from '../system/read-file.js';
import { replaceFile } from '../system/replace-file.js';
import { answerOf, isFailure, OPEN, type System } from '../system/system.js';
import { bytesOf, textOf } from '../system/text.js';
import { type CountedCall, countedCall, describedSamples, type Samples } from './metric-families.js';
import { metricsText, readMetrics } from './metrics-text.js';

/** In milliseconds: counting takes about one. */
const LONGEST_WAIT = 50;
const BETWEEN_TRIES = 2;

/**
 * Adds a call to the file that the node exporter's textfile collector reads.
 *
 * The file is replaced by rename(2), so that a reader always finds a whole one. One call at a time counts: the lock is flock(2) on
 * `FILE.lock`, which the kernel gives back when a call is killed. Who does not get it soon appends one byte to that file instead, and
 * its size is the number of calls that were not counted.
 *
 * @returns what went wrong, if something did
 */
export function countCall(system: System, file: string, call: CountedCall, version: string): unknown {
  try {
    requireOwnFolder(system, dirname(file));
    const flags = OPEN.readWrite + OPEN.append + OPEN.create + OPEN.noFollow + OPEN.nonBlocking;
    const lock = answerOf(system.open(`${file}.lock`, flags, 0o600), `${file}.lock`);
    try {
      if (answerOf(system.fstat(lock)).type !== 'file') throw new Error('its lock is not a regular file');
      if (holdLock(system, lock))
        add(system, file, call, { version, dropped: answerOf(system.fstat(lock)).size });
      else answerOf(system.write(lock, bytesOf('.')));
    } finally {
      system.close(lock);
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

/** In a folder where others may write, they could lead us to any file. */
function requireOwnFolder(system: System, folder: string): void {
  const { type, uid, mode } = answerOf(system.stat(folder), folder);
  if (type !== 'directory') throw new Error('its folder is none');
  if (uid !== system.geteuid() || (mode & 0o022) !== 0) throw new Error("its folder is not root's alone");
}

function holdLock(system: System, lock: number): boolean {
  for (let waited = 0; ; waited += BETWEEN_TRIES) {
    if (answerOf(system.tryLock(lock))) return true;
    if (waited >= LONGEST_WAIT) return false;
    system.sleep(BETWEEN_TRIES);
  }
}

function add(
  system: System,
  file: string,
  call: CountedCall,
  known: { readonly version: string; readonly dropped: bigint },
): void {
  const samples = describedSamples(countedCall(samplesOf(system, file), call), known);
  // The collector is another user. After a crash of the machine a file that is empty counts from the start.
  replaceFile(system, file, metricsText(samples), { mode: 0o644 });
}

function samplesOf(system: System, file: string): Samples {
  const opened = system.open(file, OPEN.read + OPEN.noFollow + OPEN.nonBlocking);
  if (isFailure(opened) && opened.errno === 'ENOENT') return new Map();
  const fd = answerOf(opened, file);
  try {
    if (answerOf(system.fstat(fd)).type !== 'file') throw new Error('it is not a regular file');
    const samples = readMetrics(textOf(answerOf(readAll(system, fd), file)));
    if (samples === undefined) throw new Error('it is a file of somebody else');
    return samples;
  } finally {
    system.close(fd); // nothing was written
  }
}
