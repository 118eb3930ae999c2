import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type MemoryHostOptions, memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import fc from 'fast-check';

import { type CdiRegistry, loadCdiRegistry } from '../../src/index.js';
import { specWith } from './spec-text.js';

const D = 'vendor.com/device=d';
const SPEC = specWith({ env: ['A=1'] });

function load(
  options: MemoryHostOptions,
  folders?: readonly string[],
  owners?: readonly number[],
): CdiRegistry {
  return loadCdiRegistry(memoryHost(options), folders, owners === undefined ? {} : { owners });
}

function said({ devices, problems }: CdiRegistry): [names: string[], problems: string[]] {
  return [[...devices.keys()], problems.map(({ path, message }) => `${path}: ${message}`)];
}

describe('folders', () => {
  test('the usual ones, of which the later one wins', () => {
    const registry = load({
      files: { '/etc/cdi/a.json': SPEC, '/run/cdi/a.json': specWith({ env: ['A=2'] }) },
      symlinks: { '/var/run': '/run' },
    });
    expect(registry.directories).toEqual(['/etc/cdi', '/var/run/cdi']);
    expect(registry.files.map(({ path }) => path)).toEqual(['/etc/cdi/a.json', '/var/run/cdi/a.json']);
    expect(registry.devices.get(D)).toMatchObject({
      name: D,
      device: { containerEdits: { env: ['A=2'] } },
      file: { path: '/var/run/cdi/a.json' },
    });
  });

  test('that are not there are no problem; an empty list means the usual ones', () => {
    expect(said(load({}, []))).toEqual([[], []]);
    expect(load({}, []).directories).toEqual(load({}).directories);
  });

  test('are cleaned, and a symlink to one is one', () => {
    const registry = load({ files: { '/specs/a.json': SPEC }, symlinks: { '/etc/cdi': '../specs' } }, [
      '/etc//x/../cdi/',
    ]);
    expect(said(registry)).toEqual([[D], []]);
    expect(registry.directories).toEqual(['/etc/cdi']);
  });

  test('what ends otherwise, and folders below, are passed by; names give the order', () => {
    const files = {
      '/s/b.json': specWith({ env: ['A=1'] }, { kind: 'v/b' }),
      '/s/a.yaml': specWith({ env: ['A=1'] }, { kind: 'v/a' }),
      '/s/.c.json': specWith({ env: ['A=1'] }, { kind: 'v/c' }),
      '/s/d.yml': '{',
      '/s/e.json.tmp': '{',
      '/s/f.JSON': '{',
      '/s/g': '{',
      '/s/h.json/i.json': '{',
    };
    const registry = load({ files }, ['/s']);
    expect(registry.files.map(({ path }) => path)).toEqual(['/s/.c.json', '/s/a.yaml', '/s/b.json']);
    expect(said(registry)).toEqual([['v/a=d', 'v/b=d', 'v/c=d'], []]);
  });

  test('one that cannot be listed is told of, and others are searched', () => {
    const host = memoryHost({ files: { '/a/a.json': SPEC, '/b/b.json': SPEC } });
    const refusing = {
      ...host,
      readDirectory: (path: string) => {
        if (path === '/a') throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
        return host.readDirectory(path);
      },
    };
    expect(said(loadCdiRegistry(refusing, ['/a', '/b']))).toEqual([
      [D],
      ['/a: CDI spec folder "/a" cannot be searched: EACCES'],
    ]);
  });

  test('one that cannot be looked at ends the search, as upstream has it', () => {
    const options = {
      files: { '/a/a.json': SPEC, '/b/b.json': SPEC, '/c/c.json': SPEC },
      failures: { '/b': 'EACCES' },
    };
    expect(said(load(options, ['/b', '/c']))).toEqual([
      [],
      ['/b: CDI spec folder "/b" cannot be looked at: EACCES; neither it nor a folder after it is searched'],
    ]);
    expect(said(load(options, ['/a', '/b']))[0]).toEqual([D]);
  });

  test('a file in the place of one', () => {
    expect(said(load({ files: { '/a': '', '/b/b.json': SPEC } }, ['/a', '/b']))).toEqual([
      [D],
      ['/a: CDI spec folder "/a" cannot be searched: ENOTDIR'],
    ]);
  });

  test('a defect of the host is no problem of a spec', () => {
    const host = {
      ...memoryHost({ files: { '/s/a.json': SPEC } }),
      readFile: () => {
        throw new TypeError('a defect');
      },
    };
    expect(() => loadCdiRegistry(host, ['/s'])).toThrow('a defect');
  });
});

