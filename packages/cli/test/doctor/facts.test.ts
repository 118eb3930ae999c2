import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { bytesText } from '../../src/doctor/bytes-text.js';
import { matchesPattern } from '../../src/doctor/checks/check-engines.js';
import { nodeFacts } from '../../src/doctor/checks/check-node.js';
import { installationFacts, prefixOf } from '../../src/doctor/facts/installation-facts.js';
import { kernelFacts, overlayFacts } from '../../src/doctor/facts/kernel-facts.js';
import { logFacts } from '../../src/doctor/facts/log-facts.js';
import { decisionsIn, loggedDecisions, MOST_OF_LOG } from '../../src/doctor/facts/logged-decisions.js';
import { ownershipFacts } from '../../src/doctor/facts/ownership-facts.js';
import { residueFacts } from '../../src/doctor/facts/residue-facts.js';
import { inOrder, statusFor, worstOf } from '../../src/doctor/finding.js';
import { manifestText } from '../../src/installation/manifest.js';
import { formatRecord } from '../../src/log/format-record.js';
import { nodeSystem } from '../../src/system/node-system.js';
import type { FileStatus, System } from '../../src/system/system.js';
import { bytesOf } from '../../src/system/text.js';
import { temporaryFolder } from '../temporary-folder.js';

const scratch = temporaryFolder();
const real = nodeSystem();
const EBADF = { errno: 'EBADF' };

/** A kernel that has everything. */
const sound: System = {
  ...real,
  statfs: () => ({
    type: 0x6367_7270n,
    blockSize: 4096n,
    blocks: 10n,
    freeBlocks: 5n,
    inodes: 4n,
    freeInodes: 3n,
    flags: 0,
  }),
  openat2: () => 90,
  close: (fd) => (fd >= 90 ? undefined : real.close(fd)),
  cloneTree: () => EBADF,
  moveMount: () => EBADF,
  setMountAttributes: () => EBADF,
  userNamespace: () => 91,
  unshareMounts: () => undefined,
  resolveBeneath: () => ({ dev: 1n, ino: 2n, isMountRoot: true }),
  fsopen: () => 92,
  fsconfig: () => undefined,
  createFileSystem: () => undefined,
  fsmount: () => 93,
  mkdir: () => undefined,
};

describe('the kernel', () => {
  test('nothing is refused', () => {
    expect(kernelFacts(sound)).toMatchObject({ canTry: true, refused: new Map(), runIsMount: true });
  });

  test.each<[string, Partial<System>, [string, string][]]>([
    ['openat2', { openat2: () => ({ errno: 'ENOSYS' }) }, [['openat2', 'ENOSYS']]],
    ['open_tree', { cloneTree: () => ({ errno: 'EPERM' }) }, [['open_tree', 'EPERM']]],
    [
      'move_mount with a flag',
      { moveMount: (_, __, flags) => (flags === 0 ? EBADF : { errno: 'EINVAL' }) },
      [['MOVE_MOUNT_SET_GROUP', 'EINVAL']],
    ],
    ['mount_setattr', { setMountAttributes: () => ({ errno: 'ENOSYS' }) }, [['mount_setattr', 'ENOSYS']]],
    ['user namespaces', { userNamespace: () => ({ errno: 'ENOSPC' }) }, [['user namespaces', 'ENOSPC']]],
    ['unshare', { unshareMounts: () => ({ errno: 'EPERM' }) }, [['unshare', 'EPERM']]],
    [
      'an attribute of statx',
      { resolveBeneath: () => ({ dev: 1n, ino: 2n }) },
      [['STATX_ATTR_MOUNT_ROOT', 'ENOSYS']],
    ],
  ])('%s', (_, changes, refused) => {
    expect([...kernelFacts({ ...sound, ...changes }).refused]).toEqual(refused);
  });

  test('without system calls nothing is tried', () => {
    expect(kernelFacts(real)).toMatchObject({ canTry: false, refused: new Map() });
  });
});

describe('an overlay', () => {
  test.each<[string, Partial<System>, object]>([
    ['works', {}, { works: true }],
    [
      'no module',
      { fsopen: (type) => (type === 'overlay' ? { errno: 'ENODEV', syscall: 'fsopen' } : 92) },
      { works: false, failed: 'fsopen', errno: 'ENODEV' },
    ],
    [
      'no file system in memory',
      { fsopen: () => ({ errno: 'EPERM', syscall: 'fsopen' }) },
      { works: false, failed: 'fsopen', errno: 'EPERM' },
    ],
    [
      'no folder',
      { mkdir: () => ({ errno: 'ENOSPC', syscall: 'mkdir' }) },
      { works: false, failed: 'mkdir', errno: 'ENOSPC' },
    ],
    [
      'refused, with words',
      {
        createFileSystem: (() => {
          let calls = 0;
          return () => {
            calls += 1;
            return calls > 1 ? { errno: 'EINVAL', syscall: 'fsconfig' } : undefined;
          };
        })(),
        read: () => bytesOf('e overlay: no\n'),
      },
      { works: false, failed: 'fsconfig', errno: 'EINVAL', said: 'overlay: no' },
    ],
  ])('%s', (_, changes, facts) => {
    expect(overlayFacts({ ...sound, ...changes })).toEqual(facts);
  });
});

