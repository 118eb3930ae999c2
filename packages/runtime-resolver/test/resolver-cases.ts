import type { ConfiguredRuntimes, NamedRuntime, ResolverErrorCode } from '../src/index.js';
import { program, SELF_PATH, selfCopy, selfFile, type Tree } from './memory-file-system.js';

/**
 * One call and what becomes of it, as plain data: the launcher's own resolver is held to the same table.
 * The wrapper itself stands at {@link SELF_PATH} in every case.
 */
export interface ResolverCase {
  readonly name: string;
  readonly argv0: string;
  readonly execFn?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly configured?: ConfiguredRuntimes;
  readonly tree: Tree;
  readonly expect:
    | {
        readonly path: string;
        readonly mode?: 'nvidia';
        readonly warnings?: number;
        readonly depth?: number;
        /** NVIDIA_CTK_CONFIG_FILE_PATH for the next program. */ readonly nvidiaConfig?: string;
      }
    | { readonly code: ResolverErrorCode };
  /** Verdicts in order, where they matter. */
  readonly verdicts?: readonly string[];
}

const toSelf = { kind: 'link', to: SELF_PATH } as const;
const NVIDIA = '/usr/bin/nvidia-container-runtime';
const NVIDIA_LOCAL = '/usr/local/bin/nvidia-container-runtime';
const wrapper = { argv0: SELF_PATH, execFn: SELF_PATH } as const;
const asNvidia = { argv0: NVIDIA, execFn: NVIDIA } as const;

export const EXPLICIT_CASES: readonly ResolverCase[] = [
  {
    name: 'SGS_RUNC_PATH comes before PATH',
    ...wrapper,
    env: { SGS_RUNC_PATH: '/opt/my-runc', PATH: '/usr/bin' },
    tree: { '/opt/my-runc': program, '/usr/bin/runc': program },
    expect: { path: '/opt/my-runc' },
    verdicts: ['taken'],
  },
  {
    name: 'SGS_RUNC_PATH comes before .real in mode nvidia',
    ...asNvidia,
    env: { SGS_RUNC_PATH: '/opt/my-runc' },
    tree: { '/opt/my-runc': program, [NVIDIA]: toSelf, [`${NVIDIA}.real`]: program },
    expect: { path: '/opt/my-runc', mode: 'nvidia' },
  },
  {
    name: 'an empty SGS_RUNC_PATH is unset',
    ...wrapper,
    env: { SGS_RUNC_PATH: '' },
    tree: { '/usr/bin/runc': program },
    expect: { path: '/usr/bin/runc' },
  },
  {
    name: 'a bare name is looked up on PATH',
    ...wrapper,
    env: { SGS_RUNC_PATH: 'crun', PATH: '/a:/b' },
    tree: { '/b/crun': program, '/a/runc': program },
    expect: { path: '/b/crun' },
    verdicts: ['missing', 'taken'],
  },
  {
    name: 'a bare name that is first ourselves on PATH goes on',
    ...wrapper,
    env: { SGS_RUNC_PATH: 'runc', PATH: '/a:/b' },
    tree: { '/a/runc': toSelf, '/b/runc': program },
    expect: { path: '/b/runc' },
    verdicts: ['is-self', 'taken'],
  },
  {
    name: 'a bare name that is only ourselves',
    ...wrapper,
    env: { SGS_RUNC_PATH: 'runc', PATH: '/a' },
    tree: { '/a/runc': toSelf, '/usr/bin/runc': program },
    expect: { code: 'ERR_RUNTIME_IS_SELF' },
  },
  {
    name: 'a bare name on no entry of PATH, though the built-in list would have it',
    ...wrapper,
    env: { SGS_RUNC_PATH: 'runc', PATH: '/a' },
    tree: { '/usr/bin/runc': program },
    expect: { code: 'ERR_RUNTIME_NOT_EXECUTABLE' },
  },
  {
    name: 'a bare name and no absolute entry on PATH',
    ...wrapper,
    env: { SGS_RUNC_PATH: 'runc', PATH: '.:bin' },
    tree: { '/usr/bin/runc': program },
    expect: { code: 'ERR_RUNTIME_NOT_EXECUTABLE' },
    verdicts: [],
  },
  {
    name: 'a relative path is taken from the working folder',
    ...wrapper,
    cwd: '/srv/tools',
    env: { SGS_RUNC_PATH: 'bin/runc' },
    tree: { '/srv/tools/bin/runc': program },
    expect: { path: '/srv/tools/bin/runc' },
  },
  ...(
    [
      ['missing', {}],
      ['a folder', { '/x/runc': { kind: 'folder' } }],
      ['a device', { '/x/runc': { kind: 'device' } }],
      ['a file without an x bit', { '/x/runc': { kind: 'file', mode: 0o644 } }],
      ['out of reach', { '/x/runc': { kind: 'error', code: 'EACCES' } }],
      ['a link to itself', { '/x/runc': { kind: 'link', to: '/x/runc' } }],
    ] satisfies [string, Tree][]
  ).map(
    ([what, tree]): ResolverCase => ({
      name: `SGS_RUNC_PATH is ${what}, and nothing else is tried`,
      ...wrapper,
      env: { SGS_RUNC_PATH: '/x/runc' },
      tree: { ...tree, '/usr/bin/runc': program },
      expect: { code: 'ERR_RUNTIME_NOT_EXECUTABLE' },
    }),
  ),
  ...(
    [
      ['by path', SELF_PATH, {}],
      ['by symlink', '/x/runc', { '/x/runc': toSelf }],
      [
        'by a symlink in a folder of its path',
        '/x/bin/oci-runtime-wrapper',
        { '/x': { kind: 'link', to: '/opt/ociwrap' } },
      ],
      ['by hard link', '/x/runc', { '/x/runc': selfFile }],
      ['as a copy', '/x/runc', { '/x/runc': selfCopy }],
    ] satisfies [string, string, Tree][]
  ).map(
    ([what, path, tree]): ResolverCase => ({
      name: `SGS_RUNC_PATH is ourselves ${what}`,
      ...wrapper,
      env: { SGS_RUNC_PATH: path },
      tree: { ...tree, '/usr/bin/runc': program },
      expect: { code: 'ERR_RUNTIME_IS_SELF' },
      verdicts: ['is-self'],
    }),
  ),
];

