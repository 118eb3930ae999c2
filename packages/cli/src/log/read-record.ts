import { LOG_LEVELS, type LogFields, type LogLevel } from './format-record.js';

/** A record of a log, as it was read: by whoever it was written. */
export interface ReadRecord extends LogFields {
  readonly time: string;
  readonly level: LogLevel;
  readonly msg: string;
}

/**
 * The record that a line is, in either form; undefined for a line of somebody else. Of a line that begins with half a record, since
 * the disk was full in the middle of it, the one behind that.
 */
export function readRecord(line: string): ReadRecord | undefined {
  return recordOf(line) ?? recordOf(lastOf(line, '{"time":"')) ?? recordOf(lastOf(line, 'time='));
}

function lastOf(line: string, beginning: string): string {
  const at = line.lastIndexOf(beginning);
  return at > 0 ? line.slice(at) : '';
}

function recordOf(line: string): ReadRecord | undefined {
  const members = line.startsWith('{') ? jsonMembers(line) : logfmtMembers(line);
  if (members === undefined) return undefined;
  const { time, level, msg } = members;
  const isRecord =
    typeof time === 'string' &&
    !Number.isNaN(Date.parse(time)) &&
    LOG_LEVELS.some((each) => each === level) &&
    typeof msg === 'string';
  return isRecord ? (members as unknown as ReadRecord) : undefined;
}

type Members = Readonly<Record<string, unknown>>;

function jsonMembers(line: string): Members | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // torn, or another's
  }
}

/** A name, `=`, and a bare word or a JSON string. */
const PAIR = /([^\s="]+)=("(?:[^"\\]|\\.)*"|\S*)(?: |$)/y;

function logfmtMembers(line: string): Members | undefined {
  const members: [string, unknown][] = [];
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < line.length) {
    const [, name = '', value = ''] = PAIR.exec(line) ?? [];
    if (name === '') return undefined;
    const text = value.startsWith('"') ? jsonText(value) : value;
    members.push([name, name === 'durationMs' ? Number(text) : text]);
  }
  return Object.fromEntries(members);
}

function jsonText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
