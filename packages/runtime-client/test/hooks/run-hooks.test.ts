import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';
import type { Hook, State } from '@opencontainers-ts/runtime-spec';

import type { HookStage } from '../../src/hooks/hook-stage.js';
import { type RunHooksOptions, runHooks } from '../../src/hooks/run-hooks.js';

const folder = mkdtempSync(join(tmpdir(), 'ociwrap-hooks-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, text: string, mode: number): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  return path;
}

const STATE: State = { ociVersion: '1.2.0', id: 'c1', status: 'creating', pid: 7, bundle: folder };

const sh = (script: string, more: Partial<Hook> = {}): Hook => ({
  path: '/bin/sh',
  args: ['sh', '-c', script],
  ...more,
});

const run = (hooks: readonly unknown[], stage: HookStage = 'prestart', more: Partial<RunHooksOptions> = {}) =>
  runHooks({ stage, hooks: { [stage]: hooks }, state: STATE, ...more });

const kinds = ({ hooks }: Awaited<ReturnType<typeof run>>) => hooks.map(({ end }) => end.kind);

/** Names of /proc that are processes with this text in their command line. */
function processesWith(text: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });
}

/** Waits until there is none: what was killed is there until its parent has seen it. */
async function noneWith(text: string): Promise<void> {
  while (processesWith(text).length > 0) await new Promise(setImmediate);
}

describe('a hook', () => {
  test('may open its streams by their paths', async () => {
    const { hooks } = await run([sh('echo out > /dev/stdout; echo err > /dev/stderr')]);
    expect(hooks).toMatchObject([{ stdout: { text: 'out\n' }, stderr: { text: 'err\n' } }]);
  });

  test('gets the state on stdin, its own environment, its working directory and its name', async () => {
    const script = 'cat; printf "\\n%s %s %s" "$0" "$1" "$(pwd -P)"; tr "\\0" "|" </proc/self/environ >&2';
    const hook = sh(script, { args: ['other', '-c', script, 'name', ''], env: ['PATH=/usr/bin:/bin', 'B='] });
    const { outcome, hooks, failures } = await run([hook]);
    expect({ outcome, failures }).toEqual({ outcome: 'succeeded', failures: [] });
    expect(hooks).toEqual([
      {
        index: 0,
        path: '/bin/sh',
        end: { kind: 'exited', exitCode: 0 },
        milliseconds: expect.any(Number),
        stdout: { text: `${JSON.stringify(STATE)}\nname  ${folder}`, size: expect.any(Number), isCut: false },
        stderr: {
          text: expect.stringMatching(/^PATH=\/usr\/bin:\/bin\|B=\|(PWD=[^|]*\|)?$/),
          size: expect.any(Number),
          isCut: false,
        },
      },
    ]);
  });

  test('without args has its path as its name, and without env none', async () => {
    const shown = fileOf('shown', '#!/bin/sh\necho "$0"; tr "\\0" "|" </proc/self/environ', 0o755);
    const { hooks } = await run([{ path: shown }, { path: '/bin/cat' }]);
    expect(hooks[0]?.stdout.text).toMatch(/^[^\n]*\/shown\n(PWD=[^|]*\|)?$/);
    expect(hooks[1]?.stdout.text).toBe(JSON.stringify(STATE));
  });

  test('may open its stdin by its path, and may leave it alone', async () => {
    const big = { ...STATE, annotations: { big: 'x'.repeat(1 << 20) } };
    const size = JSON.stringify(big).length;
    const { hooks, outcome } = await run(
      [sh('wc -c </dev/stdin', { env: ['PATH=/usr/bin:/bin'] }), sh(':')],
      'prestart',
      {
        state: big,
      },
    );
    expect({ outcome, text: hooks[0]?.stdout.text.trim() }).toEqual({
      outcome: 'succeeded',
      text: String(size),
    });
  });

  test.each<[HookStage, string | undefined, string]>([
    ['createContainer', undefined, folder],
    ['poststop', undefined, folder],
    ['startContainer', undefined, '/'],
    ['startContainer', '/proc', '/proc'],
  ])('of %s, with cwd %s, runs in %s', async (stage, cwd, expected) => {
    const { hooks } = await run([sh('pwd -P')], stage, cwd === undefined ? {} : { cwd });
    expect(hooks[0]?.stdout.text).toBe(`${expected}\n`);
  });

  test('that writes more than is kept is read to its end', async () => {
    const { hooks } = await run(
      [sh('head -c 300000 /dev/zero; echo oops >&2', { env: ['PATH=/usr/bin:/bin'] })],
      'prestart',
      {
        outputLimit: 10,
      },
    );
    expect(hooks[0]?.stdout).toEqual({ text: '\0'.repeat(10), size: 300_000, isCut: true });
    expect(hooks[0]?.stderr).toEqual({ text: 'oops\n', size: 5, isCut: false });
  });

  test('that leaves a process behind is over when it has ended, and what it wrote is whole', async () => {
    const mark = `${process.pid}.125`;
    const { outcome, hooks } = await run([
      sh(`/bin/sleep ${mark} & echo $!; head -c 100000 /dev/zero >&2`, { env: ['PATH=/usr/bin:/bin'] }),
    ]);
    expect({ outcome, size: hooks[0]?.stderr.size }).toEqual({ outcome: 'succeeded', size: 100_000 });
    const pid = Number(hooks[0]?.stdout.text);
    expect(processesWith(mark)).toEqual([String(pid)]);
    process.kill(pid, 'SIGKILL');
  });
});

