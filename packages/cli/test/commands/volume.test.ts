import { describe, expect, test } from '@jest/globals';

import { bytesText } from '../../src/commands/volume/volume-status.js';
import { ociwrap } from '../../src/main/ociwrap.js';
import { noMountCalls } from '../../src/system/mount-calls.js';
import type { System } from '../../src/system/system.js';
import { textOf } from '../../src/system/text.js';
import { clearingTrees } from '../roots/clearing-trees.js';
import {
  type Folder,
  type MemoryMachine,
  memoryMachine,
  opaque,
  Special,
  symlink,
  whiteout,
} from '../roots/memory-machine.js';
import { readTar } from '../roots/read-tar.js';
import { testWorld } from './world.js';

const USE = {
  version: 1,
  container: 'c1',
  user: 'shop/runner/main',
  node: 'node-1',
  bootId: 'b',
  since: '2026-11-29T13:00:00.000Z',
  strategy: 'overlay',
};
const IMAGE = { version: 1, name: 'debian:12', fingerprint: 'ab12' };
const OURS = { 'use.json': JSON.stringify(USE), 'image.json': JSON.stringify(IMAGE) };
const UPPER = {
  etc: { motd: whiteout, passwd: 'p' },
  home: { 'a\u001bb': 'x', '"q"': 'x' },
  usr: opaque({ new: 'n' }),
};
const VOLUME: Folder = { upper: UPPER, work: { work: {} }, merged: {}, '.ociwrap': OURS };
const SEED: Folder = { etc: {}, '.ociwrap': { 'seed.json': '{"state":"filled"}' } };

function machineWith(volume: Folder, options?: Parameters<typeof memoryMachine>[0]): MemoryMachine {
  const machine = memoryMachine(options);
  machine.make('/v', volume);
  return machine;
}

async function run(machine: MemoryMachine, args: readonly string[], more: Partial<System> = {}) {
  const { world, logged } = testWorld({ system: { ...machine.system, ...more } });
  const { status, stdout = '', stderr = '' } = await ociwrap(['volume', ...args], world);
  const written = machine.written[1];
  expect(machine.openDescriptors).toBe(0);
  return { status, stdout: `${textOf(written)}${stdout}`, stderr, logged };
}

const refused = (code: string) => ({ stderr: expect.stringContaining(`[${code}]`) });

/** A machine on which nobody may ask the kernel about an upper. */
const UNASKED = { fsopen: noMountCalls().fsopen };

