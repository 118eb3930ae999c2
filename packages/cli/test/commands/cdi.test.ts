import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import { nodeHost } from '../../src/library/node-host.js';
import { ociwrap } from '../../src/main/ociwrap.js';
import { temporaryFolder } from '../temporary-folder.js';
import { sgsSettings, testWorld } from './world.js';

const root = temporaryFolder();

function spec(device: string, edits: object = { env: [`NAME=${device}`] }, more: object = {}): string {
  const devices = [{ name: device, containerEdits: edits }];
  return JSON.stringify({ cdiVersion: '0.6.0', kind: 'vendor.com/device', devices, ...more });
}

function folder(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(root, name);
  mkdirSync(path, { mode: 0o755 });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text, { mode: 0o644 });
  return path;
}

const sound = folder('sound', {
  'a.json': spec('a', { env: ['A=1'] }, { containerEdits: { env: ['G=1'] } }),
  'b.yaml':
    'cdiVersion: 0.6.0\nkind: vendor.com/device\ndevices:\n- name: b\n  containerEdits: {env: [B=1]}\n',
});
const later = folder('later', { 'a.json': spec('a', { env: ['A=2'] }) });
const broken = folder('broken', {
  'x.json': '{',
  'y.json': spec('y', { hooks: [{ hookName: 'poststop', path: 'y' }] }),
});
const conflict = folder('conflict', { 'a.json': spec('a'), 'b.json': spec('a'), 'c.json': spec('b') });

const run = (...args: string[]) => {
  const { world } = testWorld({ host: nodeHost(), userId: process.geteuid?.() ?? 0, cwd: root });
  return ociwrap(['cdi', ...args], world);
};
/** `ociwrap cdi inject` with a spec on standard input. */
const inject = (text: string | Error, ...args: string[]) => {
  const readInput = () => {
    if (typeof text !== 'string') throw text;
    return Buffer.from(text);
  };
  const { world } = testWorld({ host: nodeHost(), userId: process.geteuid?.() ?? 0, cwd: root, readInput });
  return ociwrap(['cdi', 'inject', ...args], world);
};
const data = async (...args: string[]) => JSON.parse(String((await run(...args, '--json')).stdout));

describe('list', () => {
  test('prints sorted names, and nothing else where nothing is wrong', async () => {
    expect(await run('list', '--spec-dir', sound)).toEqual({
      status: 0,
      stdout: 'vendor.com/device=a\nvendor.com/device=b\n',
      stderr: '',
    });
  });

  test('a folder is taken from where the caller stands', async () => {
    expect(await data('list', '--spec-dir', 'sound')).toMatchObject({ errors: [], devices: { length: 2 } });
  });

  test('broken specs are told of on stderr, and are no failure', async () => {
    const { status, stdout, stderr } = await run('list', '--spec-dir', sound, '--spec-dir', broken);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'vendor.com/device=a\nvendor.com/device=b\n' });
    expect(stderr).toContain(`${broken}/x.json:1:2: failed to load CDI Spec`);
    expect(stderr).toContain(`${broken}/y.json:1:`);
  });

  test('as data: names and problems, and of a problem its path and message alone', async () => {
    expect(await data('list', '--spec-dir', conflict)).toEqual({
      devices: ['vendor.com/device=b'],
      errors: ['b', 'a'].map((file) => ({
        path: `${conflict}/${file}.json`,
        message: `conflicting device "vendor.com/device=a" (specs "${conflict}/b.json", "${conflict}/a.json")`,
      })),
    });
  });

  test('where there is none, says where it looked', async () => {
    expect(await run('list', '--spec-dir', join(root, 'nowhere'))).toEqual({
      status: 0,
      stdout: '',
      stderr: `no CDI devices in ${root}/nowhere\n`,
    });
    const { stderr } = await run('list', '--spec-dir', '/no\u001b[31m/where');
    expect(stderr).toBe('no CDI devices in /no\\u001b[31m/where\n');
  });
});

