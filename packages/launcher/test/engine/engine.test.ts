import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, test } from '@jest/globals';
import { plainScans } from '@opencontainers-ts/runtime-spec';
import { build } from 'esbuild';
import { nodeModuleHost } from '../../../cli/src/system/node-module-host.js';
import { nodeSystem } from '../../../cli/src/system/node-system.js';
import { temporaryFolder } from '../../../cli/test/temporary-folder.js';
import { linkEngineProgram } from '../../tools/engine-program.mjs';
import { hostFunctionNames, makeSnapshot, writeSnapshot } from '../../tools/make-snapshot.mjs';
import { realmAnswers } from './realm-answers.js';
import { scanAnswers, textAnswers } from './scan-answers.js';
import { systemAnswers } from './system-answers.js';

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = temporaryFolder();
const program = join(here, 'dist/engine-program');

/** A bundle as the launcher gets one, of the programs in engine/programs.ts. */
async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(here, 'engine/programs.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'neutral',
    target: 'es2023',
    legalComments: 'none',
  });
  return outputFiles[0]?.text ?? '';
}

const snapshotOf = (source: string) =>
  makeSnapshot({ source, fileName: 'programs.js', hostFunctions: hostFunctionNames() });

beforeAll(async () => {
  const snapshot = join(folder, 'snapshot');
  writeSnapshot(await snapshotOf(await bundled()), snapshot);
  await linkEngineProgram({
    snapshot,
    sources: [join(here, 'native/engine-program.cc')],
    output: program,
    flags: ['-O1'],
  });
}, 300_000);

/** What has an end, deep as it is: whether the stack is enough for it does not matter. */
const DEEP_ENOUGH = new Set(['bind', 'flat', 'stringify']);

interface End {
  readonly failure: string;
  readonly status: number;
  readonly text: string;
  /** What the program itself wrote before. */
  readonly output: string;
}

function run(
  words: readonly string[],
  command: readonly string[] = [program],
  options = {},
): SpawnSyncReturns<string> {
  const [path = '', ...args] = [...command, ...words];
  return spawnSync(path, args, {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '' },
    maxBuffer: 1 << 28,
    ...options,
  });
}

function endOf(words: readonly string[], command?: readonly string[], options = {}): End {
  const { stdout, signal, error } = run(words, command, options);
  expect([signal, error]).toEqual([null, undefined]);
  const found = /([a-z ]+)\n(\d+)\n([\s\S]*)$/.exec(stdout.slice(stdout.lastIndexOf('\0') + 1));
  const [, failure = '', status = '', text = ''] = found ?? [];
  return { failure, status: Number(status), text, output: stdout.split('\0')[0] ?? '' };
}

describe('the snapshot', () => {
  test('made twice it is the same, and holds no source text', async () => {
    const source = `${await bundled()}\n// a comment that is nowhere else\nglobalThis.tellTale = () => 'a' + 'constant';`;
    const [one, other] = [await snapshotOf(source), await snapshotOf(source)];
    const bytesOf = ({ pieces }: typeof one) => Buffer.concat(pieces.map(({ bytes }) => bytes));
    expect(Buffer.compare(bytesOf(one), bytesOf(other))).toBe(0);
    const starts = (snapshot: typeof one) => ({
      ...snapshot,
      pieces: snapshot.pieces.map(({ start }) => start),
    });
    expect(starts(one)).toEqual(starts(other));
    const bytes = bytesOf(one);
    expect(bytes.includes('tellTale')).toBe(true);
    expect(bytes.includes('a comment that is nowhere else') || bytes.includes("'constant'")).toBe(false);
  });

  test.each([
    ['globalThis.now = Date.now();', 'the clock'],
    ['globalThis.now = new Date();', 'the clock'],
    ['globalThis.now = new Date(0).getHours();', 'the time zone'],
    ['globalThis.now = performance.now();', 'the clock'],
    ['globalThis.luck = Math.random();', 'no random numbers'],
    ['host.environment();', 'host.environment is called'],
    ['import("node:fs").catch((error) => { throw error; }); throw new Error("later");', 'later'],
    ['throw new TypeError("at once");', 'TypeError: at once'],
    ['globalThis.half = ;', 'SyntaxError'],
  ])('nothing of this machine may be in it: %s', async (source, why) => {
    await expect(snapshotOf(source)).rejects.toThrow(why);
  });

  test('what is pure works while the bundle is evaluated', async () => {
    const source =
      'if (new TextDecoder().decode(new TextEncoder().encode("é")) !== "é") throw new Error("no");';
    await expect(snapshotOf(source)).resolves.toBeDefined();
  });
});