export const RUNC_CASES: readonly ResolverCase[] = [
  {
    name: 'PATH in its order, then the built-in list',
    ...wrapper,
    env: { PATH: '/a:/b' },
    tree: { '/b/runc': program, '/usr/bin/runc': program },
    expect: { path: '/b/runc', depth: 1 },
    verdicts: ['missing', 'missing', 'taken'],
  },
  {
    name: 'the built-in list, whatever PATH says',
    ...wrapper,
    env: { PATH: '/a' },
    tree: { '/usr/local/sbin/runc': program },
    expect: { path: '/usr/local/sbin/runc' },
  },
  {
    name: 'of the built-in list /usr/bin comes first',
    ...wrapper,
    env: { PATH: '/a' },
    tree: { '/usr/local/sbin/runc': program, '/usr/sbin/runc': program, '/usr/bin/runc': program },
    expect: { path: '/usr/bin/runc' },
  },
  {
    name: 'without PATH its default is searched, /usr/local/sbin first',
    ...wrapper,
    tree: { '/usr/local/sbin/runc': program, '/usr/bin/runc': program },
    expect: { path: '/usr/local/sbin/runc' },
  },
  {
    name: 'an empty PATH is none',
    ...wrapper,
    env: { PATH: '' },
    tree: { '/usr/local/sbin/runc': program, '/usr/bin/runc': program },
    expect: { path: '/usr/local/sbin/runc' },
  },
  {
    name: 'relative and empty entries of PATH are passed over',
    ...wrapper,
    cwd: '/bundle',
    env: { PATH: ':.:bin:/usr/sbin/' },
    tree: { '/bundle/runc': program, '/bundle/bin/runc': program, '/usr/sbin/runc': program },
    expect: { path: '/usr/sbin/runc' },
    verdicts: ['missing', 'taken'],
  },
  {
    name: 'what is no regular executable file is passed over',
    ...wrapper,
    env: { PATH: '/a:/b:/c:/d:/e' },
    tree: {
      '/a/runc': { kind: 'folder' },
      '/b/runc': { kind: 'file', mode: 0o644 },
      '/c/runc': { kind: 'device' },
      '/d/runc': { kind: 'error', code: 'EACCES' },
      '/e/runc': program,
    },
    expect: { path: '/e/runc' },
    verdicts: ['missing', 'not-executable', 'not-executable', 'not-executable', 'missing', 'taken'],
  },
  {
    name: 'ourselves on PATH, in each disguise, are passed over',
    ...wrapper,
    env: { PATH: '/a:/b:/c:/d' },
    tree: { '/a/runc': toSelf, '/b/runc': selfFile, '/c/runc': selfCopy, '/d/runc': program },
    expect: { path: '/d/runc' },
    verdicts: ['missing', 'is-self', 'is-self', 'is-self', 'taken'],
  },
  {
    name: 'a symlink is taken by the name it has there',
    ...wrapper,
    env: { PATH: '/a' },
    tree: { '/a/runc': { kind: 'link', to: '/opt/runc-1.2' }, '/opt/runc-1.2': program },
    expect: { path: '/a/runc' },
  },
  {
    name: 'a runtime that may be executed and not read',
    ...wrapper,
    env: { PATH: '/a' },
    tree: { '/a/runc': { kind: 'unreadable', mode: 0o711 } },
    expect: { path: '/a/runc' },
  },
  {
    name: 'a folder named twice is looked at once',
    ...wrapper,
    env: { PATH: '/a:/a/:/usr/bin' },
    tree: { '/usr/sbin/runc': program },
    expect: { path: '/usr/sbin/runc' },
    verdicts: ['missing', 'missing', 'missing', 'taken'],
  },
  { name: 'nothing anywhere', ...wrapper, tree: {}, expect: { code: 'ERR_RUNTIME_MISSING' } },
  {
    name: 'nothing but ourselves',
    argv0: 'runc',
    execFn: '/usr/bin/runc',
    tree: { '/usr/bin/runc': toSelf },
    expect: { code: 'ERR_RUNTIME_MISSING' },
  },
  {
    name: 'installed as runc, the .real beside is what was there',
    argv0: 'runc',
    execFn: '/usr/bin/runc',
    tree: { '/usr/bin/runc': toSelf, '/usr/bin/runc.real': program, '/usr/sbin/runc': program },
    expect: { path: '/usr/bin/runc.real' },
  },
  {
    name: 'installed as crun, the .real beside is a crun',
    argv0: '/usr/bin/crun',
    execFn: '/usr/bin/crun',
    tree: { '/usr/bin/crun': toSelf, '/usr/bin/crun.real': program, '/usr/bin/runc': program },
    expect: { path: '/usr/bin/crun.real' },
  },
  {
    name: 'installed as runc with no .real beside',
    argv0: 'runc',
    execFn: '/usr/bin/runc',
    tree: { '/usr/bin/runc': toSelf, '/usr/sbin/runc': program },
    expect: { path: '/usr/sbin/runc' },
  },
  {
    name: 'mode runc by hand goes around an nvidia .real',
    ...asNvidia,
    env: { SGS_WRAPPER_MODE: 'runc' },
    tree: { [NVIDIA]: toSelf, [`${NVIDIA}.real`]: program, '/usr/bin/runc': program },
    expect: { path: '/usr/bin/runc' },
  },
];

