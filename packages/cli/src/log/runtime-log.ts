import type { Invocation } from '../call/parse-invocation.js';
import { type Refusal, refusalLine } from '../call/refusal.js';
import type { System } from '../system/system.js';
import { wordOf } from '../system/text.js';
import { appendLine } from './append-line.js';
import { formatRecord } from './format-record.js';

/** Logs that are stderr itself: the line that goes there anyway must not stand there twice. */
const STDERR_PATHS = new Set(['/dev/stderr', '/dev/fd/2', '/proc/self/fd/2']);

/**
 * Appends the refusal to the runtime's own `--log` file, where containerd and CRI-O look for the reason that
 * `kubectl describe pod` shows: the last record of level `error` (containerd
 * `cmd/containerd-shim-runc-v2/process/utils.go`). The file is opened as runc opens it: created 0644, symlinks
 * followed, for it is the engine that chose the path.
 */
export function appendToRuntimeLog(system: System, invocation: RuntimeLog, refusal: Refusal): void {
  append(system, invocation, 'error', refusalLine(refusal));
}

/** Appends a warning there, in the level's name that logrus has: no engine takes it for the reason of a failure. */
export function warnInRuntimeLog(system: System, invocation: RuntimeLog, message: string): void {
  append(system, invocation, 'warning', message);
}

type RuntimeLog = Pick<Invocation, 'log' | 'logFormat'>;

function append(
  system: System,
  { log, logFormat }: RuntimeLog,
  level: 'error' | 'warning',
  msg: string,
): void {
  if (log === undefined || STDERR_PATHS.has(wordOf(log))) return;
  const record = { time: new Date(system.now()), level, msg };
  appendLine(system, log, formatRecord(record, logFormat ?? 'text'), { mode: 0o644, followSymlink: true });
}
