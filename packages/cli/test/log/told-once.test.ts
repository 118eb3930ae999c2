import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { forgetTold, tellOnce, toldFault } from '../../src/log/told-once.js';
import { nodeSystem } from '../../src/system/node-system.js';
import {
  type Failure,
  type FileStatus,
  isFailure,
  type System,
  SystemError,
} from '../../src/system/system.js';
import { temporaryFolder } from '../temporary-folder.js';

const home = temporaryFolder();

/** As root sees its own files. */
const owned = (status: FileStatus | Failure) => (isFailure(status) ? status : { ...status, uid: 0 });
const real = nodeSystem();
const system: System = {
  ...real,
  geteuid: () => 0,
  lstat: (path) => owned(real.lstat(path)),
  fstat: (fd) => owned(real.fstat(fd)),
};
const full = new SystemError({ errno: 'ENOSPC', syscall: 'write' }, '/var/log/l');
let count = 0;

/** A machine that has told nothing yet, and an engine's log. */
function machine(on = system) {
  count += 1;
  const [folder, log] = [join(home, `told-${count}`), join(home, `runtime-${count}.log`)];
  const invocation = { log: Buffer.from(log), logFormat: 'json' } as const;
  return {
    folder,
    tell: (file: string, failure: unknown = full) =>
      tellOnce(on, { kind: 'log', file }, failure, { invocation, folder }),
    told: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line))
        : [],
  };
}

test('each file once, with what is wrong with it', () => {
  const { tell, told } = machine();
  for (const file of ['/var/log/a', '/var/log/a', '/var/log/b']) tell(file);
  expect(told()).toMatchObject([
    { level: 'warning', msg: expect.stringContaining('its log, "/var/log/a": ENOSPC.') },
    { level: 'warning', msg: expect.stringContaining('its log, "/var/log/b": ENOSPC.') },
  ]);
});

test('a failure that is no errno is told in its own words', () => {
  const { tell, told } = machine();
  tell('/var/log/a', new Error('not a regular file'));
  expect(told()).toMatchObject([{ msg: expect.stringContaining('"/var/log/a": not a regular file.') }]);
});

test('again when it was forgotten', () => {
  const { tell, told, folder } = machine();
  tell('/var/log/a');
  forgetTold(system, 'log', '/var/log/a', folder);
  tell('/var/log/a');
  expect(told()).toHaveLength(2);
});

test('not where no mark can be left', () => {
  const { tell, told, folder } = machine();
  writeFileSync(folder, 'in the way');
  tell('/var/log/a');
  expect(told()).toEqual([]);
});

test('nor by an ordinary user', () => {
  const { tell, told, folder } = machine({ ...system, geteuid: () => 1000 });
  tell('/var/log/a');
  expect(told()).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});

test('whoever asks is told since when, unless the mark may be of others', () => {
  const { tell, folder } = machine();
  expect(toldFault(system, 'log', '/var/log/a', folder)).toBeUndefined();
  tell('/var/log/a');
  const fault = { file: '/var/log/a', why: 'ENOSPC', since: expect.stringMatching(/^\d{4}-/) };
  expect(toldFault(system, 'log', '/var/log/a', folder)).toEqual(fault);
  expect(toldFault(system, 'metrics', '/var/log/a', folder)).toBeUndefined();
  const [name = ''] = readdirSync(folder);
  chmodSync(join(folder, name), 0o666);
  expect(toldFault(system, 'log', '/var/log/a', folder)).toBeUndefined();
});

test('a mark that is not whole is one', () => {
  const { tell, told, folder } = machine();
  mkdirSync(folder);
  const probe = machine();
  probe.tell('/var/log/a');
  const [name = ''] = readdirSync(probe.folder);
  writeFileSync(join(folder, name), '{"fi');
  tell('/var/log/a');
  expect(told()).toEqual([]);
  expect(toldFault(system, 'log', '/var/log/a', folder)).toBeUndefined();
});