describe('every end of a call is a value', () => {
  const ends: readonly (readonly [string, { failure: string; status?: number; text?: RegExp }])[] = [
    ['empty', { failure: 'none', status: 7 }],
    ['asynchronous', { failure: 'none', status: 11 }],
    ['rejected and handled', { failure: 'none', status: 12 }],
    [
      'rejected and unseen',
      { failure: 'uncaught exception', text: /^Error: nobody looked\n.*programs\.js:\d+/ },
    ],
    ['throws', { failure: 'uncaught exception', text: /^TypeError: a message\n/ }],
    ['throws what is no error', { failure: 'uncaught exception', text: /^its own text$/ }],
    ['throws what cannot be told', { failure: 'uncaught exception', text: /cannot be told/ }],
    ['rejects', { failure: 'uncaught exception', text: /^RangeError: later/ }],
    ['waits', { failure: 'unfinished' }],
    ['no status', { failure: 'no status' }],
    ['no such program', { failure: 'no status' }],
    ['uses all memory', { failure: 'out of memory' }],
  ];
  test.each(ends)('%s', (name, { text = /^/, ...wanted }) => {
    const end = endOf([name]);
    expect(end).toMatchObject(wanted);
    expect(end.text.trimEnd()).toMatch(text);
  });

  test('recursion of every kind ends as an error that is caught', () => {
    const { failure, output, text } = endOf(['recursion']);
    expect([failure, text.trim()]).toEqual(['none', '']);
    const answers = JSON.parse(output) as Record<string, string>;
    expect(Object.keys(answers).length).toBeGreaterThan(20);
    for (const [name, answer] of Object.entries(answers)) {
      expect([name, answer]).toEqual([name, DEEP_ENOUGH.has(name) ? expect.any(String) : 'caught']);
    }
  });
});

