import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, test } from '@jest/globals';

import { makeDeep, makeEveryKind } from './entries-of-every-kind.js';
import { describeWith, ociwrap } from './programs.js';
import { type Ended, runProgram } from './run-program.js';
import { mount, scratchFolder } from './scratch.js';
import { strace } from './traced-call.js';

const NEEDED = ['rsync', 'setfattr', 'setfacl', 'setcap', 'mkfifo', 'strace', 'prlimit'];

const seed = (image: string, volume: string, before: readonly string[] = []): Ended => {
  const [program = '', ...args] = [...before, ociwrap, 'volume', 'seed', image, volume];
  return runProgram(program, args);
};

/** What rsync would have to do to make the one like the other: nothing. It reads all bytes, and knows of everything that cp does. */
function differences(image: string, volume: string): string {
  const options = ['-aHAXn', '--checksum', '--delete', '--itemize-changes', '--exclude=/.ociwrap'];
  const { stdout, stderr } = runProgram('rsync', [...options, `${image}/`, `${volume}/`]);
  return stdout + stderr;
}

/** Times, numbers of names and blocks of all entries, however deep: rsync takes no path that is longer than PATH_MAX. */
function listing(folder: string): string {
  const printed = '%P %y %m %U %G %T@';
  const script = `cd "$1" && find . -name .ociwrap -prune -o -type d -printf '${printed}\\n' -o -printf '${printed} %n %s %l %b\\n' | sort`;
  return runProgram('sh', ['-c', script, 'sh', folder]).stdout;
}

const record = (volume: string): { state?: string } =>
  JSON.parse(readFileSync(join(volume, '.ociwrap/seed.json'), 'utf8'));
const changeRecord = (volume: string, changes: object): void =>
  writeFileSync(join(volume, '.ociwrap/seed.json'), JSON.stringify({ ...record(volume), ...changes }));

const tmpfs = (...options: readonly string[]): string => {
  const folder = scratchFolder('volume');
  mount('-t', 'tmpfs', '-o', ['mode=755', ...options].join(','), 'volume', folder);
  return folder;
};

function newVolume(): string {
  return scratchFolder('volume');
}

const kills = [
  ['mkdirat', 2],
  ['mkdirat', 6],
  ['openat', 40],
  ['copy_file_range', 2],
  ['pwrite64', 90],
  ['ftruncate', 1],
  ['fchown', 150],
  ['fchmod', 151],
  ['fsetxattr', 3],
  ['utimensat', 200],
  ['linkat', 2],
  ['symlinkat', 3],
  ['mknodat', 2],
  ['lsetxattr', 1],
  ['syncfs', 1],
  ['rename', 2],
] as const;

