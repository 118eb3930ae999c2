import { spawnSync } from 'node:child_process';
import { fstatSync, readFileSync, readSync, writeSync } from 'node:fs';

import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';

import { closeDescriptor, openPipe } from '../src/index.js';
import { bundledScript } from './bundled-script.js';
import { caughtError } from './caught-error.js';
import { buildAddon } from './native-build.js';
import { openDescriptors } from './open-descriptors.js';
import { temporaryFolder } from './temporary-folder.js';

const folder = temporaryFolder();
let manyPipes: string;
beforeAll(() => {
  buildAddon();
  manyPipes = bundledScript(
    folder,
    'many-pipes',
    `
      let pipes = [];
      const open = () => { try { for (;;) pipes.push(native.openPipe()); } catch (error) { return error; } };
      const { code, syscall } = open();
      const first = pipes.length;
      for (const { reading, writing } of pipes.splice(0)) [reading, writing].forEach(native.closeDescriptor);
      open();
      console.log(code, syscall, first > 0 && pipes.length === first);
    `,
  );
}, 60_000);

let before: readonly string[];
beforeEach(() => {
  before = openDescriptors();
});
afterEach(() => expect(openDescriptors()).toEqual(before));

/** The flags of an open file, as the kernel tells them. */
const flagsOf = (fd: number) =>
  Number.parseInt(/^flags:\t(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '', 8);

const O_CLOEXEC = 0o2000000;
const O_WRONLY = 1;

test('a pipe: what is written is read, and its end is seen', () => {
  const { reading, writing } = openPipe();
  expect([reading, writing].map((fd) => fstatSync(fd).isFIFO())).toEqual([true, true]);
  expect([flagsOf(reading), flagsOf(writing)]).toEqual([O_CLOEXEC, O_CLOEXEC | O_WRONLY]);
  writeSync(writing, 'written');
  closeDescriptor(writing);
  const bytes = Buffer.alloc(10);
  expect(bytes.toString('utf8', 0, readSync(reading, bytes))).toBe('written');
  expect(readSync(reading, bytes)).toBe(0);
  closeDescriptor(reading);
});

test('without a reader, writing fails', () => {
  const { reading, writing } = openPipe();
  closeDescriptor(reading);
  expect(caughtError(() => writeSync(writing, 'x'))).toMatchObject({ code: 'EPIPE' });
  closeDescriptor(writing);
});

test('a program opens it by its path, and inherits no other end', () => {
  const { reading, writing } = openPipe();
  const { status } = spawnSync('sh', ['-c', `echo x > /dev/stdout; test ! -e /proc/$$/fd/${reading}`], {
    stdio: ['ignore', writing, 'inherit'],
  });
  expect(status).toBe(0);
  closeDescriptor(writing);
  expect(readFileSync(reading, 'utf8')).toBe('x\n');
  closeDescriptor(reading);
});

test('without free descriptors it fails, and none is left open', () => {
  const few = ['-c', 'ulimit -n 60; exec "$@"', 'sh', process.execPath, manyPipes];
  const { stdout } = spawnSync('sh', few, { encoding: 'utf8' });
  expect(stdout).toBe('EMFILE pipe2 true\n');
});