describe('ociwrap volume status', () => {
  test('says what there is', async () => {
    const { status, stdout } = await run(machineWith(VOLUME), ['status', '/v']);
    expect(status).toBe(0);
    expect(stdout.split('\n')).toEqual([
      '"/v"',
      '  strategy  overlay: the image below, the folder "upper" above it',
      '  image     debian:12 (ab12)',
      '  in use    no, on this node',
      '  recorded  shop/runner/main (container c1) on node-1 since 2026-11-29T13:00:00.000Z',
      '  used      4 bytes in 8 entries',
      '  free      1000.0 KiB of 3.9 MiB, 50 of 100 inodes',
      '',
    ]);
  });

  test.each<[name: string, volume: Folder, said: object]>([
    [
      'an overlay',
      VOLUME,
      { strategy: 'overlay', image: { name: 'debian:12', fingerprint: 'ab12' }, use: USE },
    ],
    [
      'what SGS has left',
      { upper: {}, work: {}, merged: {} },
      { strategy: 'overlay', image: null, use: null },
    ],
    ['a filled volume', SEED, { strategy: 'seed', seed: { state: 'filled' } }],
    ['a root', { bin: {}, upper: {} }, { strategy: 'replace' }],
    ['a root with a link for an upper', { upper: symlink('/etc'), work: {} }, { strategy: 'replace' }],
    ['nothing', { 'lost+found': {}, '.ociwrap': {} }, { strategy: null }],
    ['a record that is none', { upper: {}, work: {}, '.ociwrap': { 'use.json': '{' } }, { use: null }],
    [
      'a reset that was killed',
      { upper: {}, work: {}, '.ociwrap': { 'reset.json': '{"version":1,"keep":[]}' } },
      { resetPending: true },
    ],
  ])('%s, as data', async (_, volume, said) => {
    const { status, stdout } = await run(machineWith(volume), ['status', '/v', '--json']);
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({
      status: 0,
      path: '/v',
      isOtherNode: false,
      ...said,
    });
  });

  test.each([
    ['filled', /\n {2}image {5}runner:12 \(6c1f\)\n {2}filled {4}yes\n/],
    ['filling', /\n {2}filled {4}not to its end: the next start or `ociwrap volume seed` goes on\n/],
    ['else', /\n {2}seed {6}\{"version":1,"state":"else",/],
  ])('for people, how far it is filled: %s', async (state, text) => {
    const record = { version: 1, state, bootId: '', image: { name: 'runner:12', fingerprint: '6c1f' } };
    const volume = { etc: {}, '.ociwrap': { 'seed.json': JSON.stringify(record) } };
    expect((await run(machineWith(volume), ['status', '/v'])).stdout).toMatch(text);
  });

  test('asks the kernel whether it is in use', async () => {
    const machine = machineWith(VOLUME, { node: 'node-2' });
    machine.uppers.add('/v/upper');
    expect((await run(machine, ['status', '/v'])).stdout).toMatch(
      /in use {4}yes, on this node\n.* on the other node node-1 since /,
    );
    const unasked = await run(machineWith(VOLUME), ['status', '/v', '--json'], UNASKED);
    expect(JSON.parse(unasked.stdout)).toMatchObject({ inUse: null });
  });

  test('counts so much, and all where that is asked', async () => {
    const many = Object.fromEntries(Array.from({ length: 100_001 }, (_, index) => [`${index}`, 'xx']));
    const machine = machineWith({ upper: many, work: {} });
    expect((await run(machine, ['status', '/v'])).stdout).toContain('at least 195.3 KiB in 100000 entries');
    machine.written[1] = new Uint8Array();
    expect((await run(machine, ['status', '/v', '--size'])).stdout).toContain(
      '  195.3 KiB in 100001 entries',
    );
  });

  test('no text on the volume acts on a terminal', async () => {
    const use = JSON.stringify({ ...USE, user: '\u001b[2J' });
    const image = JSON.stringify({ ...IMAGE, name: '\u001b[2J' });
    const volume = {
      ...VOLUME,
      '.ociwrap': { 'use.json': use, 'image.json': image, 'seed.json': '"\\u001b"' },
    };
    const { stdout } = await run(machineWith(volume), ['status', '/v']);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain('\\u001b[2J');
  });
});

test.each<[bytes: bigint, text: string]>([
  [0n, '0 bytes'],
  [1023n, '1023 bytes'],
  [1024n, '1.0 KiB'],
  [1_048_575n, '1.0 MiB'],
  [1_047_000n, '1022.5 KiB'],
  [10n * 1024n ** 3n, '10.0 GiB'],
  [2n ** 64n - 1n, '16.0 EiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

describe('ociwrap volume diff', () => {
  test('lists the upper, with what would act on a terminal as escapes', async () => {
    const { status, stdout } = await run(machineWith(VOLUME), ['diff', '/v']);
    expect(status).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'AC /etc/',
      'D  /etc/motd',
      'AC /etc/passwd',
      'AC /home/',
      'AC /home/"q"',
      'AC "/home/a\\u001bb"',
      'R  /usr/',
      'AC /usr/new',
      '',
    ]);
  });

  test('and against the image', async () => {
    const machine = machineWith(VOLUME);
    machine.make('/image', { etc: { motd: 'm', passwd: 'x' }, usr: {} });
    expect((await run(machine, ['diff', '/v', '--image', '/image'])).stdout.split('\n')).toEqual([
      'D  /etc/motd',
      'A  /home/',
      'A  /home/"q"',
      'A  "/home/a\\u001bb"',
      'R  /usr/',
      'A  /usr/new',
      '',
    ]);
  });

  test('as data, with the bytes of names that are no text', async () => {
    const machine = machineWith({ upper: { dé: {}, f: 'x' }, work: {} });
    const file = machine.at('/v/upper/f');
    const upper = machine.at('/v/upper');
    upper?.children.delete('f');
    if (file !== undefined) upper?.children.set('\xff', file);
    const { stdout } = await run(machine, ['diff', '/v', '--json']);
    expect(JSON.parse(stdout)).toEqual([
      { path: '/dé', change: 'added-or-changed', type: 'directory' },
      { path: '/\ufffd', pathHex: '2fff', change: 'added-or-changed', type: 'file' },
    ]);
    machine.written[1] = new Uint8Array();
    expect((await run(machine, ['diff', '/v'])).stdout).toBe('AC /dé/\nAC "/\ufffd"\n');
  });

  test('of an upper with nothing in it is empty, and so it is as data', async () => {
    expect(await run(machineWith({ upper: {}, work: {} }), ['diff', '/v'])).toMatchObject({
      status: 0,
      stdout: '',
    });
    expect((await run(machineWith({ upper: {}, work: {} }), ['diff', '/v', '--json'])).stdout).toBe('[]\n');
  });

  test('says what it does not list', async () => {
    let deep: Folder = { end: 'x' };
    for (let level = 0; level < 20; level += 1) deep = { ['n'.repeat(255)]: deep };
    const { status, stdout, stderr } = await run(machineWith({ upper: deep, work: {} }), ['diff', '/v']);
    expect({ status, lines: stdout.split('\n').length }).toEqual({ status: 0, lines: 17 });
    expect(stderr).toMatch(
      /^ociwrap: warning: what is in "\/[n/]+…" is not listed: its paths are too long\n$/,
    );
  });

  test('ends without words where nobody reads on, and with some where it cannot be written', async () => {
    const machine = machineWith(VOLUME);
    machine.failures.set('write 1', 'EPIPE');
    expect(await run(machine, ['diff', '/v'])).toMatchObject({ status: 1, stderr: '' });
    machine.failures.set('write 1', 'ENOSPC');
    expect(await run(machine, ['diff', '/v'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('cannot write standard output: ENOSPC [ERR_OUTPUT_UNWRITABLE]'),
    });
  });
});

describe('ociwrap volume export', () => {
  test('writes a layer to standard output, or to a file that is whole or not there', async () => {
    const machine = machineWith(VOLUME);
    machine.make('/out', {});
    expect(await run(machine, ['export', '/v'])).toMatchObject({ status: 0, stderr: '' });
    const archive = machine.written[1];
    expect(readTar(archive).map(({ path }) => path)).toEqual([
      'etc/',
      'etc/.wh.motd',
      'etc/passwd',
      'home/',
      'home/"q"',
      'home/a\u001bb',
      'usr/',
      'usr/.wh..wh..opq',
      'usr/new',
    ]);
    machine.written[1] = new Uint8Array();
    expect(await run(machine, ['export', '/v', '--output', '-'])).toMatchObject({ status: 0 });
    expect(Buffer.compare(machine.written[1], archive)).toBe(0);
    expect(await run(machine, ['export', '/v', '-o', '/out/l.tar'])).toMatchObject({ status: 0 });
    const { bytes, mode } = machine.at('/out/l.tar') ?? {};
    expect(Buffer.compare(bytes ?? Buffer.alloc(0), archive)).toBe(0);
    expect(mode).toBe(0o600);
    expect([...(machine.at('/out')?.children.keys() ?? [])]).toEqual(['l.tar']);
    machine.failures.set('write', 'ENOSPC');
    expect(await run(machine, ['export', '/v', '-o', '/out/m.tar'])).toMatchObject({
      status: 1,
      stderr:
        'ociwrap: cannot write "/out/m.tar": ENOSPC [ERR_OUTPUT_UNWRITABLE]: check the path, and that you may write there\n',
    });
    expect([...(machine.at('/out')?.children.keys() ?? [])]).toEqual(['l.tar']);
  });

  test('writes to what is no file as it is', async () => {
    const machine = machineWith(VOLUME);
    machine.make('/dev', { null: new Special({ type: 'character-device', major: 1, minor: 3 }) });
    const device = machine.at('/dev/null');
    expect(await run(machine, ['export', '/v', '-o', '/dev/null'])).toMatchObject({ status: 0 });
    expect(machine.at('/dev/null')).toBe(device);
    expect(device?.bytes.length).toBeGreaterThan(1000);
  });

  test('leaves the file that it writes out of it', async () => {
    const machine = machineWith({ upper: { f: 'x' }, work: {} });
    const { stderr } = await run(machine, ['export', '/v', '-o', '/v/upper/l.tar']);
    expect(stderr).toMatch(
      /^ociwrap: warning: "\/\.l\.tar\.42" is left out: it is the file that is written\n$/,
    );
    expect(readTar(machine.at('/v/upper/l.tar')?.bytes ?? new Uint8Array())).toMatchObject([{ path: 'f' }]);
  });

  test('tells of a container that goes on writing, and shortens what it tells', async () => {
    const sockets = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`s${index}`, new Special({ type: 'socket' })]),
    );
    const machine = machineWith({ upper: sockets, work: {} });
    machine.uppers.add('/v/upper');
    const { status, stderr } = await run(machine, ['export', '/v']);
    const lines = stderr.split('\n');
    expect({ status, first: lines[0], last: lines.at(-2), count: lines.length }).toEqual({
      status: 0,
      first:
        'ociwrap: warning: a container uses the volume: what it writes meanwhile may be in the archive in part',
      last: 'ociwrap: warning: and 11 more of the kind',
      count: 22,
    });
  });

  test('no archive for a terminal', async () => {
    const machine = machineWith(VOLUME);
    expect(await run(machine, ['export', '/v'], { isatty: () => true })).toMatchObject({
      status: 2,
      stdout: '',
      ...refused('ERR_USAGE'),
    });
    expect(await run(machine, ['export', '/v', '-o', '/f'], { isatty: () => true })).toMatchObject({
      status: 0,
    });
  });

  test('what a layer cannot say leaves no file', async () => {
    const machine = machineWith({ upper: { '.wh.x': 'x' }, work: {} });
    machine.make('/out', {});
    const output = await run(machine, ['export', '/v', '-o', '/out/f']);
    expect(output).toMatchObject({ status: 1, ...refused('ERR_LAYER_ENTRY') });
    expect(machine.tree('/out')).toEqual({});
  });
});

