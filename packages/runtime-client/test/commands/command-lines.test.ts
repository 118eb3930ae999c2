import { describe, expect, test } from '@jest/globals';

import { checkpointCommand, restoreCommand } from '../../src/commands/checkpoint-commands.js';
import { createCommand, runCommand } from '../../src/commands/create-command.js';
import { type ExecOptions, execCommand } from '../../src/commands/exec-command.js';
import { globalArguments, hasLog } from '../../src/commands/global-arguments.js';
import { deleteCommand, killCommand, plainCommand } from '../../src/commands/lifecycle-commands.js';
import {
  eventsCommand,
  featuresCommand,
  listCommand,
  psCommand,
  statsCommand,
} from '../../src/commands/question-commands.js';
import { updateCommand } from '../../src/commands/update-command.js';
import type { DialectName } from '../../src/dialects/dialect-name.js';
import type { RuntimeVersion } from '../../src/dialects/runtime-version.js';

const of = (dialect: DialectName, version?: string, builtWith: readonly string[] = []): RuntimeVersion => ({
  dialect,
  builtWith,
  text: '',
  ...(version !== undefined && { version }),
});
const RUNC = of('runc', '1.1.15');
const CRUN = of('crun', '1.21', ['CRIU']);
const OLD_CRUN = of('crun', '1.8.1');
const RUNSC = of('runsc', '0.0~20240729.0');
const OLD_RUNSC = of('runsc', '0.0~20221219.0');
const UNKNOWN = of('unknown');

const bundle = '/b';
const all = { bundle, pidFile: '/p', consoleSocket: '/s' };
const allWords = ['--bundle=/b', '--pid-file=/p', '--console-socket=/s'];
const exec: ExecOptions = { args: ['ls', '-l'] };

