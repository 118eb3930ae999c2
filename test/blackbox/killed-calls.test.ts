import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { expect, test } from '@jest/globals';

import { bundleOf, specOf } from './bundle.js';
import { configuredMachine } from './configured-machine.js';
import { forgetTables, ownPackage, tableFolder } from './own-package.js';
import { describeWith, recordingRuntime } from './programs.js';
import { runProgram } from './run-program.js';
import { strace } from './traced-call.js';

const quiet = { SGS_RUNC_PATH: recordingRuntime, OCIWRAP_LOG_FILE: '/dev/null' };

describeWith(['busybox', 'strace'], 'what calls that were killed have left', () => {
  const own = ownPackage();
  const create = () => ['create', '--bundle', bundleOf(specOf('')), 'x'];

  /** A call that is killed when it is about to give its file the name of the table. */
  const killedAtRename = () => {
    const [program = '', ...args] = strace(
      ...['-o', '/dev/null', '--trace=/^rename', '--inject=/^rename:signal=KILL:error=EINTR'],
      own.wrapper,
      ...create(),
    );
    return runProgram(program, args, { env: quiet });
  };

  test('in the folder of the table is removed by the next that writes there', () => {
    forgetTables();
    mkdirSync(tableFolder, { mode: 0o700 });
    writeFileSync(join(tableFolder, '.999999999-1'), 'half', { mode: 0o600 });
    expect(runProgram(own.wrapper, create(), { env: quiet })).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(tableFolder)).toEqual([basename(own.table)]);
  });

  test('by a call that strace kills in the middle of writing the table', () => {
    forgetTables();
    mkdirSync(tableFolder, { mode: 0o700 });
    expect(killedAtRename()).toMatchObject({ signal: 'SIGKILL' });
    const [left = ''] = readdirSync(tableFolder);
    expect(left).toMatch(/^\.\d+-\d+$/);
    expect(runProgram(own.wrapper, create(), { env: quiet })).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(tableFolder)).toEqual([basename(own.table)]);
    rmSync(tableFolder, { recursive: true });
  });

  test('in the memory of the last good configuration, too', () => {
    const machine = configuredMachine({ 'config.toml': 'log.level = "warn"\n' });
    writeFileSync(join(machine.state, '.999999999-1'), 'half', { mode: 0o600 });
    expect(machine.call(create(), { env: quiet })).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(machine.state)).toEqual(['last-good-settings']);
  });
});