describeWith(NEEDED, 'a volume that is filled from an image', () => {
  let image = '';
  beforeAll(async () => {
    image = scratchFolder('image');
    await makeEveryKind(image);
  });

  test('has all that the image has', () => {
    const volume = newVolume();
    const { status, stderr } = seed(image, volume);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(
        /^ociwrap: the volume is filled from the image: .*\nociwrap: the volume is filled: .*\n$/,
      ),
    });
    expect(differences(image, volume)).toBe('');
    expect(listing(volume)).toBe(listing(image));
    expect(record(volume).state).toBe('filled');
    expect(readdirSync(join(volume, '.ociwrap'))).toEqual(['seed.json']);

    // From then on it is the container's.
    rmSync(join(volume, 'bin/su'));
    expect(seed(image, volume).status).toBe(0);
    expect(existsSync(join(volume, 'bin/su'))).toBe(false);
  });

  test.each(kills)('is as whole when the start before was killed at %s, the %i. time', (call, when) => {
    const volume = newVolume();
    const before = strace(
      '-o',
      '/dev/null',
      `--trace=/^${call}`,
      `--inject=/^${call}:signal=KILL:when=${when}`,
    );
    expect(seed(image, volume, before).signal).toBe('SIGKILL');
    expect(record(volume).state).toBe('filling');
    const { status, stderr } = seed(image, volume);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(differences(image, volume)).toBe('');
    expect(listing(volume)).toBe(listing(image));
  });

  test('and also when each of many starts gets only a little further', () => {
    const volume = newVolume();
    for (let start = 1; start <= 25; start += 1) {
      const before = strace('-o', '/dev/null', '--trace=utimensat', '--inject=utimensat:signal=KILL:when=20');
      if (seed(image, volume, before).status === 0) break;
      expect(start).toBeLessThan(25);
    }
    expect(differences(image, volume)).toBe('');
    expect(listing(volume)).toBe(listing(image));
  });

  test('does not begin a large file again that was given up in the middle', () => {
    const volume = newVolume();
    const calls = ['copy_file_range', 'pwrite64'].join(',');
    const before = strace(
      '-o',
      '/dev/null',
      `--trace=copy_file_range`,
      `--inject=${calls}:signal=KILL:when=2`,
    );
    seed(image, volume, before);
    const trace = join(scratchFolder('trace'), 'trace');
    expect(seed(image, volume, strace('-o', trace, '--trace=unlinkat')).status).toBe(0);
    // The lock and what a record was written to are the program's own.
    const removed = readFileSync(trace, 'utf8')
      .split('\n')
      .filter((line) => !/seed\.|exited/.test(line) && line !== '');
    expect(removed).toEqual([]);
    expect(differences(image, volume)).toBe('');
  });

  test.each([
    ['an earlier boot', { bootId: 'another' }],
    ['another image', { image: { name: null, fingerprint: 'another' } }],
  ])('has nothing left of a filling of %s', (_, changes) => {
    const volume = newVolume();
    seed(
      image,
      volume,
      strace('-o', '/dev/null', '--trace=symlinkat', '--inject=symlinkat:signal=KILL:when=3'),
    );
    changeRecord(volume, changes);
    mkdirSync(join(volume, 'other/deep/er'), { recursive: true });
    makeDeep(join(volume, 'other/deep/est'));
    const { status, stderr } = seed(image, volume);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.stringMatching(
        /^ociwrap: the volume was filled in part, and not to the end: what is there is removed\n/,
      ),
    });
    expect(differences(image, volume)).toBe('');
  });

  test('has what is deeper than a path can be, with few descriptors', () => {
    const [deep, volume] = [scratchFolder('image'), newVolume()];
    makeDeep(deep);
    expect(seed(deep, volume, ['prlimit', '--nofile=80']).status).toBe(0);
    expect(listing(deep).length).toBeGreaterThan(500_000);
    expect(listing(volume)).toBe(listing(deep));
  });

  test('has nothing of the umask, of a limit on files, and of lists that the volume had', () => {
    const volume = newVolume();
    runProgram('setfacl', ['-m', 'd:u:77:rwx,u:78:rwx', volume]);
    runProgram('chmod', ['2777', volume]);
    const limited = ['sh', '-c', 'umask 077; exec "$@"', 'sh', 'prlimit', '--fsize=100000:unlimited'];
    expect(seed(image, volume, limited).status).toBe(0);
    expect(differences(image, volume)).toBe('');
  });

  test('keeps lost+found, and nothing is mounted in it', () => {
    const [mounted, volume] = [scratchFolder('image'), newVolume()];
    for (const folder of ['proc', 'etc', 'data']) mkdirSync(join(mounted, folder));
    mkdirSync(join(volume, 'lost+found'));
    writeFileSync(join(mounted, 'etc/hosts'), 'below');
    mount('-t', 'proc', 'proc', join(mounted, 'proc'));
    mount('--bind', join(image, 'usr'), join(mounted, 'data'));
    mount('--bind', join(image, 'etc/motd'), join(mounted, 'etc/hosts'));
    expect(seed(mounted, volume).status).toBe(0);
    const found = runProgram('sh', ['-c', 'cd "$1" && find . | sort', 'sh', volume]).stdout.split('\n');
    expect(found).toEqual([
      '.',
      './.ociwrap',
      './.ociwrap/seed.json',
      './data',
      './etc',
      './lost+found',
      './proc',
      '',
    ]);
  });

  test('has what an overlay shows, and nothing of how it is made', () => {
    const [layers, merged, volume] = [tmpfs(), scratchFolder('merged'), newVolume()];
    for (const name of ['upper', 'work']) mkdirSync(join(layers, name));
    const options = `lowerdir=${image},upperdir=${join(layers, 'upper')},workdir=${join(layers, 'work')}`;
    mount('-t', 'overlay', '-o', options, 'overlay', merged);
    rmSync(join(merged, 'usr'), { recursive: true });
    mkdirSync(join(merged, 'usr'));
    writeFileSync(join(merged, 'etc/motd'), 'changed');
    expect(seed(merged, volume).status).toBe(0);
    // What is a device 0:0 in a layer is listed there, and is not there.
    expect(differences(merged, volume).split('\n')).toEqual([
      `file has vanished: "${merged}/run/character"`,
      expect.stringContaining('rsync warning: some files vanished'),
      '',
    ]);
    const upper = newVolume();
    expect(seed(join(layers, 'upper'), upper).status).toBe(0);
    expect(runProgram('getfattr', ['-R', '-d', '-m', '.', upper]).stdout).not.toContain('overlay');
  });

  test('by two starts at once is filled by one', async () => {
    const volume = newVolume();
    const starts = await Promise.all([1, 2, 3].map(() => started(['volume', 'seed', image, volume])));
    expect(starts.map(({ status }) => status)).toEqual([0, 0, 0]);
    const filled = starts.filter(({ stderr }) => stderr.includes('the volume is filled: '));
    expect(filled).toHaveLength(1);
    expect(differences(image, volume)).toBe('');
  });
});