describe('ociwrap volume reset', () => {
  const AFTER = { upper: {}, work: {}, merged: {}, '.ociwrap': { 'use.json': JSON.stringify(USE) } };

  test('starts over, and writes it to the log', async () => {
    const machine = machineWith(VOLUME);
    const { status, stdout, logged } = await run(machine, ['reset', '/v', '--yes']);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: '"/v" starts over; kept: nothing; removed: 9 entries\n',
    });
    expect(machine.tree('/v')).toEqual(AFTER);
    expect(logged).toEqual([{ level: 'info', msg: stdout.trimEnd(), verb: 'volume reset' }]);
  });

  test.each<[name: string, keep: string[], kept: object]>([
    ['one path', ['/home'], { home: { 'a\u001bb': 'x', '"q"': 'x' } }],
    ['several', ['/home/"q"', 'etc//passwd/'], { etc: { passwd: 'p' }, home: { '"q"': 'x' } }],
    ['a deletion', ['/etc/motd'], { etc: { motd: 'character-device' } }],
  ])('keeps %s', async (_, keep, kept) => {
    const machine = machineWith(VOLUME);
    const { status } = await run(machine, ['reset', ...keep.flatMap((path) => ['--keep', path]), '/v', '-y']);
    expect(status).toBe(0);
    expect(machine.tree('/v')).toEqual({ ...AFTER, upper: kept });
  });

  test('of a filled volume lets it be filled again', async () => {
    const machine = machineWith(SEED);
    // Whose /proc has no process that could use it.
    machine
      .at('/proc')
      ?.children.set('self', machine.make('/self', { mountinfo: '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n' }));
    expect(await run(machine, ['reset', '/v', '--yes'], clearingTrees(machine))).toMatchObject({
      status: 0,
      stdout: '"/v" starts over; removed: 1 entries\n',
    });
    expect(machine.tree('/v')).toEqual({ '.ociwrap': {} });
  });

  test('finishes first what another one has begun', async () => {
    const record = '{"version":1,"keep":["home"]}';
    const machine = machineWith({
      ...VOLUME,
      '.ociwrap': { 'reset.json': record, 'old-7': { '1': { a: 'a' } } },
    });
    const { status, stdout } = await run(machine, ['reset', '/v', '--keep', '/home', '--yes']);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout:
        '"/v" starts over, after a reset that had not come to its end; kept: "/home"; removed: 8 entries\n',
    });
    expect(machine.tree('/v')).toMatchObject({ upper: { home: { '"q"': 'x' } }, '.ociwrap': {} });
  });

  test.each<[name: string, volume: Folder, args: string[], status: number, code: string, said: string]>([
    [
      'without --yes',
      VOLUME,
      [],
      2,
      'ERR_USAGE',
      'this would remove what is in "/etc", "/home", "/usr", for ever',
    ],
    ['without --yes, with --keep', VOLUME, ['--keep', 'home'], 2, 'ERR_USAGE', ', but "/home", for ever'],
    ['of an empty upper', { upper: {}, work: {} }, [], 2, 'ERR_USAGE', 'this would remove nothing'],
    [
      'with a misspelt path',
      VOLUME,
      ['--keep', '/hme', '--yes'],
      2,
      'ERR_USAGE',
      'there is nothing to keep at "/hme"',
    ],
    [
      'with a path below a file',
      VOLUME,
      ['--keep', '/etc/passwd/x', '--yes'],
      2,
      'ERR_USAGE',
      'a symlink or a file is on the way',
    ],
    ['that keeps all', VOLUME, ['--keep', '/', '--yes'], 2, 'ERR_USAGE', '--keep "/" is no path'],
    ['that leads out', VOLUME, ['--keep', '/..', '--yes'], 2, 'ERR_USAGE', '--keep "/.." is no path'],
    ['of a root', { bin: {} }, ['--yes'], 1, 'ERR_VOLUME_FOREIGN', '"/v" is the root itself'],
    ['of an empty volume', {}, ['--yes'], 1, 'ERR_VOLUME_FOREIGN', '"/v" is empty'],
    [
      'of a filled volume, with --keep',
      SEED,
      ['--keep', '/etc', '--yes'],
      2,
      'ERR_USAGE',
      'nothing can be kept',
    ],
    [
      'with a record that is none of ours',
      { ...VOLUME, '.ociwrap': { 'reset.json': '{}' } },
      ['--yes'],
      1,
      'ERR_VOLUME_RECORD',
      'the record ".ociwrap/reset.json" is none of ours',
    ],
  ])('%s is refused, and nothing is done', async (_, volume, args, status, code, said) => {
    const machine = machineWith(volume);
    const before = machine.tree('/v');
    const output = await run(machine, ['reset', '/v', ...args]);
    expect(output).toMatchObject({ status, stdout: '', ...refused(code) });
    expect(output.stderr).toContain(said);
    expect(machine.tree('/v')).toEqual(before);
  });

  test.each<[name: string, upper: string | undefined, more: Partial<System>, code: string]>([
    ['while it is in use', '/v/upper', {}, 'ERR_VOLUME_IN_USE'],
    ['while its work folder is', '/v/work', {}, 'ERR_VOLUME_IN_USE'],
    ['where nobody can say whether it is', undefined, UNASKED, 'ERR_SYSTEM_CALL'],
    ['while a start has the lock', undefined, { tryLock: () => false }, 'ERR_VOLUME_BUSY'],
  ])('%s is refused, and nothing is done', async (_, upper, more, code) => {
    const machine = machineWith(VOLUME);
    if (upper !== undefined) machine.uppers.add(upper);
    const before = machine.tree('/v');
    expect(await run(machine, ['reset', '/v', '--yes'], more)).toMatchObject({
      status: 1,
      ...refused(code),
    });
    expect(machine.tree('/v')).toEqual(before);
  });

  test('another node has a lease only where several can have the file system', async () => {
    const machine = machineWith(VOLUME, { node: 'node-2' });
    const statfs = () => ({ ...(machine.system.statfs('/v') as object), type: 0x6969n }) as never;
    const leased = await run(machine, ['reset', '/v', '--yes'], { statfs });
    expect(leased).toMatchObject({ status: 1, ...refused('ERR_VOLUME_LEASED') });
    expect(leased.stderr).toContain(
      'leased by the node "node-1", for the container "c1" ("shop/runner/main")',
    );
    expect(await run(machine, ['reset', '/v', '--yes'])).toMatchObject({ status: 0 });
  });

  test('what cannot go is named, and the next call goes on', async () => {
    const machine = machineWith(VOLUME);
    machine.failures.set('rename home', 'EPERM');
    const stuck = await run(machine, ['reset', '/v', '--yes']);
    expect(stuck).toMatchObject({ status: 1, ...refused('ERR_VOLUME_RESET') });
    expect(stuck.stderr).toContain('the reset of "/v" has not come to its end: EPERM for "home"');
    machine.failures.clear();
    machine.failures.set('unlink passwd', 'EPERM');
    const left = await run(machine, ['reset', '/v', '--yes']);
    expect(left).toMatchObject({ status: 1, ...refused('ERR_VOLUME_RESET') });
    expect(left.stderr).toContain(
      '"/v" starts over, but what it held is still there in part: EPERM for ".ociwrap/old-',
    );
    expect(machine.tree('/v/upper')).toEqual({});
    machine.failures.clear();
    expect(await run(machine, ['reset', '/v', '--yes'])).toMatchObject({ status: 0 });
    expect(machine.tree('/v')).toEqual(AFTER);
  });
});

