import { expect, test } from '@jest/globals';

import { SystemError } from '@opencontainers-ts/runtime-spec/bundle';
import { failure } from '../../src/commands/failure.js';
import { ociwrap } from '../../src/main/ociwrap.js';
import { machine } from '../machine.js';
import { testWorld } from './world.js';

test.each<[error: SystemError, said: string]>([
  [
    new SystemError({ errno: 'EACCES', syscall: 'lstat' }, '/a\n'),
    'lstat failed with EACCES for "/a\\u000a"',
  ],
  [new SystemError({ errno: 'EIO', syscall: 'read' }), 'read failed with EIO'],
  [new SystemError({ errno: 'EMFILE' }, '/a'), 'a system call failed with EMFILE for "/a"'],
])('a machine that cannot be read is no bug: %s', (error, said) => {
  const { status, stderr } = failure(error);
  expect(status).toBe(1);
  expect(stderr.startsWith(`ociwrap: ${said} [ERR_INPUT_UNREADABLE]: `)).toBe(true);
});

test('a bug is one', () => {
  expect(failure(new TypeError('x is undefined')).stderr).toContain('[ERR_UNEXPECTED]');
});

test.each([
  [['cdi', 'validate', '--spec-dir', '/etc/cdi']],
  [['validate', '/etc/cdi']],
  [['explain', '/etc/cdi']],
])('wherever in a command it is thrown: %j', async (args) => {
  const fail = (): never => {
    throw new SystemError({ errno: 'EACCES', syscall: 'lstat' }, '/etc/cdi');
  };
  const { world } = testWorld({ host: { ...machine(), lstat: fail, stat: fail } });
  const { stderr } = await ociwrap(args, world);
  expect(stderr).toMatch(/^ociwrap: .*"\/etc\/cdi".* \[ERR_INPUT_UNREADABLE\]: .*\n$/);
});