describe('the node', () => {
  /** Files of a kernel, by their paths. */
  const withFiles = (files: Readonly<Record<string, string>>, type: bigint): System => {
    const folder = mkdtempSync(join(scratch, 'kernel-'));
    return {
      ...real,
      open: (path, flags) => {
        const text = files[String(path)];
        if (text === undefined) return { errno: 'ENOENT' };
        writeFileSync(join(folder, 'file'), text);
        return real.open(join(folder, 'file'), flags);
      },
      statfs: () => ({
        type,
        blockSize: 1n,
        blocks: 1n,
        freeBlocks: 1n,
        inodes: 1n,
        freeInodes: 1n,
        flags: 0,
      }),
    };
  };
  test.each<[string, Readonly<Record<string, string>>, bigint, object]>([
    ['plain', {}, 0x6367_7270n, { cgroups: 'v2', selinux: 'off', appArmor: false }],
    ['version 1', {}, 0x0102_1994n, { cgroups: 'v1' }],
    ['a single hierarchy of version 1', {}, 0x0027_e0ebn, { cgroups: 'v1' }],
    ['none', {}, 0x6265_6572n, { cgroups: 'unknown' }],
    ['SELinux', { '/sys/fs/selinux/enforce': '1' }, 1n, { selinux: 'enforcing' }],
    ['SELinux that only tells', { '/sys/fs/selinux/enforce': '0' }, 1n, { selinux: 'permissive' }],
    ['AppArmor', { '/sys/module/apparmor/parameters/enabled': 'Y\n' }, 1n, { appArmor: true }],
    ['AppArmor that is off', { '/sys/module/apparmor/parameters/enabled': 'N\n' }, 1n, { appArmor: false }],
  ])('%s', (_, files, type, facts) => {
    expect(nodeFacts(withFiles(files, type))).toMatchObject(facts);
  });
});

