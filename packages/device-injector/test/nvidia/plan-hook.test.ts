import { describe, expect, test } from '@jest/globals';
import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';

import {
  type NvidiaHookCall,
  type NvidiaHookConfig,
  type NvidiaMessage,
  nvidiaExecFailure,
  nvidiaHookDefaults,
  nvidiaMessageLine,
  planNvidiaHook,
} from '../../src/index.js';

const NAME = 'nvidia-container-cli';

interface Scene {
  /** Folders that have the program. */
  readonly folders?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly access?: Readonly<Record<string, { mode: number }>>;
  readonly symlinks?: Readonly<Record<string, string>>;
  readonly devices?: string;
  readonly rootPath?: string;
  readonly cli?: Partial<NvidiaHookConfig['cli']>;
  readonly call?: Partial<NvidiaHookCall>;
}

function plan(scene: Scene = {}) {
  const {
    folders = ['/usr/bin'],
    files,
    access,
    symlinks = {},
    devices = 'all',
    rootPath = 'rootfs',
    cli,
    call,
  } = scene;
  const spec = {
    ociVersion: '1.2.0',
    process: { env: [`NVIDIA_VISIBLE_DEVICES=${devices}`] },
    root: { path: rootPath },
  };
  const programs = folders.map((folder) => `${folder}/${NAME}`);
  const host = memoryHost({
    files: {
      '/b/config.json': JSON.stringify(spec),
      ...Object.fromEntries(programs.map((path) => [path, ''])),
      ...files,
    },
    symlinks,
    access: { ...Object.fromEntries(programs.map((path) => [path, { mode: 0o755 }])), ...access },
  });
  const profile = call?.profile ?? 'current';
  const defaults = nvidiaHookDefaults(profile);
  const said: NvidiaMessage[] = [];
  const hookConfig = { ...defaults, cli: { ...defaults.cli, ...cli } };
  const found = planNvidiaHook(
    {
      profile,
      hookConfig,
      state: { pid: 7n, bundle: '/b' },
      debug: false,
      PATH: '/usr/bin',
      cwd: '/b',
      ...call,
    },
    host,
    (message) => said.push(message),
  );
  return { found, said };
}

describe('the program', () => {
  const usual = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  test.each<[name: string, scene: Scene, file: string, path: string | undefined]>([
    [
      'on PATH',
      { call: { PATH: '/opt:/usr/bin' }, folders: ['/opt', '/usr/bin'] },
      `/opt/${NAME}`,
      ['/opt', '/usr/bin', ...usual.filter((f) => f !== '/usr/bin')].join(':'),
    ],
    [
      'in a usual folder',
      { call: { PATH: '/opt' }, folders: ['/usr/sbin', '/bin'] },
      `/usr/sbin/${NAME}`,
      ['/opt', ...usual].join(':'),
    ],
    ['without PATH', { call: { PATH: '' }, folders: ['/bin'] }, `/bin/${NAME}`, usual.join(':')],
    [
      "below the driver's root first",
      { cli: { root: '/drv' }, call: { PATH: '/opt/' }, folders: ['/opt', '/drv/sbin'] },
      `/drv/sbin/${NAME}`,
      [...['/opt', ...usual].map((folder) => `/drv${folder}`), '/opt/', ...usual].join(':'),
    ],
    [
      'root / is none',
      { cli: { root: '/' } },
      `/usr/bin/${NAME}`,
      ['/usr/bin', ...usual.filter((f) => f !== '/usr/bin')].join(':'),
    ],
    ['where it is configured, unseen', { cli: { path: 'x/y' }, folders: [] }, 'x/y', undefined],
    [
      'behind a symlink',
      {
        folders: [],
        symlinks: { [`/usr/bin/${NAME}`]: '/opt/real' },
        files: { '/opt/real': '' },
        access: { '/opt/real': { mode: 0o100 } },
      },
      `/usr/bin/${NAME}`,
      ['/usr/bin', ...usual.filter((f) => f !== '/usr/bin')].join(':'),
    ],
    [
      'that may be executed',
      { call: { PATH: '/opt:/usr/bin' }, files: { [`/opt/${NAME}`]: '' } },
      `/usr/bin/${NAME}`,
      ['/opt', '/usr/bin', ...usual.filter((f) => f !== '/usr/bin')].join(':'),
    ],
    [
      'that is no folder',
      { call: { PATH: '/opt:/usr/bin' }, files: { [`/opt/${NAME}/x`]: '' } },
      `/usr/bin/${NAME}`,
      ['/opt', '/usr/bin', ...usual.filter((f) => f !== '/usr/bin')].join(':'),
    ],
  ])('%s', (_name, scene, file, path) => {
    const { found } = plan(scene);
    expect({ file: found?.file, argv0: found?.argv[0], path: found?.path }).toEqual({
      file,
      argv0: file,
      path,
    });
  });

  test.each<[name: string, scene: Scene, message: RegExp]>([
    [
      'nowhere',
      { folders: [] },
      /^couldn't find binary nvidia-container-cli in PATH: exec: "nvidia-container-cli": executable file not found in \$PATH$/,
    ],
    [
      'nowhere, v1.5',
      { folders: [], call: { profile: 'v1.5', PATH: '/opt' } },
      /^couldn't find binary nvidia-container-cli in \/opt:\/usr\/local\/sbin:\S* : exec: "nvidia-container-cli": executable file not found in \$PATH$/,
    ],
    [
      'in the working directory',
      { folders: ['/b'], call: { PATH: '', cwd: '/b' }, cli: { root: 'x' } },
      /executable file not found/,
    ],
    [
      'by a relative folder',
      { folders: ['/b/bin'], call: { PATH: 'bin' } },
      /: cannot run executable found relative to current directory$/,
    ],
    [
      'by an empty folder',
      { folders: ['/b'], call: { PATH: ':/usr/bin' } },
      /: cannot run executable found relative to current directory$/,
    ],
  ])('%s is refused', (_name, scene, message) => {
    expect(() => plan(scene)).toThrow(
      expect.objectContaining({ code: 'ERR_NVIDIA_CLI', message: expect.stringMatching(message) }),
    );
  });

  test.each([
    ['ENOEXEC', 'exec failed: exec format error'],
    ['EACCES', 'exec failed: permission denied'],
    ['EDOM', 'exec failed: EDOM'],
  ])('that fails with %s: %s', (code, message) => {
    expect(nvidiaExecFailure({ code })).toMatchObject({ code: 'ERR_NVIDIA_CLI', message });
  });
});

