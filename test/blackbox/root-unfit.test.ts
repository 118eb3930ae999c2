import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { type EngineHost, engineHost } from './engine-host.js';
import { busyboxRoot, type KubeletVolume } from './kubelet-volume.js';
import { describeWith } from './programs.js';
import {
  ROOT_RUNTIMES,
  RootCaller,
  type RootContainer,
  type RootRuntime,
  type Strategy,
  volumeOf,
} from './root-container.js';
import { atEnd, scratchFolder } from './scratch.js';

type Refused = readonly [code: string, says: string | RegExp];

/** A volume, and what comes of a start on it. */
interface Row {
  readonly title: string;
  /** Makes the folder of the volume what it is. */
  readonly disk?: (outside: string) => string;
  /** What the container runs. */
  readonly args?: readonly string[];
  readonly path?: string;
  readonly change?: (spec: Spec) => Spec;
  /** The refusal: code and text. Without one, the container starts. */
  readonly refused?: Refused;
}

/** A folder with these entries: files with their text, `@TARGET` for links, folders with a slash at the end. */
function made(folder: string, entries: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(entries)) {
    const at = join(folder, path);
    rmSync(at, { recursive: true, force: true });
    if (path.endsWith('/')) mkdirSync(at, { recursive: true });
    else if (text.startsWith('@')) symlinkSync(text.slice(1), at);
    else writeFileSync(at, text, { mode: 0o755 });
  }
  return folder;
}
const empty =
  (entries: Readonly<Record<string, string>> = {}) =>
  () =>
    made(scratchFolder('volume'), entries);
const system =
  (entries: Readonly<Record<string, string>> = {}) =>
  () =>
    made(busyboxRoot('volume'), entries);
/** The program of the container is `/started`, whatever that is. */
const started = ['/started', 'echo', 'started'];
const shell = ['/bin/sh', '-c', 'echo started'];

const echo = ['/bin/echo', 'started'];

const GONE = 'is not there';

const programs: readonly Row[] = [
  { title: 'one that is there', args: shell },
  {
    title: 'none',
    disk: system({ 'bin/sh': '@nothing' }),
    args: shell,
    refused: ['ERR_ROOT_NO_PROGRAM', `"/bin/sh" ${GONE}`],
  },
  {
    title: 'a folder',
    disk: system({ 'started/': '' }),
    args: started,
    refused: ['ERR_ROOT_NO_PROGRAM', 'is no file'],
  },
  {
    title: 'one that may not be executed',
    disk: () => {
      const disk = made(busyboxRoot('volume'), { started: '' });
      chmodSync(join(disk, 'started'), 0o644);
      return disk;
    },
    args: started,
    refused: ['ERR_ROOT_NO_PROGRAM', 'cannot be executed'],
  },
  { title: 'a link beside it', disk: system({ 'bin/echo': '@busybox' }), args: echo },
  { title: 'a link from the root', disk: system({ 'bin/echo': '@/bin/busybox' }), args: echo },
  {
    title: 'a link that climbs above the root',
    disk: system({ 'bin/echo': '@../../../../bin/busybox' }),
    args: echo,
  },
  {
    title: "folders that are links, as in today's distributions",
    disk: () => {
      const disk = busyboxRoot('volume');
      mkdirSync(join(disk, 'usr'));
      cpSync(join(disk, 'bin'), join(disk, 'usr/bin'), { recursive: true, verbatimSymlinks: true });
      return made(disk, { bin: '@/usr/bin' });
    },
    args: shell,
  },
  {
    title: 'a link to a program of the host',
    disk: (outside) => {
      writeFileSync(join(outside, 'program'), '#!/bin/sh\n', { mode: 0o755 });
      return made(busyboxRoot('volume'), { started: `@${outside}/program` });
    },
    args: started,
    refused: ['ERR_ROOT_NO_PROGRAM', GONE],
  },
  {
    title: 'a link that climbs to a program of the host',
    disk: (outside) => {
      writeFileSync(join(outside, 'program'), '#!/bin/sh\n', { mode: 0o755 });
      return made(busyboxRoot('volume'), { started: `@../../../../../../../..${outside}/program` });
    },
    args: started,
    refused: ['ERR_ROOT_NO_PROGRAM', GONE],
  },
  {
    title: 'a loop of links',
    disk: system({ started: '@again', again: '@started' }),
    args: started,
    refused: ['ERR_ROOT_NO_PROGRAM', GONE],
  },
  { title: 'a name in PATH', args: ['sh', '-c', 'echo started'], path: '/nowhere:/bin' },
  {
    title: 'a name that is nowhere in PATH',
    args: ['sh', '-c', 'echo started'],
    path: '/nowhere:/etc',
    refused: ['ERR_ROOT_NO_PROGRAM', `"/nowhere/sh" ${GONE}, "/etc/sh" ${GONE}`],
  },
  {
    title: 'a path from the working directory',
    disk: system({ 'srv/': '', 'srv/started': '@../bin/busybox' }),
    args: ['./started', 'echo', 'started'],
    // The name of the applet is that of the program.
    change: (spec) => ({
      ...spec,
      process: { ...spec.process, cwd: '/srv', args: ['../bin/busybox', 'echo', 'started'] },
    }),
  },
  {
    title: 'a path from the working directory to nothing',
    args: shell,
    change: (spec) => ({ ...spec, process: { ...spec.process, cwd: '/etc', args: ['../started'] } }),
    refused: ['ERR_ROOT_NO_PROGRAM', GONE],
  },
  {
    title: 'one on a mount, which is not looked at',
    args: ['/mnt/programs/busybox', 'echo', 'started'],
    change: (spec) => ({
      ...spec,
      mounts: [
        ...(spec.mounts ?? []),
        {
          destination: '/mnt/programs',
          type: 'bind',
          source: join(busyboxRoot('mounted'), 'bin'),
          options: ['rbind', 'ro'],
        },
      ],
    }),
  },
];

