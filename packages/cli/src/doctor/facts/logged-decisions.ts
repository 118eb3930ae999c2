import { readRecord } from '../../log/read-record.js';
import { oldName } from '../../log/rotate-log.js';
import { isFailure, OPEN, type System } from '../../system/system.js';
import { joinBytes, textOf } from '../../system/text.js';

/** A decision about a call, as the log tells it. Every text is that of the file: of others, and shown escaped. */
export interface LoggedDecision {
  readonly time: string;
  readonly msg: string;
  readonly decision: 'rewrite' | 'refuse' | 'pass';
  readonly id?: string;
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly verb?: string;
  readonly code?: string;
  readonly hint?: string;
  /** The rule that refused. */
  readonly rule?: string;
  /** The rules that changed something. */
  readonly rules?: string;
  readonly reason?: string;
  readonly bundle?: string;
  readonly volume?: string;
  readonly newRoot?: string;
  readonly cdiDevices?: string;
  readonly runtime?: string;
  readonly version?: string;
  readonly patch?: string;
}

/** As much of the end of a log is read. */
export const MOST_OF_LOG = 1024 * 1024;

/** Read at once; the port has no lseek(2), so what comes before the end passes through. */
const PIECE = 256 * 1024;

/** A log that nobody rotates is not read to its end. */
const LARGEST_READ = 256n * 1024n * 1024n;

/**
 * The last decisions of a log, the oldest first.
 *
 * @param most - how many
 * @returns none where the log cannot be read, which is for another check to tell
 */
export function loggedDecisions(system: System, file: string, most: number): readonly LoggedDecision[] {
  const last = decisionsOf(system, file);
  // Just rotated, it has little to tell.
  const before = last.length < most ? decisionsOf(system, oldName(file, 1)) : [];
  return [...before, ...last].slice(-most);
}

function decisionsOf(system: System, file: string): readonly LoggedDecision[] {
  const fd = system.open(file, OPEN.read + OPEN.noFollow + OPEN.nonBlocking);
  if (isFailure(fd)) return [];
  try {
    const status = system.fstat(fd);
    if (isFailure(status) || status.type !== 'file' || status.size > LARGEST_READ) return [];
    return decisionsIn(tailOf(system, fd));
  } finally {
    system.close(fd); // nothing was written
  }
}

function tailOf(system: System, fd: number): string {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const piece = system.read(fd, PIECE);
    if (isFailure(piece) || piece.length === 0) break;
    pieces.push(piece);
    size += piece.length;
    while (size - (pieces[0]?.length ?? 0) >= MOST_OF_LOG) size -= pieces.shift()?.length ?? 0;
  }
  return textOf(joinBytes(pieces));
}

/** The decisions in the lines of a log; a line that is torn, or of another program, is passed over. */
export function decisionsIn(text: string): readonly LoggedDecision[] {
  return text.split('\n').flatMap((line) => {
    const record = readRecord(line);
    if (record === undefined || !isDecision(record['decision'])) return [];
    const texts = Object.entries(record).filter(([, value]) => typeof value === 'string');
    return [
      { ...Object.fromEntries(texts), time: record.time, msg: record.msg, decision: record['decision'] },
    ];
  });
}

function isDecision(value: unknown): value is LoggedDecision['decision'] {
  return value === 'rewrite' || value === 'refuse' || value === 'pass';
}