describe('a hook that fails', () => {
  test.each<[string, unknown, object]>([
    ['exit status', sh('exit 7'), { kind: 'exited', exitCode: 7 }],
    ['signal', sh('kill -TERM $$'), { kind: 'signalled', signal: 'SIGTERM' }],
    ['timeout', sh('while :; do :; done', { timeout: 1 }), { kind: 'timed-out' }],
    ['no program', { path: '/nowhere' }, { kind: 'not-started', why: 'ENOENT' }],
    [
      'no permission',
      { path: fileOf('no-permission', '#!/bin/sh\n', 0o644) },
      { kind: 'not-started', why: 'EACCES' },
    ],
    ['no format', { path: fileOf('no-format', 'exit 0\n', 0o755) }, { kind: 'not-started', why: 'ENOEXEC' }],
    ['a folder', { path: '/etc' }, { kind: 'not-started', why: 'EACCES' }],
    ['relative path', { path: 'sh' }, { kind: 'not-started', why: 'its path "sh" is not absolute' }],
    [
      'timeout of zero',
      sh(':', { timeout: 0 }),
      { kind: 'not-started', why: expect.stringContaining('greater than zero') },
    ],
    ['no hook', null, { kind: 'not-started', why: 'it is not an object' }],
  ])('%s: the others are not tried', async (_, hook, end) => {
    const result = await run([sh(':'), hook, sh(':')]);
    expect(result).toMatchObject({ outcome: 'failed', failures: [{ code: 'ERR_HOOK_FAILED' }] });
    expect(result.hooks.map((one) => one.end)).toEqual([
      { kind: 'exited', exitCode: 0 },
      end,
      { kind: 'skipped' },
    ]);
  });

  test('is told with what it printed', async () => {
    const { failures } = await run([sh('echo out; echo err >&2; exit 3')]);
    expect(failures.map(({ message, details }) => ({ message, details }))).toEqual([
      {
        message: 'prestart hook 0 ("/bin/sh") ended with exit status 3',
        details: {
          stage: 'prestart',
          index: 0,
          path: '/bin/sh',
          end: { kind: 'exited', exitCode: 3 },
          stdout: 'out\n',
          stderr: 'err\n',
        },
      },
    ]);
  });

  test('names a working directory that is not there', async () => {
    const { hooks } = await run([sh(':')], 'prestart', { cwd: `${folder}/gone` });
    expect(hooks[0]?.end).toEqual({
      kind: 'not-started',
      why: `ENOENT (the working directory "${folder}/gone" cannot be entered)`,
    });
  });

  test.each<[HookStage, string, string, readonly string[]]>([
    ['poststop', '1.3.0', 'warned', ['exited', 'exited']],
    ['poststart', '1.2.0', 'warned', ['exited', 'exited']],
    ['poststart', '1.3.0', 'failed', ['exited', 'skipped']],
    ['startContainer', '1.2.0', 'failed', ['exited', 'skipped']],
  ])('of %s under %s: %s', async (stage, ociVersion, outcome, ends) => {
    const result = await run([sh('exit 1'), sh(':')], stage, { state: { ...STATE, ociVersion } });
    expect({ outcome: result.outcome, ends: kinds(result), failures: result.failures.length }).toEqual({
      outcome,
      ends,
      failures: 1,
    });
  });

  test('is killed with its children when its time is over', async () => {
    const mark = `${process.pid}.25`;
    const result = await run([sh(`/bin/sleep ${mark} & /bin/sleep ${mark}; :`, { timeout: 1 })]);
    expect(kinds(result)).toEqual(['timed-out']);
    await noneWith(mark);
  });
});

