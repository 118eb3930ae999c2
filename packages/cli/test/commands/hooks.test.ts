import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { ociwrap } from '../../src/main/ociwrap.js';
import { nodeHookRunner } from '../../src/system/node-hook-runner.js';
import { temporaryFolder } from '../temporary-folder.js';
import { testWorld } from './world.js';

const folder = temporaryFolder();
const sh = (script: string) => ({ path: '/bin/sh', args: ['sh', '-c', script] });

function bundleOf(name: string, spec: object): string {
  const bundle = join(folder, name);
  mkdirSync(bundle);
  writeFileSync(join(bundle, 'config.json'), JSON.stringify({ ociVersion: '1.2.0', ...spec }));
  return bundle;
}

const BUNDLE = bundleOf('c1', {
  annotations: { a: 'b' },
  hooks: {
    prestart: [sh('cat')],
    createRuntime: [sh('echo "a\u001b[31m"; echo oops >&2; exit 7'), sh(':')],
    createContainer: [sh('pwd -P')],
    poststart: [sh('exit 1'), sh('head -c 70000 /dev/zero | tr "\\0" x')],
  },
});

const hooks = (...args: readonly string[]) =>
  ociwrap(['hooks', 'run', ...args], testWorld({ cwd: folder, hookRunner: nodeHookRunner }).world);

/** Without how long it took. */
const untimed = (text: unknown) => String(text).replaceAll(/ \(\d+ ms\)/g, '');

describe('ociwrap hooks run', () => {
  test.each<[string, readonly string[], object]>([
    ['what the specification says', [], { id: 'c1', status: 'creating' }],
    [
      'what it is told',
      ['--id', 'x', '--pid', '7', '--status', 'created'],
      { id: 'x', status: 'created', pid: 7 },
    ],
  ])('gives the hook a state: %s', async (_, args, state) => {
    const { status, stdout } = await hooks('--stage', 'prestart', '--bundle', 'c1', '--json', ...args);
    const said = JSON.parse(String(stdout));
    const whole = { ociVersion: '1.2.0', ...state, bundle: BUNDLE, annotations: { a: 'b' } };
    expect({ status, ...said }).toMatchObject({
      status: 0,
      stage: 'prestart',
      outcome: 'succeeded',
      state: whole,
    });
    expect(said.state).toEqual(whole);
    expect(JSON.parse(said.hooks[0].stdout.text)).toEqual(whole);
  });

  test('a failure ends the stage, and what was printed drives no terminal', async () => {
    const { status, stdout, stderr } = await hooks('--stage', 'createRuntime', '--bundle', BUNDLE);
    expect({ status, stdout: untimed(stdout), stderr }).toEqual({
      status: 1,
      stdout: [
        'createRuntime 0 "/bin/sh": ended with exit status 7',
        '  stdout: a\\u001b[31m',
        '  stderr: oops',
        'createRuntime 1 "/bin/sh": was not tried',
        '',
      ].join('\n'),
      stderr: '2 createRuntime hooks: a failure, with which create fails\n',
    });
  });

  test('a failure of which a runtime warns has a status of its own, and what is too long is cut', async () => {
    const { status, stdout, stderr } = await hooks('--stage', 'poststart', '--bundle', BUNDLE);
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: '2 poststart hooks: a failure, of which a runtime only warns\n',
    });
    expect(untimed(stdout).split('\n')).toEqual([
      'poststart 0 "/bin/sh": ended with exit status 1',
      'poststart 1 "/bin/sh": ended with exit status 0',
      `  stdout: ${'x'.repeat(65_536)}`,
      '  stdout: and more: it wrote 70000 bytes',
      '',
    ]);
  });

  test('says that it is not in the container', async () => {
    const { status, stderr } = await hooks('--stage', 'createContainer', '--bundle', BUNDLE);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr:
        'note: they ran in the namespaces of this command, a runtime runs createContainer in those of the container (see nsenter(1))\n1 createContainer hook: all succeeded\n',
    });
  });

  test('a stage without hooks', async () => {
    const { status, stdout, stderr } = await hooks('--stage', 'poststop', '--bundle', BUNDLE);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: 'no poststop hooks\n' });
  });

  test.each<[readonly string[], number, string]>([
    [['--stage', 'prestart', '--pid', '0'], 2, 'ERR_USAGE'],
    [['--stage', 'prestart', '--pid', 'x'], 2, 'ERR_USAGE'],
    [['--stage', 'postStart'], 2, 'ERR_USAGE'],
    [[], 2, 'ERR_USAGE'],
    [['--stage', 'prestart', '--bundle', 'gone'], 1, 'ERR_INPUT_UNREADABLE'],
    [
      ['--stage', 'prestart', '--bundle', bundleOf('bad-list', { hooks: { prestart: {} } })],
      2,
      'ERR_RUNTIME_OPTION',
    ],
  ])('%j is refused', async (args, status, code) => {
    const { status: ended, stdout, stderr } = await hooks(...args);
    expect({ ended, stdout, stderr }).toEqual({
      ended: status,
      stdout: undefined,
      stderr: expect.stringContaining(`[${code}]`),
    });
  });

  test('without an event loop it says where there is one', async () => {
    const { world } = testWorld({ cwd: folder });
    const { status, stderr } = await ociwrap(['hooks', 'run', '--stage', 'prestart'], world);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        'ociwrap: "ociwrap hooks run" waits for programs, which this program cannot [ERR_NODE_ONLY]: call the `ociwrap` of the npm package `@opencontainers-ts/cli`, which runs on Node.js\n',
    });
  });

  test('leaves no listener', async () => {
    const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit'] as const;
    const counts = () => names.map((name) => process.listenerCount(name));
    const before = counts();
    await hooks('--stage', 'prestart', '--bundle', BUNDLE);
    expect(counts()).toEqual(before);
  });
});