describe('inspect', () => {
  test('shows edits, those of the file, the file and what it overrides', async () => {
    const { status, stdout } = await run(
      'inspect',
      'vendor.com/device=a',
      '--spec-dir',
      later,
      '--spec-dir',
      sound,
    );
    expect(status).toBe(0);
    for (const part of [`from ${sound}/a.json (CDI 0.6.0)`, `overrides ${later}/a.json`, 'A=1', 'G=1']) {
      expect(stdout).toContain(part);
    }
    expect(stdout).not.toContain('A=2');
  });

  test('as data', async () => {
    const names = ['vendor.com/device=b', 'vendor.com/device=a'];
    expect(await data('inspect', ...names, '--spec-dir', sound, '--spec-dir', later)).toEqual([
      expect.objectContaining({ name: names[0], file: `${sound}/b.yaml`, overrides: [] }),
      {
        name: names[1],
        file: `${later}/a.json`,
        cdiVersion: '0.6.0',
        annotations: {},
        containerEdits: { env: ['A=2'] },
        specEdits: {},
        overrides: [`${sound}/a.json`],
      },
    ]);
  });

  test.each([
    ['a name that is nearly right', sound, 'vendor.com/devise=a', 'did you mean "vendor.com/device=a"?'],
    ['a name without its kind', sound, 'b', 'did you mean "vendor.com/device=b"?'],
    [
      'a name that two files claim',
      conflict,
      'vendor.com/device=a',
      `${conflict}/a.json and ${conflict}/b.json`,
    ],
    ['a name that is none', sound, '0', 'no such CDI device: "0"'],
  ])('%s', async (_, dir, name, said) => {
    const { status, stdout, stderr } = await run('inspect', name, '--spec-dir', dir);
    expect({ status, stdout }).toEqual({ status: 1, stdout: undefined });
    expect(stderr).toContain(said);
    expect(stderr).toContain('ERR_CDI_UNRESOLVABLE');
  });
});