const replaced: readonly Row[] = [
  { title: 'a volume with a root file system' },
  { title: 'an empty volume', disk: empty(), refused: ['ERR_VOLUME_EMPTY', 'is empty'] },
  {
    title: 'what mkfs leaves',
    disk: empty({ 'lost+found/': '' }),
    refused: ['ERR_VOLUME_EMPTY', 'is empty'],
  },
  {
    title: 'what this program leaves',
    disk: empty({ '.ociwrap/': '' }),
    refused: ['ERR_VOLUME_EMPTY', 'is empty'],
  },
  { title: 'files of somebody', disk: empty({ note: 'x' }), refused: ['ERR_ROOT_UNFIT', '"/etc"'] },
  {
    title: 'a root file system without /etc',
    disk: () => {
      const disk = busyboxRoot('volume');
      rmSync(join(disk, 'etc'), { recursive: true });
      return disk;
    },
    refused: ['ERR_ROOT_UNFIT', '"/etc"'],
  },
];

const overlaid: readonly Row[] = [
  { title: 'an empty volume', disk: empty() },
  { title: 'what mkfs leaves', disk: empty({ 'lost+found/': '' }) },
  { title: 'what a killed start leaves', disk: empty({ '.ociwrap/': '', '.ociwrap/upper.new/': '' }) },
  { title: 'layers', disk: empty({ 'upper/': '', 'work/': '', 'merged/': '' }) },
  { title: 'an upper alone, and files of somebody', disk: empty({ 'upper/': '', note: 'x' }) },
  {
    title: 'a root file system',
    disk: system(),
    refused: ['ERR_VOLUME_FOREIGN', /holds "bin", "dev", "etc"/],
  },
  {
    title: 'a file of somebody',
    disk: empty({ note: 'x', 'work/': '' }),
    refused: ['ERR_VOLUME_FOREIGN', 'holds "note"'],
  },
  {
    title: 'an upper that is a file',
    disk: empty({ upper: 'x' }),
    refused: ['ERR_ROOT_MOUNT', 'ENOTDIR: upper'],
  },
  {
    title: 'a work folder that is a file',
    disk: empty({ 'upper/': '', work: 'x' }),
    refused: ['ERR_ROOT_MOUNT', 'ENOTDIR: work'],
  },
  {
    title: 'a claim that is mounted read-only',
    disk: empty(),
    change: (spec) => ({
      ...spec,
      mounts: (spec.mounts ?? []).map((mount) =>
        mount.destination === '/mnt/boot' ? { ...mount, options: ['rbind', 'ro'] } : mount,
      ),
    }),
    refused: ['ERR_VOLUME_READONLY', 'the strategy "overlay"'],
  },
  ...['upper', 'work', '.ociwrap'].map(
    (name): Row => ({
      title: `${name} that is a link to the outside`,
      disk: (outside) => made(scratchFolder('volume'), { [name]: `@${outside}` }),
      refused:
        name === '.ociwrap' ? ['ERR_VOLUME_RECORD', '".ociwrap"'] : ['ERR_ROOT_MOUNT', `ELOOP: ${name}`],
    }),
  ),
];

const filled: readonly Row[] = [
  { title: 'an empty volume', disk: empty() },
  { title: 'what mkfs leaves', disk: empty({ 'lost+found/': '' }) },
  { title: 'a root file system of somebody, which is used as it is' },
  {
    title: 'a file of somebody, beside which nothing is written',
    disk: empty({ note: 'x' }),
    refused: ['ERR_ROOT_NO_PROGRAM', '"/bin/sh" is not there'],
  },
];

