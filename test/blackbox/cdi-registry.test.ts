import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { describeWith, ociwrap, program, root } from './programs.js';
import { type Ended, runProgram } from './run-program.js';
import { atEnd, scratchFolder } from './scratch.js';

const USER = 12_345;

function spec(device: string, kind = 'vendor.com/device'): string {
  const devices = [{ name: device, containerEdits: { env: [`NAME=${device}`] } }];
  return JSON.stringify({ cdiVersion: '0.6.0', kind, devices });
}

/** A folder of specs that everybody may read. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = scratchFolder('cdi');
  chmodSync(folder, 0o755);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o644 });
  return folder;
}

const cdi = (...args: readonly string[]): Ended => runProgram(ociwrap, ['cdi', ...args]);

function asUser(...args: readonly string[]): Ended {
  const ids = [`--reuid=${USER}`, `--regid=${USER}`, '--clear-groups'];
  return runProgram(program('setpriv'), [...ids, ociwrap, 'cdi', ...args]);
}

interface Listed {
  readonly devices: readonly string[];
  readonly errors: readonly { readonly path: string; readonly message: string }[];
}

function listed(call: (...args: readonly string[]) => Ended, ...folders: readonly string[]): Listed {
  const { status, stdout } = call('list', '--json', ...folders.flatMap((folder) => ['--spec-dir', folder]));
  expect(status).toBe(0);
  return JSON.parse(stdout);
}

describeWith(['busybox', 'setpriv'], 'ociwrap cdi, as packaged', () => {
  test('the folders of the machine, one of them not there, the later one first', () => {
    atEnd(() => {
      rmSync('/var/run/cdi', { recursive: true, force: true });
      rmSync('/etc/cdi/a.json', { force: true });
    });
    expect(cdi('list')).toEqual({
      status: 0,
      signal: null,
      stdout: '',
      stderr: 'no CDI devices in /etc/cdi, /var/run/cdi\n',
    });
    mkdirSync('/var/run/cdi');
    cpSync(
      join(root, 'packages/device-injector/test/fixtures/cdi_sample_management.yaml'),
      '/var/run/cdi/nvidia.yaml',
    );
    expect(cdi('list')).toMatchObject({ status: 0, stdout: 'nvidia.com/gpu=all\n', stderr: '' });
    writeFileSync('/etc/cdi/a.json', spec('all', 'nvidia.com/gpu'));
    const { stdout } = cdi('inspect', 'nvidia.com/gpu=all');
    expect(stdout).toContain('from /var/run/cdi/nvidia.yaml');
    expect(stdout).toContain('overrides /etc/cdi/a.json');
    expect(cdi('validate')).toMatchObject({ status: 0, stderr: '2 specs, 0 problems\n' });
  });

  test('what would block or never end is told of, and never opened', () => {
    const folder = folderOf({ 'good.json': spec('d') });
    expect(runProgram(program('mkfifo'), [join(folder, 'fifo.json')]).status).toBe(0);
    symlinkSync('/dev/zero', join(folder, 'zero.yaml'));
    symlinkSync('/nowhere', join(folder, 'gone.json'));
    mkdirSync(join(folder, 'folder.json'));
    writeFileSync(join(folder, 'huge.json'), '', { mode: 0o644 });
    truncateSync(join(folder, 'huge.json'), 2 ** 40);
    const { devices, errors } = listed(cdi, folder);
    expect(devices).toEqual(['vendor.com/device=d']);
    expect(errors.map(({ path }) => path.slice(folder.length + 1))).toEqual([
      'fifo.json',
      'gone.json',
      'huge.json',
      'zero.yaml',
    ]);
  });

  test('a folder that others may write is refused, and nothing of it used', () => {
    const folder = folderOf({ 'a.json': spec('d') });
    chmodSync(folder, 0o1777);
    expect(listed(cdi, folder)).toEqual({
      devices: [],
      errors: [{ path: folder, message: expect.stringContaining('can be written by others than its owner') }],
    });
    expect(cdi('validate', '--spec-dir', folder).status).toBe(1);
    chmodSync(folder, 0o755);
    chownSync(join(folder, 'a.json'), USER, USER);
    expect(listed(cdi, folder)).toEqual({
      devices: [],
      errors: [
        {
          path: join(folder, 'a.json'),
          message: expect.stringContaining(`belongs to user ${USER}, not to root`),
        },
      ],
    });
  });

  test('who calls may name a folder of their own; that is no folder for root, nor for others', () => {
    const folder = folderOf({ 'a.json': spec('d') });
    chownSync(folder, USER, USER);
    chownSync(join(folder, 'a.json'), USER, USER);
    expect(listed(asUser, folder)).toEqual({ devices: ['vendor.com/device=d'], errors: [] });
    expect(listed(cdi, folder).devices).toEqual([]);
    chownSync(folder, USER + 1, USER + 1);
    expect(listed(asUser, folder).devices).toEqual([]);
  });

  test('a folder that may not be read is told of; below one that may not be searched, the search ends', () => {
    const hidden = folderOf({ 'a.json': spec('d') });
    const later = folderOf({ 'b.json': spec('e') });
    mkdirSync(join(hidden, 'below'));
    chmodSync(hidden, 0o700);
    expect(listed(asUser, hidden, later)).toMatchObject({
      devices: ['vendor.com/device=e'],
      errors: [{ path: hidden, message: expect.stringContaining('EACCES') }],
    });
    expect(listed(asUser, join(hidden, 'below'), later)).toMatchObject({
      devices: [],
      errors: [
        { path: join(hidden, 'below'), message: expect.stringContaining('neither it nor a folder after it') },
      ],
    });
  });

  test('a vendor and a class of one letter, which upstream crashed on', () => {
    const folder = folderOf({ 'a.json': spec('0', 'v/c') });
    expect(listed(cdi, folder)).toEqual({ devices: ['v/c=0'], errors: [] });
    expect(cdi('inspect', 'v/c=0', '--spec-dir', folder)).toMatchObject({ status: 0, stderr: '' });
  });

  test('a spec on standard input; the place of what is wrong', () => {
    const text =
      'cdiVersion: 0.6.0\nkind: vendor.com/device\ndevices:\n- name: d\n  containerEdits: {envs: [A=1]}\n';
    const { status, stdout } = runProgram(ociwrap, ['cdi', 'validate', '-'], { input: text });
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^\/dev\/stdin:5:20: \/devices\/0\/containerEdits\/envs: .*unknown field "envs"$/m,
    );
  });

  test.each([
    [[], 2],
    [['list', 'extra'], 2],
    [['validate', '/nowhere.json'], 1],
    [['inspect', 'vendor.com/device=none'], 1],
    [['list', '--help'], 0],
  ])('cdi %j exits %d', (args, status) => {
    expect(cdi(...args).status).toBe(status);
  });
});
