import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { engineHost, waitForFile } from './engine-host.js';
import { ext4 } from './ext4.js';
import { shell } from './overlay-volume.js';
import { describeWith, ociwrap, onNode } from './programs.js';
import { imageOf, ROOT_RUNTIMES, RootCaller, volumeOf } from './root-container.js';
import { runProgram } from './run-program.js';
import { mount, scratchFolder } from './scratch.js';
import { strace } from './traced-call.js';

/** The root of the tests is read-only, and a log that cannot be written is warned of. */
const writableLog = () => mount('-t', 'tmpfs', 'ociwrap-log', '/var/log');

const reset = (...args: readonly string[]) => runProgram(ociwrap, ['volume', 'reset', ...args]);

/** What a container does to the root of an image. */
const CHANGES =
  'cd /; echo mine > home; echo mine > etc/motd; /bin/busybox rm -rf etc/keys; /bin/busybox mkdir etc/keys; echo key > etc/keys/key; echo other > etc/other';
const SHOW =
  'cd /; for file in home etc/motd etc/keys/key etc/keys/old etc/other; do cat $file || echo none; done';

for (const runtime of ROOT_RUNTIMES) {
  if (onNode) break;
  describeWith([runtime.name, 'busybox', 'nsenter'], `ociwrap volume reset, with ${runtime.name}`, () => {
    writableLog();
    const host = engineHost();
    const imageFiles = (text: string) => {
      const image = imageOf({ 'etc/motd': `${text}\n` });
      mkdirSync(join(image, 'etc/keys'));
      writeFileSync(join(image, 'etc/keys/old'), `${text}\n`);
      return image;
    };
    const [first, newer] = ['first', 'newer'].map(imageFiles);

    test('not while a container runs on it; then the next one starts on its image, with what was kept', () => {
      const caller = new RootCaller(host, runtime);
      const volume = volumeOf(host);
      const container = (script: string, image = first) => ({
        volume,
        strategy: 'overlay' as const,
        image,
        script,
      });
      const pid = caller.start('first', container(`${CHANGES}; echo > /started; exec sleep 1000`));
      waitForFile(join(volume.disk, 'upper/started'));
      const before = readdirSync(join(volume.disk, 'upper'));
      const refused = host.run(ociwrap, ['volume', 'reset', volume.path, '--yes']);
      expect(refused).toMatchObject({ status: 1, stdout: '' });
      expect(refused.stderr).toMatch(
        /is in use on this node, by the container "first" .*\[ERR_VOLUME_IN_USE\]/,
      );
      expect(readdirSync(join(volume.disk, 'upper'))).toEqual(before);
      caller.killProcess(pid);
      expect(caller.call(['delete', '--force', 'first'])).toMatchObject({ status: 0 });

      const done = host.run(ociwrap, [
        'volume',
        'reset',
        volume.path,
        '--keep',
        '/home',
        '--keep',
        '/etc/keys/key',
        '--yes',
      ]);
      expect(done).toMatchObject({ status: 0, stderr: '' });
      const next = caller.run('next', container(SHOW, newer));
      // The image is another one, and nothing is said of it: there is no other that the upper was made above.
      expect(next.stdout).toBe('mine\nnewer\nkey\nnewer\nnone\n');
      expect(caller.warnings()).toEqual([]);
    });
  });
}

