import { answerOf, type Failure, type FileStatus, isFailure, OPEN, type System } from '../system/system.js';
import { joinBytes, textOf } from '../system/text.js';
import { oldName } from './rotate-log.js';

const LINE_FEED = 0x0a;

/** Read at once. */
const PIECE = 65_536;

/** No record is that long: what is left of such a line is left out. */
const LONGEST_LINE = 1 << 20;

/** A log and the old files beside it. */
export interface LogFiles {
  readonly file: string;
  readonly keep: number;
}

/**
 * The lines of a log, the oldest file first. Calls may rotate it meanwhile: whoever has read a file to its end looks for it, by its
 * inode, and goes on with the next younger one.
 *
 * @param follow - do not end: at the end of the log undefined comes each time, for whoever reads to wait a moment
 * @throws SystemError for a file that is there and cannot be read
 */
export function* logLines(
  system: System,
  files: LogFiles,
  { follow }: { readonly follow: boolean },
): Generator<string | undefined, void, undefined> {
  let opened = openFrom(system, files, files.keep);
  while (opened === undefined && follow) {
    yield undefined;
    opened = openFrom(system, files, files.keep);
  }
  while (opened !== undefined) {
    const { fd } = opened;
    const reader = lineReader(system, fd);
    let next: OpenFile | undefined;
    try {
      yield* reader.lines();
      next = nextOf(system, files, opened);
      while (next === undefined && follow) {
        yield undefined;
        yield* reader.lines();
        next = nextOf(system, files, opened);
      }
      // A call that had opened it before it was renamed may have written since.
      yield* reader.lines();
      yield* reader.rest();
    } finally {
      system.close(fd); // nothing was written
    }
    opened = next;
  }
}

/** Whether there is a file of the log. A node on which nothing was refused or changed has none. */
export function hasLog(system: System, { file, keep }: LogFiles): boolean {
  for (let age = 0; age <= keep; age += 1) {
    const status = system.lstat(oldName(file, age));
    if (!isFailure(status) || status.errno !== 'ENOENT') return true;
  }
  return false;
}

interface OpenFile {
  readonly fd: number;
  readonly status: FileStatus;
}

/** The oldest file from an age on; a number may be missing, where a call was killed that rotated. */
function openFrom(system: System, { file }: LogFiles, oldest: number): OpenFile | undefined {
  for (let age = oldest; age >= 0; age -= 1) {
    const path = oldName(file, age);
    const fd = system.open(path, OPEN.read + OPEN.noFollow + OPEN.nonBlocking);
    if (isFailure(fd) && fd.errno === 'ENOENT') continue;
    const opened = answerOf(fd, path);
    const status = answerOf(system.fstat(opened), path);
    if (status.type === 'file') return { fd: opened, status };
    system.close(opened);
  }
  return undefined;
}

/** The file that is the next younger one; undefined if there is none. */
function nextOf(system: System, files: LogFiles, { status }: OpenFile): OpenFile | undefined {
  const age = ageOf(system, files, status);
  if (age === 0) return undefined;
  const next = openFrom(system, files, age === undefined ? files.keep : age - 1);
  if (next === undefined || !isSame(next.status, status)) return next;
  // Renamed between the two looks: the next one is looked for again.
  system.close(next.fd);
  return nextOf(system, files, { fd: -1, status });
}

/** How old a file is by now; undefined if it is gone. */
function ageOf(system: System, { file, keep }: LogFiles, status: FileStatus): number | undefined {
  for (let age = 0; age <= keep; age += 1) {
    const found: FileStatus | Failure = system.lstat(oldName(file, age));
    if (!isFailure(found) && isSame(found, status)) return age;
  }
  return undefined;
}

function isSame(one: FileStatus, other: FileStatus): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

interface LineReader {
  /** The lines that are complete by now. */
  lines(): Generator<string, void, undefined>;
  /** What has no line feed, and gets none any more. */
  rest(): Generator<string, void, undefined>;
}

function lineReader(system: System, fd: number): LineReader {
  let pieces: Uint8Array[] = [];
  let length = 0;
  const take = (last: Uint8Array): string | undefined => {
    const line = length > LONGEST_LINE ? undefined : textOf(joinBytes([...pieces, last]));
    pieces = [];
    length = 0;
    return line;
  };
  const keep = (piece: Uint8Array) => {
    length += piece.length;
    if (length <= LONGEST_LINE) pieces.push(piece);
    else pieces = [];
  };
  return {
    *lines() {
      for (;;) {
        const piece = answerOf(system.read(fd, PIECE));
        if (piece.length === 0) return;
        let start = 0;
        for (let end = piece.indexOf(LINE_FEED); end >= 0; end = piece.indexOf(LINE_FEED, start)) {
          const line = take(piece.subarray(start, end));
          start = end + 1;
          if (line !== undefined) yield line;
        }
        if (start < piece.length) keep(piece.slice(start));
      }
    },
    *rest() {
      const line = length > 0 ? take(new Uint8Array()) : undefined;
      if (line !== undefined) yield line;
    },
  };
}
