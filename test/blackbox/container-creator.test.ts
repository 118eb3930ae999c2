import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { bundleOf, specOf } from './bundle.js';
import { type OwnPackage, ownPackage } from './own-package.js';
import { describeWith, ociwrap, program } from './programs.js';
import { type Recorder, recorderAt } from './recorded-calls.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

/** Where each runtime keeps what it knows of a container. */
const STATE = { runc: 'state.json', crun: 'status' } as const;

interface Row {
  readonly title: string;
  /** The runtimes that know the container. */
  readonly known: readonly (keyof typeof STATE)[];
  readonly env: (crun: string) => Readonly<Record<string, string>>;
  readonly args: (root: string) => readonly string[];
  readonly called: keyof typeof STATE;
  readonly warned: boolean;
}

/** `runc` is what is found without a variable. */
const byCrun = (crun: string) => ({ SGS_RUNC_PATH: crun });
const rows: readonly Row[] = [
  ...['start', 'kill', 'delete', 'state', 'exec'].map((verb) => ({
    title: `${verb} of a container that runc created, with a variable that says crun`,
    known: ['runc'] as const,
    env: byCrun,
    args: (root: string) => ['--root', root, verb, 'c1'],
    called: 'runc' as const,
    warned: true,
  })),
  {
    title: 'of one that crun created',
    known: ['crun'],
    env: byCrun,
    args: (root) => ['--root', root, 'start', 'c1'],
    called: 'crun',
    warned: false,
  },
  {
    title: 'of one that both know',
    known: ['crun', 'runc'],
    env: byCrun,
    args: (root) => ['--root', root, 'start', 'c1'],
    called: 'crun',
    warned: false,
  },
  {
    title: 'of one that nobody knows',
    known: [],
    env: byCrun,
    args: (root) => ['--root', root, 'delete', '--force', 'c1'],
    called: 'crun',
    warned: false,
  },
  {
    title: 'a create, which is for the runtime that is named',
    known: ['runc'],
    env: byCrun,
    args: (root) => ['--root', root, 'create', '--bundle', '@', 'c1'],
    called: 'crun',
    warned: false,
  },
  {
    title: 'below another root',
    known: ['runc'],
    env: byCrun,
    args: (root) => ['--root', `${root}/other`, 'start', 'c1'],
    called: 'crun',
    warned: false,
  },
  {
    title: 'with an id that leads elsewhere',
    known: ['runc'],
    env: byCrun,
    args: (root) => ['--root', root, 'start', '../root/c1'],
    called: 'crun',
    warned: false,
  },
  {
    title: 'with a flag that nobody knows',
    known: ['runc'],
    env: byCrun,
    args: (root) => ['--root', root, '--new-flag', 'start', 'c1'],
    called: 'crun',
    warned: false,
  },
  {
    title: 'without a variable',
    known: ['crun'],
    env: () => ({}),
    args: (root) => ['--root', root, 'start', 'c1'],
    called: 'runc',
    warned: false,
  },
];

describeWith(['busybox'], 'create and the later calls of a container', () => {
  const ways: readonly (readonly [string, (own: OwnPackage) => void])[] = [
    ['by the fast path', (own) => own.removeEngine()],
    ['by the engine', (own) => own.useEngineOnly()],
  ];
  describe.each(ways)('%s', (way, choose) => {
    const place = scratchFolder('creator');
    const own = ownPackage();
    const recorders = {} as Record<keyof typeof STATE, Recorder>;
    for (const name of ['runc', 'crun'] as const) {
      mkdirSync(join(place, name));
      recorders[name] = recorderAt(join(place, name, name));
    }
    const bundle = bundleOf(specOf(''));
    const log = join(place, 'log');

    test.each(rows)('$title', ({ known, env, args, called, warned }) => {
      const root = join(place, 'root');
      rmSync(root, { recursive: true, force: true });
      rmSync(log, { force: true });
      for (const name of known) {
        const file = join(root, 'c1', STATE[name]);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, '{}');
      }
      mkdirSync(join(root, 'other'), { recursive: true });
      const before = { runc: recorders.runc.calls().length, crun: recorders.crun.calls().length };
      const call = () =>
        runProgram(
          own.wrapper,
          args(root).map((text) => (text === '@' ? bundle : text)),
          {
            env: { PATH: dirname(recorders.runc.path), OCIWRAP_LOG_FILE: log, ...env(recorders.crun.path) },
          },
        );
      if (args(root).includes('create')) own.restoreEngine();
      else choose(own);
      expect(call()).toMatchObject({ status: 0, stderr: '' });
      const after = { runc: recorders.runc.calls().length, crun: recorders.crun.calls().length };
      expect(after).toEqual({ ...before, [called]: before[called] + 1 });
      const said = existsSync(log) ? readFileSync(log, 'utf8') : '';
      expect(said.includes('"level":"warn"')).toBe(warned);
      if (warned) {
        expect(said).toContain(`called is \\"${recorders.runc.path}\\", which created the container`);
        expect(said).toContain(`"runtime":"${recorders.runc.path}"`);
      }
      own.restoreEngine();
      own.useFastPath();
      expect(way).not.toBe('');
    });
  });
});

describeWith(['busybox', 'runc', 'crun'], 'a container that runc created', () => {
  test('is killed and deleted by runc, whatever the environment says by then', () => {
    const own = ownPackage();
    const path = scratchFolder('path');
    symlinkSync(program('runc'), join(path, 'runc'));
    const [root, id] = [scratchFolder('root'), `created-${process.pid}`];
    const call = (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
      runProgram(own.wrapper, ['--root', root, ...args], {
        env: { PATH: `${path}:/usr/bin:/bin`, OCIWRAP_LOG_FILE: '/dev/null', ...env },
        leavesProcess: args[0] === 'create',
      });
    const later = { SGS_RUNC_PATH: program('crun') };
    expect(call({}, 'create', '--bundle', bundleOf(specOf('sleep 600')), id)).toMatchObject({ status: 0 });
    expect(call(later, 'start', id)).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(call(later, 'state', id).stdout)).toMatchObject({ id, status: 'running' });
    expect(call(later, 'delete', '--force', id)).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(join(root, id))).toBe(false);
    expect(runProgram(ociwrap, ['explain', '--', 'state', 'x'], { env: later }).status).toBe(0);
  });
});
