import { expect, test } from '@jest/globals';

import { readFoundCall } from '../../src/call/found-call.js';
import { bytesOf } from '../../src/system/text.js';

const found = (members: Readonly<Record<string, string>>) =>
  readFoundCall(new Map(Object.entries(members).map(([name, value]) => [name, bytesOf(value)])));

const LEAST = { path: '/usr/bin/runc', device: '1', inode: '2', mode: 'runc', depth: '1', verb: 'create' };

test('nothing is known where the launcher found nothing', () => {
  expect(found({})).toBeUndefined();
});

test('what a call has at least', () => {
  const runtime = { path: '/usr/bin/runc', argv0: 'runc', id: { dev: 1n, ino: 2n }, mode: 'runc' };
  expect(found(LEAST)).toEqual({
    resolution: { runtime, mode: 'runc', warnings: [], trail: [], depth: 1 },
    invocation: { verb: 'create', certain: true },
    hasTable: false,
  });
});

test('all that the launcher may tell', () => {
  const answer = found({
    ...LEAST,
    path: '/usr/bin/nvidia-container-runtime.real',
    realPath: '/opt/nvidia/runtime',
    inode: '18446744073709551615',
    mode: 'nvidia',
    depth: '3',
    nvidiaConfig: '/etc/nvidia/config.toml',
    bundle: '/run/b=c',
    configFile: 'other.json',
    id: 'c1',
    log: '/run/log',
    logFormat: 'json',
    root: '/run/r',
    table: 'yes',
  });
  const runtime = {
    path: '/usr/bin/nvidia-container-runtime.real',
    realPath: '/opt/nvidia/runtime',
    argv0: 'nvidia-container-runtime.real',
    id: { dev: 1n, ino: 18_446_744_073_709_551_615n },
    mode: 'nvidia',
    nvidiaConfig: '/etc/nvidia/config.toml',
  };
  expect(answer).toEqual({
    resolution: { runtime, mode: 'nvidia', warnings: [], trail: [], depth: 3 },
    invocation: {
      verb: 'create',
      bundle: bytesOf('/run/b=c'),
      configFile: bytesOf('other.json'),
      id: bytesOf('c1'),
      log: bytesOf('/run/log'),
      logFormat: 'json',
      root: bytesOf('/run/r'),
      certain: true,
    },
    hasTable: true,
  });
});
