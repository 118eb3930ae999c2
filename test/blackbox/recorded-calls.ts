import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { recordingRuntime } from './programs.js';

/** A runtime that records how it was called, one line a call, beside itself. */
export interface Recorder {
  readonly path: string;
  /** What the calls so far were made with; argv as text. */
  calls(): readonly { readonly argv: readonly string[]; readonly env: readonly string[] }[];
}

/** @param status what the runtime is to exit with */
export function recorderAt(path: string, status = 0): Recorder {
  copyFileSync(recordingRuntime, path);
  writeFileSync(`${path}.exit`, String(status));
  return {
    path,
    calls: () => {
      const record = `${path}.record.json`;
      const text = existsSync(record) ? readFileSync(record, 'utf8').trim() : '';
      return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line));
    },
  };
}

export const recorderIn = (folder: string, status = 0): Recorder =>
  recorderAt(join(folder, 'recorder'), status);
