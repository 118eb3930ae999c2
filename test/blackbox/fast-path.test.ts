import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';

import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { bundleOf, configState, specOf, TRIGGER } from './bundle.js';
import { ENGINE_WAS_STARTED, forgetTables, type OwnPackage, ownPackage, tableFolder } from './own-package.js';
import { describeWith } from './programs.js';
import { type Recorder, recorderAt, recorderIn } from './recorded-calls.js';
import { type Ended, type RunOptions, runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

const PASSED = 0;

describeWith(['busybox'], 'the fast path', () => {
  let own: OwnPackage;
  let runtime: Recorder;
  let env: Record<string, string>;

  beforeAll(() => {
    own = ownPackage();
    runtime = recorderIn(scratchFolder('runc'));
    env = { SGS_RUNC_PATH: runtime.path, OCIWRAP_LOG_FILE: '/dev/null' };
  });

  const plain = () => bundleOf(specOf(''));
  const call = (args: readonly string[], options: RunOptions = {}): Ended =>
    runProgram(own.wrapper, args, { ...options, env: { ...env, ...options.env } });
  const create = (bundle = plain(), options: RunOptions = {}) => call(['create', '-b', bundle, 'x'], options);

  /** What the engine leaves after a call that it decided. */
  function prepared(): void {
    forgetTables();
    own.restoreEngine();
    expect(create()).toMatchObject({ status: PASSED, stderr: '' });
    expect(existsSync(own.table)).toBe(true);
    own.removeEngine();
  }

  describe('without an engine and without a table', () => {
    beforeAll(() => {
      forgetTables();
      own.removeEngine();
    });

    const verbs = [
      ['state', 'x'],
      ['start', 'x'],
      ['kill', 'x', '9'],
      ['delete', '--force', 'x'],
      ['exec', 'x', 'create'],
      ['features'],
      ['--version'],
      ['create', '--help'],
      ['no-such-verb'],
      ['--new-flag', 'state', 'x'],
      [],
    ];
    test.each(verbs.map((args) => [args.join(' ') || '(no arguments)', args] as const))(
      '%s goes through',
      (_, args) => {
        const before = runtime.calls().length;
        expect(call(args)).toEqual({ status: PASSED, signal: null, stdout: '', stderr: '' });
        expect(runtime.calls()[before]).toMatchObject({ argv: [basename(runtime.path), ...args] });
      },
    );

    test.each(['create', 'run', 'restore'])('%s needs the engine', (verb) => {
      expect(call([verb, '-b', plain(), 'x']).status).toBe(ENGINE_WAS_STARTED);
    });

    const manyVariables = Object.fromEntries(
      Array.from({ length: 5000 }, (_, at) => [`V${at}`, 'x'.repeat(9)]),
    );
    test.each([
      ['', []],
      [' on a stack that they nearly fill', ['prlimit', '--stack=147456']],
    ])('thousands of variables%s arrive, in their order, with one behind them', (_, limit) => {
      const before = runtime.calls().length;
      const [program = '', ...args] = [...limit, own.wrapper, 'state', 'x'];
      expect(runProgram(program, args, { env: { ...env, ...manyVariables } })).toMatchObject({
        status: PASSED,
      });
      const found = runtime.calls()[before]?.env ?? [];
      expect(found.filter((entry) => entry.startsWith('V'))).toEqual(
        Object.entries(manyVariables).map(([name, value]) => `${name}=${value}`),
      );
      expect(found.at(-1)).toBe('OCIWRAP_DEPTH=1');
    });

    test('no call leaves a table', () => {
      expect(existsSync(tableFolder)).toBe(false);
    });
  });

  describe('after the engine has decided one call', () => {
    beforeAll(prepared);

    test('the table belongs to root alone', () => {
      expect(statSync(tableFolder)).toMatchObject({ uid: 0, mode: 0o040700 });
      expect(statSync(own.table)).toMatchObject({ uid: 0, mode: 0o100600, nlink: 1 });
      expect(readdirSync(tableFolder)).toEqual([basename(own.table)]);
    });

    const untriggered: readonly (readonly [string, string | undefined])[] = [
      ['a spec', JSON.stringify(specOf(''))],
      ['escapes that Go writes', '{"a":"\\u0026\\u003c\\u003e\\u2028\\u2029\\"\\\\\\n\\t\\r\\b\\f"}'],
      ['most of the annotation', `{"annotations":{"${TRIGGER.slice(1, -1)}":"x"}}`],
      ['the annotation in other letters', `{"annotations":{"${TRIGGER.toUpperCase()}":"x"}}`],
      ['nothing', ''],
      ['what is no JSON', '{"root":'],
      ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe]).toString('latin1')],
      ['two megabytes', JSON.stringify({ a: 'x'.repeat(2_000_000) })],
      ['no file at all', undefined],
    ];
    test.each(untriggered)('a config.json with %s is passed as it is', (_, config) => {
      const bundle = bundleOf(config ?? '');
      if (config === undefined) {
        rmSync(join(bundle, 'config.json'));
        expect(create(bundle)).toMatchObject({ status: PASSED, stderr: '' });
        return;
      }
      const before = configState(bundle);
      expect(create(bundle)).toMatchObject({ status: PASSED, stderr: '' });
      expect(configState(bundle)).toEqual(before);
    });

    const doubtful: readonly (readonly [string, string])[] = [
      ['the annotation', `{"annotations":{"${TRIGGER}":"x"}}`],
      ['its text anywhere', `{"process":{"args":["${TRIGGER}"]}}`],
      ['its text in broken JSON', `{"annotations":{"${TRIGGER}`],
      ['an escape that can hide it', `{"annotations":{"${TRIGGER.replace('s', '\\u0073')}":"x"}}`],
      ['the annotation misspelt', `{"annotations":{"${TRIGGER.replace('-', '')}":"x"}}`],
      ['the annotation under another prefix', `{"annotations":{"${TRIGGER.replace('.org', '.com')}":"x"}}`],
      ['an escaped slash', `{"annotations":{"${TRIGGER.replace('/', '\\/')}":"x"}}`],
      [
        'an escape behind two megabytes',
        JSON.stringify({ a: 'x'.repeat(2_000_000) }) + TRIGGER.replace('o', '\\u006F'),
      ],
    ];
    test.each(doubtful)('a config.json with %s is for the engine', (_, config) => {
      expect(create(bundleOf(config)).status).toBe(ENGINE_WAS_STARTED);
    });

    const strange: readonly (readonly [string, (path: string) => unknown])[] = [
      ['a symlink to itself', (path) => symlinkSync('config.json', path)],
      ['a symlink to a folder', (path) => symlinkSync('.', path)],
      [
        'a symlink to a FIFO',
        (path) => [runProgram('mkfifo', [`${path}.fifo`]), symlinkSync(`${path}.fifo`, path)],
      ],
      ['a symlink to a device', (path) => symlinkSync('/dev/zero', path)],
      [
        'a symlink to one that holds the annotation',
        (path) => symlinkSync(join(bundleOf(TRIGGER), 'config.json'), path),
      ],
      ['a folder', (path) => mkdirSync(path)],
      ['a FIFO', (path) => runProgram('mkfifo', [path])],
      ['a device', (path) => runProgram('mknod', [path, 'c', '1', '3'])],
    ];
    test.each(strange)('a config.json that is %s is for the engine', (_, make) => {
      const bundle = plain();
      rmSync(join(bundle, 'config.json'));
      make(join(bundle, 'config.json'));
      expect(create(bundle).status).toBe(ENGINE_WAS_STARTED);
    });

    const linked: readonly (readonly [string, (path: string) => unknown])[] = [
      ['a symlink', (path) => symlinkSync(join(plain(), 'config.json'), path)],
      [
        'a symlink to a symlink',
        (path) => [
          symlinkSync(join(plain(), 'config.json'), `${path}.x`),
          symlinkSync('config.json.x', path),
        ],
      ],
      ['a symlink to nothing', (path) => symlinkSync('nowhere.json', path)],
      ['a symlink below a file', (path) => symlinkSync('/proc/version/config.json', path)],
      ['a hard link', (path) => [writeFileSync(`${path}.x`, '{}'), linkSync(`${path}.x`, path)]],
    ];
    test.each(linked)('a config.json that is %s is passed as it is', (_, make) => {
      const bundle = plain();
      rmSync(join(bundle, 'config.json'));
      make(join(bundle, 'config.json'));
      expect(create(bundle)).toMatchObject({ status: PASSED, stderr: '' });
      const folder = scratchFolder('linked');
      symlinkSync(bundle, join(folder, 'bundle'));
      expect(create(join(folder, 'bundle'))).toMatchObject({ status: PASSED, stderr: '' });
    });

    const spellings: readonly (readonly [string, (bundle: string) => readonly string[]])[] = [
      ['--bundle DIR', (bundle) => ['create', '--bundle', bundle, 'x']],
      ['--bundle=DIR', (bundle) => ['create', `--bundle=${bundle}`, 'x']],
      ['-b=DIR', (bundle) => ['create', `-b=${bundle}`, 'x']],
      ['behind the id', (bundle) => ['create', 'x', '-b', bundle]],
      ['of two the last', (bundle) => ['create', '-b', '/nowhere', '-b', bundle, 'x']],
      ['of run', (bundle) => ['run', '-d', '-b', bundle, 'x']],
      ['of restore', (bundle) => ['restore', '-b', bundle, 'x']],
      [
        'with all that containerd writes',
        (bundle) => [
          ...['--root', '/run/x', '--log', `${bundle}/log.json`, '--log-format', 'json', '--systemd-cgroup'],
          ...['create', '--bundle', bundle, '--pid-file', `${bundle}/pid`, '--no-new-keyring', 'x'],
        ],
      ],
    ];
    test.each(spellings)('the bundle is the one that the runtime will read: %s', (_, argsFor) => {
      expect(call(argsFor(plain())).status).toBe(PASSED);
      expect(call(argsFor(bundleOf(TRIGGER))).status).toBe(ENGINE_WAS_STARTED);
    });

    test('without a bundle it is the working folder, and a relative one is beneath it', () => {
      for (const [bundle, status] of [
        [plain(), PASSED],
        [bundleOf(TRIGGER), ENGINE_WAS_STARTED],
      ] as const) {
        expect(call(['create', 'x'], { cwd: bundle }).status).toBe(status);
        expect(call(['create', '-b', '', 'x'], { cwd: bundle }).status).toBe(status);
        expect(call(['create', '-b', `../${basename(bundle)}`, 'x'], { cwd: bundle }).status).toBe(status);
      }
    });

    test.each([
      ['a flag that nobody knows', ['--new-flag', 'create', 'x']],
      ['a flag of create that nobody knows', ['create', '--new-flag', 'x']],
      ['another file than config.json', ['create', '--config', 'other.json', 'x']],
    ])('%s is for the engine', (_, args) => {
      expect(call(args, { cwd: plain() }).status).toBe(ENGINE_WAS_STARTED);
    });

    test('the grammar is that of the runtime', () => {
      const crun = recorderAt(join(scratchFolder('crun'), 'crun'));
      const as = { env: { SGS_RUNC_PATH: crun.path } };
      const bundle = plain();
      // For crun -b=DIR names the folder "=DIR", and a long option may be cut short.
      expect(call(['create', `-b=${bundle}`, 'x'], as).status).toBe(PASSED);
      expect(call(['create', `-b${bundleOf(TRIGGER)}`, 'x'], as).status).toBe(ENGINE_WAS_STARTED);
      expect(call(['create', '-f', join(bundle, 'config.json'), 'x'], as).status).toBe(ENGINE_WAS_STARTED);
      expect(call(['create', '--bun', bundleOf(TRIGGER), 'x'], as).status).toBe(ENGINE_WAS_STARTED);
    });
  });

  describe('a table that is not to be believed', () => {
    beforeEach(prepared);
    const elsewhere = () => join(scratchFolder('elsewhere'), 'table');

    const files: readonly (readonly [string, (path: string) => void])[] = [
      ['of another user', (path) => chownSync(path, 1000, 0)],
      ['that its group can read', (path) => chmodSync(path, 0o640)],
      ['that its group can write', (path) => chmodSync(path, 0o620)],
      ['that others can write', (path) => chmodSync(path, 0o602)],
      ['with a second name', (path) => linkSync(path, join(tableFolder, 'second'))],
      [
        'behind a symlink',
        (path) => {
          const target = join(tableFolder, 'target');
          renameSync(path, target);
          symlinkSync(target, path);
        },
      ],
      ['that is cut off', (path) => writeFileSync(path, readFileSync(path).subarray(0, -1))],
      ['that is longer than any', (path) => writeFileSync(path, Buffer.alloc(1 << 20, readFileSync(path)))],
      ['that is empty', (path) => writeFileSync(path, '')],
      ['of zeros', (path) => writeFileSync(path, Buffer.alloc(176))],
      [
        'that is a FIFO',
        (path) => {
          rmSync(path);
          runProgram('mkfifo', ['-m', '600', path]);
        },
      ],
    ];
    test.each(files)('%s: the engine is asked, and leaves a sound one', (_, spoil) => {
      spoil(own.table);
      expect(create().status).toBe(ENGINE_WAS_STARTED);
      own.restoreEngine();
      expect(create()).toMatchObject({ status: PASSED, stderr: '' });
      own.removeEngine();
      expect(create().status).toBe(PASSED);
    });

    const folders: readonly (readonly [string, () => void])[] = [
      ['of another user', () => chownSync(tableFolder, 1000, 0)],
      ['that its group can read', () => chmodSync(tableFolder, 0o740)],
      ['that others can write', () => chmodSync(tableFolder, 0o702)],
      [
        'that is a symlink',
        () => {
          const real = elsewhere();
          runProgram('mv', [tableFolder, real]);
          symlinkSync(real, tableFolder);
        },
      ],
    ];
    test.each(folders)(
      'in a folder %s: the engine is asked, every time, and says so to those who want to know',
      (_, spoil) => {
        spoil();
        const log = join(scratchFolder('log'), 'log');
        expect(create().status).toBe(ENGINE_WAS_STARTED);
        own.restoreEngine();
        rmSync(own.table);
        const options = { env: { OCIWRAP_LOG_FILE: log, OCIWRAP_LOG_LEVEL: 'debug' } };
        expect(create(plain(), options)).toMatchObject({ status: PASSED, stderr: '' });
        expect(readFileSync(log, 'utf8')).toContain('the fast path cannot be prepared');
        own.removeEngine();
        expect(create().status).toBe(ENGINE_WAS_STARTED);
      },
    );

    test('the program was written since', () => {
      const now = new Date();
      utimesSync(own.wrapper, now, now);
      expect(create().status).toBe(ENGINE_WAS_STARTED);
      own.restoreEngine();
      expect(create().status).toBe(PASSED);
      own.removeEngine();
      expect(create().status).toBe(PASSED);
    });

    test('of another copy of the package', () => {
      const other = ownPackage();
      other.removeEngine();
      expect(runProgram(other.wrapper, ['create', '-b', plain(), 'x'], { env }).status).toBe(
        ENGINE_WAS_STARTED,
      );
    });
  });

  describe('what the engine leaves', () => {
    beforeEach(() => {
      forgetTables();
      own.restoreEngine();
    });

    test.each(['0777', '0000'])('can be believed with a umask of %s', (umask) => {
      const script = `umask ${umask}; exec "$0" create -b "$1" x`;
      expect(runProgram('/bin/sh', ['-c', script, own.wrapper, plain()], { env }).status).toBe(PASSED);
      own.removeEngine();
      expect(create().status).toBe(PASSED);
    });

    test('is the same after a call that was rewritten or not, and is not written anew', () => {
      create();
      const { ino, mtimeNs } = statSync(own.table, { bigint: true });
      create(bundleOf(JSON.stringify({ process: { args: [TRIGGER] } })));
      expect(statSync(own.table, { bigint: true })).toMatchObject({ ino, mtimeNs });
    });

    test('is no more than a few tables, the oldest go', () => {
      mkdirSync(tableFolder, { mode: 0o700 });
      const old = new Date(0);
      for (let at = 0; at < 80; at += 1) {
        writeFileSync(join(tableFolder, `1-${at}`), '');
        utimesSync(join(tableFolder, `1-${at}`), old, old);
      }
      create();
      expect(existsSync(own.table)).toBe(true);
      expect(readdirSync(tableFolder)).toHaveLength(64);
    });

    test('is nothing where it cannot be written, and the call goes on', () => {
      writeFileSync(tableFolder, '');
      expect(create()).toMatchObject({ status: PASSED, stderr: '' });
    });

    test('is nothing from a user who is not root', () => {
      mkdirSync(tableFolder);
      chmodSync(tableFolder, 0o777);
      const shared = scratchFolder('shared');
      chmodSync(shared, 0o777);
      const bundle = plain();
      chmodSync(bundle, 0o755);
      const other = recorderAt(join(shared, 'runc'));
      const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
      const ended = runProgram('setpriv', [...nobody, own.wrapper, 'create', '-b', bundle, 'x'], {
        env: { ...env, SGS_RUNC_PATH: other.path },
      });
      expect(ended).toMatchObject({ status: PASSED, stderr: '' });
      expect(readdirSync(tableFolder)).toEqual([]);
    });
  });

  describe('the runtime is looked for at each call', () => {
    beforeAll(prepared);
    const place = () => {
      const folder = scratchFolder('path');
      chmodSync(folder, 0o755);
      return folder;
    };

    test('a runc that comes earlier on PATH is noticed, and so is that it went', () => {
      const [first, second] = [place(), place()];
      const later = recorderAt(join(second, 'runc'));
      const options = { env: { SGS_RUNC_PATH: '', PATH: `${first}:${second}` } };
      expect(create(plain(), options).status).toBe(PASSED);
      expect(later.calls()).toHaveLength(1);
      const earlier = recorderAt(join(first, 'runc'));
      expect(create(plain(), options).status).toBe(PASSED);
      expect(earlier.calls()).toHaveLength(1);
      rmSync(earlier.path);
      expect(create(plain(), options).status).toBe(PASSED);
      expect(later.calls()).toHaveLength(2);
    });

    test('a newly installed .real is noticed', () => {
      const [bin, path] = [place(), place()];
      symlinkSync(own.wrapper, join(bin, 'runc'));
      const before = recorderAt(join(path, 'runc'));
      const asRunc = () =>
        runProgram(join(bin, 'runc'), ['create', '-b', plain(), 'x'], {
          env: { OCIWRAP_LOG_FILE: '/dev/null', PATH: path },
        });
      expect(asRunc().status).toBe(PASSED);
      expect(before.calls()).toHaveLength(1);
      const real = recorderAt(join(bin, 'runc.real'));
      expect(asRunc().status).toBe(PASSED);
      expect(real.calls()).toMatchObject([{ argv: ['runc.real', 'create', '-b', expect.anything(), 'x'] }]);
      expect(before.calls()).toHaveLength(1);
    });

    test('a runtime in whose place we were put is not called again', () => {
      const [first, second] = [place(), place()];
      const real = recorderAt(join(second, 'runc'));
      const options = { env: { SGS_RUNC_PATH: '', PATH: `${first}:${second}` } };
      symlinkSync(own.wrapper, join(first, 'runc'));
      expect(create(plain(), options).status).toBe(PASSED);
      expect(real.calls()).toHaveLength(1);
    });
  });

  describe('the log', () => {
    beforeAll(prepared);

    test.each([
      ['soft', '--fsize=10:1000000', PASSED, 1],
      // What cannot be written is left to the engine, which tells it.
      ['hard', '--fsize=10:10', ENGINE_WAS_STARTED, 0],
    ])('under a %s limit of the size of files the call goes on: %s', (_, limit, ended, records) => {
      const log = join(scratchFolder('log'), 'log');
      const args = [limit, own.wrapper, 'create', '-b', plain(), 'x'];
      const { status, signal } = runProgram('prlimit', args, {
        env: { SGS_RUNC_PATH: '/bin/true', OCIWRAP_LOG_FILE: log, OCIWRAP_LOG_LEVEL: 'debug' },
      });
      expect({ status, signal }).toEqual({ status: ended, signal: null });
      expect(readFileSync(log, 'utf8').split('\n')).toHaveLength(records + 1);
    });

    test('of a call that is passed through is touched at level debug alone', () => {
      const log = join(scratchFolder('log'), 'log');
      expect(create(plain(), { env: { OCIWRAP_LOG_FILE: log } }).status).toBe(PASSED);
      expect(existsSync(log)).toBe(false);
    });

    test('holds one record a call', () => {
      const log = join(scratchFolder('log'), 'log');
      const bundle = plain();
      const env = { OCIWRAP_LOG_FILE: log, OCIWRAP_LOG_LEVEL: 'debug' };
      expect(create(bundle, { env }).status).toBe(PASSED);
      expect(JSON.parse(readFileSync(log, 'utf8'))).toEqual({
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        level: 'debug',
        msg: 'passed through',
        id: 'x',
        verb: 'create',
        bundle,
        runtime: runtime.path,
        durationMs: expect.any(Number),
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        decision: 'pass',
        reason: 'no trigger text in config.json',
      });
      expect(Math.abs(Date.now() - Date.parse(JSON.parse(readFileSync(log, 'utf8')).time))).toBeLessThan(
        60_000,
      );
    });
  });
});