/** A folder of a node, with files by their names. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(scratch, 'node-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const settings = (file: string) =>
  ({ file, level: 'info', format: 'json', maxSize: 0 }) as Parameters<typeof logFacts>[1];

describe('the log', () => {
  const folder = folderWith({ log: 'a line\n' });
  symlinkSync('log', join(folder, 'link'));
  mkdirSync(join(folder, 'folder'));
  test.each<[string, string, object]>([
    ['there', 'log', { exists: true, size: 7n }],
    ['a link', 'link', { unwritable: 'it is a symlink, which is not followed' }],
    ['a folder', 'folder', { unwritable: 'EISDIR' }],
    ['not begun', 'new', { exists: false, size: 0n }],
    ['in no folder', 'none/log', { unwritable: 'the folder is not there' }],
    ['in a file', 'log/log', { unwritable: expect.stringMatching(/ENOTDIR|is none/) }],
  ])('%s', (_, name, facts) => {
    const found = logFacts(sound, settings(join(folder, name)));
    expect(found).toMatchObject(facts);
    expect('unwritable' in found).toBe('unwritable' in facts);
    expect(found.space).toEqual({ freeBytes: 20480n, bytes: 40960n, freeInodes: 3n, inodes: 4n });
  });

  test('a file system that cannot be written', () => {
    const status = {
      type: 1n,
      blockSize: 1n,
      blocks: 1n,
      freeBlocks: 1n,
      inodes: 1n,
      freeInodes: 1n,
      flags: 1,
    };
    const found = logFacts({ ...sound, statfs: () => status }, settings(join(folder, 'new')));
    expect(found.unwritable).toBe('EROFS');
  });
});

describe('decisions', () => {
  const time = new Date(0);
  const record = {
    time,
    level: 'error',
    msg: 'no "volume"',
    decision: 'refuse',
    code: 'ERR_X',
    id: 'c1',
    durationMs: 2,
  } as const;

  test.each(['json', 'text'] as const)('a record as %s is read as it was', (form) => {
    expect(decisionsIn(formatRecord(record, form))).toEqual([
      expect.objectContaining({
        time: '1970-01-01T00:00:00.000Z',
        msg: 'no "volume"',
        decision: 'refuse',
        code: 'ERR_X',
        id: 'c1',
      }),
    ]);
  });

  test.each([
    ['no decision', formatRecord({ ...record, decision: undefined }, 'json')],
    ['a torn line', '{"time":"1970","decision":"refu'],
    ['another decision', '{"time":"1970","decision":"maybe"}'],
    ['no time', '{"decision":"refuse"}'],
    ['a number for a decision', '{"time":"1970","decision":7}'],
    ['a list', '["decision","refuse"]'],
    ['null', 'null'],
    ['a torn text', 'time=1970 decision="refu'],
    ['nothing', ''],
  ])('%s is none', (_, line) => {
    expect(decisionsIn(line)).toEqual([]);
  });

  test('of a long log the end is read', () => {
    const line = formatRecord(record, 'json');
    const lines = Math.ceil((3 * MOST_OF_LOG) / line.length);
    const folder = folderWith({ log: `${line.repeat(lines)}${line.replace('c1', 'last')}` });
    const found = loggedDecisions(real, join(folder, 'log'), 2);
    expect(found.map(({ id }) => id)).toEqual(['c1', 'last']);
  });

  test('of a log that was just rotated the old file is read, too', () => {
    const line = (id: string) => formatRecord({ ...record, id }, 'json');
    const folder = folderWith({ 'log.1': line('a') + line('b'), log: line('c') });
    const idsOf = (most: number) => loggedDecisions(real, join(folder, 'log'), most).map(({ id }) => id);
    expect(idsOf(2)).toEqual(['b', 'c']);
    expect(idsOf(1)).toEqual(['c']);
  });

  test('a log that is none has none', () => {
    const folder = folderWith({ log: formatRecord(record, 'json') });
    symlinkSync('log', join(folder, 'link'));
    expect(loggedDecisions(real, join(folder, 'link'), 2)).toEqual([]);
    expect(loggedDecisions(real, folder, 2)).toEqual([]);
    expect(loggedDecisions(real, join(folder, 'log'), 2)).toHaveLength(1);
  });
});

describe('owners', () => {
  const entry = (type: FileStatus['type'], uid = 0, mode = 0o755) => ({ type, uid, mode }) as FileStatus;
  const tree: Readonly<Record<string, FileStatus>> = {
    '/': entry('directory'),
    '/opt': entry('directory'),
    '/opt/link': entry('symlink', 0, 0o777),
    '/opt/theirs': entry('directory', 7),
    '/opt/theirs/p': entry('file'),
    '/opt/p': entry('file'),
    '/opt/open': entry('file', 0, 0o777),
  };
  const system: System = {
    ...real,
    lstat: (path) =>
      path === '/opt/dark' ? { errno: 'EACCES' } : (tree[String(path)] ?? { errno: 'ENOENT' }),
    readlink: () => bytesOf('theirs/p'),
  };
  test.each([
    ['/opt/p', 'sound'],
    ['/opt/none', 'missing'],
    ['/opt/dark', { unreadable: 'EACCES' }],
    ['/opt/open', { untrusted: '/opt/open', why: expect.stringContaining('777') }],
    ['/opt/link', { untrusted: '/opt/theirs', why: expect.stringContaining('user 7') }],
  ])('%s', (path, found) => {
    expect(ownershipFacts(system, [{ path, what: 'it' }])).toEqual([{ path, what: 'it', found }]);
  });
});

describe('residue', () => {
  test('files of processes that are gone, and no others', () => {
    const folder = folderWith({ '.1-2': '', [`.${process.pid}-2`]: '', '.4194305-7': '', '4194305-7': '' });
    mkdirSync(join(folder, 'log.rotating'));
    const late: System = { ...real, now: () => Date.now() + 60_000 };
    const facts = residueFacts(late, [folder, join(folder, 'none')], join(folder, 'log'));
    expect(facts).toMatchObject({
      temporary: [join(folder, '.4194305-7')],
      locks: [join(folder, 'log.rotating')],
    });
    expect(residueFacts(real, [], join(folder, 'log')).locks).toEqual([]);
  });

  test('mounts where roots are mounted', () => {
    const lines = ['/run/ociwrap/root', '/run/ociwrap/root/a', '/run/ociwrap/rooted', '/run'].map(
      (place, index) => `${index} 1 0:1 / ${place} rw - tmpfs none rw\n`,
    );
    const folder = folderWith({ mountinfo: lines.join('') });
    const system: System = {
      ...real,
      open: (path, flags) =>
        real.open(path === '/proc/self/mountinfo' ? join(folder, 'mountinfo') : path, flags),
    };
    expect(residueFacts(system, [], '/none').mounts).toEqual(['/run/ociwrap/root', '/run/ociwrap/root/a']);
  });
});

describe('an installation', () => {
  test('none', () => {
    const folder = join(folderWith({}), 'none');
    expect(installationFacts(real, folder)).toEqual({
      prefix: folder,
      isInstalled: false,
      versions: [],
      programs: [],
      faults: [],
    });
  });

  test('one with a handler whose program is gone', () => {
    const manifest = {
      versions: [{ name: '2-b', checksum: 'b' }],
      handlers: ['pvc'],
      places: [],
      isLeaving: false,
    };
    const folder = folderWith({ 'manifest.json': manifestText(manifest) });
    for (const name of ['bin', 'versions', 'versions/2-b']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'versions/2-b/ociwrap'), '');
    chmodSync(join(folder, 'versions/2-b/ociwrap'), 0o755);
    symlinkSync('versions/2-b', join(folder, 'current'));
    symlinkSync('../current/ociwrap', join(folder, 'bin/oci-runtime-wrapper'));
    symlinkSync('../nowhere', join(folder, 'bin/oci-runtime-wrapper-pvc'));
    const { programs, faults, ...facts } = installationFacts(real, folder);
    expect(facts).toEqual({ prefix: folder, isInstalled: true, current: '2-b', versions: ['2-b'] });
    expect(programs).toEqual([
      { path: join(folder, 'bin/oci-runtime-wrapper'), isThere: true },
      { path: join(folder, 'bin/oci-runtime-wrapper-pvc'), isThere: false },
    ]);
    expect(faults).toContainEqual(expect.stringContaining('bin/ociwrap'));
  });

  test('one whose manifest is torn', () => {
    const folder = folderWith({ 'manifest.json': '{' });
    expect(installationFacts(real, folder)).toMatchObject({
      isInstalled: true,
      faults: [expect.stringContaining('[ERR_INSTALLATION_MANIFEST]')],
    });
  });

  test.each([
    ['/srv/w/versions/1-a/ociwrap', '/srv/w'],
    ['/usr/local/bin/ociwrap', '/opt/ociwrap'],
  ])('the prefix of %s', (program, prefix) => {
    expect(prefixOf(program)).toBe(prefix);
  });
});

test.each([
  ['sgs.snucse.org/*', 'sgs.snucse.org/os-volume', true],
  ['sgs.snucse.org/os-volume', 'sgs.snucse.org/os-volume', true],
  ['sgs.snucse.org/os-volume', 'sgs.snucse.org/os-volume-strategy', false],
  ['sgs.snucse.org/os-volume*', 'sgs.snucse.org/os-volume-strategy', true],
  ['*', 'sgs.snucse.org/os-volume', false],
  ['*/*', 'sgs.snucse.org/os-volume', true],
  ['sgs?snucse.org/*', 'sgs/snucse.org/x', false],
  ['sgs.snucse.org/[n-p]s-volume', 'sgs.snucse.org/os-volume', true],
  ['sgs.snucse.org/[^o]s-volume', 'sgs.snucse.org/os-volume', false],
  ['sgs.snucse.org/\\*', 'sgs.snucse.org/*', true],
  ['sgs.snucse.org/\\*', 'sgs.snucse.org/a', false],
  ['sgsxsnucse.org/[', 'sgs.snucse.org/[', false],
  ['(a+)+$', 'aaaa', false],
  ['', '', true],
])('the pattern %s and the key %s', (pattern, key, isMatched) => {
  expect(matchesPattern(pattern, key)).toBe(isMatched);
});

