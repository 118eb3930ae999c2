import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';

import type { PackagedFolder } from './packaged-folder.js';

/** A process state as instructions of `native/start-in-state.c`, and the bytes of arguments and variables. */
export interface StartState {
  readonly argv?: readonly (string | Uint8Array)[];
  readonly env?: readonly (string | Uint8Array)[];
  readonly instructions?: readonly string[];
}

/** What became of one call. `record` is what the recording runtime found, `undefined` when it was not reached. */
export interface CallResult {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly pid: number;
  readonly record: (Record<string, unknown> & { readonly pid: number }) | undefined;
}

const hex = (bytes: string | Uint8Array) => Buffer.from(bytes).toString('hex');

/** Starts `program` in a state; the recording runtime stands at its end, directly or behind the launcher. */
export function call(packaged: PackagedFolder, program: string, state: StartState): CallResult {
  const { argv = ['oci-runtime-wrapper', 'state', 'c1'], env = [], instructions = [] } = state;
  const args = [
    ...argv.map((text) => `arg=${hex(text)}`),
    ...[`RUNTIME=${packaged.runtime}`, ...env].map((text) => `env=${hex(text)}`),
    ...instructions,
    program,
  ];
  const recordFile = `${packaged.runtime}.record.json`;
  rmSync(recordFile, { force: true });
  const child = spawnSync(packaged.startInState, args, { encoding: 'utf8', env: {} });
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
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as CallResult['record'];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

interface RecordedDescriptor {
  readonly type: string;
}

/** A record without what two calls cannot have in common: the pid, and the inode of a pipe made for the call. */
export function comparable({ record }: CallResult): unknown {
  if (record === undefined) {
    return undefined;
  }
  const descriptors = (record['descriptors'] as readonly RecordedDescriptor[]).map((entry) =>
    entry.type === 'pipe' || entry.type === 'socket' ? { ...entry, ino: '', target: '' } : entry,
  );
  return { ...record, pid: 0, descriptors };
}
