import { describe, expect, test } from '@jest/globals';
import { RESOLVER_ERROR_CODES, resolveRuntime } from '../src/index.js';
import { memoryFileSystem, SELF, SELF_PATH, selfFile } from './memory-file-system.js';
import {
  CONFIGURED_CASES,
  DEPTH_CASES,
  EXPLICIT_CASES,
  HARMLESS_SCRIPT_CASES,
  NVIDIA_CASES,
  type ResolverCase,
  RUNC_CASES,
  SCRIPT_CASES,
  TOOLKIT_CASES,
} from './resolver-cases.js';

function resolve({
  argv0,
  execFn,
  cwd = '/',
  env = {},
  configured,
  tree,
}: Omit<ResolverCase, 'expect' | 'name'>) {
  const query = {
    invokedAs: argv0,
    ...(execFn === undefined ? {} : { execFn }),
    cwd,
    self: SELF,
    env,
    ...(configured === undefined ? {} : { configured }),
  };
  return resolveRuntime(query, memoryFileSystem({ [SELF_PATH]: selfFile, ...tree }));
}

describe.each([
  ['SGS_RUNC_PATH', EXPLICIT_CASES],
  ['mode runc', RUNC_CASES],
  ['mode nvidia', NVIDIA_CASES],
  ['depth', DEPTH_CASES],
  ['configured', CONFIGURED_CASES],
  ['toolkit', TOOLKIT_CASES],
  ['scripts', SCRIPT_CASES],
  ['other scripts', HARMLESS_SCRIPT_CASES],
])('%s', (_title, cases) => {
  test.each(cases.map((row) => [row.name, row] as const))('%s', (_name, row) => {
    const { runtime, error, trail, warnings, depth } = resolve(row);
    if (row.verdicts !== undefined) expect(trail.map(({ verdict }) => verdict)).toEqual(row.verdicts);
    if ('code' in row.expect) {
      expect(runtime).toBeUndefined();
      expect(error?.code).toBe(row.expect.code);
      return;
    }
    expect(error).toBeUndefined();
    expect(runtime?.path).toBe(row.expect.path);
    expect(runtime?.argv0).toBe(row.expect.path.slice(row.expect.path.lastIndexOf('/') + 1));
    expect(runtime?.mode).toBe(row.expect.mode ?? 'runc');
    expect(warnings).toHaveLength(row.expect.warnings ?? 0);
    if (cases === TOOLKIT_CASES) expect(runtime?.nvidiaConfig).toBe(row.expect.nvidiaConfig);
    if (row.expect.depth !== undefined) expect(depth).toBe(row.expect.depth);
  });
});

test('every code is reached by a row', () => {
  const rows = [
    ...EXPLICIT_CASES,
    ...RUNC_CASES,
    ...NVIDIA_CASES,
    ...DEPTH_CASES,
    ...CONFIGURED_CASES,
    ...SCRIPT_CASES,
  ];
  const reached = new Set(rows.flatMap(({ expect: wanted }) => ('code' in wanted ? [wanted.code] : [])));
  expect([...reached].sort()).toEqual(Object.keys(RESOLVER_ERROR_CODES).sort());
});

test('the taken file is pinned', () => {
  const { runtime } = resolve({ argv0: 'runc', tree: { '/usr/bin/runc': { kind: 'file', ino: 7 } } });
  expect(runtime?.id).toEqual({ dev: 1n, ino: 7n });
});

test('of a taken symlink both ends are told', () => {
  const program = { kind: 'file' } as const;
  const tree = {
    '/usr/bin/runc': { kind: 'link', to: '/etc/alternatives/runc' },
    '/etc/alternatives/runc': { kind: 'link', to: '../../opt/crun' },
    '/opt/crun': program,
  } as const;
  expect(resolve({ argv0: 'runc', tree }).runtime).toMatchObject({
    path: '/usr/bin/runc',
    argv0: 'runc',
    realPath: '/opt/crun',
  });
  const plain = resolve({ argv0: 'runc', tree: { '/usr/bin/runc': program } });
  expect(plain.runtime?.realPath).toBe('/usr/bin/runc');
});

test('a missing runtime lists every place, in message and details', () => {
  const { error } = resolve({ argv0: 'runc', env: { PATH: '/a' }, tree: { '/a/runc': { kind: 'folder' } } });
  expect(error?.details).toEqual({
    candidates: ['/a/runc', '/usr/bin/runc', '/usr/sbin/runc', '/usr/local/sbin/runc'],
    verdicts: ['not-executable', 'missing', 'missing', 'missing'],
  });
  expect(error?.message).toContain('"/a/runc" (not-executable: a folder)');
  expect(error?.message).toContain('"/usr/local/sbin/runc" (missing)');
});

test('a value from the environment is one line in a message', () => {
  const { error } = resolve({
    argv0: 'runc',
    env: { SGS_RUNC_PATH: '/x\n{"level":"error"}\u202e\ud800' },
    tree: {},
  });
  expect(error?.message).toContain('"/x\\u000a{\\"level\\":\\"error\\"}\\u202e\\ud800"');
  expect(error?.details).toMatchObject({ value: '/x\n{"level":"error"}\u202e\ud800' });
});

test('a path out of reach says why', () => {
  const { trail } = resolve({
    argv0: 'runc',
    tree: { '/usr/local/sbin/runc': { kind: 'error', code: 'EACCES' } },
  });
  expect(trail).toContainEqual({
    candidate: '/usr/local/sbin/runc',
    from: 'PATH',
    verdict: 'missing',
    detail: 'EACCES',
  });
});

test('a replaced program is still ourselves by its path', () => {
  const { error } = resolve({
    argv0: 'runc',
    env: { SGS_RUNC_PATH: '/x/runc' },
    tree: { [SELF_PATH]: { kind: 'file', ino: 77 }, '/x/runc': { kind: 'link', to: SELF_PATH } },
  });
  expect(error?.code).toBe('ERR_RUNTIME_IS_SELF');
});

test('a bug of the port is not taken for a missing file', () => {
  const broken = {
    ...memoryFileSystem({}),
    stat: (): undefined => {
      throw new TypeError('no such method');
    },
  };
  expect(() => resolveRuntime({ invokedAs: 'runc', cwd: '/', self: SELF, env: {} }, broken)).toThrow(
    TypeError,
  );
});

test('with the working folder unknown a relative path is left to the kernel', () => {
  const seen: string[] = [];
  const fs = memoryFileSystem({});
  const query = { invokedAs: 'runc', cwd: '', self: SELF, env: { SGS_RUNC_PATH: './runc' } };
  resolveRuntime(query, {
    ...fs,
    stat(path) {
      seen.push(path);
      return fs.stat(path);
    },
  });
  expect(seen).toEqual(['./runc']);
});
