// What a release is made of, and what all of its files agree on.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { capture, root } from '../workspace.mjs';

export const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Seconds since 1970 of the commit, unless SOURCE_DATE_EPOCH says otherwise: files are as old as what they are made of. */
export const releaseTime = commitTime();

/** By the names of Debian, RPM and the launcher's programs. */
export const ARCHITECTURES = [
  { debian: 'amd64', rpm: 'x86_64', program: 'ociwrap' },
  { debian: 'arm64', rpm: 'aarch64', program: 'ociwrap-arm64' },
];

export const programOf = ({ program }) => join(root, 'packages/launcher/dist/programs', program);

/** Runs a program, whose failure is an error that says all of it. */
export function must(program, args, options = {}) {
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    ...options,
    env: { ...process.env, SOURCE_DATE_EPOCH: String(releaseTime), ...options.env },
  });
  if (status !== 0) {
    const why = error?.message ?? (signal === null ? `status ${status}` : `signal ${signal}`);
    throw new Error(`${[program, ...args].join(' ')}: ${why}\n${stdout ?? ''}${stderr ?? ''}`);
  }
  return stdout;
}

function commitTime() {
  const { SOURCE_DATE_EPOCH } = process.env;
  if (SOURCE_DATE_EPOCH !== undefined) return Number(SOURCE_DATE_EPOCH);
  const { status, stdout } = capture('git', ['log', '-1', '--format=%ct']);
  if (status !== 0) throw new Error('a release is made of a commit: this is no git repository');
  return Number(stdout);
}