describe('what a builder makes', () => {
  test.each([
    ['create', createCommand(RUNC, 'c', all), ['create', ...allWords, 'c']],
    ['create', createCommand(RUNSC, 'c', all), ['create', ...allWords, 'c']],
    ['create', createCommand(UNKNOWN, 'c', all), ['create', ...allWords, 'c']],
    [
      'create',
      createCommand(CRUN, 'c', { bundle, noPivot: true, noNewKeyring: true, extraArgs: ['--config=x', ''] }),
      ['create', '--bundle=/b', '--no-pivot', '--no-new-keyring', '--config=x', '', 'c'],
    ],
    ['create', createCommand(RUNC, 'c', { bundle: '-b', noPivot: false }), ['create', '--bundle=-b', 'c']],
    ['create', createCommand(RUNC, 'c', { bundle }, 2), ['create', '--bundle=/b', '--preserve-fds=2', 'c']],
    ['run', runCommand(CRUN, 'c', { bundle }, 1), ['run', '--bundle=/b', '--preserve-fds=1', 'c']],
    [
      'run',
      runCommand(RUNSC, 'c', { bundle, detach: true }, 2),
      ['run', '--bundle=/b', '--pass-fd=3:3', '--pass-fd=4:4', '--detach', 'c'],
    ],
    ['run', runCommand(RUNC, 'c', { bundle, keep: true }), ['run', '--bundle=/b', '--keep', 'c']],
    ['exec', execCommand(RUNC, 'c', exec), ['exec', 'c', 'ls', '-l']],
    ['exec', execCommand(RUNC, 'c', { processFile: '/f' }), ['exec', '--process=/f', 'c']],
    ['exec', execCommand(RUNSC, 'c', exec, 1), ['exec', '--pass-fd=3:3', 'c', 'ls', '-l']],
    [
      'exec',
      execCommand(RUNC, 'c', {
        args: ['x'],
        cwd: '/d',
        env: ['A=1', 'B='],
        user: '1:2',
        additionalGids: [0, 7],
        capabilities: ['CAP_CHOWN'],
        noNewPrivileges: true,
        terminal: true,
        consoleSocket: '/s',
        pidFile: '/p',
        detach: true,
        ignorePaused: true,
      }),
      [
        ...['exec', '--cwd=/d', '--env=A=1', '--env=B=', '--user=1:2', '--additional-gids=0'],
        ...['--additional-gids=7', '--cap=CAP_CHOWN', '--no-new-privs', '--tty', '--console-socket=/s'],
        ...['--pid-file=/p', '--detach', '--ignore-paused', 'c', 'x'],
      ],
    ],
    ['start', plainCommand(UNKNOWN, 'start', 'c', {}), ['start', 'c']],
    ['state', plainCommand(RUNSC, 'state', 'c', { extraArgs: ['-x'] }), ['state', '-x', 'c']],
    ['kill', killCommand(UNKNOWN, 'c', 'SIGTERM', {}), ['kill', 'c', '15']],
    ['kill', killCommand(RUNSC, 'c', 64, { all: true }), ['kill', '--all', 'c', '64']],
    ['delete', deleteCommand(CRUN, 'c', { force: true }), ['delete', '--force', 'c']],
    ['ps', psCommand(RUNSC, 'c', {}), ['ps', '--format=json', 'c']],
    ['list', listCommand(CRUN, { extraArgs: ['--quiet'] }), ['list', '--format=json', '--quiet']],
    ['features', featuresCommand(RUNC, {}), ['features']],
    ['events', eventsCommand(RUNC, 'c', {}), ['events', 'c']],
    ['events', eventsCommand(RUNC, 'c', { interval: 2 }), ['events', '--interval=2s', 'c']],
    ['events', eventsCommand(RUNSC, 'c', { interval: 2 }), ['events', '--interval=2', 'c']],
    ['events', statsCommand(RUNC, 'c', {}), ['events', '--stats', 'c']],
    ['update', updateCommand(CRUN, 'c', {}, {}), ['update', '--resources=-', 'c']],
    [
      'checkpoint',
      checkpointCommand(CRUN, 'c', {
        imagePath: '/i',
        parentPath: '../p',
        leaveRunning: true,
        preDump: true,
      }),
      ['checkpoint', '--image-path=/i', '--parent-path=../p', '--leave-running', '--pre-dump', 'c'],
    ],
    [
      'restore',
      restoreCommand(RUNC, 'c', {
        ...all,
        imagePath: '/i',
        workPath: '/w',
        tcpEstablished: true,
        externalUnixSockets: true,
        shellJob: true,
        fileLocks: true,
        detach: true,
      }),
      [
        ...[
          'restore',
          '--image-path=/i',
          '--work-path=/w',
          '--tcp-established',
          '--ext-unix-sk',
          '--shell-job',
        ],
        ...['--file-locks', ...allWords, '--detach', 'c'],
      ],
    ],
  ])('%s: %j', (command, line, args) => expect(line).toMatchObject({ command, args }));

  test('the limits of update come over standard input', () => {
    const { input = '' } = updateCommand(RUNC, 'c', { pids: { limit: 5 } }, {});
    expect(JSON.parse(input)).toEqual({ pids: { limit: 5 } });
  });
});

const wrong = (value: unknown) => value as never;

