import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';

/** Where calls are started and recorded. */
export interface RecordingPlace {
  readonly startInState: string;
  /** The recording runtime that stands at the end of every call. */
  readonly runtime: string;
  /** Variables by which a program in between finds it; they come before those of the state. */
  readonly variables: readonly string[];
}

/** A process state as instructions of `native/start-in-state.c`, and the bytes of arguments and variables. */
export interface StartState {
  readonly argv?: readonly (string | Uint8Array)[];
  readonly env?: readonly (string | Uint8Array)[];
  readonly instructions?: readonly string[];
}

/** What the recording runtime found; there is more in it than is named here. */
export interface RuntimeRecord {
  readonly pid: number;
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly descriptors: readonly RecordedDescriptor[];
  readonly limits: readonly (readonly [soft: string, hard: string])[];
  readonly signalMask: string;
  readonly pendingSignals: string;
  readonly ignoredSignals: string;
  /** Where links lead, by their paths: namespaces among them. */
  readonly links: Readonly<Record<string, string>>;
}

export interface RecordedDescriptor {
  readonly fd: number;
  readonly type: string;
}

/** What became of one call. `record` is what the recording runtime found, `undefined` when it was not reached. */
export interface CallResult {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly pid: number;
  readonly record: RuntimeRecord | undefined;
}

const hex = (bytes: string | Uint8Array) => Buffer.from(bytes).toString('hex');

/**
 * Starts `program` in a state; the recording runtime stands at its end, directly or behind the launcher.
 *
 * @param under a program and its arguments that starts all of it, such as strace
 */
export function call(
  place: RecordingPlace,
  program: string,
  state: StartState,
  under: readonly string[] = [],
): CallResult {
  const { argv = ['oci-runtime-wrapper', 'state', 'c1'], env = [], instructions = [] } = state;
  const args = [
    ...argv.map((text) => `arg=${hex(text)}`),
    ...[...place.variables, ...env].map((text) => `env=${hex(text)}`),
    ...instructions,
    program,
  ];
  const recordFile = `${place.runtime}.record.json`;
  writeFileSync(recordFile, '');
  chmodSync(recordFile, 0o666); // for calls of other users
  const [file, ...rest] = [...under, place.startInState, ...args] as [string, ...string[]];
  // No test takes so long: it keeps a hang from being one of the whole run.
  const child = spawnSync(file, rest, { encoding: 'utf8', env: {}, timeout: 60_000, killSignal: 'SIGKILL' });
  return {
    status: child.status,
    signal: child.signal,
    stdout: child.stdout,
    stderr: child.stderr,
    pid: child.pid,
    record: readRecord(recordFile),
  };
}

function readRecord(file: string): CallResult['record'] {
  const text = readFileSync(file, 'utf8');
  return text === '' ? undefined : (JSON.parse(text) as RuntimeRecord);
}

/** A record without what two calls cannot have in common: the pid, and the inode of a pipe made for the call. */
export function comparable({ record }: CallResult): Record<string, unknown> | undefined {
  if (record === undefined) {
    return undefined;
  }
  const descriptors = record.descriptors.map((entry) =>
    entry.type === 'pipe' || entry.type === 'socket' ? { ...entry, ino: '', target: '' } : entry,
  );
  return withoutPid({ ...record, descriptors }, record.pid);
}

/** A process that leads its group or session has its own number there too. */
function withoutPid(record: Record<string, unknown>, pid: number): Record<string, unknown> {
  const text = JSON.stringify(record).replace(
    new RegExp(`("(?:pid|pgid|sid)":|"NS(?:pgid|sid):\\\\t)${pid}\\b`, 'g'),
    (_, before: string) => `${before}0`,
  );
  return JSON.parse(text) as Record<string, unknown>;
}