describe('a caller that gives up', () => {
  test('while a hook runs: it is killed, and the others are not tried', async () => {
    const mark = `${process.pid}.5`;
    const [caller, began] = [new AbortController(), join(folder, 'began')];
    const running = run([sh(`echo >${began}; /bin/sleep ${mark}; :`), sh(':')], 'poststop', {
      signal: caller.signal,
    });
    while (!readdirSync(folder).includes('began')) await new Promise(setImmediate);
    caller.abort();
    const result = await running;
    expect({ outcome: result.outcome, ends: kinds(result) }).toEqual({
      outcome: 'aborted',
      ends: ['aborted', 'skipped'],
    });
    await noneWith(mark);
  });

  test('before: none is tried', async () => {
    const result = await run([sh(':')], 'prestart', { signal: AbortSignal.abort() });
    expect({ outcome: result.outcome, ends: kinds(result) }).toEqual({
      outcome: 'aborted',
      ends: ['skipped'],
    });
  });
});

test('nothing is left: no listener, no file, no descriptor', async () => {
  const before = { files: readdirSync('/proc/self/fd').length, exits: process.listenerCount('exit') };
  const { signal } = new AbortController();
  await run([sh(':'), sh('exit 1')], 'poststop', { signal });
  await new Promise(setImmediate);
  const after = { files: readdirSync('/proc/self/fd').length, exits: process.listenerCount('exit') };
  expect(after).toEqual(before);
});

test('no hooks are no failure', async () => {
  for (const hooks of [undefined, {}, { prestart: null }] as const) {
    expect(await runHooks({ stage: 'prestart', hooks, state: STATE })).toEqual({
      stage: 'prestart',
      outcome: 'succeeded',
      hooks: [],
      failures: [],
    });
  }
});

test.each<[Partial<Record<keyof RunHooksOptions, unknown>>, string]>([
  [{ stage: 'postStart' }, '"postStart" is not a list of hooks'],
  [{ hooks: { prestart: {} } }, 'hooks.prestart is not an array'],
  [{ outputLimit: -1 }, 'the output limit -1 is not a whole number from 0 to 16777216'],
  [{ outputLimit: 16_777_217 }, 'the output limit 16777217 is not a whole number from 0 to 16777216'],
  [{ cwd: 'b' }, 'the working directory "b" is not an absolute path'],
  [{ state: { ...STATE, bundle: 'b' } }, 'the working directory "b" is not an absolute path'],
])('%j cannot be', async (options, message) => {
  const whole = { stage: 'prestart', hooks: {}, state: STATE, ...options } as RunHooksOptions;
  await expect(runHooks(whole)).rejects.toMatchObject({ code: 'ERR_RUNTIME_OPTION', message });
});
