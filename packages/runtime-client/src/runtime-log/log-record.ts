/** One record of a runtime's log. */
export interface LogRecord {
  /** `error`, `warning` and so on; `text` for a line that is not JSON. */
  readonly level: string;
  readonly message: string;
}

/**
 * Reads what a runtime wrote with `--log FILE --log-format json`: a JSON object a line, with `level` and `msg`. runsc may write
 * several lines of text beside them, and a runtime that was killed half a line: those are records of level `text`.
 */
export function parseRuntimeLog(text: string): readonly LogRecord[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => recordOf(line) ?? { level: 'text', message: line });
}

function recordOf(line: string): LogRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
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
