import { expect, test } from '@jest/globals';

import { creatorsOf, gofersOf, seenProcesses } from '../../src/container/process-files.js';

test('a call that creates is the one that names the pid file', () => {
  const processes = [
    { pid: 2, args: ['runc', 'create', '--pid-file', '/s/web/init.pid', 'web'] },
    { pid: 3, args: ['runc', 'create', '--pid-file=/s/web/init.pid', 'web'] },
    { pid: 4, args: ['runc', 'create', '--pid-file', '/s/web-1/init.pid', 'web-1'] },
    { pid: 5, args: ['cat', '/s/web/init.pid.old'] },
  ];
  expect(creatorsOf('/s/web/init.pid', processes)).toEqual([2, 3]);
});

test('a gofer is one by its name and its bundle', () => {
  const processes = [
    { pid: 2, args: ['runsc-gofer', '--root=/r', 'gofer', '--bundle', '/b'] },
    { pid: 3, args: ['runsc-gofer', 'gofer', '--bundle=/b'] },
    { pid: 4, args: ['runsc-gofer', 'gofer', '--bundle=/b2'] },
    { pid: 5, args: ['runsc-sandbox', 'boot', '--bundle=/b'] },
  ];
  expect(gofersOf('/b', processes)).toEqual([2, 3]);
});

test('this process is among those that are seen', async () => {
  const pids = (await seenProcesses()).map(({ pid }) => pid);
  expect(pids).toContain(process.pid);
});
