import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';
import { call, comparable, type StartState } from '../../cli/test/recorded-call.js';
import { temporaryFolder } from '../../cli/test/temporary-folder.js';
import { type PackagedFolder, packagedFolder } from './packaged-folder.js';

const folder = temporaryFolder();
let packaged: PackagedFolder;
beforeAll(async () => {
  packaged = await packagedFolder(folder, 'become-runtime.ts');
  // What bin/ociwrap starts: it shows what it was started with.
  const show = 'process.stdout.write(JSON.stringify({ argv: process.argv.slice(2), env: process.env }))';
  writeFileSync(join(folder, 'lib/ociwrap.cjs'), show);
}, 60_000);

const gaps = [3, 4, 7, 15, 16, 17, 63, 64, 128, 199, 200];

const states: readonly (readonly [string, StartState])[] = [
  ['a plain call', { argv: ['runc', '--root', '/run/x', 'state', 'c1'], env: ['PATH=/bin'] }],
  ['no arguments beyond the name', { argv: ['runc'] }],
  ['an empty name and empty arguments', { argv: ['', '', 'a', ''] }],
  ['arguments that are not UTF-8', { argv: ['runc', Buffer.from([0x80, 0xff, 0x0a, 0x22]), 'é\u{1f40b}'] }],
  [
    'variables that are not UTF-8',
    { env: [Buffer.from([0x41, 0x3d, 0xff, 0xc3]), 'A=2', 'A=3', '=', 'no equals'] },
  ],
  [
    'variables that mean something to Node',
    {
      env: [
        'NODE_OPTIONS=--require=/missing',
        'LD_PRELOAD=/missing',
        'LD_LIBRARY_PATH=/tmp',
        'NODE_EXTRA_CA_CERTS=/x',
      ],
    },
  ],
  [
    'socket activation',
    { env: ['LISTEN_FDS=2', 'LISTEN_PID=1'], instructions: ['open=3:/dev/null', 'open=4:/dev/zero'] },
  ],
  ['a long environment', { env: Array.from({ length: 2000 }, (_, index) => `V${index}=${'x'.repeat(100)}`) }],
  ['many descriptors with gaps', { instructions: gaps.map((fd) => `open=${fd}:/dev/null`) }],
  [
    'a thousand descriptors',
    { instructions: Array.from({ length: 1000 }, (_, index) => `open=${index + 3}:/dev/null`) },
  ],
  ['pipes, which must stay blocking', { instructions: ['pipe=0', 'pipe=5', 'pipe=20'] }],
  ['a closed stdin', { instructions: ['close=0'] }],
  ['a closed stdout', { instructions: ['close=1'] }],
  ['a closed stderr', { instructions: ['close=2'] }],
  ['nothing open at all', { instructions: ['close=0', 'close=1', 'close=2'] }],
  [
    'closed standard streams and a descriptor above',
    { instructions: ['open=9:/dev/null', 'close=0', 'close=1', 'close=2'] },
  ],
  ['an ignored SIGHUP', { instructions: ['ignore=1'] }],
  ['ignored SIGPIPE and SIGXFSZ', { instructions: ['ignore=13', 'ignore=25'] }],
  ['ignored signals of libc and a real-time one', { instructions: ['ignore=32', 'ignore=33', 'ignore=64'] }],
  ['blocked signals', { instructions: ['block=1', 'block=10', 'block=15', 'block=17'] }],
  ['blocked signals of libc', { instructions: ['block=32', 'block=33', 'block=34', 'block=64'] }],
  [
    'everything ignored and blocked',
    {
      instructions: Array.from({ length: 64 }, (_, index) => index + 1)
        .filter((signal) => signal !== 9 && signal !== 19)
        .flatMap((signal) => [`ignore=${signal}`, `block=${signal}`]),
    },
  ],
  ['a low soft RLIMIT_NOFILE', { instructions: ['limit=7:64'] }],
  ['a soft RLIMIT_NOFILE below an open descriptor', { instructions: ['open=200:/dev/null', 'limit=7:5'] }],
  [
    'a hard RLIMIT_NOFILE right above the descriptors',
    { instructions: ['open=59:/dev/null', 'limit=7:60:60'] },
  ],
  [
    'soft limits that Node cannot live with',
    {
      instructions: ['limit=1:0', 'limit=2:33554432', 'limit=3:131072', 'limit=9:67108864'],
    },
  ],
  ['a umask', { instructions: ['umask=0'] }],
  ['a strict umask', { instructions: ['umask=777'] }],
  ['a parent death signal', { instructions: ['deathsignal=15'] }],
  ['another working directory', { instructions: ['cwd=/usr/lib'] }],
  ['a working directory that was removed', { instructions: [`removed=${folder}/removed`] }],
  ['no name at all', { argv: [] }],
];

describe('the runtime finds the same process state behind the launcher', () => {
  test.each(states)('%s', (_name, state) => {
    const direct = call(packaged, packaged.runtime, state);
    const behind = call(packaged, packaged.launcher, state);
    expect(direct).toMatchObject({ status: 0, stderr: '' });
    expect(behind).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(direct.record).toBeDefined();
    expect(comparable(behind)).toEqual(comparable(direct));
    expect(behind.record?.pid).toBe(behind.pid);
  });
});

