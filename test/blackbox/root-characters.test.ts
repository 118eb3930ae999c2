import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { bundleOf } from './bundle.js';
import { engineHost } from './engine-host.js';
import { busyboxRoot, kubeletVolume } from './kubelet-volume.js';
import { describeWith } from './programs.js';
import { ROOT_RUNTIMES, RootCaller, rootSpec } from './root-container.js';
import { scratchFolder } from './scratch.js';

/** What the options of an overlay take for something else, what no message may show as it is, and what is not ASCII. */
const NAMES: readonly (readonly [title: string, name: string])[] = [
  ['spaces', ' pvc one '],
  ['commas', 'pvc,lowerdir=etc,x'],
  ['colons', 'pvc:one::two'],
  ['backslashes', 'pvc\\one\\,two\\:three\\'],
  ['a line feed and a tabulator', 'pvc\none\ttwo'],
  ['quotes', `pvc"one'two\``],
  ['characters beyond ASCII', 'pvc-größe-卷-🗄\u202e'],
  ['what shells and formats know', '$pvc %s {one} *?[a]'],
  ['a name as long as it may be', 'p'.repeat(255)],
];

/** Of 3,900 bytes, which is nearly as long as a path may be. */
const LONG = Array.from({ length: 15 }, () => 'p'.repeat(250)).join('/');

describeWith(
  ['runc', 'crun', 'busybox', 'nsenter'],
  'paths of volumes and images with any characters',
  () => {
    const host = engineHost();

    describe.each(ROOT_RUNTIMES.filter(({ name }) => name !== 'runsc'))('with $name', (runtime) => {
      /** Starts a container whose volume, whose image, or both have that name. */
      const started = (volumeName: string | undefined, imagePath: string | undefined) => {
        const caller = new RootCaller(host, runtime);
        const image = join(scratchFolder('images'), imagePath ?? 'image');
        mkdirSync(dirname(image), { recursive: true });
        host.shell('cp -a "$1" "$2"', busyboxRoot('image'), image);
        const disk = join(scratchFolder('disks'), volumeName ?? 'disk');
        mkdirSync(disk);
        const volume = kubeletVolume({
          mounted: false,
          disk,
          ...(volumeName === undefined ? {} : { name: volumeName }),
        });
        host.shell('mount --bind "$1" "$2"', disk, volume.path);
        const bundle = bundleOf(
          rootSpec({ volume, strategy: 'overlay', image, script: 'echo x > /file; ls /etc/..' }),
        );
        const ended = caller.call(['run', '--bundle', bundle, 'c1']);
        return { ended, disk, bundle, image };
      };

      test.each(NAMES)('%s', (_, name) => {
        for (const [volume, image] of [
          [name, undefined],
          [undefined, name],
          [name, name],
        ]) {
          const { ended, disk, bundle } = started(volume, image);
          expect(ended).toMatchObject({ status: 0, stderr: '' });
          expect(readFileSync(join(disk, 'upper/file'), 'utf8')).toBe('x\n');
          expect(JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')).root.path).toBe(
            '/run/ociwrap/root',
          );
        }
      });

      test('a long path', () => {
        const { ended, disk } = started(undefined, LONG);
        expect(ended).toMatchObject({ status: 0, stderr: '' });
        expect(readFileSync(join(disk, 'upper/file'), 'utf8')).toBe('x\n');
      });
    });
  },
);
