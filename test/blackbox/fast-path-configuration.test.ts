import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { bundleOf, specOf, TRIGGER } from './bundle.js';
import { ENGINE_WAS_STARTED, type OwnPackage, ownPackage } from './own-package.js';
import { describeWith } from './programs.js';
import { type Recorder, recorderAt, recorderIn } from './recorded-calls.js';
import { type Ended, type RunOptions, runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';
import { starvedProgram } from './starved-call.js';

const PASSED = 0;
const REFUSED = 1;

const MARK = 'example.org/mark';
const RULE = `
[[rule]]
name = "mark"
when.annotation = { key = "${MARK}" }
then.env.set = { MARK = "1" }
`;
const MODULE = `export default () => ({
  name: 'mine', triggers: ['${MARK}'], reads: [], claims: () => false, evaluate: () => ({ kind: 'pass', reason: '' }),
});`;
const OF_MODULE = '[[rule]]\nmodule = "/etc/ociwrap/rules/mine.mjs"\n';

/** Files by their paths below /etc; what ends in a slash is a folder, what begins with "-> " leads there. */
type Files = Readonly<Record<string, string>>;

const MAIN: Files = { 'ociwrap/config.toml': RULE };
const DROP_IN: Files = { 'ociwrap/conf.d/10-mark.toml': RULE };
const OWN_MODULE: Files = { 'ociwrap/config.toml': OF_MODULE, 'ociwrap/rules/mine.mjs': MODULE };
const BEHIND_LINK: Files = {
  'kept/one/config.toml': RULE,
  'kept/two/config.toml': '',
  ociwrap: '-> kept/one',
};
const EMPTY: Files = { 'ociwrap/': '' };
const NONE: Files = {};

/** Puts folders in the place of the machine's for one program only. */
const IN_PLACE = [
  'mkdir -p /var/lib/ociwrap',
  'mount --bind "$1/etc" /etc',
  'mount --bind "$1/run" /run',
  'mount --bind "$1/state" /var/lib/ociwrap',
  'shift',
  'exec "$@"',
].join(' && ');

/** A machine whose /etc and /run, and what we keep on disk, are its own. */
class Machine {
  readonly folder = scratchFolder('machine');

  constructor(files: Files) {
    for (const name of ['etc', 'run', 'state']) mkdirSync(join(this.folder, name), { mode: 0o755 });
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  path(below: string): string {
    return join(this.folder, 'etc', below);
  }

  write(below: string, text: string): void {
    const path = this.path(below);
    mkdirSync(below.endsWith('/') ? path : dirname(path), { recursive: true, mode: 0o755 });
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), path);
    else if (!below.endsWith('/')) writeFileSync(path, text, { mode: 0o644 });
  }

  run(program: string, args: readonly string[], options: RunOptions): Ended {
    const place = ['sh', '-c', IN_PLACE, 'sh', this.folder];
    return runProgram(
      'unshare',
      ['--mount', '--propagation', 'private', ...place, program, ...args],
      options,
    );
  }
}

