import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { bundleOf } from './bundle.js';
import { engineHost, waitForFile } from './engine-host.js';
import { describeWith } from './programs.js';
import { imageOf, ROOT_RUNTIMES, RootCaller, rootSpec, volumeOf } from './root-container.js';
import { scratchFolder } from './scratch.js';

const SLEEPING = 'echo > /started; exec sleep 1000';

for (const runtime of ROOT_RUNTIMES) {
  describeWith([runtime.name, 'busybox', 'nsenter'], `one upper, one container, with ${runtime.name}`, () => {
    const host = engineHost();

    test('a second one is refused with the name of the first, whatever path leads to the volume', () => {
      const caller = new RootCaller(host, runtime);
      const volume = volumeOf(host);
      const again = volumeOf(host, volume.disk, { name: volume.name });
      const pid = caller.start('first', { volume, strategy: 'overlay', script: SLEEPING });
      waitForFile(join(volume.disk, 'upper/started'));
      const before = host.state();
      for (const { podUid, path } of [volume, again]) {
        const second = { ...volume, podUid, path };
        const ended = caller.run('second', { volume: second, strategy: 'overlay', script: 'true' });
        expect(ended).toMatchObject({ status: 1, stdout: '' });
        expect(ended.stderr).toContain('[ERR_VOLUME_IN_USE]');
        expect(ended.stderr).toContain('"first"');
      }
      expect(host.state()).toEqual(before);
      expect(caller.call(['exec', 'first', '/bin/ls', '/started'])).toMatchObject({ status: 0 });

      caller.killProcess(pid);
      const next = { volume: again, strategy: 'overlay', script: 'ls /started' } as const;
      expect(caller.run('next', next)).toMatchObject({ status: 0, stdout: '/started\n', stderr: '' });
      expect(caller.call(['delete', '--force', 'first'])).toMatchObject({ status: 0 });
    });

    test('one that is created and not started has it, too; and one that has ended has not', () => {
      const caller = new RootCaller(host, runtime);
      const container = { volume: volumeOf(host), strategy: 'overlay', script: 'true' } as const;
      const pidFile = join(caller.folder, 'pid');
      const create = ['create', '--bundle', bundleOf(rootSpec(container)), '--pid-file', pidFile, 'first'];
      expect(caller.call(create)).toMatchObject({ status: 0 });
      expect(caller.run('second', container).stderr).toContain('"first"');
      expect(caller.call(['start', 'first'])).toMatchObject({ status: 0 });
      caller.waitForEnd(host.shell('cat "$1"', pidFile).trim());
      expect(caller.run('third', container)).toMatchObject({ status: 0, stderr: '' });
      expect(caller.call(['delete', 'first'])).toMatchObject({ status: 0 });
    });
  });
}

describeWith(['runc', 'busybox', 'nsenter'], 'the upper of a volume that others have', () => {
  const host = engineHost();
  const [runc] = ROOT_RUNTIMES;

  /** As somebody would, or SGS's wrapper until it was replaced by this one (bacchus-snu/sgs efafeb0). */
  const MOUNT = `
    mkdir -p "$1/upper" "$1/work" "$1/merged"
    mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/merged"`;

  test('an overlay that was mounted by hand', () => {
    const caller = new RootCaller(host, runc);
    const volume = volumeOf(host);
    const container = { volume, strategy: 'overlay', script: 'echo started' } as const;
    host.shell(MOUNT, volume.path, imageOf());
    const refused = caller.run('c1', container);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('[ERR_VOLUME_IN_USE]');
    host.shell('umount "$1/merged"', volume.path);
    expect(caller.run('c1', container)).toMatchObject({ status: 0, stdout: 'started\n', stderr: '' });
  });

  test('one of another namespace, of which nothing is seen here', () => {
    const caller = new RootCaller(host, runc);
    const volume = volumeOf(host);
    const container = { volume, strategy: 'overlay', script: 'true' } as const;
    const other = engineHost();
    const disk = volume.disk;
    other.shell(MOUNT, disk, imageOf());
    const refused = caller.run('c1', container);
    expect(refused.stderr).toContain('[ERR_VOLUME_IN_USE]');
    other.shell('umount "$1/merged"', disk);
    expect(caller.run('c1', container)).toMatchObject({ status: 0, stderr: '' });
  });

  test('a record that nobody holds stops nobody', () => {
    const caller = new RootCaller(host, runc);
    const volume = volumeOf(host);
    mkdirSync(join(volume.disk, '.ociwrap'), { recursive: true });
    const record = {
      version: 1,
      container: 'dead',
      user: 'ns/pod/c',
      node: 'far',
      bootId: 'b',
      since: '2026-01-01T00:00:00.000Z',
      strategy: 'overlay',
    };
    for (const text of [JSON.stringify(record), '', 'x'.repeat(100_000), '[1']) {
      writeFileSync(join(volume.disk, '.ociwrap/use.json'), text);
      expect(caller.run('c1', { volume, strategy: 'overlay', script: 'true' })).toMatchObject({
        status: 0,
        stderr: '',
      });
    }
  });

  const ROUNDS = 5;
  const VOLUMES = 10;
  test(`of two starts at the same moment one wins, ${ROUNDS * VOLUMES} times`, () => {
    const caller = new RootCaller(host, runc);
    /** Two calls at a time for each volume: each is told of as one line, the status and what was said. */
    const script = `
      cd "$1"; shift
      for volume; do
        for which in a b; do
          { status=0; sh "$volume.$which" >"$volume.$which.said" 2>&1 || status=$?; echo "$status" >"$volume.$which.status"; } &
        done
      done
      wait`;
    const folder = scratchFolder('race');
    const volumes = Array.from({ length: VOLUMES }, () => volumeOf(host));
    for (let round = 0; round < ROUNDS; round += 1) {
      const ids = volumes.map((_, index) => ['a', 'b'].map((which) => `race-${round}-${index}-${which}`));
      for (const [index, volume] of volumes.entries()) {
        for (const which of ['a', 'b']) {
          const bundle = bundleOf(rootSpec({ volume, strategy: 'overlay', script: 'exec sleep 1000' }));
          const words = caller.words(['create', '--bundle', bundle, `race-${round}-${index}-${which}`]);
          writeFileSync(
            join(folder, `${index}.${which}`),
            `exec ${words.map((word) => `'${word}'`).join(' ')} </dev/null\n`,
          );
        }
      }
      caller.under(['sh', '-c', script, 'sh', folder, ...volumes.map((_, index) => `${index}`)]);
      for (const [index, pair] of ids.entries()) {
        const read = (name: string) => host.shell('cat "$1"', join(folder, `${index}.${name}`)).trim();
        const statuses = ['a', 'b'].map((which) => read(`${which}.status`));
        const lost = statuses.indexOf('1');
        const [winner = '', loser] = lost === 0 ? [pair[1], 'a'] : [pair[0], 'b'];
        expect({ round, index, statuses: statuses.toSorted(), said: read(`${loser}.said`) }).toEqual({
          round,
          index,
          statuses: ['0', '1'],
          said: expect.stringMatching(new RegExp(`"${winner}".*\\[ERR_VOLUME_IN_USE\\]`)),
        });
        expect(caller.call(['delete', '--force', winner])).toMatchObject({ status: 0 });
      }
    }
  }, 120_000);
});