describe('inject', () => {
  const text = '{"ociVersion":"1.2.0","process":{"cwd":"/","env":["A=0"]},"x":18446744073709551615}';

  test('prints the spec with the devices in the order asked, and nothing else of it changed', async () => {
    const devices = ['--device', 'vendor.com/device=b', '--device', 'vendor.com/device=a'];
    const { status, stdout, stderr } = await inject(text, '--spec-dir', 'sound', ...devices);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(Buffer.from(stdout ?? '').toString()).toBe(text.replace('"A=0"', '"A=1","B=1","G=1"'));
  });

  test('a spec that needs no change is printed as it is', async () => {
    const once = '{ "process": {"env": ["G=1", "A=1"]} }';
    const output = await inject(once, '--spec-dir', sound, '--device', 'vendor.com/device=a');
    expect(Buffer.from(output.stdout ?? '').toString()).toBe(once);
    expect(output.stderr).toBe('ociwrap: nothing changed: injected already: vendor.com/device=a\n');
  });

  test.each([
    ['a device that is not there, in a sandbox', 'vendor.com/device=z'],
    ["one of NVIDIA's runtime, which nobody here makes up", 'runtime.nvidia.com/gpu=all'],
  ])('%s: status 1, and nothing printed', async (_, device) => {
    const sandbox = '{"annotations":{"io.kubernetes.cri.container-type":"sandbox"}}';
    for (const input of [sandbox, sandbox.replace('sandbox', 'container')]) {
      const { status, stdout, stderr } = await inject(input, '--spec-dir', sound, '--device', device);
      expect({ status, stdout }).toEqual({ status: 1, stdout: undefined });
      expect(stderr).toContain(`unresolvable CDI devices ${device};`);
    }
  });

  test('a sandbox gets no devices, and that is said', async () => {
    const sandbox = '{"annotations":{"io.kubernetes.cri.container-type":"sandbox"}}';
    const output = await inject(sandbox, '--spec-dir', sound, '--device', 'vendor.com/device=a');
    expect(Buffer.from(output.stdout ?? '').toString()).toBe(sandbox);
    expect(output.stderr).toBe('ociwrap: nothing changed: sandbox container\n');
  });

  test('requests in the spec are no business of it', async () => {
    const asks = '{"annotations":{"cdi.k8s.io/x":"vendor.com/device=b"}}';
    const { stdout } = await inject(asks, '--spec-dir', sound, '--device', 'vendor.com/device=a');
    expect(JSON.parse(Buffer.from(stdout ?? '').toString())).toEqual({
      annotations: { 'cdi.k8s.io/x': 'vendor.com/device=b' },
      process: { env: ['G=1', 'A=1'] },
    });
  });

  test('files that are gone are warned of, and injected all the same', async () => {
    const mounts = [
      { hostPath: '/nowhere/libcuda.so.1', containerPath: '/lib/libcuda.so.1', options: ['ro', 'bind'] },
    ];
    const stale = folder('stale', { 'a.json': spec('a', { mounts }) });
    const { status, stdout, stderr } = await inject(
      '{}',
      '--spec-dir',
      stale,
      '--device',
      'vendor.com/device=a',
    );
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: `ociwrap: warning: driver files missing: regenerate the CDI spec "${stale}/a.json", which mounts "/nowhere/libcuda.so.1"\n`,
    });
    expect(JSON.parse(Buffer.from(stdout ?? '').toString()).mounts).toHaveLength(1);
  });

  test.each<
    [title: string, text: string | Error, args: readonly string[], code: string, said: readonly string[]]
  >([
    [
      'names that no spec defines',
      text,
      ['--device', 'vendor.com/device=a', '--device', 'vendor.com/device=z', '--device', 'v.com/c=d'],
      'ERR_CDI_UNRESOLVABLE',
      ['unresolvable CDI devices vendor.com/device=z, v.com/c=d', sound, `${broken}/x.json`, 'did you mean'],
    ],
    ['a name that is none', text, ['--device', '0'], 'ERR_CDI_REQUEST', ['"0"']],
    ['no JSON', '{', ['--device', 'vendor.com/device=a'], 'ERR_SPEC_SYNTAX', ['"/dev/stdin"']],
    [
      'no object',
      '[]',
      ['--device', 'vendor.com/device=a'],
      'ERR_SPEC_FIELD',
      ['the document must be an object, not an array'],
    ],
    [
      'a spec with a strange part',
      '{"process":1}',
      ['--device', 'vendor.com/device=a'],
      'ERR_SPEC_FIELD',
      [],
    ],
    [
      'a spec that can be read in two ways',
      '{"process":{},"Process":{}}',
      ['--device', 'vendor.com/device=a'],
      'ERR_SPEC_AMBIGUOUS',
      [],
    ],
    [
      'standard input that cannot be read',
      Object.assign(new Error('x'), { code: 'EISDIR' }),
      ['--device', 'vendor.com/device=a'],
      'ERR_INPUT_UNREADABLE',
      ['EISDIR'],
    ],
  ])('%s: status 1, and nothing printed', async (_, input, args, code, said) => {
    const { status, stdout, stderr } = await inject(
      input,
      '--spec-dir',
      sound,
      '--spec-dir',
      broken,
      ...args,
    );
    expect({ status, stdout }).toEqual({ status: 1, stdout: undefined });
    for (const part of [code, ...said]) expect(stderr).toContain(part);
  });
});

test('without --spec-dir the configured folders are searched', async () => {
  const { settings } = testWorld().world;
  const configured = { ...settings, cdi: { ...settings.cdi, specDirs: [later] } };
  const { world } = testWorld({ host: nodeHost(), settings: configured });
  expect(await ociwrap(['cdi', 'list'], world)).toMatchObject({
    // Of folders that are not root's alone nothing is used unless the caller names them.
    stdout: expect.stringMatching(/^(vendor.com\/device=a\n)?$/),
    stderr: expect.not.stringContaining('/etc/cdi'),
  });
});

