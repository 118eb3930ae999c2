import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { expect, test } from '@jest/globals';

import { creatorsOf, goferPids, gofersOf, seenProcesses } from '../../src/container/process-files.js';

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

test('gofers of a container are looked for where its runtime has any', async () => {
  // Bash names itself as it is told to.
  const script = 'exec -a runsc-gofer sh -c "echo; read word" -- --bundle=/b';
  const gofer = spawn('bash', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(gofer.stdout, 'data');
  expect(await goferPids('runsc', '/b')).toEqual([gofer.pid]);
  expect(await goferPids('unknown', '/b')).toEqual([gofer.pid]);
  expect(await goferPids('runc', '/b')).toEqual([]);
  expect(await goferPids('crun', '/b')).toEqual([]);
  gofer.stdin.end();
  await once(gofer, 'close');
});

test('this process is among those that are seen', async () => {
  const pids = (await seenProcesses()).map(({ pid }) => pid);
  expect(pids).toContain(process.pid);
});
