import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, expect, test } from '@jest/globals';

import { bundleIn, plainSpec, volumeSpec } from '../machine.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder();
const program = join(folder, 'lib/node/ociwrap.cjs');
const log = join(folder, 'wrapper.log');
const plain = bundleIn(folder, 'plain', plainSpec());
const unmatched = bundleIn(folder, 'unmatched', volumeSpec('pvc-other'));
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

// Any regular executable file will do for a runtime that is never started.
const env = { PATH: process.env['PATH'], SGS_RUNC_PATH: '/bin/true', OCIWRAP_LOG_FILE: log };

beforeAll(() => {
  const bundler = fileURLToPath(new URL('../../tools/bundle.mjs', import.meta.url));
  execFileSync(process.execPath, [bundler, join(folder, 'lib')], { stdio: ['ignore', 'ignore', 'inherit'] });
}, 60_000);

function run(args: readonly string[], options: { input?: string; env?: Record<string, string> } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    input: options.input ?? '',
    env: { ...env, ...options.env },
  });
  return { status, stdout, stderr };
}

test('--version is that of the package', () => {
  expect(run(['--version'])).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
});

test('--help goes to stdout', () => {
  expect(run(['--help'])).toEqual({
    status: 0,
    stdout: expect.stringContaining('ociwrap explain'),
    stderr: '',
  });
});

test.each([
  [
    ['ociwrap', ''],
    ['explain', 'rewrite', 'validate', 'test'],
  ],
  [
    ['ociwrap', 'validate', '--'],
    ['--type', '--runtime', '--json'],
  ],
  [
    ['ociwrap', 'validate', '--runtime', ''],
    ['runc', 'crun', 'runsc'],
  ],
])('what the completion of a shell is told: %j', (words, expected) => {
  const { status, stdout, stderr } = run(['--get-yargs-completions', ...words], {
    env: { SHELL: '/bin/bash' },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual(expect.arrayContaining(expected));
});

test.each([[['ociwrap', 'test', '']], [['ociwrap', 'validate', '']]])(
  'where a path is meant the shell completes it: %j',
  (words) => {
    const { status, stdout } = run(['--get-yargs-completions', ...words], { env: { SHELL: '/bin/bash' } });
    expect({ status, stdout: stdout.trim() }).toEqual({ status: 0, stdout: '' });
  },
);

test('messages are English, whatever the locale', () => {
  const { stderr } = run(['explain', '--nonsense'], { env: { LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8' } });
  expect(stderr).toContain('unknown option or argument: nonsense');
});

test.each([
  ['explain: it would start', ['explain', '--bundle', plain], 0, /^call\n/, /^$/],
  ['explain: it would not', ['explain', '--bundle', unmatched], 1, /ERR_VOLUME_NOT_FOUND/, /^$/],
  ['validate: nothing wrong', ['validate', plain], 0, /^$/, /0 errors/],
  ['validate: no such file', ['validate', join(folder, 'none')], 1, /^$/, /ERR_INPUT_UNREADABLE/],
  ['usage', ['explain', '--nonsense'], 2, /^$/, /ERR_USAGE/],
  ['no command', [], 2, /^$/, /ERR_USAGE/],
])('%s', (_name, args, expectedStatus, expectedStdout, expectedStderr) => {
  const { status, stdout, stderr } = run(args);
  expect({ status, stdout, stderr }).toEqual({
    status: expectedStatus,
    stdout: expect.stringMatching(expectedStdout),
    stderr: expect.stringMatching(expectedStderr),
  });
});

test('validate reads standard input', () => {
  const { status, stdout } = run(['validate', '-'], { input: '{"ociVersion":' });
  expect(status).toBe(1);
  expect(stdout).toMatch(/^-:1:15: error ERR_SPEC_SYNTAX: /);
});

test('config check reads standard input', () => {
  const { status, stderr } = run(['config', 'check', '-'], { input: 'profile = 5\n' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^ociwrap: \/dev\/stdin:1: profile: .*ERR_SETTINGS_INVALID/);
});

test('neither explain nor a dry run touches the log, a rewrite does', () => {
  run(['explain', '--bundle', plain]);
  run(['rewrite', '--bundle', plain, '--dry-run']);
  expect(existsSync(log)).toBe(false);
  const { stdout, stderr } = run(['rewrite', '--bundle', plain, '--verbose']);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^time=\S+ level=info .*decision=pass\n.*unchanged\n$/);
  expect(JSON.parse(readFileSync(log, 'utf8'))).toMatchObject({
    level: 'info',
    decision: 'pass',
    bundle: plain,
  });
});

test('a result that cannot be written is a failure', () => {
  const full = openSync('/dev/full', 'w');
  try {
    const { status, stderr } = spawnSync(
      process.execPath,
      [program, 'rewrite', '--bundle', plain, '--dry-run'],
      {
        encoding: 'utf8',
        stdio: ['ignore', full, 'pipe'],
        env,
      },
    );
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining('cannot write to stdout: ENOSPC'),
    });
  } finally {
    closeSync(full);
  }
});