export const NVIDIA_CASES: readonly ResolverCase[] = [
  {
    name: 'the .real beside the symlink, by AT_EXECFN',
    argv0: 'nvidia-container-runtime',
    execFn: '/opt/nvidia/nvidia-container-runtime',
    tree: {
      '/opt/nvidia/nvidia-container-runtime': toSelf,
      '/opt/nvidia/nvidia-container-runtime.real': program,
      [`${NVIDIA}.real`]: program,
    },
    expect: { path: '/opt/nvidia/nvidia-container-runtime.real', mode: 'nvidia' },
    verdicts: ['taken'],
  },
  {
    name: 'AT_EXECFN outweighs argv[0]',
    argv0: '/b/nvidia-container-runtime',
    execFn: '/a/nvidia-container-runtime',
    tree: { '/a/nvidia-container-runtime.real': program, '/b/nvidia-container-runtime.real': program },
    expect: { path: '/a/nvidia-container-runtime.real', mode: 'nvidia' },
  },
  {
    name: 'by argv[0], when AT_EXECFN has no slash',
    argv0: '/b/nvidia-container-runtime',
    execFn: 'nvidia-container-runtime',
    tree: { '/b/nvidia-container-runtime.real': program },
    expect: { path: '/b/nvidia-container-runtime.real', mode: 'nvidia' },
  },
  {
    name: 'by a relative argv[0]',
    argv0: './nvidia-container-runtime',
    cwd: '/opt/nvidia',
    tree: { '/opt/nvidia/nvidia-container-runtime.real': program },
    expect: { path: '/opt/nvidia/./nvidia-container-runtime.real', mode: 'nvidia' },
  },
  {
    name: 'by a bare name, at the entry of PATH that is us',
    argv0: 'nvidia-container-runtime',
    env: { PATH: '/a:/b:/c' },
    tree: {
      '/a/nvidia-container-runtime.real': program,
      '/b/nvidia-container-runtime': program,
      '/b/nvidia-container-runtime.real': program,
      '/c/nvidia-container-runtime': toSelf,
      '/c/nvidia-container-runtime.real': program,
    },
    expect: { path: '/c/nvidia-container-runtime.real', mode: 'nvidia' },
  },
  {
    name: 'another of its names has a .real of its own',
    argv0: `${NVIDIA}.cdi`,
    execFn: `${NVIDIA}.cdi`,
    tree: { [`${NVIDIA}.cdi.real`]: program, [`${NVIDIA}.real`]: program },
    expect: { path: `${NVIDIA}.cdi.real`, mode: 'nvidia' },
  },
  ...(
    [
      ['of another user', { kind: 'folder', uid: 1000, mode: 0o755 }],
      ['writable by the group', { kind: 'folder', uid: 0, mode: 0o775 }],
      ['writable by others', { kind: 'folder', uid: 0, mode: 0o757 }],
      ['writable by all, though sticky', { kind: 'folder', uid: 0, mode: 0o1777 }],
    ] satisfies [string, Tree[string]][]
  ).map(
    ([what, folder]): ResolverCase => ({
      name: `a .real in a folder ${what} is passed over, with a warning`,
      argv0: '/tmp/nvidia-container-runtime',
      execFn: '/tmp/nvidia-container-runtime',
      tree: {
        '/tmp': folder,
        '/tmp/nvidia-container-runtime': toSelf,
        '/tmp/nvidia-container-runtime.real': program,
        [`${NVIDIA}.real`]: program,
      },
      expect: { path: `${NVIDIA}.real`, mode: 'nvidia', warnings: 1 },
      verdicts: ['untrusted-folder', 'taken'],
    }),
  ),
  {
    name: 'a setgid bit on the folder does no harm',
    argv0: '/opt/n/nvidia-container-runtime',
    tree: {
      '/opt/n': { kind: 'folder', uid: 0, mode: 0o2755 },
      '/opt/n/nvidia-container-runtime.real': program,
    },
    expect: { path: '/opt/n/nvidia-container-runtime.real', mode: 'nvidia' },
  },
  {
    name: 'mode by hand: /usr/bin, then /usr/local/bin',
    ...wrapper,
    env: { SGS_WRAPPER_MODE: 'nvidia' },
    tree: { [`${NVIDIA}.real`]: program, [`${NVIDIA_LOCAL}.real`]: program, '/usr/bin/runc': program },
    expect: { path: `${NVIDIA}.real`, mode: 'nvidia' },
  },
  {
    name: 'only /usr/local/bin',
    ...asNvidia,
    tree: { [NVIDIA]: toSelf, [`${NVIDIA_LOCAL}.real`]: program, '/usr/bin/runc': program },
    expect: { path: `${NVIDIA_LOCAL}.real`, mode: 'nvidia' },
    verdicts: ['missing', 'taken'],
  },
  {
    name: 'no .real: the search for runc, with a warning',
    ...asNvidia,
    env: { PATH: '/usr/sbin' },
    tree: { [NVIDIA]: toSelf, '/usr/sbin/runc': program },
    expect: { path: '/usr/sbin/runc', mode: 'nvidia', warnings: 1 },
    verdicts: ['missing', 'missing', 'taken'],
  },
  {
    name: 'an installer that ran twice has moved us to .real',
    ...asNvidia,
    tree: { [NVIDIA]: toSelf, [`${NVIDIA}.real`]: toSelf, '/usr/bin/runc': program },
    expect: { path: '/usr/bin/runc', mode: 'nvidia', warnings: 1 },
  },
  {
    name: 'a .real that was passed over beside is not taken as a built-in place',
    ...asNvidia,
    tree: {
      '/usr/bin': { kind: 'folder', uid: 0, mode: 0o777 },
      [NVIDIA]: toSelf,
      [`${NVIDIA}.real`]: program,
      [`${NVIDIA_LOCAL}.real`]: program,
    },
    expect: { path: `${NVIDIA_LOCAL}.real`, mode: 'nvidia', warnings: 1 },
    verdicts: ['untrusted-folder', 'taken'],
  },
  {
    name: 'the name of its hook is none of its names',
    argv0: `${NVIDIA}-hook`,
    execFn: `${NVIDIA}-hook`,
    tree: { [`${NVIDIA}-hook`]: toSelf, [`${NVIDIA}.real`]: program, '/usr/sbin/runc': program },
    expect: { path: '/usr/sbin/runc' },
  },
  {
    name: 'neither .real nor runc',
    ...asNvidia,
    tree: { [NVIDIA]: toSelf },
    expect: { code: 'ERR_RUNTIME_MISSING' },
  },
];