describeWith(['runc', 'busybox', 'nsenter', 'strace'], 'ociwrap volume reset', () => {
  writableLog();
  if (onNode) {
    test('says that it needs the packaged program', () => {
      expect(reset(scratchFolder('volume'), '--yes')).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('[ERR_SYSTEM_CALL]'),
      });
    });
    return;
  }

  const host = engineHost();
  const [runc] = ROOT_RUNTIMES;
  const image = imageOf({ 'etc/motd': 'image\n' });
  const OLD = 'mine\nmine\nkey\nnone\nother\n';
  const NEW = 'mine\nimage\nkey\nnone\nnone\n';

  describe('killed as it makes a system call', () => {
    const caller = new RootCaller(host, runc);
    const volume = volumeOf(host);
    const run = (id: string, script: string) =>
      caller.run(id, { volume, strategy: 'overlay', image, script: `${script} 2>/dev/null` });

    test.each([['renameat2'], ['unlinkat'], ['fsync'], ['syncfs'], ['mkdirat'], ['lremovexattr']])(
      '%s, at each time: the next start has the old root or the new one, and the next reset ends',
      (call) => {
        const seen: string[] = [];
        for (let at = 1, isKilled = true; isKilled; at += 1) {
          expect(run(`before-${call}-${at}`, CHANGES)).toMatchObject({ status: 0 });
          const kill = strace(
            '-o',
            '/dev/null',
            `--trace=${call}`,
            `--inject=${call}:signal=KILL:when=${at}`,
          );
          const [file = '', ...words] = [
            ...kill,
            ociwrap,
            'volume',
            'reset',
            volume.path,
            '--keep',
            'home',
            '--keep',
            'etc/keys/key',
            '--yes',
          ];
          const { signal, status } = host.run(file, words);
          isKilled = signal === 'SIGKILL' || status === 137;
          const { stdout } = run(`after-${call}-${at}`, SHOW);
          expect([OLD, NEW]).toContain(stdout);
          seen.push(stdout);
          const again = host.run(ociwrap, [
            'volume',
            'reset',
            volume.path,
            '--keep',
            'home',
            '--keep',
            'etc/keys/key',
            '--yes',
          ]);
          expect(again).toMatchObject({ status: 0, stderr: '' });
          expect(run(`again-${call}-${at}`, SHOW).stdout).toBe(NEW);
          expect(readdirSync(join(volume.disk, '.ociwrap')).sort()).toEqual(['image.json', 'use.json']);
        }
        expect(seen.length).toBeGreaterThan(1);
        expect(seen.at(-1)).toBe(NEW);
      },
      120_000,
    );
  });

  test('a tree deeper than any path goes', () => {
    const caller = new RootCaller(host, runc);
    const volume = volumeOf(host);
    // A shell goes no deeper than a path, but a whole tree can be moved to where it is.
    const dig = 'i=0; while [ $i -lt 1500 ]; do /bin/busybox mkdir d f; cd d; i=$((i+1)); done';
    const script = `mkdir() { /bin/busybox mkdir "$@"; }; mkdir /a /b; cd /b; ${dig}; cd /a; ${dig}; /bin/busybox mv /b .`;
    expect(caller.run('deep', { volume, strategy: 'overlay', image, script })).toMatchObject({ status: 0 });
    const diff = shell('"$1" volume diff "$2" >/dev/null', ociwrap, volume.disk);
    expect(diff).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/is not listed: its paths are too long\n$/),
    });
    expect(reset(volume.disk, '--yes')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/removed: 600[0-9] entries\n$/),
    });
    expect(readdirSync(join(volume.disk, 'upper'))).toEqual([]);
  });
});

describeWith(['mkfs.ext4', 'chattr', 'losetup'], 'ociwrap volume reset on ext4', () => {
  if (onNode) return;

  test('an immutable file is named, and the next call goes on', () => {
    const { path } = ext4('32M');
    for (const folder of ['upper/etc', 'work']) mkdirSync(join(path, folder), { recursive: true });
    writeFileSync(join(path, 'upper/etc/hosts'), '');
    writeFileSync(join(path, 'upper/fixed'), '');
    const chattr = (sign: string, ...names: readonly string[]) =>
      runProgram('chattr', [`${sign}i`, ...names.map((name) => join(path, name))]);
    expect(chattr('+', 'upper/etc/hosts', 'upper/fixed')).toMatchObject({ status: 0 });
    try {
      const stuck = reset(path, '--yes');
      expect(stuck).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/EPERM for "fixed" \[ERR_VOLUME_RESET\]/),
      });
      expect(runProgram(ociwrap, ['volume', 'status', path]).stdout).toContain(
        'reset     begun, and not at its end',
      );
      chattr('-', 'upper/fixed');
      const left = reset(path, '--yes');
      expect(left).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/EPERM for ".ociwrap\/old-\d+\/\d+" \[ERR_VOLUME_RESET\]/),
      });
      expect(readdirSync(join(path, 'upper'))).toEqual([]);
    } finally {
      runProgram('chattr', ['-R', '-i', path]);
    }
    expect(reset(path, '--yes')).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(path).sort()).toEqual(['.ociwrap', 'lost+found', 'upper', 'work']);
    expect(readdirSync(join(path, '.ociwrap'))).toEqual([]);
  });

  test('a filled volume is empty again, and can be filled', () => {
    const { path } = ext4('32M');
    const image = imageOf({ 'etc/motd': 'image\n' });
    const seed = () => runProgram(ociwrap, ['volume', 'seed', image, path]);
    expect(seed()).toMatchObject({ status: 0 });
    rmSync(join(path, 'etc'), { recursive: true });
    writeFileSync(join(path, 'mine'), '');
    expect(reset(path, '--yes')).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(path).sort()).toEqual(['.ociwrap', 'lost+found']);
    expect(seed()).toMatchObject({ status: 0 });
    expect(readdirSync(join(path, 'etc'))).toEqual(['motd']);
  });
});