describe('ociwrap volume unlock', () => {
  test('takes the record away, and says whose it was', async () => {
    const machine = machineWith(VOLUME, { node: 'node-2' });
    const { status, stdout, logged } = await run(machine, ['unlock', '/v']);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout:
        'removed from "/v": the lease of the node node-1, for shop/runner/main (container c1), since 2026-11-29T13:00:00.000Z\n',
    });
    expect(machine.tree('/v/.ociwrap')).toEqual({ 'image.json': JSON.stringify(IMAGE) });
    expect(logged).toMatchObject([{ level: 'info', verb: 'volume unlock' }]);
    expect(await run(machine, ['unlock', '/v'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('has no lease\n'),
    });
  });

  test('of a record that cannot be read', async () => {
    const machine = machineWith({ ...VOLUME, '.ociwrap': { 'use.json': '{' } });
    expect(await run(machine, ['unlock', '/v'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('could not be read'),
    });
    expect(machine.tree('/v/.ociwrap')).toEqual({});
  });

  test('not while it is in use here', async () => {
    const machine = machineWith(VOLUME);
    machine.uppers.add('/v/upper');
    const output = await run(machine, ['unlock', '/v']);
    expect(output).toMatchObject({ status: 1, ...refused('ERR_VOLUME_IN_USE') });
    expect(output.stderr).toContain('by the container "c1" ("shop/runner/main") as its record says');
    expect(machine.tree('/v/.ociwrap')).toMatchObject({ 'use.json': expect.anything() });
  });
});

