import { describe, expect, test } from '@jest/globals';

import { type TarHeader, tarHeader } from '../../src/roots/tar-header.js';
import { layerOf } from '../../src/roots/upper-layer.js';
import { OPEN } from '../../src/system/system.js';
import { bytesOf, joinBytes, wordOf } from '../../src/system/text.js';
import {
  type Entry,
  type Folder,
  type Made,
  type MemoryMachine,
  memoryMachine,
  opaque,
  Special,
  symlink,
  whiteout,
  withAttributes,
} from './memory-machine.js';
import { readTar, type TarEntry } from './read-tar.js';

function layer(upper: Made, prepare: (machine: MemoryMachine) => void = () => undefined) {
  const machine = memoryMachine();
  machine.make('/u', upper);
  prepare(machine);
  const top = machine.system.open('/u', OPEN.directory) as number;
  const warnings: string[] = [];
  const bytes = joinBytes([...layerOf(machine.system, top, { warn: (message) => warnings.push(message) })]);
  expect(machine.openDescriptors).toBe(1);
  return { bytes, warnings, entries: readTar(bytes) };
}

const word = (text: string) => wordOf(bytesOf(text));

describe('a layer', () => {
  test('has what an upper has, in the words of the image specification', () => {
    const { entries, warnings } = layer({
      etc: { motd: whiteout, passwd: new Special({ mode: 0o4640, uid: 1000, gid: 2000 }, 'p') },
      usr: opaque({ a: 'a' }),
      link: symlink('/etc'),
      null: new Special({ type: 'character-device', major: 1, minor: 3, mode: 0o666 }),
      sda: new Special({ type: 'block-device', major: 8, minor: 0x12345 }),
      pipe: new Special({ type: 'fifo' }),
      old: new Special({ mtimeNs: -1_500_000_000n }, ''),
      young: new Special({ mtimeNs: 1_999_999_999n }, ''),
    });
    expect(warnings).toEqual([]);
    const shown = entries.map(({ path, type, mode, uid, gid, target, device, content, mtime }: TarEntry) =>
      [path, type, mode.toString(8), `${uid}:${gid}`, target, device.join(), content, mtime].join(' '),
    );
    const then = 1_700_000_000;
    expect(shown).toEqual([
      `etc/ 5 755 0:0  0,0  ${then}`,
      `etc/.wh.motd 0 0 0:0  0,0  ${then}`,
      `etc/passwd 0 4640 1000:2000  0,0 p ${then}`,
      `link 2 777 0:0 /etc 0,0  ${then}`,
      `null 3 666 0:0  1,3  ${then}`,
      'old 0 644 0:0  0,0  -2',
      `pipe 6 644 0:0  0,0  ${then}`,
      `sda 4 644 0:0  8,74565  ${then}`,
      `usr/ 5 755 0:0  0,0  ${then}`,
      `usr/.wh..wh..opq 0 0 0:0  0,0  ${then}`,
      `usr/a 0 644 0:0  0,0 a ${then}`,
      'young 0 644 0:0  0,0  1',
    ]);
  });

  test('is the same for the same upper', () => {
    const upper = { b: 'b', a: { z: 'z', y: 'y' } };
    const reversed = { a: { y: 'y', z: 'z' }, b: 'b' };
    expect(Buffer.compare(layer(upper).bytes, layer(reversed).bytes)).toBe(0);
  });

  test.each<[name: string, size: number]>([
    ['nothing', 0],
    ['less than a block', 511],
    ['a block', 512],
    ['more than a block', 513],
    ['a piece', 65_536],
    ['more than a piece', 65_537],
    ['many pieces', 300_000],
  ])('a file of %s', (_, size) => {
    const content = 'x'.repeat(size);
    expect(layer({ f: content, g: 'g' }).entries.map((entry) => entry.content)).toEqual([content, 'g']);
  });

  test.each<[name: string, path: string]>([
    ['99 bytes', 'n'.repeat(99)],
    ['100 bytes', 'n'.repeat(100)],
    ['101 bytes', 'n'.repeat(101)],
    ['all bytes that a name can have', 'a\nb=c 12 \u0001"\\'],
    ['characters beyond ASCII', 'naïve-日本'],
  ])('a name of %s', (_, name) => {
    const { entries } = layer({ [name]: 'x', d: { [name]: symlink(`/${name}`) } });
    expect(entries.map(({ path }) => path)).toEqual(['d/', `d/${word(name)}`, word(name)].sort());
    expect(entries.find(({ type }) => type === '2')?.target).toBe(`/${word(name)}`);
    expect(entries.filter(({ records }) => 'hdrcharset' in records)).toEqual([]);
  });

  test('a name that is no UTF-8 says so', () => {
    const { entries } = layer({}, (machine) => {
      const file = machine.make('/u/f', 'x');
      machine.at('/u')?.children.delete('f');
      machine.at('/u')?.children.set('\xff\xfe', file);
    });
    expect(entries).toMatchObject([{ path: '\xff\xfe', records: { hdrcharset: 'BINARY' } }]);
  });

  test('a file of several names is one file', () => {
    const link = (machine: MemoryMachine, path: string, entry: Entry) => {
      const [, folder = '', name = ''] = /^(.*)\/(.*)$/.exec(path) ?? [];
      machine.at(folder)?.children.set(name, entry);
    };
    const { entries } = layer({ a: {}, z: {} }, (machine) => {
      const file = machine.make('/u/a/one', 'content');
      file.nlink = 3;
      link(machine, '/u/a/two', file);
      link(machine, '/u/z/three', file);
      // Its other name is somewhere else.
      machine.make('/u/lone', 'alone').nlink = 2;
    });
    expect(entries.map(({ path, type, target, content }) => [path, type, target, content])).toEqual([
      ['a/', '5', '', ''],
      ['a/one', '0', '', 'content'],
      ['a/two', '1', 'a/one', ''],
      ['lone', '0', '', 'alone'],
      ['z/', '5', '', ''],
      ['z/three', '1', 'a/one', ''],
    ]);
  });

  test('has the attributes that belong to a file, and no others', () => {
    const { entries, warnings } = layer({
      f: withAttributes('x', {
        'user.mine': 'a\nb',
        'security.capability': '\u0001\0',
        'security.selinux': 'label',
        'security.ima': 'sum',
        'system.posix_acl_access': 'acl',
        'system.nfs4_acl': 'acl',
        'trusted.other': 'o',
        'trusted.overlay.origin': 'o',
        'trusted.overlay.overlay.opaque': 'y',
        'user.a=b': 'x',
      }),
    });
    expect(entries.map(({ records }) => records)).toEqual([
      {
        'SCHILY.xattr.security.capability': '\u0001\0',
        'SCHILY.xattr.system.posix_acl_access': 'acl',
        'SCHILY.xattr.trusted.other': 'o',
        // A container engine in the container has set it.
        'SCHILY.xattr.trusted.overlay.opaque': 'y',
        'SCHILY.xattr.user.mine': 'a\nb',
      },
    ]);
    expect(warnings).toEqual(['the attribute "user.a=b" of "/f" is left out: a layer cannot have that name']);
  });

  test('leaves sockets out, and says so', () => {
    const { entries, warnings } = layer({ 'a\u001b': new Special({ type: 'socket' }), b: 'b' });
    expect(entries.map(({ path }) => path)).toEqual(['b']);
    expect(warnings).toEqual(['the socket "/a\\u001b" is left out: a layer has none']);
  });

  test.each<[name: string, upper: Folder, said: string]>([
    [
      'a name of a whiteout',
      { d: { '.wh.x': '' } },
      '"/d/.wh.x" has a name that means in a layer that "x" is deleted',
    ],
    ['a folder of one', { '.wh..wh..opq': {} }, '"/.wh..wh..opq" has a name'],
    [
      'redirect_dir',
      { d: withAttributes({}, { 'trusted.overlay.redirect': 'x' }) },
      '"/d" was made with redirect_dir',
    ],
    [
      'metacopy',
      { f: withAttributes('', { 'trusted.overlay.metacopy': '' }) },
      '"/f" was made with redirect_dir',
    ],
    [
      'too many attributes',
      {
        f: withAttributes(
          '',
          Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`user.${at}`, 'x'.repeat(60_000)])),
        ),
      },
      '"/f" has more extended attributes',
    ],
  ])('%s cannot be said', (_, upper, said) => {
    expect(() => layer(upper)).toThrow(
      expect.objectContaining({ code: 'ERR_LAYER_ENTRY', message: expect.stringContaining(said) }),
    );
  });

  test('a file that becomes shorter is an error, one that becomes longer is cut', () => {
    const machine = memoryMachine();
    machine.make('/u', { f: 'x'.repeat(100_000) });
    const top = machine.system.open('/u', OPEN.directory) as number;
    const warn = () => undefined;
    const pieces = layerOf(machine.system, top, { warn });
    pieces.next();
    const file = machine.at('/u/f');
    if (file !== undefined) file.bytes = file.bytes.subarray(0, 10);
    expect(() => [...pieces]).toThrow(expect.objectContaining({ code: 'ERR_VOLUME_CHANGING' }));
    const longer = layerOf(machine.system, top, { warn });
    const header = longer.next().value ?? new Uint8Array();
    if (file !== undefined) file.bytes = joinBytes([file.bytes, bytesOf('more')]);
    expect(readTar(joinBytes([header, ...longer]))).toMatchObject([{ path: 'f', content: 'x'.repeat(10) }]);
  });
});

