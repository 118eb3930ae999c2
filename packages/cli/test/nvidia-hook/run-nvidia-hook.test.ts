import { describe, expect, test } from '@jest/globals';
import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';

import { environmentForCli } from '../../src/nvidia-hook/cli-environment.js';
import { readHookArguments } from '../../src/nvidia-hook/hook-flags.js';
import { type HookProcess, runNvidiaHook } from '../../src/nvidia-hook/run-nvidia-hook.js';

const CLI = '/usr/bin/nvidia-container-cli';
const bytes = (texts: readonly string[]) => texts.map((text) => Buffer.from(text, 'latin1'));

/** What the process becomes. */
interface Program {
  readonly file: string;
  readonly argv: readonly string[];
  readonly env: readonly string[];
}

const programOf = (file: string, argv: readonly string[], env: readonly Uint8Array[]): Program => ({
  file,
  argv,
  env: env.map((entry) => Buffer.from(entry).toString('latin1')),
});

interface Call extends Partial<HookProcess> {
  readonly visible?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly state?: string;
}

/** A call of the hook in memory: how it ends, and what it says. */
function call({ visible = 'all', files = {}, state = '{"pid":7,"bundle":"/b"}', ...rest }: Call = {}) {
  const spec = {
    ociVersion: '1.2.0',
    process: { env: [`NVIDIA_VISIBLE_DEVICES=${visible}`] },
    root: { path: 'r' },
  };
  const pieces = bytes([state]);
  const said = { out: '', err: '' };
  const hook: HookProcess = {
    name: '/usr/bin/nvidia-container-toolkit',
    args: ['prestart'],
    env: bytes(['PATH=/usr/bin']),
    cwd: '/b',
    profile: 'current',
    version: '1.2.3',
    host: memoryHost({
      files: { '/b/config.json': JSON.stringify(spec), [CLI]: '', ...files },
      access: { [CLI]: { mode: 0o755 } },
    }),
    readInput: () => pieces.shift(),
    writeOutput: (text) => {
      said.out += text;
    },
    writeError: (text) => {
      said.err += text;
    },
    now: () => new Date(Date.UTC(2026, 1, 3, 4, 5, 6, 789)),
    become: (file) => {
      throw new Error(`became ${file}`);
    },
    ...rest,
  };
  return { run: () => runNvidiaHook(hook), said };
}

/** What the process becomes, and what is said if that fails. */
function became(options: Call): { readonly program: Program; readonly err: string } {
  const programs: Program[] = [];
  const { run, said } = call({
    ...options,
    become: (file, argv, env) => {
      programs.push(programOf(file, argv, env));
      throw Object.assign(new Error('not this time'), { code: 'ENOENT' });
    },
  });
  run();
  const [program] = programs;
  if (program === undefined) throw new Error(`it became nothing: ${said.err}`);
  return { program, err: said.err };
}

describe('flags, as Go reads them', () => {
  const usage = (problem?: string, status = 2) => ({ kind: 'usage', status, ...(problem && { problem }) });
  const prestart = (debug = false, config?: string) => ({
    kind: 'prestart',
    debug,
    ...(config && { config }),
  });
  test.each<[args: readonly string[], expected: object]>([
    [['prestart'], prestart()],
    [['prestart', 'and', '-debug'], prestart()],
    [['-debug', 'prestart'], prestart(true)],
    [['--debug=0', 'prestart'], prestart()],
    [['--debug', '-debug=f', 'prestart'], prestart()],
    [['-debug=T', 'prestart'], prestart(true)],
    [['-config', '/c', 'prestart'], prestart(false, '/c')],
    [['--config=/c=d', 'prestart'], prestart(false, '/c=d')],
    [['-config', '--', 'prestart'], prestart(false, '--')],
    [['-config=', 'prestart'], prestart()],
    [['--', 'prestart'], prestart()],
    [['poststart'], { kind: 'nothing' }],
    [['-debug', 'poststop'], { kind: 'nothing' }],
    [['-version', 'prestart'], { kind: 'version' }],
    [['-version=false', 'poststop'], { kind: 'nothing' }],
    [[], usage()],
    [['--'], usage()],
    [['-'], usage()],
    [['start'], usage()],
    [['-h'], usage(undefined, 0)],
    [['--help=3'], usage(undefined, 0)],
    [['-x'], usage('flag provided but not defined: -x')],
    [['-x=1'], usage('flag provided but not defined: -x')],
    [['---x'], usage('bad flag syntax: ---x')],
    [['-=x'], usage('bad flag syntax: -=x')],
    [['--=x'], usage('bad flag syntax: --=x')],
    [['-config'], usage('flag needs an argument: -config')],
    [['-debug=x', 'prestart'], usage('invalid boolean value "x" for -debug: parse error')],
    [['-debug=', 'prestart'], usage('invalid boolean value "" for -debug: parse error')],
  ])('%j', (args, expected) => {
    expect(readHookArguments(args, 'current')).toEqual(expected);
  });

  test('before current there is no -version', () => {
    expect(readHookArguments(['-version'], 'v1.5')).toEqual(usage('flag provided but not defined: -version'));
  });
});