export const DEPTH_CASES: readonly ResolverCase[] = [
  ...[1, 2, 3].map(
    (passed): ResolverCase => ({
      name: `after ${passed} passages the next one is made`,
      ...wrapper,
      env: { OCIWRAP_DEPTH: String(passed) },
      tree: { '/usr/bin/runc': program },
      expect: { path: '/usr/bin/runc', depth: passed + 1 },
    }),
  ),
  ...['4', '5', '99999999999999999999999'].map(
    (passed): ResolverCase => ({
      name: `after ${passed} passages the next one is refused`,
      ...wrapper,
      env: { OCIWRAP_DEPTH: passed, SGS_RUNC_PATH: '/opt/my-runc' },
      tree: { '/usr/bin/runc': program, '/opt/my-runc': program },
      expect: { code: 'ERR_RUNTIME_LOOP' },
      verdicts: [],
    }),
  ),
  ...['-1', 'x', '1.5', ' 4'].map(
    (text): ResolverCase => ({
      name: `OCIWRAP_DEPTH="${text}" counts as none, with a warning`,
      ...wrapper,
      env: { OCIWRAP_DEPTH: text },
      tree: { '/usr/bin/runc': program },
      expect: { path: '/usr/bin/runc', depth: 1, warnings: 1 },
    }),
  ),
  {
    name: 'an empty OCIWRAP_DEPTH is none',
    ...wrapper,
    env: { OCIWRAP_DEPTH: '' },
    tree: { '/usr/bin/runc': program },
    expect: { path: '/usr/bin/runc', depth: 1 },
  },
];