test.each([
  [0n, '0 B'],
  [1023n, '1023 B'],
  [1024n, '1 KiB'],
  [1536n, '1.5 KiB'],
  [150n * 1024n + 512n, '150 KiB'],
  [5n * 1024n ** 3n, '5 GiB'],
  [1024n ** 7n, '1024 EiB'],
])('%s bytes', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

describe('findings', () => {
  const finding = (level: 'ok' | 'note' | 'warning' | 'fault', check: 'kernel' | 'log') => ({
    level,
    check,
    message: '',
  });

  test('the order', () => {
    const findings = [
      finding('ok', 'kernel'),
      finding('fault', 'log'),
      finding('fault', 'kernel'),
      finding('note', 'log'),
    ];
    expect(inOrder(findings).map(({ level, check }) => `${level} ${check}`)).toEqual([
      'fault kernel',
      'fault log',
      'note log',
      'ok kernel',
    ]);
  });

  test.each([
    [[], 'ok', 0],
    [['ok', 'note'], 'note', 0],
    [['note', 'warning'], 'warning', 3],
    [['warning', 'fault', 'ok'], 'fault', 1],
  ] as const)('%j', (levels, worst, status) => {
    expect(worstOf(levels.map((level) => ({ level })))).toBe(worst);
    expect(statusFor(worst)).toBe(status);
  });
});