describe('validate', () => {
  test('a sound folder, a sound file', async () => {
    expect(await run('validate', '--spec-dir', sound)).toEqual({
      status: 0,
      stdout: '',
      stderr: '2 specs, 0 problems\n',
    });
    expect(await run('validate', `${sound}/a.json`, `${later}/a.json`)).toMatchObject({ status: 0 });
  });

  test('places in files', async () => {
    const { status, stdout, stderr } = await run('validate', '--spec-dir', broken);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '0 specs, 2 problems\n' });
    expect(stdout).toMatch(/x\.json:1:2: failed/);
    expect(stdout).toMatch(/y\.json:1:\d+: \/devices\/0\/containerEdits\/hooks\/0\/path: failed/);
    expect(await data('validate', `${broken}/x.json`)).toMatchObject({
      valid: false,
      files: [`${broken}/x.json`],
      problems: [{ line: 1, column: 2 }],
    });
  });

  test('a conflict is a problem too', async () => {
    expect(await data('validate', '--spec-dir', conflict)).toMatchObject({
      valid: false,
      problems: [{ pointer: '/devices/0' }, { pointer: '/devices/0' }],
    });
  });

  test('what a runtime would refuse, in each file; a name that no runtime reads', async () => {
    const mounts = [{ hostPath: '/tmp', containerPath: '/opt/a' }];
    const odd = folder('refused', {
      'a.json': spec('a', { mounts }),
      'b.json': spec('b', { deviceNodes: [{ path: 'dev/b' }] }),
      'c.yml': spec('c'),
    });
    mkdirSync(join(odd, 'folder.yml'));
    const { status, stdout, stderr } = await run('validate', '--spec-dir', odd);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '2 specs, 3 problems\n' });
    expect(String(stdout).split('\n')).toEqual([
      expect.stringMatching(/c\.yml: no runtime reads a CDI spec of this name: .* "\.yaml"/),
      expect.stringMatching(/a\.json:1:\d+: \/devices\/0\/containerEdits\/mounts\/0: device "a": the mount/),
      expect.stringMatching(
        /b\.json:1:\d+: \/devices\/0\/containerEdits\/deviceNodes\/0\/path: device "b": /,
      ),
      '',
    ]);
    expect(await run('validate', `${odd}/a.json`)).toMatchObject({
      status: 1,
      stderr: '1 spec, 1 problem\n',
    });
    expect(await run('validate', `${odd}/c.yml`)).toMatchObject({ status: 1, stderr: '1 spec, 1 problem\n' });
    // What runtimes take the registry takes.
    expect(await data('list', '--spec-dir', odd)).toMatchObject({ devices: { length: 2 }, errors: [] });
  });

  test('a file that is not there', async () => {
    const output = await run('validate', join(root, 'nowhere.json'));
    expect(output).toMatchObject({ status: 1, stderr: expect.stringContaining('ERR_INPUT_UNREADABLE') });
  });
});

test("without a folder, the configured ones; they must be root's", async () => {
  const settings = { ...sgsSettings(), cdi: { ...sgsSettings().cdi, specDirs: ['/opt/specs'] } };
  const machine = (uid: number) => ({
    ...nodeHost(),
    ...memoryHost({ files: { '/opt/specs/a.json': spec('a') }, access: { '/opt/specs': { uid } } }),
  });
  const list = (uid: number) =>
    ociwrap(['cdi', 'list'], testWorld({ host: machine(uid), settings, userId: 7 }).world);
  expect(await list(0)).toMatchObject({ stdout: 'vendor.com/device=a\n' });
  expect(await list(7)).toMatchObject({
    stdout: '',
    stderr: expect.stringContaining('belongs to user 7, not to root;'),
  });
});

test('what is in a folder beside files is told of or passed by, and never waited for', async () => {
  const odd = folder('odd', {});
  mkdirSync(join(odd, 'folder.json'));
  execFileSync('mkfifo', [join(odd, 'fifo.json')]);
  symlinkSync('/nowhere', join(odd, 'link.yaml'));
  symlinkSync(sound, join(odd, 'to-folder.yaml'));
  symlinkSync(`${sound}/a.json`, join(odd, 'to-file.yaml'));
  const { devices, errors } = await data('list', '--spec-dir', odd);
  expect(devices).toEqual(['vendor.com/device=a']);
  expect(errors.map(({ path }: { path: string }) => path)).toEqual(
    ['fifo.json', 'link.yaml', 'to-folder.yaml'].map((name) => join(odd, name)),
  );
});

test.each([
  ['nothing to do', []],
  ['an unknown thing to do', ['lists']],
  ['no name', ['inspect']],
  ['no device', ['inject']],
  ['a word too many', ['list', 'extra']],
  ['an option without its value', ['list', '--spec-dir']],
  ['a file and a folder', ['validate', `${sound}/a.json`, '--spec-dir', sound]],
  ['a folder that is not there', ['validate', '--spec-dir', join(root, 'nowhere')]],
])('wrong usage: %s', async (_, args) => {
  expect(await run(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining('ERR_USAGE') });
});