const GUARDIAN = 'GUARDIAN_RUNC_SHIM_BINARY';
const byGuardian = (value: string): NamedRuntime => ({ value, from: GUARDIAN, by: GUARDIAN });
const byConfig = (value: string): NamedRuntime => ({ value, from: 'configuration', by: 'runtime.paths' });

export const CONFIGURED_CASES: readonly ResolverCase[] = [
  {
    name: 'a named runtime comes before SGS_RUNC_PATH',
    ...wrapper,
    env: { SGS_RUNC_PATH: '/opt/my-runc' },
    configured: { named: byGuardian('/opt/runc-real'), paths: { runc: byConfig('/usr/bin/crun') } },
    tree: { '/opt/runc-real': program, '/opt/my-runc': program, '/usr/bin/crun': program },
    expect: { path: '/opt/runc-real' },
    verdicts: ['taken'],
  },
  {
    name: 'a named runtime that is ourselves',
    ...wrapper,
    configured: { named: byGuardian(SELF_PATH) },
    tree: { '/usr/bin/runc': program },
    expect: { code: 'ERR_RUNTIME_IS_SELF' },
  },
  {
    name: 'SGS_RUNC_PATH comes before the configured path',
    ...wrapper,
    env: { SGS_RUNC_PATH: '/opt/my-runc' },
    configured: { paths: { runc: byConfig('/usr/bin/crun') } },
    tree: { '/opt/my-runc': program, '/usr/bin/crun': program },
    expect: { path: '/opt/my-runc' },
  },
  {
    name: 'the configured path is that of the mode: runc',
    ...wrapper,
    configured: { paths: { runc: byConfig('/usr/bin/crun'), nvidia: byConfig('/opt/nvidia') } },
    tree: { '/usr/bin/crun': program, '/opt/nvidia': program, '/usr/bin/runc': program },
    expect: { path: '/usr/bin/crun' },
    verdicts: ['taken'],
  },
  {
    name: 'the configured path is that of the mode: nvidia',
    ...asNvidia,
    configured: { paths: { runc: byConfig('/usr/bin/crun'), nvidia: byConfig('/opt/nvidia') } },
    tree: { '/usr/bin/crun': program, '/opt/nvidia': program, [NVIDIA]: toSelf, [`${NVIDIA}.real`]: program },
    expect: { path: '/opt/nvidia', mode: 'nvidia' },
  },
  {
    name: 'a path of the other mode leaves the search as it is',
    ...wrapper,
    configured: { paths: { nvidia: byConfig('/opt/nvidia') } },
    tree: { '/opt/nvidia': program, '/usr/bin/runc': program },
    expect: { path: '/usr/bin/runc' },
  },
  {
    name: 'a configured path that is not there is an error, not a search',
    ...wrapper,
    configured: { paths: { runc: byConfig('/usr/bin/crun') } },
    tree: { '/usr/bin/runc': program },
    expect: { code: 'ERR_RUNTIME_NOT_EXECUTABLE' },
  },
  {
    name: 'a configured path that is ourselves',
    ...wrapper,
    configured: { paths: { runc: byConfig(SELF_PATH) } },
    tree: {},
    expect: { code: 'ERR_RUNTIME_IS_SELF' },
  },
  {
    name: 'the search list stands in the place of runc',
    ...wrapper,
    env: { PATH: '/a' },
    configured: { search: ['crun', '/opt/runsc'] },
    tree: { '/a/runc': program, '/usr/bin/runc': program, '/opt/runsc': program },
    expect: { path: '/opt/runsc' },
    verdicts: ['missing', 'missing', 'taken'],
  },
  {
    name: 'the .real beside the name we were called by comes before the search list',
    argv0: 'runc',
    execFn: '/opt/bin/runc',
    configured: { search: ['/usr/bin/crun'] },
    tree: { '/opt/bin/runc': toSelf, '/opt/bin/runc.real': program, '/usr/bin/crun': program },
    expect: { path: '/opt/bin/runc.real' },
  },
  {
    name: 'nothing of the search list is there, though runc is',
    ...wrapper,
    configured: { search: ['/usr/bin/crun'] },
    tree: { '/usr/bin/runc': program },
    expect: { code: 'ERR_RUNTIME_MISSING' },
  },
  {
    name: 'the configured mode comes before the name of the call',
    ...wrapper,
    configured: { mode: 'nvidia' },
    tree: { '/usr/bin/nvidia-container-runtime.real': program, '/usr/bin/runc': program },
    expect: { path: '/usr/bin/nvidia-container-runtime.real', mode: 'nvidia' },
  },
  {
    name: 'SGS_WRAPPER_MODE comes before the configured mode',
    ...wrapper,
    env: { SGS_WRAPPER_MODE: 'runc' },
    configured: { mode: 'nvidia' },
    tree: { '/usr/bin/nvidia-container-runtime.real': program, '/usr/bin/runc': program },
    expect: { path: '/usr/bin/runc' },
  },
  {
    name: 'a required name that is not given',
    ...wrapper,
    configured: { required: GUARDIAN },
    tree: { '/usr/bin/runc': program },
    expect: { code: 'ERR_RUNTIME_NOT_NAMED' },
  },
  {
    name: 'a required name that SGS_RUNC_PATH gives',
    ...wrapper,
    env: { SGS_RUNC_PATH: '/usr/bin/runc' },
    configured: { required: GUARDIAN },
    tree: { '/usr/bin/runc': program },
    expect: { path: '/usr/bin/runc' },
  },
];

