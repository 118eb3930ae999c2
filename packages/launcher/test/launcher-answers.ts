import { spawnSync } from 'node:child_process';

import { launcherParts } from './native-programs.js';

/** One question to `native/launcher-parts.cc`. */
export type Question = readonly [command: string, ...args: (string | Uint8Array)[]];

const hex = (bytes: string | Uint8Array) => Buffer.from(bytes).toString('hex') || '-';

/** The bytes of an argument of an answer. */
export const unhex = (text: string) => Buffer.from(text === '-' ? '' : text, 'hex');

/** What the launcher's parts answer, one line a question; a crash of theirs is a failure. */
export function launcherAnswers(questions: readonly Question[]): string[] {
  const input = questions.map(([command, ...args]) => `${[command, ...args.map(hex)].join(' ')}\n`).join('');
  const { status, stdout, stderr } = spawnSync(launcherParts(), {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) {
    throw new Error(`launcher-parts ended with ${status}: ${stderr.slice(0, 2000)}`);
  }
  return stdout.split('\n').slice(0, -1);
}
