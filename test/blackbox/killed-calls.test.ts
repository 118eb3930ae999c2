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

describeWith(['busybox', 'strace', 'prlimit'], 'a prlimit that fails', () => {
  const own = ownPackage();
  const plain = () => bundleOf(specOf(''));
  const triggered = () => bundleOf(specOf('', { annotations: { 'sgs.snucse.org/os-volume': 'x' } }));
  /** @param from - which prlimit64 of the call is the first that fails; before it stand the launcher's questions */
  const call = (from: number, bundle: string) => {
    const [program = '', ...args] = strace(
      ...['-o', '/dev/null', '--trace=prlimit64', `--inject=prlimit64:error=EPERM:when=${from}+`],
      ...['prlimit', '--nofile=20:4096', own.wrapper, 'create', '--bundle', bundle, 'x'],
    );
    return runProgram(program, args, { env: quiet });
  };

  test.each([
    ['where the limits are asked for', 3, 'cannot read the limits of the process: prlimit64: EPERM'],
    ['where one is raised', 20, 'cannot raise for Node RLIMIT_NOFILE: EPERM'],
  ])('%s, is said: a call that carries a trigger is refused, any other goes on', (_title, from, message) => {
    forgetTables();
    const refused = call(from, triggered());
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain(`${message} [ERR_NODE_CANNOT_RUN]`);
    expect(call(from, plain())).toMatchObject({ status: 0, stderr: '' });
  });
});