const TOOLKIT = '/usr/local/nvidia/toolkit';
const asToolkit = {
  argv0: `${TOOLKIT}/nvidia-container-runtime`,
  execFn: `${TOOLKIT}/nvidia-container-runtime`,
} as const;
const TOOLKIT_REAL = `${TOOLKIT}/nvidia-container-runtime.real`;
const OWN_CONFIG = `${TOOLKIT}/.config/nvidia-container-runtime/config.toml`;
const PACKAGED_CONFIG = '/etc/nvidia-container-runtime/config.toml';
const config = { kind: 'file', content: '', mode: 0o644 } as const;
const script = (...lines: readonly string[]) =>
  ({ kind: 'file', content: ['#!/bin/sh', ...lines, ''].join('\n') }) as const;

/** The GPU operator leaves `X`, a script that names a configuration, and `X.real`: here the wrapper stands in the place of `X`. */
export const TOOLKIT_CASES: readonly ResolverCase[] = [
  {
    name: "the operator's configuration is named, though the package has one too",
    ...asToolkit,
    tree: { [TOOLKIT_REAL]: program, [OWN_CONFIG]: config, [PACKAGED_CONFIG]: config },
    expect: { path: TOOLKIT_REAL, mode: 'nvidia', nvidiaConfig: OWN_CONFIG },
  },
  {
    name: 'where neither is there, the runtime takes its defaults from the one of the folder too',
    ...asToolkit,
    tree: { [TOOLKIT_REAL]: program },
    expect: { path: TOOLKIT_REAL, mode: 'nvidia', nvidiaConfig: OWN_CONFIG },
  },
  {
    name: 'that of the package, where it alone is there',
    ...asToolkit,
    tree: { [TOOLKIT_REAL]: program, [PACKAGED_CONFIG]: config },
    expect: { path: TOOLKIT_REAL, mode: 'nvidia' },
  },
  ...['NVIDIA_CTK_CONFIG_FILE_PATH', 'XDG_CONFIG_HOME'].flatMap((name): ResolverCase[] => [
    {
      name: `${name} says which`,
      ...asToolkit,
      env: { [name]: '/c' },
      tree: { [TOOLKIT_REAL]: program, [OWN_CONFIG]: config },
      expect: { path: TOOLKIT_REAL, mode: 'nvidia' },
    },
    {
      name: `an empty ${name} says nothing`,
      ...asToolkit,
      env: { [name]: '' },
      tree: { [TOOLKIT_REAL]: program },
      expect: { path: TOOLKIT_REAL, mode: 'nvidia', nvidiaConfig: OWN_CONFIG },
    },
  ]),
  {
    name: 'another of the names has the same one',
    argv0: `${TOOLKIT}//nvidia-container-runtime.cdi`,
    tree: { [`${TOOLKIT}/nvidia-container-runtime.cdi.real`]: program },
    expect: {
      path: `${TOOLKIT}//nvidia-container-runtime.cdi.real`,
      mode: 'nvidia',
      nvidiaConfig: OWN_CONFIG,
    },
  },
  {
    name: 'none where the package has put the runtime',
    ...asNvidia,
    tree: { [NVIDIA]: toSelf, [`${NVIDIA}.real`]: program },
    expect: { path: `${NVIDIA}.real`, mode: 'nvidia' },
  },
  {
    name: 'none where the runtime is not beside the name',
    ...asToolkit,
    tree: { [`${NVIDIA}.real`]: program, [OWN_CONFIG]: config },
    expect: { path: `${NVIDIA}.real`, mode: 'nvidia' },
  },
  {
    name: 'none for a runtime that is named',
    ...asToolkit,
    env: { SGS_RUNC_PATH: TOOLKIT_REAL },
    tree: { [TOOLKIT_REAL]: program, [OWN_CONFIG]: config },
    expect: { path: TOOLKIT_REAL, mode: 'nvidia' },
  },
  {
    name: "none for a runtime that is not NVIDIA's",
    argv0: '/opt/r/runc',
    env: { SGS_WRAPPER_MODE: 'nvidia' },
    tree: { '/opt/r/runc.real': program },
    expect: { path: '/opt/r/runc.real', mode: 'nvidia' },
  },
];