describe('a header', () => {
  const HEADER: TarHeader = { path: 'f', type: '0', mode: 0o644, uid: 0, gid: 0, size: 0n, mtime: 0n };
  const records = (changes: Partial<TarHeader>) => {
    const bytes = tarHeader({ ...HEADER, ...changes, size: 0n });
    const [entry] = readTar(joinBytes([bytes, new Uint8Array(1024)]));
    return entry?.records;
  };

  test.each<[Partial<TarHeader>, object]>([
    [{ uid: 2_097_151, gid: 2_097_151, mtime: 8_589_934_591n }, {}],
    [{ uid: 2_097_152 }, { uid: '2097152' }],
    [{ gid: 4_294_967_294 }, { gid: '4294967294' }],
    [{ mtime: 8_589_934_592n }, { mtime: '8589934592' }],
    [{ mtime: -1n }, { mtime: '-1' }],
    // The length counts itself: 99 bytes without it would be 100 with two digits, and 101 with three.
    [{ attributes: [['a', 'x'.repeat(81)]] }, { 'SCHILY.xattr.a': 'x'.repeat(81) }],
    [{ attributes: [['a', 'x'.repeat(82)]] }, { 'SCHILY.xattr.a': 'x'.repeat(82) }],
    [{ attributes: [['a', 'x'.repeat(83)]] }, { 'SCHILY.xattr.a': 'x'.repeat(83) }],
  ])('%j', (changes, said) => {
    expect(records(changes)).toEqual(said);
  });

  test('of a file of 8 GiB and more', () => {
    const bytes = tarHeader({ ...HEADER, size: 8_589_934_592n });
    expect(Buffer.from(bytes).toString('latin1')).toContain('19 size=8589934592\n');
    expect(bytes.length).toBe(1536);
    expect(tarHeader({ ...HEADER, size: 8_589_934_591n }).length).toBe(512);
  });
});