describeWith(NEEDED, 'a volume that cannot be filled', () => {
  let image = '';
  beforeAll(async () => {
    image = scratchFolder('image');
    await makeEveryKind(image);
  });

  test('since somebody has filled it is left alone', () => {
    const volume = newVolume();
    writeFileSync(join(volume, 'theirs'), 'x');
    const { status, stderr } = seed(image, volume);
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('nothing was done') });
    expect(readdirSync(volume)).toEqual(['theirs']);
  });

  test.each([
    ['space', 'size=10m', /the image has 2\d\.\d MiB, and 10\.0 MiB are free/],
    ['inodes', 'nr_inodes=100', /the image has 3\d\d files, and \d\d inodes are free/],
  ])('for want of %s is refused before anything is copied', (_, option, message) => {
    const volume = tmpfs(option);
    const { status, stderr } = seed(image, volume);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(message) });
    expect(stderr).toContain('[ERR_VOLUME_FULL]');
    expect(readdirSync(volume)).toEqual(['.ociwrap']);
  });

  test.each(['pwrite64', 'mkdirat', 'symlinkat'])(
    'since it is full at %s says so, and goes on when there is room',
    (call) => {
      const volume = newVolume();
      const full = strace('-o', '/dev/null', `--trace=${call}`, `--inject=${call}:error=ENOSPC:when=3`);
      const { status, stderr } = seed(image, volume, full);
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: expect.stringContaining('[ERR_VOLUME_FULL]'),
      });
      expect(stderr).toMatch(/the volume is full at "\/[^"]+", with .* free/);
      expect(seed(image, volume).stderr).toContain('the volume goes on being filled');
      expect(differences(image, volume)).toBe('');
    },
  );

  test('since the disk fails names the call and the file', () => {
    const volume = newVolume();
    const fails = strace('-o', '/dev/null', '--trace=pread64', '--inject=pread64:error=EIO:when=3');
    expect(seed(image, volume, fails)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/read failed with EIO at "\/[^"]+" \[ERR_VOLUME_FILL\]/),
    });
  });

  test('since the disk fails at the end begins anew', () => {
    const volume = newVolume();
    const fails = strace('-o', '/dev/null', '--trace=syncfs', '--inject=syncfs:error=EIO:when=1');
    expect(seed(image, volume, fails)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('cannot be brought to the disk'),
    });
    expect(seed(image, volume).stderr).toContain('what is there is removed');
    expect(differences(image, volume)).toBe('');
  });

  test('with capabilities, on a file system without any, is refused', () => {
    const volume = scratchFolder('volume');
    mount('-t', 'ramfs', 'volume', volume);
    expect(seed(image, volume)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /fsetxattr failed with ENOTSUP at "\/bin\/\w+", attribute "security.capability"/,
      ),
    });
  });

  test('with other attributes, there, is filled without them, and says which', () => {
    const [plain, volume] = [scratchFolder('image'), scratchFolder('volume')];
    mount('-t', 'ramfs', 'volume', volume);
    for (const name of ['one', 'two']) {
      writeFileSync(join(plain, name), name);
      runProgram('setfattr', ['-n', 'user.comment', '-v', 'c', join(plain, name)]);
    }
    const { status, stderr } = seed(plain, volume);
    expect(status).toBe(0);
    expect(stderr.match(/does not take the attribute "user.comment".*/g)).toHaveLength(1);
    expect(readFileSync(join(volume, 'two'), 'utf8')).toBe('two');
  });

  test.each([
    ['our folder is a link', (volume: string) => symlinkSync('/etc', join(volume, '.ociwrap'))],
    ['our folder is a file', (volume: string) => writeFileSync(join(volume, '.ociwrap'), '')],
    ['the record is a link', (volume: string) => symlinkSync('/etc/passwd', ours(volume, 'seed.json'))],
    ['the record is a fifo', (volume: string) => runProgram('mkfifo', [ours(volume, 'seed.json')])],
    ['the record is long', (volume: string) => writeFileSync(ours(volume, 'seed.json'), ' '.repeat(70_000))],
    [
      'the record is nested',
      (volume: string) => writeFileSync(ours(volume, 'seed.json'), '['.repeat(60_000)),
    ],
    ['the record is another', (volume: string) => writeFileSync(ours(volume, 'seed.json'), '{"version":2}')],
    ['the lock is a fifo', (volume: string) => runProgram('mkfifo', [ours(volume, 'seed.lock')])],
    [
      'the lock is a device',
      (volume: string) => runProgram('mknod', [ours(volume, 'seed.lock'), 'c', '10', '130']),
    ],
  ])('where %s is refused with a remedy', (_, make) => {
    const volume = newVolume();
    make(volume);
    const { status, stderr } = seed(image, volume);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining('[ERR_VOLUME_RECORD]'),
    });
    expect(readdirSync(volume)).toEqual(['.ociwrap']);
  });

  test('by who may not change owners is refused', () => {
    const before = ['setpriv', '--reuid=1000', '--clear-groups'];
    expect(seed(image, newVolume(), before)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('only root'),
    });
  });
});

function ours(volume: string, name: string): string {
  const folder = join(volume, '.ociwrap');
  mkdirSync(folder, { mode: 0o700, recursive: true });
  return join(folder, name);
}

function started(args: readonly string[]): Promise<{ status: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(ociwrap, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (piece) => {
      stderr += piece;
    });
    child.on('close', (status) => resolve({ status, stderr }));
  });
}