/** Scripts in the place of `X.real`; the calls they make never end. */
export const SCRIPT_CASES: readonly ResolverCase[] = [
  ...(
    [
      ['by its path', [`PATH=${TOOLKIT}:$PATH \\`, `\t${TOOLKIT_REAL} \\`, '\t"$@"']],
      [
        'by another path to it',
        ['exec /usr/local/nvidia/../nvidia/toolkit/nvidia-container-runtime.real "$@"'],
      ],
      ['by its folder in a variable', ['exec "$(dirname "$0")/nvidia-container-runtime.real" "$@"']],
      ['by its folder in braces', [`\${D}/nvidia-container-runtime.real "$@"`]],
      ['by its name on PATH', [`PATH=${TOOLKIT}:$PATH`, 'exec \'nvidia-container-runtime.real\' "$@"']],
      ['by a path to nothing', ['exec /gone/nvidia-container-runtime.real "$@"']],
      ['after a comment', ['# calls', 'true; nvidia-container-runtime.real "$@"']],
    ] satisfies [string, readonly string[]][]
  ).map(
    ([how, lines]): ResolverCase => ({
      name: `a .real that calls itself ${how}: nothing takes its place`,
      ...asToolkit,
      tree: { [TOOLKIT_REAL]: script(...lines), [`${NVIDIA}.real`]: program, '/usr/bin/runc': program },
      expect: { code: 'ERR_RUNTIME_CALLS_ITSELF' },
      verdicts: ['script-of-itself'],
    }),
  ),
  {
    name: 'a .real of the package that calls itself',
    ...asToolkit,
    tree: { [`${NVIDIA}.real`]: script(`${NVIDIA}.real "$@"`), '/usr/bin/runc': program },
    expect: { code: 'ERR_RUNTIME_CALLS_ITSELF' },
    verdicts: ['missing', 'script-of-itself'],
  },
  {
    name: 'a runc.real that calls itself',
    argv0: 'runc',
    execFn: '/usr/bin/runc',
    tree: {
      '/usr/bin/runc': toSelf,
      '/usr/bin/runc.real': script('exec runc.real "$@"'),
      '/usr/sbin/runc': program,
    },
    expect: { code: 'ERR_RUNTIME_CALLS_ITSELF' },
  },
  {
    name: 'a .real that calls itself, named by hand',
    ...wrapper,
    env: { SGS_RUNC_PATH: '/x/runc.real' },
    tree: { '/x/runc.real': script('exec /x/runc.real "$@"'), '/usr/bin/runc': program },
    expect: { code: 'ERR_RUNTIME_CALLS_ITSELF' },
  },
  {
    name: 'a symlink to a script that calls itself by the name of the symlink',
    argv0: '/usr/bin/runc',
    tree: {
      '/usr/bin/runc.real': { kind: 'link', to: '/opt/s' },
      '/opt/s': script('/usr/bin/runc.real "$@"'),
    },
    expect: { code: 'ERR_RUNTIME_CALLS_ITSELF' },
  },
];