/** What runtimes mount on, on a root of either strategy. */
const mountPoints = (place: string, base: () => string): readonly Row[] =>
  ['dev', 'proc', 'sys'].flatMap((name): readonly Row[] => {
    const at = `${place}${name}`;
    const unsafe = (what: string): Refused => [
      'ERR_ROOT_UNSAFE',
      `"/${name}" on the volume "pvc-X" is ${what}`,
    ];
    return [
      {
        title: `/${name} that is a link`,
        disk: (outside) => made(base(), { [at]: `@${outside}` }),
        refused: unsafe('a symbolic link'),
      },
      {
        title: `/${name} that is a link within`,
        disk: () => made(base(), { [at]: '@tmp' }),
        refused: unsafe('a symbolic link'),
      },
      {
        title: `/${name} that is a file`,
        disk: () => made(base(), { [at]: '' }),
        refused: unsafe('no folder (file)'),
      },
      { title: `/${name} that is a folder`, disk: () => made(base(), { [`${at}/`]: '' }) },
    ];
  });

const tables: readonly (readonly [Strategy, string, readonly Row[]])[] = [
  ['replace', 'volumes', replaced],
  ['replace', 'programs', programs],
  ['replace', 'what is mounted on', mountPoints('', () => busyboxRoot('volume'))],
  ['overlay', 'volumes', overlaid],
  ['seed', 'volumes', filled],
  ['seed', 'what is mounted on', mountPoints('', () => busyboxRoot('volume'))],
  [
    'overlay',
    'what is mounted on',
    mountPoints('upper/', () => made(scratchFolder('volume'), { 'upper/': '', 'work/': '' })),
  ],
];

for (const runtime of ROOT_RUNTIMES) {
  describeWith(
    [runtime.name, 'busybox', 'nsenter'],
    `what is no root is refused, and what is one starts, with ${runtime.name}`,
    () => {
      const host = engineHost();
      describe.each(tables)('%s, %s', (strategy, _, rows) => {
        // What is refused comes to no runtime: the first one does for all.
        const asked = rows.filter(({ refused }) => refused === undefined || runtime.name === 'runc');
        test.each(asked)('$title', (row) => {
          const outside = scratchFolder('outside');
          const volume = volumeOf(host, (row.disk ?? (() => busyboxRoot('volume')))(outside));
          // What a start makes before it looks at the root does no later one harm.
          const isOurs = (name: string) => /^(?:upper|work|work\/work|\.ociwrap(?:\/.*)?)$/.test(name);
          const content = () =>
            readdirSync(volume.disk, { recursive: true, encoding: 'utf8' })
              .filter((name) => strategy !== 'overlay' || !isOurs(name))
              .sort();
          const before = [content(), readdirSync(outside), host.mounts()];
          const ended = startOf(host, runtime, { volume, strategy, row });
          if (row.refused === undefined) {
            expect(ended).toMatchObject({ status: 0, stdout: 'started\n', stderr: '' });
          } else {
            const [code, says] = row.refused;
            expect(ended).toMatchObject({ status: 1, stdout: '' });
            for (const text of [ended.stderr, ended.log]) {
              const known = text.replaceAll(volume.name, 'pvc-X').replaceAll('\\"', '"');
              expect(known).toContain(`[${code}]`);
              if (typeof says === 'string') expect(known).toContain(says);
              else expect(known).toMatch(says);
            }
            expect([content(), readdirSync(outside), host.mounts()]).toEqual(before);
          }
          expect(readdirSync(outside)).toEqual(before[1]);
          expect(host.mounts()).toEqual(before[2]);
        });
      });
    },
  );
}

function startOf(
  host: EngineHost,
  runtime: RootRuntime,
  { volume, strategy, row }: { volume: KubeletVolume; strategy: Strategy; row: Row },
) {
  const caller = new RootCaller(host, runtime);
  const { args = shell, path, change = (spec: Spec) => spec } = row;
  const container: RootContainer = {
    volume,
    strategy,
    change: (spec) =>
      change({
        ...spec,
        process: { cwd: '/', ...spec.process, args: [...args], env: [`PATH=${path ?? '/bin'}`] },
      }),
  };
  const log = join(caller.folder, 'runtime.log');
  const ended = caller.runWith(['--log', log, '--log-format', 'json'], 'c1', container);
  return { ...ended, log: existsSync(log) ? readFileSync(log, 'utf8') : '' };
}