describeWith(['busybox'], 'the fast path under a configuration', () => {
  let own: OwnPackage;
  let runtime: Recorder;
  let env: Record<string, string>;

  /** Made before the tests, all at once: files must be older than a second when a table is to be left. */
  const wanted: Files[] = [];
  let made: readonly Machine[] = [];
  const machineOf = (files: Files): (() => Machine) => {
    const at = wanted.push(files) - 1;
    return () => made[at] ?? new Machine(files);
  };

  beforeAll(() => {
    own = ownPackage();
    runtime = recorderIn(scratchFolder('runc'));
    env = { SGS_RUNC_PATH: runtime.path, OCIWRAP_LOG_FILE: '/dev/null' };
    made = wanted.map((files) => new Machine(files));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1200);
  });
  beforeEach(() => own.restoreEngine());

  const call = (
    machine: Machine,
    args: readonly string[],
    more: Record<string, string> = {},
    program = own.wrapper,
  ) => machine.run(program, args, { env: { ...env, ...more } });
  const create = (machine: Machine, text = '', more: Record<string, string> = {}) =>
    call(machine, ['create', '-b', bundleOf(specOf('', { annotations: { [text]: 'x' } })), 'x'], more);
  /** Where the engine cannot have its memory. */
  const starved = (machine: Machine, args: readonly string[], more: Record<string, string> = {}) =>
    machine.run(...starvedProgram(own.wrapper, args), { env: { ...env, ...more } });
  const tablesOf = (machine: Machine) => join(machine.folder, 'run/ociwrap');
  const hasTable = (machine: Machine) => existsSync(join(tablesOf(machine), basename(own.table)));

  /** Lets the engine decide one call, and takes it away. */
  function prepared(machine: Machine): Machine {
    expect(create(machine)).toMatchObject({ status: PASSED, stderr: '' });
    expect(hasTable(machine)).toBe(true);
    own.removeEngine(tablesOf(machine));
    expect(create(machine).status).toBe(PASSED);
    return machine;
  }

  describe('after the engine has decided one call', () => {
    const configurations: readonly (readonly [string, Files, string | undefined])[] = [
      ['a file', MAIN, MARK],
      ['a drop-in alone', DROP_IN, MARK],
      ['a rule module', OWN_MODULE, MARK],
      ['a file behind a symlink', BEHIND_LINK, MARK],
      ['an empty folder', EMPTY, TRIGGER],
      ['no configuration', NONE, TRIGGER],
      [
        'another annotation',
        { 'ociwrap/config.toml': '[[rule]]\nuse = "pvc-rootfs"\noptions = { annotation = "a.b/c" }' },
        'a.b/c',
      ],
      ['no rules at all', { 'ociwrap/config.toml': 'profile = "none"' }, undefined],
    ];
    test.each(configurations.map(([title, files, trigger]) => [title, machineOf(files), trigger] as const))(
      'under %s a call without a trigger does not need the engine, one with a trigger does',
      (_, machine, trigger) => {
        prepared(machine());
        expect(call(machine(), ['state', 'x']).status).toBe(PASSED);
        for (const text of [MARK, TRIGGER, 'a.b/c']) {
          const isOfRule = text === trigger || (text === TRIGGER && trigger === MARK);
          expect([text, create(machine(), text).status]).toEqual([
            text,
            isOfRule ? ENGINE_WAS_STARTED : PASSED,
          ]);
        }
      },
    );

    const ofEvery = machineOf({ 'ociwrap/config.toml': RULE.replace(/when.*/, 'when.verb = "create"') });
    test('under a rule for every container each create needs the engine, no other verb does', () => {
      expect(call(ofEvery(), ['state', 'x']).status).toBe(PASSED);
      expect(create(ofEvery())).toMatchObject({ status: PASSED, stderr: '' });
      own.removeEngine(tablesOf(ofEvery()));
      expect(create(ofEvery()).status).toBe(ENGINE_WAS_STARTED);
      expect(call(ofEvery(), ['create', 'x'], {}).status).toBe(ENGINE_WAS_STARTED);
      expect(call(ofEvery(), ['state', 'x']).status).toBe(PASSED);
    });

    const edits: readonly (readonly [string, Files, (machine: Machine) => void])[] = [
      ['a configuration comes', NONE, (machine) => machine.write('ociwrap/config.toml', RULE)],
      ['an empty folder comes', NONE, (machine) => machine.write('ociwrap/', '')],
      ['a symlink comes that leads nowhere', NONE, (machine) => machine.write('ociwrap', '-> /nowhere')],
      [
        'a folder comes that is older than the table',
        { 'kept/config.toml': RULE },
        (machine) => renameSync(machine.path('kept'), machine.path('ociwrap')),
      ],
      ['a file comes', EMPTY, (machine) => machine.write('ociwrap/config.toml', RULE)],
      ['conf.d comes', MAIN, (machine) => machine.write('ociwrap/conf.d/', '')],
      ['the file is written', MAIN, (machine) => machine.write('ociwrap/config.toml', RULE)],
      ['the file goes', MAIN, (machine) => rmSync(machine.path('ociwrap/config.toml'))],
      ['everything goes', MAIN, (machine) => rmSync(machine.path('ociwrap'), { recursive: true })],
      [
        'the file is written, and its time is put back',
        MAIN,
        (machine) => {
          const { atime, mtime } = statSync(machine.path('ociwrap/config.toml'));
          machine.write('ociwrap/config.toml', RULE.replace(MARK, 'example.org/kram'));
          utimesSync(machine.path('ociwrap/config.toml'), atime, mtime);
        },
      ],
      [
        'an older file takes its place',
        { ...MAIN, 'kept.toml': '' },
        (machine) => renameSync(machine.path('kept.toml'), machine.path('ociwrap/config.toml')),
      ],
      [
        'the fast path is turned off',
        MAIN,
        (machine) => machine.write('ociwrap/config.toml', 'fast-path = false'),
      ],
      ['the file is broken', MAIN, (machine) => machine.write('ociwrap/config.toml', 'not = [toml')],
      ['a drop-in comes', DROP_IN, (machine) => machine.write('ociwrap/conf.d/20.toml', '')],
      ['a drop-in goes', DROP_IN, (machine) => rmSync(machine.path('ociwrap/conf.d/10-mark.toml'))],
      ['a drop-in is written', DROP_IN, (machine) => machine.write('ociwrap/conf.d/10-mark.toml', RULE)],
      [
        'a drop-in is renamed',
        DROP_IN,
        (machine) =>
          renameSync(machine.path('ociwrap/conf.d/10-mark.toml'), machine.path('ociwrap/conf.d/99.toml')),
      ],
      ['a rule module is written', OWN_MODULE, (machine) => machine.write('ociwrap/rules/mine.mjs', MODULE)],
      ['others may write the folder', EMPTY, (machine) => chmodSync(machine.path('ociwrap'), 0o777)],
      ['others may write the file', MAIN, (machine) => chmodSync(machine.path('ociwrap/config.toml'), 0o666)],
      [
        'others may write the folder of modules',
        OWN_MODULE,
        (machine) => chmodSync(machine.path('ociwrap/rules'), 0o777),
      ],
      ['others may write the folder above', EMPTY, (machine) => chmodSync(machine.path(''), 0o777)],
      [
        'the symlink leads elsewhere',
        BEHIND_LINK,
        (machine) => {
          rmSync(machine.path('ociwrap'));
          machine.write('ociwrap', '-> kept/two');
        },
      ],
      [
        'what the symlink leads to is another',
        BEHIND_LINK,
        (machine) => {
          renameSync(machine.path('kept/one'), machine.path('kept/old'));
          renameSync(machine.path('kept/two'), machine.path('kept/one'));
        },
      ],
      [
        'another folder is mounted there',
        MAIN,
        (machine) => {
          renameSync(machine.path(''), join(machine.folder, 'old'));
          renameSync(join(other().folder, 'etc'), machine.path(''));
        },
      ],
    ];
    const other = machineOf(MAIN);
    test.each(edits.map(([title, files, edit]) => [title, machineOf(files), edit] as const))(
      'the engine is asked again when %s',
      (_, machine, edit) => {
        prepared(machine());
        edit(machine());
        expect(create(machine()).status).toBe(ENGINE_WAS_STARTED);
        if (['config.toml', 'conf.d'].some((name) => existsSync(machine().path(`ociwrap/${name}`)))) {
          expect(call(machine(), ['state', 'x']).status).toBe(ENGINE_WAS_STARTED);
        }
      },
    );

    const ofCall = machineOf(MAIN);
    test.each([
      ['OCIWRAP_CONFIG', { OCIWRAP_CONFIG: '/etc/ociwrap/config.toml' }],
      ['GUARDIAN_RUNC_SHIM_BINARY', { GUARDIAN_RUNC_SHIM_BINARY: '/bin/true' }],
    ])('the engine is asked by every call with %s', (_, more) => {
      prepared(ofCall());
      expect(create(ofCall(), '', more).status).toBe(ENGINE_WAS_STARTED);
      expect(call(ofCall(), ['state', 'x'], more).status).toBe(ENGINE_WAS_STARTED);
    });

    test('the engine is asked by every call under the name of the shim', () => {
      prepared(ofCall());
      const shim = join(scratchFolder('bin'), 'guardian-runc-shim');
      symlinkSync(own.wrapper, shim);
      expect(call(ofCall(), ['state', 'x'], {}, shim).status).toBe(ENGINE_WAS_STARTED);
    });
  });

  describe('no table is left', () => {
    const unknown = [
      'fast-path = false',
      'profile = "guardian"',
      'runtime.search = ["runc"]',
      'runtime.paths.runc = "/bin/true"',
      'runtime.paths.nvidia = "/bin/true"',
      'log.file = "/dev/null"',
      'log.level = "warn"',
      'log.format = "text"',
      'log.max-size = "1MiB"',
    ];
    test.each(unknown.map((text) => [text, machineOf({ 'ociwrap/config.toml': text })] as const))(
      'under %s, and every call asks the engine',
      (_, machine) => {
        expect(create(machine(), '', { GUARDIAN_RUNC_SHIM_BINARY: '' })).toMatchObject({ signal: null });
        expect(hasTable(machine())).toBe(false);
        own.removeEngine();
        expect(create(machine()).status).toBe(ENGINE_WAS_STARTED);
        expect(call(machine(), ['state', 'x']).status).toBe(ENGINE_WAS_STARTED);
      },
    );

    const withLog = machineOf({ 'ociwrap/config.toml': 'log.level = "debug"\nlog.file = "/run/log"' });
    test('by a call whose environment says where the log is: the next one need not', () => {
      create(withLog(), '', { OCIWRAP_LOG_LEVEL: 'error' });
      expect(hasTable(withLog())).toBe(false);
      create(withLog(), '', { OCIWRAP_LOG_FILE: '' });
      expect(readFileSync(join(withLog().folder, 'run/log'), 'utf8')).toContain('passed through');
    });

    const broken = machineOf({ 'ociwrap/config.toml': 'not = [toml' });
    test('under a configuration that cannot be used', () => {
      expect(create(broken()).status).toBe(REFUSED);
      expect(call(broken(), ['state', 'x']).status).toBe(PASSED);
      expect(hasTable(broken())).toBe(false);
    });

    test('while a file is younger than a second', () => {
      const fresh = new Machine(MAIN);
      expect(create(fresh).status).toBe(PASSED);
      expect(hasTable(fresh)).toBe(false);
    });

    const plain = machineOf(MAIN);
    test('by a call that names another configuration', () => {
      expect(create(plain(), '', { OCIWRAP_CONFIG: '/etc/ociwrap/config.toml' }).status).toBe(PASSED);
      expect(hasTable(plain())).toBe(false);
    });
  });

  describe('where the engine fails, without a table', () => {
    const machine = machineOf({ 'ociwrap/config.toml': 'runtime.search = ["/bin/true"]' });

    test.each(['create', 'run', 'restore'])(
      '%s is refused: what the configuration asks for is unknown',
      (verb) => {
        const ended = starved(machine(), [verb, '-b', bundleOf(specOf('')), 'x']);
        expect(ended).toMatchObject({
          status: REFUSED,
          stderr: expect.stringContaining('ERR_ENGINE_FAILED'),
        });
      },
    );

    test.each(['kill', 'delete', 'state'])('%s goes on by the built-in order', (verb) => {
      const folder = scratchFolder('path');
      chmodSync(folder, 0o755);
      const runc = recorderAt(join(folder, 'runc'));
      const more = { SGS_RUNC_PATH: '', PATH: `${folder}:${process.env['PATH']}` };
      expect(starved(machine(), [verb, 'x'], more)).toMatchObject({ status: PASSED, stderr: '' });
      expect(runc.calls()).toMatchObject([{ argv: ['runc', verb, 'x'] }]);
    });
  });
});