/** Scripts that call another program, or nothing that could be themselves. */
export const HARMLESS_SCRIPT_CASES: readonly ResolverCase[] = (
  [
    ['calls one of the same name elsewhere', 'exec /opt/nv/nvidia-container-runtime.real "$@"'],
    ['calls the program without .real', 'exec /opt/nv/nvidia-container-runtime "$@"'],
    ['calls one of a longer name', 'exec /opt/nv/nvidia-container-runtime.real.real "$@"'],
    ['calls one of a name that ends so', 'exec /opt/nv/my-nvidia-container-runtime.real "$@"'],
    ['names itself in a comment alone', '  # nvidia-container-runtime.real\nexec /opt/nv/x "$@"'],
    ['is no script', 'nvidia-container-runtime.real'],
  ] as const
).map(([what, line]): ResolverCase => {
  const harmless =
    what === 'is no script' ? ({ kind: 'file', content: `\x7fELF\n${line}` } as const) : script(line);
  return {
    name: `a .real that ${what}`,
    ...asToolkit,
    tree: {
      [TOOLKIT_REAL]: harmless,
      '/opt/nv/nvidia-container-runtime.real': program,
      [PACKAGED_CONFIG]: config,
    },
    expect: { path: TOOLKIT_REAL, mode: 'nvidia' },
    verdicts: ['taken'],
  };
});