describe('what a builder refuses', () => {
  test.each<[string, string, () => unknown]>([
    ['ERR_CONTAINER_ID', 'a/b', () => plainCommand(RUNC, 'state', 'a/b', {})],
    ['ERR_CONTAINER_ID', '-x', () => createCommand(RUNC, '-x', { bundle })],
    ['ERR_RUNTIME_OPTION', 'noPivot', () => createCommand(RUNSC, 'c', { bundle, noPivot: true })],
    ['ERR_RUNTIME_OPTION', 'noNewKeyring', () => createCommand(UNKNOWN, 'c', { bundle, noNewKeyring: true })],
    ['ERR_RUNTIME_OPTION', 'preserveFds', () => createCommand(RUNSC, 'c', { bundle }, 1)],
    ['ERR_RUNTIME_OPTION', 'passedFds', () => execCommand(OLD_RUNSC, 'c', exec, 1)],
    ['ERR_RUNTIME_OPTION', 'keep', () => runCommand(OLD_CRUN, 'c', { bundle, keep: true })],
    ['ERR_RUNTIME_OPTION', 'keep', () => runCommand(RUNSC, 'c', { bundle, keep: true })],
    ['ERR_RUNTIME_OPTION', 'additionalGids', () => execCommand(CRUN, 'c', { ...exec, additionalGids: [1] })],
    ['ERR_RUNTIME_OPTION', 'ignorePaused', () => execCommand(CRUN, 'c', { ...exec, ignorePaused: true })],
    ['ERR_RUNTIME_OPTION', 'all', () => killCommand(UNKNOWN, 'c', 9, { all: true })],
    ['ERR_RUNTIME_OPTION', 'bundle', () => createCommand(RUNC, 'c', { bundle: '' })],
    ['ERR_RUNTIME_OPTION', 'bundle', () => createCommand(RUNC, 'c', { bundle: 'a\0' })],
    ['ERR_RUNTIME_OPTION', 'bundle', () => createCommand(RUNC, 'c', { bundle: wrong(5) })],
    ['ERR_RUNTIME_OPTION', 'noPivot', () => createCommand(RUNC, 'c', { bundle, noPivot: wrong('no') })],
    ['ERR_RUNTIME_OPTION', 'env', () => execCommand(RUNC, 'c', { ...exec, env: wrong('A=1') })],
    ['ERR_RUNTIME_OPTION', 'additionalGids', () => execCommand(RUNC, 'c', { ...exec, additionalGids: [-1] })],
    ['ERR_RUNTIME_OPTION', 'extraArgs', () => plainCommand(RUNC, 'state', 'c', { extraArgs: ['\0'] })],
    ['ERR_RUNTIME_OPTION', 'args', () => execCommand(RUNC, 'c', {})],
    ['ERR_RUNTIME_OPTION', 'args', () => execCommand(RUNC, 'c', { ...exec, processFile: '/f' })],
    ['ERR_RUNTIME_OPTION', 'args', () => execCommand(RUNC, 'c', { args: wrong('ls') })],
    ['ERR_RUNTIME_OPTION', 'signal', () => killCommand(RUNC, 'c', 0, {})],
    ['ERR_RUNTIME_OPTION', 'signal', () => killCommand(RUNC, 'c', 65, {})],
    ['ERR_RUNTIME_OPTION', 'signal', () => killCommand(RUNC, 'c', wrong('TERM\n'), {})],
    ['ERR_RUNTIME_OPTION', 'interval', () => eventsCommand(RUNC, 'c', { interval: 0.5 })],
    ['ERR_RUNTIME_LACKS', 'events', () => eventsCommand(CRUN, 'c', {})],
    ['ERR_RUNTIME_LACKS', 'features', () => featuresCommand(OLD_CRUN, {})],
    ['ERR_RUNTIME_LACKS', 'features', () => featuresCommand(RUNSC, {})],
    ['ERR_RUNTIME_LACKS', 'update', () => updateCommand(RUNSC, 'c', {}, {})],
    ['ERR_RUNTIME_LACKS', 'checkpoint', () => checkpointCommand(OLD_CRUN, 'c', { imagePath: '/i' })],
    ['ERR_RUNTIME_LACKS', 'exec', () => execCommand(UNKNOWN, 'c', exec)],
    ['ERR_RUNTIME_LACKS', 'list', () => listCommand(UNKNOWN, {})],
  ])('%s of %s', (code, named, build) => {
    expect(build).toThrow(expect.objectContaining({ code, message: expect.stringContaining(named) }));
  });
});

describe('what stands before the command', () => {
  test.each([
    [{}, []],
    [
      { root: '/r', systemdCgroup: true, log: '/l', more: ['--debug'] },
      ['--root=/r', '--systemd-cgroup', '--log=/l', '--log-format=json', '--debug'],
    ],
  ])('%j', (given, args) => {
    for (const dialect of ['runc', 'crun', 'runsc'] as const) {
      expect(globalArguments(dialect, given)).toEqual(args);
    }
  });

  test('of an unknown runtime nothing', () => {
    expect(globalArguments('unknown', { more: ['--x'] })).toEqual(['--x']);
    expect(hasLog('unknown')).toBe(false);
    for (const given of [{ root: '/r' }, { systemdCgroup: true }, { log: '/l' }]) {
      expect(() => globalArguments('unknown', given)).toThrow(
        expect.objectContaining({ code: 'ERR_RUNTIME_OPTION' }),
      );
    }
  });
});