describe('files that are no files', () => {
  const READ = 'failed to load CDI Spec failed to read CDI Spec "/s/x.json": ';
  test.each<[string, MemoryHostOptions, string]>([
    ['a FIFO, which would never end', { fifos: ['/s/x.json'] }, 'it is a fifo, not a file'],
    ['a symlink to one', { fifos: ['/s/f'], symlinks: { '/s/x.json': 'f' } }, 'it is a fifo, not a file'],
    ['a device', { devices: ['/s/x.json'] }, 'it is a device, not a file'],
    ['a socket', { others: ['/s/x.json'] }, 'it is a socket, not a file'],
    ['a symlink to a folder', { symlinks: { '/s/x.json': '/s' } }, 'it is a directory, not a file'],
    ['a symlink to nothing', { symlinks: { '/s/x.json': '/nowhere' } }, 'it is a symlink that leads nowhere'],
    ['a symlink to itself', { symlinks: { '/s/x.json': 'x.json' } }, 'ELOOP'],
    ['one that may not be read', { files: { '/s/x.json': SPEC }, failures: { '/s/x.json': 'EIO' } }, 'EIO'],
    [
      'one that is too long',
      { files: { '/s/x.json': new Uint8Array(4 * 1024 * 1024 + 1) } },
      'it has 4194305 bytes, more than the 4194304 that a spec may have',
    ],
  ])('%s', (_, options, why) => {
    const other = { '/s/y.json': SPEC, ...options.files };
    expect(said(load({ ...options, files: other }, ['/s']))).toEqual([[D], [`/s/x.json: ${READ}${why}`]]);
  });

  test('one that is too long is not read', () => {
    const host = {
      ...memoryHost({ files: { '/s/x.json': new Uint8Array(4 * 1024 * 1024 + 1) } }),
      readFile: () => {
        throw new TypeError('it is read');
      },
    };
    expect(loadCdiRegistry(host, ['/s']).problems).toHaveLength(1);
  });

  test('text that is not UTF-8', () => {
    const [names, problems] = said(load({ files: { '/s/x.json': Uint8Array.of(0x22, 0xff, 0x22) } }, ['/s']));
    expect(names).toEqual([]);
    expect(problems[0]).toMatch(/it is not UTF-8$/);
  });
});

describe('trust', () => {
  const files = { '/opt/cdi/a.json': SPEC };
  const none = (why: string) => [
    [],
    [`/opt/cdi: CDI spec folder "/opt/cdi" is refused: ${why}; none of its specs is used`],
  ];
  test.each<[string, NonNullable<MemoryHostOptions['access']>, string]>([
    ['a folder of another user', { '/opt/cdi': { uid: 7 } }, '"/opt/cdi" belongs to user 7, not to root'],
    [
      'a folder that its group may write',
      { '/opt/cdi': { mode: 0o775 } },
      '"/opt/cdi" can be written by others than its owner (mode 775; chmod go-w)',
    ],
    [
      'a folder that all may write, though sticky',
      { '/opt/cdi': { mode: 0o1777 } },
      '"/opt/cdi" can be written by others than its owner (mode 1777; chmod go-w)',
    ],
    ['a folder above of another user', { '/opt': { uid: 7 } }, '"/opt" belongs to user 7, not to root'],
    [
      'a folder above that all may write',
      { '/opt': { mode: 0o777 } },
      '"/opt" can be written by others than its owner (mode 777; chmod go-w)',
    ],
    [
      'a folder of a user without a number',
      { '/opt/cdi': { uid: 65534 } },
      '"/opt/cdi" belongs to user 65534, not to root (or to a user that this user namespace has no number for: chown it to the root of the namespace)',
    ],
  ])('%s is refused', (_, access, why) => {
    expect(said(load({ files, access }, ['/opt/cdi']))).toEqual(none(why));
    expect(said(load({ files }, ['/opt/cdi']))).toEqual([[D], []]);
  });

  test('in a sticky folder nobody can put another one in the place of ours', () => {
    expect(said(load({ files, access: { '/opt': { mode: 0o1777 } } }, ['/opt/cdi']))).toEqual([[D], []]);
  });

  test.each<[string, MemoryHostOptions, string]>([
    [
      'of another user',
      { access: { '/s/x.json': { uid: 7 } } },
      '"/s/x.json" belongs to user 7, not to root',
    ],
    [
      'that others may write',
      { access: { '/s/x.json': { mode: 0o666 } } },
      '"/s/x.json" can be written by others than its owner (mode 666; chmod go-w)',
    ],
  ])('a file %s is refused, and no other', (_, options, why) => {
    const both = { '/s/x.json': SPEC, '/s/y.json': specWith({ env: ['A=1'] }, { kind: 'v/c' }) };
    expect(said(load({ ...options, files: both }, ['/s']))).toEqual([
      ['v/c=d'],
      [`/s/x.json: failed to load CDI Spec failed to read CDI Spec "/s/x.json": ${why}`],
    ]);
  });

  test.each<[string, MemoryHostOptions]>([
    [
      'to a folder that others may write',
      { symlinks: { '/s': '/opt/cdi' }, files, access: { '/opt': { mode: 0o777 } } },
    ],
    ['of another user', { symlinks: { '/s': '/opt/cdi' }, files, access: { '/s': { uid: 7 } } }],
    ['on the way', { symlinks: { '/o': '/opt', '/s': '/o/cdi' }, files, access: { '/opt': { uid: 7 } } }],
    [
      'by way of another one in a folder that others may write',
      {
        symlinks: { '/s': '/shared/s', '/shared/s': '/opt/cdi' },
        files,
        access: { '/shared': { mode: 0o777 } },
      },
    ],
    ['of a file', { symlinks: { '/s/a.json': '/opt/cdi/a.json' }, files, access: { '/opt': { uid: 7 } } }],
  ])('a symlink %s is refused', (_, options) => {
    expect(said(load(options, ['/s']))[0]).toEqual([]);
    expect(said(load({ ...options, access: {} }, ['/s']))).toEqual([[D], []]);
  });

  test('who calls may have specs of their own', () => {
    const access = { '/opt/cdi': { uid: 7 }, '/opt/cdi/a.json': { uid: 7 } };
    expect(said(load({ files, access }, ['/opt/cdi'], [0, 7]))).toEqual([[D], []]);
    expect(said(load({ files, access }, ['/opt/cdi'], [0, 8]))).toEqual(
      none('"/opt/cdi" belongs to user 7, not to root or user 8'),
    );
  });
});

