import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { type Bytes, type ExecveOptions, execve } from '../src/index.js';
import { bundledScript } from './bundled-script.js';
import { caughtError } from './caught-error.js';
import { buildAddon } from './native-build.js';
import { temporaryFolder } from './temporary-folder.js';

const folder = temporaryFolder();
beforeAll(buildAddon, 60_000);

function run(name: string, body: string) {
  return spawnSync(process.execPath, [bundledScript(folder, name, body)], {
    encoding: 'latin1',
    env: { X: '1' },
  });
}

describe('the new program', () => {
  test('has the pid of this one, and the arguments and variables given, byte for byte', () => {
    const { stdout, status, pid } = run(
      'bytes',
      `native.execve('/bin/sh', ['sh', '-c', 'echo $$; printf "%s|" "$@"; cat /proc/self/environ', 'é', Buffer.from([0xff, 0x80, 10])],
         ['A=1', Buffer.from([0x42, 0x3d, 0xfe]), 'A=2']);`,
    );
    expect(status).toBe(0);
    const [first, ...rest] = stdout.split('\n');
    expect(first).toBe(String(pid));
    expect(rest.join('\n')).toContain('\xff\x80\n|');
    expect(rest.join('\n')).toContain('B=\xfe\0');
  });

  test('has no signal ignored or blocked, and its standard streams', () => {
    const { stdout, stderr } = run(
      'signals',
      `native.execve('/bin/sh', ['sh', '-c', 'grep ^Sig[IB] /proc/self/status; echo error >&2'], []);`,
    );
    expect(stdout).toMatch(/^SigBlk:\t0{16}\nSigIgn:\t0{16}\n$/);
    expect(stderr).toBe('error\n');
  });

  test('finds an empty list of arguments and an empty environment', () => {
    const { status, stdout } = run('empty', `native.execve('/bin/true', [], []);`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });
});

describe('a failed call throws an errno error and Node goes on', () => {
  const script = join(folder, 'no-interpreter');
  const notExecutable = join(folder, 'not-executable');
  const loop = join(folder, 'loop');
  writeFileSync(script, 'neither ELF nor a script');
  chmodSync(script, 0o755);
  writeFileSync(notExecutable, '#!/bin/sh\n');
  symlinkSync(loop, loop);

  const cases: readonly (readonly [string, number, Bytes, readonly Bytes[]])[] = [
    ['ENOENT', -2, join(folder, 'missing'), ['x']],
    ['ENOENT', -2, '', ['x']],
    ['EACCES', -13, notExecutable, ['x']],
    ['EACCES', -13, folder, ['x']],
    ['ENOEXEC', -8, script, ['x']],
    ['E2BIG', -7, '/bin/true', ['x', 'y'.repeat(200_000)]],
    ['ENOTDIR', -20, '/etc/passwd/x', ['x']],
    ['ELOOP', -40, loop, ['x']],
    ['ENAMETOOLONG', -36, `/${'x'.repeat(300)}`, ['x']],
    ['ENOENT', -2, Buffer.from('/missing/\xff\n', 'latin1'), ['x']],
  ];
  test.each(cases)('%s (%d): %s', (code, errno, file, argv) => {
    const before = readFileSync('/proc/self/status', 'utf8').match(/^Sig(Ign|Blk|Cgt):.*$/gm);
    const error = caughtError(() => execve(file, argv, []));
    expect(error).toMatchObject({ code, errno, syscall: 'execve', path: Buffer.from(file).toString() });
    expect(error.message).not.toMatch(/\n|no such file|permission denied|not found/i);
    expect(readFileSync('/proc/self/status', 'utf8').match(/^Sig(Ign|Blk|Cgt):.*$/gm)).toEqual(before);
  });

  test('a caught failure leaves a process that can try again', () => {
    const { stdout } = run(
      'again',
      `try { native.execve('/missing', [], []) } catch (error) {
         native.execve('/bin/echo', ['echo', error.code, String(error instanceof Error)], []);
       }`,
    );
    expect(stdout).toBe('ENOENT true\n');
  });

  test('in a worker thread', () => {
    const { stdout, status } = run(
      'worker',
      `const { Worker, isMainThread } = require('node:worker_threads');
       if (isMainThread) new Worker(__filename);
       else try { native.execve('/bin/true', [], []) } catch (error) { require('node:fs').writeSync(1, error.code) }`,
    );
    expect({ stdout, status }).toEqual({ stdout: 'ERR_NOT_MAIN_THREAD', status: 0 });
  });
});

describe('an argument that no call can take is a TypeError', () => {
  const untyped = execve as (file: unknown, argv: unknown, env: unknown, options?: unknown) => never;
  const cases: readonly (readonly [string, string, readonly [unknown, unknown, unknown, unknown?]])[] = [
    ['ERR_INVALID_ARG_TYPE', 'file', [1, [], []]],
    ['ERR_INVALID_ARG_TYPE', 'file', [undefined, [], []]],
    ['ERR_INVALID_ARG_TYPE', 'argv', ['/bin/true', 'true', []]],
    ['ERR_INVALID_ARG_TYPE', 'argv[1]', ['/bin/true', ['true', null], []]],
    ['ERR_INVALID_ARG_TYPE', 'argv[1]', ['/bin/true', ['true', new Uint16Array(2)], []]],
    ['ERR_INVALID_ARG_TYPE', 'argv[0]', ['/bin/true', new Array(1), []]],
    ['ERR_INVALID_ARG_TYPE', 'env', ['/bin/true', [], { A: '1' }]],
    ['ERR_INVALID_ARG_TYPE', 'env[0]', ['/bin/true', [], [{}]]],
    [
      'ERR_INVALID_ARG_TYPE',
      'options.state',
      ['/bin/true', [], [], { state: {} } satisfies { state: unknown }],
    ],
    ['ERR_INVALID_ARG_VALUE', 'file', ['/bin/true\0', [], []]],
    ['ERR_INVALID_ARG_VALUE', 'argv[0]', ['/bin/true', ['a\0b'], []]],
    ['ERR_INVALID_ARG_VALUE', 'env[1]', ['/bin/true', [], ['A=1', Buffer.from([65, 61, 0])]]],
    ['ERR_INVALID_ARG_VALUE', 'argv[0]', ['/bin/true', ['\ud83d'], []]],
  ];
  test.each(cases)('%s: %s', (code, argument, [file, argv, env, options]) => {
    const error = caughtError(() => untyped(file, argv, env, options as ExecveOptions));
    expect(error).toMatchObject({ code, details: { argument } });
    expect(error instanceof TypeError).toBe(true);
  });

  test('U+FFFD itself is a character like any other', () => {
    const error = caughtError(() => execve('/missing/\ufffd', ['\ufffd'], []));
    expect(error).toMatchObject({ code: 'ENOENT' });
  });
});