describe('the arguments', () => {
  test.each([
    ['rootfs', '/b', '/b/rootfs'],
    ['', '/b', '/b'],
    ['/abs/../r/', '/b', '/r'],
    ['../x', '/b', '/x'],
    ['../../../x', '/b', '/x'],
    ['./a//b/.', '/b', '/b/a/b'],
    ['r', '/b/c', '/b/c/r'],
  ])('root.path %j in %s is %s', (rootPath, cwd, rootfs) => {
    expect(plan({ rootPath, call: { cwd } }).found?.argv.at(-1)).toBe(rootfs);
  });

  test.each([
    [42n, '42'],
    [0n, '0'],
    [-1n, '18446744073709551615'],
  ])('pid %s', (pid, text) => {
    expect(plan({ call: { state: { pid, bundle: '/b' } } }).found?.argv.at(-2)).toBe(`--pid=${text}`);
  });

  test('-debug comes before the configured file', () => {
    const cli = { debug: '/var/log/cli' };
    expect(plan({ cli }).found?.argv).toContain('--debug=/var/log/cli');
    expect(plan({ cli, call: { debug: true } }).found?.argv).toContain('--debug=/dev/stderr');
  });

  test('the configured environment goes along', () => {
    expect(plan({ cli: { environment: ['A=1'] } }).found?.environment).toEqual(['A=1']);
  });
});

describe('what is said', () => {
  test('nothing about what is no GPU container, whatever else is missing', () => {
    expect(plan({ devices: 'void', folders: [] })).toEqual({ found: undefined, said: [] });
  });

  test.each(['nvidia.com/gpu=0', 'n/g=0', 'nvidia.com/gpu=0,nvidia.com/gpu=1'])(
    'CDI devices (%s) are not for the hook',
    (devices) => {
      expect(() => plan({ devices })).toThrow(expect.objectContaining({ code: 'ERR_NVIDIA_MODE' }));
      expect(plan({ devices, call: { profile: 'v1.5' } }).found?.argv).toContain(`--device=${devices}`);
    },
  );

  test.each([
    ['current', 'warning', 'time="T" level=warning msg="a \\"b\\"\\n"'],
    ['current', 'info', 'a "b"\n'],
    ['v1.5', 'warning', 'a "b"\n'],
  ] as const)('%s writes a message of level %s as %j', (profile, level, line) => {
    expect(nvidiaMessageLine({ level, text: 'a "b"\n' }, profile, 'T')).toBe(line);
  });
});