describe('a signal that arrives while Node works', () => {
  const cases = [
    ['an ignored SIGHUP is forgotten', 1, ['ignore=1'], { signal: null, pending: 0n }],
    ['an ignored SIGUSR1 is forgotten', 10, ['ignore=10'], { signal: null, pending: 0n }],
    ['an ignored SIGTERM is forgotten', 15, ['ignore=15'], { signal: null, pending: 0n }],
    ['a blocked SIGTERM waits', 15, ['block=15'], { signal: null, pending: 1n << 14n }],
    ['a blocked SIGUSR1 waits', 10, ['block=10'], { signal: null, pending: 1n << 9n }],
    ['a blocked real-time signal waits', 40, ['block=40'], { signal: null, pending: 1n << 39n }],
    ['SIGTERM ends the call', 15, [], { signal: 'SIGTERM' }],
    ['SIGUSR1 ends the call and opens no debugger', 10, [], { signal: 'SIGUSR1' }],
  ] as const;

  test.each(cases)('%s', (_name, number, instructions, expected) => {
    const result = call(packaged, packaged.launcher, { env: [`SIGNAL=${number}`], instructions });
    expect(result.stderr).toBe('');
    expect(result.signal).toBe(expected.signal);
    if ('pending' in expected) {
      expect(BigInt(`0x${result.record?.pendingSignals}`)).toBe(expected.pending);
    } else {
      expect(result.record).toBeUndefined();
    }
  });
});

describe('in a folder whose name the dynamic linker would take apart', () => {
  let awkward: PackagedFolder;
  beforeAll(async () => {
    const place = join(folder, 'a b:c$d');
    mkdirSync(place);
    awkward = await packagedFolder(place, 'become-runtime.ts');
  }, 60_000);

  test('a signal that the caller ignores is still forgotten', () => {
    const result = call(awkward, awkward.launcher, { env: ['SIGNAL=1'], instructions: ['ignore=1'] });
    expect(result).toMatchObject({ status: 0, signal: null, stderr: '' });
  });

  const named = ['a plain call', 'nothing open at all', 'many descriptors with gaps'];
  const tight = 'a hard RLIMIT_NOFILE right above the descriptors';
  test.each(states.filter(([name]) => [...named, tight].includes(name)))('%s', (_name, state) => {
    const behind = call(awkward, awkward.launcher, state);
    expect(behind).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(comparable(behind)).toEqual(comparable(call(awkward, awkward.runtime, state)));
  });
});

const without = (file: string, act: () => void) => {
  const path = join(packaged.folder, 'lib', file);
  renameSync(path, `${path}.away`);
  try {
    act();
  } finally {
    renameSync(`${path}.away`, path);
  }
};

test('the launcher works without its signal guard', () => {
  without('signal-guard.so', () => {
    expect(call(packaged, packaged.launcher, {})).toMatchObject({ status: 0, stderr: '' });
  });
});

test.each(['node', 'ociwrap.cjs'])(
  'without lib/%s, ociwrap names the file in one line and exits with 1',
  (file) => {
    const path = join(packaged.folder, 'lib', file);
    without(file, () => {
      const { status, stdout, stderr } = spawnSync(packaged.ociwrap, [], { encoding: 'utf8' });
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(new RegExp(`^ociwrap: [^\n]*"${path}": ENOENT\n$`));
    });
  },
);

test('bin/ociwrap passes arguments and environment on, but for variables that change which code runs', () => {
  const env = { A: '1', HOME: '/root', NODE_OPTIONS: '--require=/missing', LD_PRELOAD: '', NODE_PATH: '/x' };
  const { status, stdout } = spawnSync(packaged.ociwrap, ['explain', '--json', ''], {
    encoding: 'utf8',
    env,
  });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ argv: ['explain', '--json', ''], env: { A: '1', HOME: '/root' } });
});

test('the launcher is found behind symbolic links, by whatever name', () => {
  const link = join(folder, 'nvidia-container-runtime');
  symlinkSync('bin/oci-runtime-wrapper', link);
  const behind = call(packaged, link, { argv: ['nvidia-container-runtime'] });
  expect(behind).toMatchObject({ status: 0, record: { argv: ['nvidia-container-runtime'] } });
});

test('the exit status of the runtime is that of the call', () => {
  writeFileSync(`${packaged.runtime}.exit`, '42');
  expect(call(packaged, packaged.launcher, {})).toMatchObject({ status: 42, stderr: '' });
  rmSync(`${packaged.runtime}.exit`);
});

test('a launcher carries the marker of ourselves at its head, the recording runtime does not', () => {
  const head = (file: string) =>
    readFileSync(file).subarray(0, 4096).includes('ociwrap:self:oci-runtime-wrapper');
  expect(head(packaged.launcher)).toBe(true);
  expect(head(packaged.ociwrap)).toBe(true);
  expect(head(packaged.runtime)).toBe(false);
});