describe('the process', () => {
  test('has no thread, no handler of a signal and no mask afterwards', () => {
    const { stdout } = run(['empty', 'tell']);
    expect(stdout).toMatch(/^Threads:\s+1$/m);
    for (const set of ['SigPnd', 'SigBlk', 'SigIgn', 'SigCgt']) {
      expect(stdout).toMatch(new RegExp(`^${set}:\\s+0+$`, 'm'));
    }
  });

  test.each([
    [['prlimit', '--as=268435456', program], 'none'],
    [['prlimit', '--as=67108864', program], 'none'],
    [['prlimit', '--data=67108864', program], 'none'],
    [['prlimit', '--stack=65536', program], 'none'],
    [['prlimit', '--as=16777216', program], 'no memory'],
  ])('under a limit: %s', (command, failure) => {
    expect(endOf(['empty'], command).failure).toBe(failure);
    if (failure === 'none') expect(endOf(['recursion'], command).failure).toMatch(/^(none|out of memory)$/);
  });

  test('needs no file but its own', () => {
    if (process.getuid?.() !== 0) return;
    const root = join(folder, 'chroot');
    mkdirSync(root);
    copyFileSync(program, join(root, 'program'));
    expect(endOf(['empty'], ['chroot', root, '/program'])).toMatchObject({ failure: 'none', status: 7 });
  });

  test('is told as the kernel gave it', () => {
    const { output } = endOf(['process', 'a', '', 'é b'], undefined, { cwd: folder, env: { A: '1', B: '' } });
    const { dev, ino } = statSync(program, { bigint: true });
    const told = JSON.parse(output) as Record<string, unknown>;
    expect(told).toMatchObject({
      argv: ['a', '', 'é b'],
      environ: ['A=1', 'B='],
      execFn: program,
      exe: [realpathSync(program), `${dev}`, `${ino}`],
      cwd: realpathSync(folder),
      euid: process.geteuid?.(),
    });
    expect(Math.abs(Number(told['now']) - Date.now())).toBeLessThan(60_000);
    expect(Math.abs(Number(told['now']) - Number(told['date']))).toBeLessThan(1000);
    expect(told['uptime']).toBeGreaterThan(0);
  });

  test('waits as long as it is told to', () => {
    expect(endOf(['sleep']).status).toBe(0);
  });

  test('changes its root and leaves nothing of it outside', () => {
    if (process.getuid?.() !== 0) return;
    const root = join(folder, 'a root');
    mkdirSync(join(root, 'inner'), { recursive: true });
    writeFileSync(join(root, 'file'), '');
    const { output } = endOf(['changes its root', root], undefined, { cwd: join(root, 'inner') });
    expect(JSON.parse(output)).toEqual({
      failures: [
        { errno: 'ENOENT', syscall: 'chroot' },
        { errno: 'ENOTDIR', syscall: 'chroot' },
      ],
      done: 'done',
      cwd: '/',
      here: ['file', 'inner'],
      above: ['file', 'inner'],
    });
  });

  test.each([
    ['a process among others', []],
    ['the first of its pid namespace', ['unshare', '--fork', '--pid']],
  ])('waits for the signals that would end it: %s', async (_, wrapper) => {
    if (process.getuid?.() !== 0) return;
    const [path = '', ...args] = [...wrapper, program, 'awaits signals', '60000', '3'];
    const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const parent = child.pid ?? 0;
    let told = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      // From here on they are held back.
      if (told === '') {
        const below = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8');
        const pid = wrapper.length === 0 ? parent : Number(below);
        for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) process.kill(pid, signal);
      }
      told += text;
    });
    const status = await new Promise((resolve) => child.on('close', resolve));
    const [first, ...signals] = told.split('\0').slice(0, 4);
    expect([first, ...signals.sort(), status]).toEqual(['blocked "none"', 'SIGHUP', 'SIGINT', 'SIGTERM', 0]);
  });

  test.each([
    ['8:4096', 100, 'Max file size             8                    4096'],
    ['8:8', 100, '"EFBIG"'],
    ['8:64', 100, 'Max file size             8                    64'],
  ])('writes below the hard limit of the size of files: %s', (limit, size, told) => {
    const file = join(folder, 'written');
    const command = ['prlimit', `--fsize=${limit}`, program];
    const { stdout } = run(['writes beyond a limit', file, `${size}`], command);
    expect(stdout).toContain(told);
    if (limit === '8:4096') expect(readFileSync(file, 'utf8')).toBe('a'.repeat(size));
    for (const set of ['SigPnd', 'ShdPnd', 'SigBlk'])
      expect(stdout).toMatch(new RegExp(`^${set}:\\s+0+$`, 'm'));
  });

  test('becomes another program, which finds the signals as they were', () => {
    const script = '(sleep 0.1; exec "$@" 3) 3>&1 >"$0" | true; sleep 0.3; cat "$0"';
    const file = join(folder, 'status');
    const { stdout } = run(
      [],
      ['sh', '-c', script, file, program, 'becomes another', '/bin/cat', 'cat', '/proc/self/status'],
    );
    expect(stdout).toMatch(/^Name:\s+cat$/m);
    for (const set of ['SigPnd', 'ShdPnd', 'SigBlk', 'SigIgn', 'SigCgt']) {
      expect(stdout).toMatch(new RegExp(`^${set}:\\s+0+$`, 'm'));
    }
  });
});