describeWith(['runc', 'busybox', 'nsenter'], 'file systems that give no root', () => {
  const host = engineHost();
  const [runc] = ROOT_RUNTIMES;
  const run = (volume: KubeletVolume, strategy: Strategy, script = 'echo started') => {
    const caller = new RootCaller(host, runc);
    const ended = caller.run('c1', { volume, strategy, script });
    return {
      ...ended,
      warnings: caller.records().flatMap(({ level, msg }) => (level === 'warn' ? [msg] : [])),
    };
  };
  const START = { status: 0, stdout: 'started\n', stderr: '' };

  /** A volume of few blocks or inodes, which is full when it is used. */
  function small(options: string, fill: string, entries?: Readonly<Record<string, string>>): KubeletVolume {
    const disk = scratchFolder('small');
    host.shell('mount -t tmpfs -o "$2" small "$1"', disk, options);
    atEnd(() => host.shell('umount -l "$1"', disk));
    if (entries === undefined) host.shell('cp -a "$1/." "$2"', busyboxRoot('system'), disk);
    for (const path of Object.keys(entries ?? {})) host.shell('mkdir "$1"', join(disk, path));
    const volume = volumeOf(host, disk);
    host.shell(`cd "$1"; ${fill} 2>/dev/null || :`, disk);
    return volume;
  }
  const FULL = 'size=4m';
  const NO_INODES = 'nr_inodes=20';
  const FILL_INODES = 'for name in $(seq 100); do touch upper/$name; done';

  // A folder of a tmpfs takes no block.
  test('no inodes for the layers of an overlay', () => {
    const fill = 'for name in $(seq 100); do touch lost+found/$name; done';
    const { status, stderr } = run(small(NO_INODES, fill, { 'lost+found': '' }), 'overlay');
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('[ERR_VOLUME_FULL]') });
  });

  test('no inodes for what the kernel makes in the work folder: it would mount read-only', () => {
    const { status, stderr } = run(small(NO_INODES, FILL_INODES, { upper: '', work: '' }), 'overlay');
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('[ERR_VOLUME_FULL]') });
  });

  test.each([
    ['overlay', { upper: '', work: '' }],
    ['replace', undefined],
  ] as const)(
    'no space for more, %s: it starts, for somebody has to remove something',
    (strategy, layers) => {
      const top = strategy === 'overlay' ? 'upper' : '.';
      const volume = small(
        FULL,
        `mkdir -p ${top}/srv; cat /dev/zero >${top}/srv/zero || cat /dev/zero >zero`,
        layers,
      );
      const ended = run(
        volume,
        strategy,
        'echo started; echo x 2>/dev/null > /file; /bin/busybox rm /srv/zero; echo x > /file',
      );
      expect(ended).toMatchObject(START);
      expect(ended.warnings).toContain(`the volume "${volume.name}" has no space left`);
      expect(host.shell('cat "$1"', join(volume.disk, top, 'file'))).toBe('x\n');
    },
  );

  test('a volume on an overlay cannot be the upper of one', () => {
    const folder = scratchFolder('overlay');
    const MOUNT =
      'mkdir "$1/l" "$1/u" "$1/w" "$1/m"; mount -t overlay -o "lowerdir=$1/l,upperdir=$1/u,workdir=$1/w" o "$1/m"';
    host.shell(MOUNT, folder);
    const volume = volumeOf(host, join(folder, 'm'));
    const { status, stderr } = run(volume, 'overlay');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining('its file system is overlayfs [ERR_VOLUME_NO_UPPER]'),
    });
    cpSync(busyboxRoot('system'), join(folder, 'u'), { recursive: true, verbatimSymlinks: true });
    const again = scratchFolder('again');
    cpSync(busyboxRoot('system'), join(again, 'l'), { recursive: true, verbatimSymlinks: true });
    host.shell(
      'mkdir "$1/u" "$1/w" "$1/m"; mount -t overlay -o "lowerdir=$1/l,upperdir=$1/u,workdir=$1/w" o "$1/m"',
      again,
    );
    expect(run(volumeOf(host, join(again, 'm')), 'replace')).toMatchObject(START);
  });

  test.each([
    ['nothing', empty()],
    ['layers', empty({ 'upper/': '', 'work/': '' })],
  ])('a file system that cannot be written, with %s', (_, disk) => {
    const { status, stderr } = run(volumeOf(host, disk(), { readonly: true }), 'overlay');
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('[ERR_ROOT_MOUNT]') });
    expect(stderr).toMatch(/EROFS|read-only/);
  });

  test('a file system that cannot be written, as the root', () => {
    const volume = volumeOf(host, busyboxRoot('volume'), { readonly: true });
    expect(run(volume, 'replace', 'echo started; echo x 2>/dev/null > /file || exit 0')).toMatchObject({
      status: 0,
    });
  });
});