describe('a volume that a command cannot have', () => {
  test.each([['diff'], ['export'], ['status'], ['reset', '--yes'], ['unlock']])('%s', async (...args) => {
    const [command = '', ...more] = args;
    const machine = machineWith(VOLUME);
    machine.make('/file', 'x');
    for (const path of ['/nowhere', '/file']) {
      expect(await run(machine, [command, path, ...more])).toMatchObject({
        status: 1,
        stdout: '',
        ...refused('ERR_INPUT_UNREADABLE'),
      });
    }
    const { openat2 } = noMountCalls();
    expect(await run(machine, [command, '/v', ...more], { openat2 })).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^ociwrap: openat2\(2\) cannot be used here: ENOSYS \[ERR_SYSTEM_CALL\]: call the packaged program/,
      ),
    });
  });

  test.each<[Folder, string]>([
    [SEED, 'was filled from an image, and has no upper'],
    [{ bin: {} }, 'holds something else than an upper and its work folder'],
    [{}, 'is empty'],
  ])('%j has no upper', async (volume, said) => {
    for (const command of ['diff', 'export']) {
      const output = await run(machineWith(volume), [command, '/v']);
      expect(output).toMatchObject({ status: 1, ...refused('ERR_VOLUME_FOREIGN') });
      expect(output.stderr).toContain(said);
    }
  });

  test('is found by a link that the caller names', async () => {
    const machine = machineWith(VOLUME);
    machine.make('/link', symlink('/v'));
    expect((await run(machine, ['status', '/link'])).stdout).toMatch(/^"\/v"\n/);
  });
});
