/** One record of a runtime's log. */
export interface LogRecord {
  /** `error`, `warning` and so on; `text` for a line that is not JSON. */
  readonly level: string;
  readonly message: string;
}

/**
 * Reads what a runtime wrote with `--log FILE --log-format json`: JSON objects with `level` and `msg`. runc and runsc write each on a
 * line, crun 1.28 over several (seen in Debian sid). runsc may write lines of text beside them, and a runtime that was killed half
 * a record: those are records of level `text`.
 */
export function parseRuntimeLog(text: string): readonly LogRecord[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const records: LogRecord[] = [];
  for (let at = 0; at < lines.length; ) {
    const length = lines[at] === '{' ? lines.slice(at, at + MOST_LINES).indexOf('}') + 1 : 1;
    const record = recordOf(lines.slice(at, at + length).join('\n'));
    records.push(record ?? { level: 'text', message: lines[at] ?? '' });
    at += record === undefined ? 1 : length;
  }
  return records;
}

/** Of a record that is written over several: crun's have five. */
const MOST_LINES = 20;

function recordOf(text: string): LogRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { level, msg } = value as { readonly level?: unknown; readonly msg?: unknown };
  return typeof level === 'string' && typeof msg === 'string' ? { level, message: msg } : undefined;
}

/** Levels of a record that says why a call failed; runc and runsc log `fatal` where they leave at once. */
const OF_FAILURES: readonly string[] = ['error', 'fatal', 'panic'];

/** Why a call failed: the last record of an error. Those before it are about what was tried on the way. */
export function lastError(records: readonly LogRecord[]): LogRecord | undefined {
  return records.findLast(({ level }) => OF_FAILURES.includes(level));
}