describe('a program that is run beside the process', () => {
  const startInState = join(here, '../dist/programs/start-in-state');
  const statusOf = (stdout: string, set: string) => new RegExp(`^${set}:\\s+(\\w+)$`, 'm').exec(stdout)?.[1];
  const CHILD = (1n << 16n).toString(16).padStart(16, '0');
  const NONE = '0'.repeat(16);

  const states: readonly (readonly [string, readonly string[], { ignored?: string; blocked?: string }])[] = [
    ['as it is', [], {}],
    ['that ignores SIGCHLD', ['ignore=17'], { ignored: CHILD }],
    ['that blocks SIGCHLD', ['block=17'], { blocked: CHILD }],
    ['without stdin and stderr', ['close=0', 'close=2'], {}],
  ];
  test.each(states)(
    'leaves a process %s no child and no signal',
    (_, state, { ignored = NONE, blocked = NONE }) => {
      const script = 'echo "$0 $ONLY"; exit 3';
      const words = [program, 'runs a program', '60000', '/bin/sh', 'a shell', '-c', script];
      const argv = words.map((word) => `arg=${Buffer.from(word).toString('hex')}`);
      const { stdout } = run([...state, ...argv, program], [startInState]);
      const [answer = '', status = ''] = stdout.split('\0');
      expect(JSON.parse(answer)).toEqual({ status: 3, output: 'a shell this\n' });
      expect(status).toMatch(/^Name:\s+cat$/m);
      const left = ['SigPnd', 'ShdPnd', 'SigBlk', 'SigIgn'].map((set) => statusOf(status, set));
      expect(left).toEqual([NONE, NONE, blocked, ignored]);
      expect(status.endsWith('\n')).toBe(true); // a list of children would stand in the last line
    },
  );

  test('has none of its descriptors, and its own signals', () => {
    const script = 'ls /proc/self/fd; grep -E "^Sig(Blk|Ign)" /proc/self/status';
    const words = [program, 'runs a program', '60000', '/bin/sh', 'sh', '-c', script];
    const argv = words.map((word) => `arg=${Buffer.from(word).toString('hex')}`);
    const state = ['open=7:/dev/null', 'open=200:/dev/zero', 'ignore=13', 'block=15'];
    const { stdout } = run([...state, ...argv, program], [startInState]);
    const { output } = JSON.parse(stdout.split('\0')[0] ?? '') as { output: string };
    expect(output).toBe(`0\n1\n2\n3\nSigBlk:\t${NONE}\nSigIgn:\t${NONE}\n`);
  });

  test('is killed with all that it has started', () => {
    const mark = join(folder, 'pid');
    const script = `sleep 100000 & echo $! >${mark}; yes`;
    const { stdout } = run(['runs a program', '60000', '/bin/sh', 'sh', '-c', script]);
    expect(JSON.parse(stdout.split('\0')[0] ?? '')).toMatchObject({ errno: 'EFBIG' });
    const pid = Number(readFileSync(mark, 'utf8'));
    expect(pid).toBeGreaterThan(1);
    expect(isLiving(pid)).toBe(false);
  });

  /** What is dead may wait to be waited for. */
  function isLiving(pid: number): boolean {
    try {
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  }
});

describe('the port', () => {
  function tree(name: string): string {
    const root = join(folder, name);
    for (const each of ['links', 'many', 'root/inner/deep', 'root/hollow'])
      mkdirSync(join(root, each), { recursive: true });
    for (const each of ['target', 'root/file', 'root/inner/file', 'root/inner/a', 'root/inner/b']) {
      writeFileSync(join(root, each), 'content', { mode: 0o640 });
    }
    writeFileSync(join(root, 'root/empty'), '');
    writeFileSync(join(root, 'program'), '', { mode: 0o755 });
    for (let i = 0; i < 2000; i += 1)
      writeFileSync(join(root, 'many', `a rather long name for a file ${i}`), '');
    symlinkSync('../target', join(root, 'links/file'));
    symlinkSync('nowhere', join(root, 'links/broken'));
    symlinkSync('loop', join(root, 'links/loop'));
    symlinkSync(Buffer.from([0x61, 0xff, 0xfe]), join(root, 'links/bytes'));
    symlinkSync('inner', join(root, 'root/link'));
    spawnSync('mkfifo', [join(root, 'fifo')]);
    return root;
  }

  test('is the kernel as Node.js and the addon have it', () => {
    if (process.getuid?.() !== 0) return; // fchown
    // In one place after the other: which files they are differs, and nothing else may.
    const wanted = systemAnswers(nodeSystem(), tree('tree'));
    rmSync(join(folder, 'tree'), { recursive: true });
    const { output, failure, text } = endOf(['system', tree('tree')]);
    expect([failure, text.trim()]).toEqual(['none', '']);
    const alike = (answers: string) =>
      JSON.parse(answers.replaceAll(/"(ino|times)":"\d+n"/g, '"$1":""')) as unknown;
    expect(alike(output)).toEqual(alike(JSON.stringify(wanted)));
  });

  test('scans as the plain scans do', () => {
    for (const seed of [1, 2]) expect(endOf(['scans', `${seed}`]).output).toBe(scanAnswers(plainScans, seed));
  });

  test('encodes and decodes as Node.js does', () => {
    for (const seed of [1, 2]) expect(endOf(['text', `${seed}`]).output).toBe(textAnswers(seed));
  });

  test('opens realms for rule modules as the sandbox under Node.js does', async () => {
    const wanted = await realmAnswers(nodeModuleHost());
    expect(JSON.parse(endOf(['modules']).output)).toEqual(JSON.parse(JSON.stringify(wanted)));
  });
});

test('the list of host functions is sorted', () => {
  const names = hostFunctionNames();
  expect(names).toEqual([...names].sort());
  expect(readFileSync(join(here, '../native/port/host-functions.h'), 'utf8')).toContain(
    'HOST_FUNCTION(write)',
  );
});