describe('conflicts', () => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 });
  const folder = fc.dictionary(fc.constantFrom('x.json', 'y.json', 'z.yaml'), names, {
    noNullPrototype: true,
  });

  function specOf(devices: readonly string[]): string {
    return specWith(
      {},
      { devices: devices.map((name) => ({ name, containerEdits: { env: [`N=${name}`] } })) },
    );
  }

  test('a device is there unless one folder defines it twice, from the last folder that has it; both files are told', () => {
    fc.assert(
      fc.property(fc.array(folder, { minLength: 1, maxLength: 3 }), (folders) => {
        const files = folders.flatMap((each, index) =>
          Object.entries(each).map(([file, devices]) => [`/${index}/${file}`, devices] as const),
        );
        const registry = load(
          { files: Object.fromEntries(files.map(([path, devices]) => [path, specOf(devices)])) },
          folders.map((_, index) => `/${index}`),
        );
        for (const name of ['a', 'b', 'c', 'd'] as const) {
          const by = folders.map(
            (each) => Object.values(each).filter((devices) => devices.includes(name)).length,
          );
          const qualified = `vendor.com/device=${name}`;
          const last = by.findLastIndex((count) => count > 0);
          const found = registry.devices.get(qualified)?.file.path.slice(0, 2);
          expect(found).toBe(by.some((count) => count > 1) || last === -1 ? undefined : `/${last}`);
        }
        const told = registry.problems.map(({ path }) => path);
        for (const { message } of registry.problems) {
          const [one = '', other = ''] = [...message.matchAll(/"(\/[^"]*)"/g)].map(([, path = '']) => path);
          expect(told).toEqual(expect.arrayContaining([one, other]));
          expect(one).not.toBe(other);
        }
      }),
    );
  });
});

test('a spec that nvidia-ctk made', () => {
  const text = readFileSync(new URL('../fixtures/cdi_sample_management.yaml', import.meta.url));
  const { devices, problems } = load({ files: { '/etc/cdi/nvidia.yaml': text } });
  expect(problems).toEqual([]);
  expect([...devices.keys()]).toEqual(['nvidia.com/gpu=all']);
  const { file } = devices.get('nvidia.com/gpu=all') ?? {};
  expect(file?.spec.containerEdits?.hooks).toContainEqual(
    expect.objectContaining({ hookName: 'createContainer', env: ['NVIDIA_CTK_DEBUG=false'] }),
  );
});

test('whatever the files hold, loading ends with a registry', () => {
  const garbage = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .tuple(fc.nat(SPEC.length), fc.nat(10), fc.string())
      .map(([at, length, text]) => SPEC.slice(0, at) + text + SPEC.slice(at + length)),
  );
  fc.assert(
    fc.property(garbage, fc.constantFrom('json', 'yaml'), (content, extension) => {
      const { files, devices, problems } = load({ files: { [`/etc/cdi/x.${extension}`]: content } });
      expect(files.length + problems.length).toBe(1);
      expect(devices.size === 0).toBe(files.length === 0);
    }),
    { numRuns: 500 },
  );
});
