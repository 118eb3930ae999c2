import { isFailure, OPEN, type System } from '../system/system.js';
import { joinBytes, textOf } from '../system/text.js';

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
  const fd = system.open(file, OPEN.read + OPEN.noFollow + OPEN.nonBlocking);
  if (isFailure(fd)) return [];
  try {
    const status = system.fstat(fd);
    if (isFailure(status) || status.type !== 'file' || status.size > LARGEST_READ) return [];
    return decisionsIn(tailOf(system, fd)).slice(-most);
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

/** The decisions in lines of either form; a line that is torn, or of another program, is passed over. */
export function decisionsIn(text: string): readonly LoggedDecision[] {
  return text.split('\n').flatMap((line) => {
    const members = line.startsWith('{') ? jsonMembers(line) : logfmtMembers(line);
    const decision = members.get('decision');
    const time = members.get('time');
    if (decision !== 'rewrite' && decision !== 'refuse' && decision !== 'pass') return [];
    if (time === undefined) return [];
    return [{ ...Object.fromEntries(members), time, msg: members.get('msg') ?? '', decision }];
  });
}

function jsonMembers(line: string): ReadonlyMap<string, string> {
  try {
    const entries = Object.entries(JSON.parse(line) as object);
    return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    // Torn by a full disk, or not ours.
    return new Map();
  }
}

/** `name=word` and `name="JSON text"`, as format-record.ts writes them. */
function logfmtMembers(line: string): ReadonlyMap<string, string> {
  const members = new Map<string, string>();
  for (const [, name = '', value = ''] of line.matchAll(/([^\s="]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)/g)) {
    const text = value.startsWith('"') ? jsonText(value) : value;
    if (text !== undefined) members.set(name, text);
  }
  return members;
}

function jsonText(quotedText: string): string | undefined {
  try {
    return JSON.parse(quotedText) as string;
  } catch {
    return undefined;
  }
}