describe('the environment of nvidia-container-cli', () => {
  test.each<
    [env: readonly string[], path: string | undefined, more: readonly string[], expected: readonly string[]]
  >([
    [['A=1', 'PATH=/x', 'B=2'], '/new', [], ['A=1', 'PATH=/new', 'B=2']],
    [['A=1'], '/new', [], ['A=1', 'PATH=/new']],
    [['A=1', 'PATH=/x'], undefined, [], ['A=1', 'PATH=/x']],
    [['A=1', 'A=2', 'PATH=/x', 'PATH=/y'], '/new', [], ['A=1', 'PATH=/new']],
    [['A=1', 'no equals', '', '=x', '=y'], undefined, [], ['A=1', 'no equals', '=x']],
    [['A=1'], undefined, ['A=3', 'A=4'], ['A=1', 'A=3', 'A=4']],
    [['A=\xff\xfe', 'PATHX=1'], '/new', [], ['A=\xff\xfe', 'PATHX=1', 'PATH=/new']],
  ])('%j with %j and %j', (env, path, more, expected) => {
    const found = environmentForCli(bytes(env), path, more);
    expect(found.map((entry) => Buffer.from(entry).toString('latin1'))).toEqual(expected);
  });
});

describe('a call', () => {
  test('becomes nvidia-container-cli for a GPU container', () => {
    const { program, err } = became({ env: bytes(['LD_PRELOAD=x', 'PATH=/usr/bin', 'X=\xff']) });
    const path = '/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin:/bin';
    expect(program).toMatchObject({
      file: CLI,
      argv: [
        CLI,
        '--load-kmods',
        'configure',
        '--cuda-compat-mode=ldconfig',
        '--ldconfig=@/sbin/ldconfig',
        '--device=all',
        '--compute',
        '--utility',
        '--pid=7',
        '/b/r',
      ],
      env: ['LD_PRELOAD=x', `PATH=${path}`, 'X=\xff'],
    });
    expect(err).toBe("Auto-detected mode as 'legacy'\nexec failed: no such file or directory\n");
  });

  test('by the profile and the configuration that it is given', () => {
    const files = { '/c': '[nvidia-container-cli]\npath = "/cli"\nenvironment = ["N=1"]' };
    const { program, err } = became({
      profile: 'seed',
      files,
      args: ['-debug', '-config', '/c', 'prestart'],
    });
    expect(program).toMatchObject({
      argv: [
        '/cli',
        '--load-kmods',
        '--debug=/dev/stderr',
        'configure',
        '--device=all',
        '--utility',
        '--pid=7',
        '/b/r',
      ],
      env: ['PATH=/usr/bin', 'N=1'],
    });
    expect(err).toMatch(/^exec failed: no such file or directory\nDeviceError: /);
  });

  test.each<[name: string, options: Call, status: number, out: string, err: string | RegExp]>([
    ['no GPU container', { visible: '' }, 0, '', ''],
    ['poststop', { args: ['poststop'], state: 'x' }, 0, '', ''],
    ['version', { args: ['-version'] }, 0, 'NVIDIA Container Runtime Hook version 1.2.3 (ociwrap)\n', ''],
    [
      'no command',
      { args: [] },
      2,
      '',
      /^Usage of nvidia-container-runtime-hook:\n {2}-config string\n {4}\tconfiguration file\n/,
    ],
    [
      'no command, v1.5',
      { args: [], profile: 'v1.5' },
      2,
      '',
      /^Usage of \/usr\/bin\/nvidia-container-toolkit:\n(?!.*version)/s,
    ],
    ['a wrong flag', { args: ['-x\u001b'] }, 2, '', /^flag provided but not defined: -x\\u001b\nUsage of /],
    ['help', { args: ['-h'] }, 0, '', /^Usage of /],
    ['no state', { state: '' }, 1, '', 'could not decode container state: EOF\n'],
    [
      'CDI devices',
      { visible: 'nvidia.com/gpu=0' },
      1,
      '',
      /^Auto-detected mode as 'cdi'\ninvoking the NVIDIA Container Runtime Hook directly /,
    ],
    [
      'a configuration that is not there',
      { args: ['-config', '/no', 'prestart'] },
      1,
      '',
      /^error getting hook config: failed to load config: /,
    ],
    [
      'what is no text for a terminal',
      { state: '\u001b' },
      1,
      '',
      "could not decode container state: invalid character '\\x1b' looking for beginning of value\n",
    ],
  ])('%s', (_name, options, status, out, err) => {
    const { run, said } = call(options);
    expect(run()).toBe(status);
    expect(said.out).toBe(out);
    expect(said.err).toEqual(typeof err === 'string' ? err : expect.stringMatching(err));
  });

  test('a warning is a log record', () => {
    const files = {
      '/etc/nvidia-container-runtime/config.toml':
        'accept-nvidia-visible-devices-envvar-when-unprivileged = false',
    };
    const { run, said } = call({ files });
    expect(run()).toBe(0);
    expect(said.err).toBe(
      'time="2026-02-03T04:05:06Z" level=warning msg="Ignoring devices requested by environment variable(s) in unprivileged container: [NVIDIA_VISIBLE_DEVICES]"\n',
    );
  });

  test('what a container wrote cannot begin a line or act on a terminal', () => {
    const { run, said } = call({
      visible: '0',
      files: {
        '/b/config.json': '{"ociVersion":"1","process":{"env":["\\u001b[2J\\nall is well"]},"root":{}}',
      },
    });
    expect(run()).toBe(1);
    expect(said.err).toBe('invalid environment variable: \\u001b[2J\\u000aall is well\n');
  });
});
