import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { afterEach, beforeAll, expect, test } from '@jest/globals';

import { describeWith, program } from './programs.js';
import { scratchFolder } from './scratch.js';
import { OwnBundle, type SideBySide, sideBySide } from './side-by-side.js';
import { duringEngine, strace } from './traced-call.js';

describeWith(['busybox', 'strace', 'script'], 'the end of a call is the end of the runtime', () => {
  let place: SideBySide;
  let count = 0;
  beforeAll(() => {
    place = sideBySide();
  });
  afterEach(() => rmSync(`${place.runtime}.exit`, { force: true }));

  const newBundle = () => {
    count += 1;
    return new OwnBundle(place, Buffer.from(`end-${count}`), true, 0);
  };
  const create = (bundle: OwnBundle) => ['create', '--bundle', bundle.dir.toString(), 'c1'];
  const ended = ({ status, signal, stdout, stderr }: SpawnSyncReturns<string>) => ({
    status,
    signal,
    stdout,
    stderr,
  });
  const run = (file: string, args: readonly string[], input = '') =>
    ended(spawnSync(file, args, { encoding: 'utf8', env: {}, input }));

  test('every exit status', () => {
    for (let status = 0; status < 256; status += 1) {
      writeFileSync(`${place.runtime}.exit`, String(status));
      expect(run(place.wrapped, ['kill', 'c1'])).toEqual({ status, signal: null, stdout: '', stderr: '' });
    }
    for (const status of [0, 1, 2, 126, 127, 128, 137, 255]) {
      writeFileSync(`${place.runtime}.exit`, String(status));
      expect(run(place.wrapped, create(newBundle()))).toEqual({
        status,
        signal: null,
        stdout: '',
        stderr: '',
      });
    }
  });

  test.each([1, 2, 3, 6, 9, 11, 13, 14, 15, 24, 25, 31])('death by signal %i', (signal) => {
    writeFileSync(`${place.runtime}.exit`, String(-signal));
    const bare = run(place.runtime, []);
    expect(bare).toMatchObject({ status: null });
    expect(run(place.wrapped, ['kill', 'c1'])).toEqual(bare);
    expect(run(place.wrapped, create(newBundle()))).toEqual(bare);
  });

  test('stdin reaches the runtime whole, stdout and stderr come from it alone', () => {
    const bin = scratchFolder('bin');
    const runtime = join(bin, 'runc');
    writeFileSync(runtime, `#!${program('busybox')} sh\ncat; echo "$@" >&2; exit 7\n`);
    chmodSync(runtime, 0o755);
    const input = 'a line of input\n'.repeat(100_000);
    const options = { encoding: 'utf8', env: { SGS_RUNC_PATH: runtime }, input, maxBuffer: 1 << 24 } as const;
    for (const args of [['update', '-r', '-', 'c1'], create(newBundle())]) {
      const bare = ended(spawnSync(runtime, args, options));
      expect(bare).toEqual({ status: 7, signal: null, stdout: input, stderr: `${args.join(' ')}\n` });
      expect(ended(spawnSync(place.wrapped, args, options))).toEqual(bare);
    }
  });

  test('there is one process from the first instruction to the last', () => {
    const output = join(scratchFolder('strace'), 'trace');
    const options = ['-o', output, '--trace=clone,clone3,fork,vfork,execve'];
    const [file, ...rest] = [...strace(...options), place.wrapped, ...create(newBundle())] as [
      string,
      ...string[],
    ];
    expect(run(file, rest)).toMatchObject({ status: 0, stderr: '' });
    const lines = readFileSync(output, 'utf8').split('\n');
    const calls = (name: RegExp) => lines.filter((line) => name.test(line));
    expect(calls(/\bv?fork\(|\bclone3?\(/)).toEqual([]);
    const programs = calls(/\bexecve\(/).map((line) => /^(\d+)\s+execve\("([^"]*)"/.exec(line)?.slice(1));
    const pid = programs[0]?.[0];
    expect(programs).toEqual([
      [pid, place.wrapped],
      [pid, place.runtime],
    ]);
  });

  test('nothing is changed that the runtime would inherit, but for what is put back', () => {
    const output = join(scratchFolder('strace'), 'trace');
    const [file, ...rest] = [...strace('-o', output), place.wrapped, ...create(newBundle())] as [
      string,
      ...string[],
    ];
    expect(run(file, rest)).toMatchObject({ status: 0, stderr: '' });
    const lines = readFileSync(output, 'utf8')
      .split('\n')
      .map((line) => line.replace(/^\d+\s+/, ''));
    const [begin, end] = [0, 1].map(
      (at) => lines.map((line, i) => (line.startsWith('execve(') ? i : -1)).filter((i) => i >= 0)[at],
    );
    const ours = lines.slice((begin ?? 0) + 1, end);
    expect(ours.length).toBeGreaterThan(20);
    const changing =
      /^(?:v?fork|clone3?|prlimit64|setrlimit|sigaltstack|prctl|set\w+|sched_set\w+|ioprio_set|chdir|fchdir|dup[23]?|memfd_create)\(/;
    expect(ours.filter((line) => changing.test(line))).toEqual([]);
    expect(ours.filter((line) => /^open(?:at2?)?\(/.test(line) && !line.includes('O_CLOEXEC'))).toEqual([]);
    // The disposition of SIGSEGV and the mask are put back as they were, and the last word on the umask is the caller's.
    const actions = ours.flatMap(
      (line) => /^rt_sigaction\((\w+), (\{.*?\}), (\{.*\}|NULL), \d+\)\s+= 0$/.exec(line)?.slice(1) ?? [],
    );
    expect(actions).toEqual([
      'SIGSEGV',
      expect.stringContaining('SA_SIGINFO'),
      expect.stringContaining('sa_handler=SIG_DFL'),
      'SIGSEGV',
      actions[2],
      'NULL',
    ]);
    expect(ours.filter((line) => line.startsWith('rt_sigaction('))).toHaveLength(2);
    const masks = ours.filter((line) => line.startsWith('rt_sigprocmask('));
    expect(masks.map((line) => /^rt_sigprocmask\((\w+)/.exec(line)?.[1])).toEqual([
      'SIG_BLOCK',
      'SIG_SETMASK',
    ]);
    expect(masks[1]).toContain(/\], (\[[^\]]*\])/.exec(masks[0] ?? '')?.[1]);
    const umasks = ours.flatMap((line) => /^umask\((\w+)\)\s+= (\w+)/.exec(line)?.slice(1) ?? []);
    expect(umasks.at(-2)).toBe(umasks[1]);
  });

  test('a terminal stays the same, and in the same hands', () => {
    rmSync(`${place.runtime}.record.json`, { force: true });
    const calls = [
      `${place.runtime} state c1`,
      `${place.wrapped} state c1`,
      `${place.wrapped} ${create(newBundle()).join(' ')}`,
    ];
    const commands = ['stty -icanon -echo', 'stty -g', ...calls, 'stty -g'].join('; ');
    const { stdout } = spawnSync(program('script'), ['-qec', commands, '/dev/null'], { encoding: 'utf8' });
    const [before, after, ...more] = stdout.trim().split(/\s+/);
    expect({ after, more }).toEqual({ after: before, more: [] });
    const records = readFileSync(`${place.runtime}.record.json`, 'utf8').trim().split('\n');
    const hands = records.map((record) => {
      const { sid, pgid, scheduling, descriptors } = JSON.parse(record);
      return { sid, pgid, terminal: scheduling.terminal, foreground: scheduling.foreground, descriptors };
    });
    expect(hands).toHaveLength(3);
    expect(hands[0].terminal).not.toBe(0);
    expect(hands[1]).toEqual(hands[0]);
    expect(hands[2]).toEqual(hands[0]);
  });

  test.each([
    ['openat', 1],
    ['openat', 10],
    ['execve', 1],
    ['mremap', 1],
    ['fsync', 1],
    ['renameat2', 1],
  ])('SIGKILL at %s number %i leaves no process', async (call, when) => {
    const options = ['-o', '/dev/null', `--trace=${call}`, `--inject=${call}:signal=KILL:when=${when}`];
    const [file, ...rest] = [...strace(...options), place.wrapped, ...create(newBundle())] as [
      string,
      ...string[],
    ];
    const child = spawn(file, rest, { env: {}, stdio: 'ignore', detached: true });
    const signal = await new Promise((resolve) => child.on('exit', (_status, name) => resolve(name)));
    expect(signal).toBe('SIGKILL');
    expect(processesOfSession(child.pid ?? 0)).toEqual([]);
  });

  test('a call that is stopped in the middle goes on with SIGCONT', async () => {
    const bundle = newBundle();
    const output = join(scratchFolder('strace'), 'trace');
    const [file, ...rest] = [...duringEngine('STOP', output), place.wrapped, ...create(bundle)] as [
      string,
      ...string[],
    ];
    const child = spawn(file, rest, { env: {}, stdio: 'ignore', detached: true });
    const end = new Promise((resolve) => child.on('exit', (status, signal) => resolve({ status, signal })));
    const stopped = await lineOf(output, /^(\d+) +--- stopped by SIGSTOP ---$/m);
    expect(bundle.isRewritten).toBe(false);
    process.kill(Number(stopped[1]), 'SIGCONT');
    expect(await end).toEqual({ status: 0, signal: null });
    expect(bundle.isRewritten).toBe(true);
  }, 60_000);
});

/** The processes that are in a session, by what the kernel says of them. */
function processesOfSession(session: number): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/stat`))
    .map((name) => statOf(name))
    .filter((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]) === session);
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}

/** Waits for what strace writes. The limit is one that no test reaches: it keeps a failure from being a hang. */
async function lineOf(file: string, pattern: RegExp): Promise<RegExpExecArray> {
  for (let attempt = 0; attempt < 4000; attempt += 1) {
    const found = existsSync(file) ? pattern.exec(readFileSync(file, 'utf8')) : null;
    if (found !== null) return found;
    await pause(10);
  }
  throw new Error(`strace has not written ${pattern}`);
}
