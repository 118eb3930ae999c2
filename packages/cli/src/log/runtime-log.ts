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
export function appendToRuntimeLog(
  system: System,
  { log, logFormat }: Pick<Invocation, 'log' | 'logFormat'>,
  refusal: Refusal,
): void {
  if (log !== undefined && !STDERR_PATHS.has(wordOf(log))) {
    const record = { time: new Date(system.now()), level: 'error', msg: refusalLine(refusal) } as const;
    appendLine(system, log, formatRecord(record, logFormat ?? 'text'), { mode: 0o644, followSymlink: true });
  }
}
