import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { imageArchive, imageContent, imageOf, type LoadedImage, rootOfImage } from './cluster/image.js';
import { describeWith, launcherFolder, program, root } from './programs.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

/** What a node fetches: one architecture's layer, its configuration and the manifest. */
const LARGEST_OF_ONE = 4_000_000;

describeWith(['buildah', 'tar', 'busybox'], 'the container image', () => {
  describe.each(['amd64', 'arm64'])('for %s', (architecture) => {
    let image: LoadedImage;
    beforeAll(() => {
      image = imageOf(architecture);
    });

    test('is the program, by the program', () => {
      expect(image.config).toEqual({
        created: '1970-01-01T00:00:00Z',
        architecture,
        os: 'linux',
        config: {
          User: '0:0',
          Entrypoint: ['/ociwrap'],
          Cmd: ['help'],
          WorkingDir: '/',
          Labels: expect.objectContaining({ 'org.opencontainers.image.licenses': 'Apache-2.0' }),
        },
        rootfs: { type: 'layers', diff_ids: [expect.stringMatching(/^sha256:/)] },
      });
    });

    test('has nothing but its file and the licences, in one layer', () => {
      const [layer, ...others] = image.layers;
      expect(others).toEqual([]);
      const { stdout } = runProgram('tar', ['-tvzf', layer ?? '', '--numeric-owner']);
      const entries = stdout.trimEnd().split('\n');
      expect(entries.map((line) => line.replace(/ +\d+ 1970-01-01 00:00 /, ' '))).toEqual([
        'drwxr-xr-x 0/0 licenses/',
        '-rw-r--r-- 0/0 licenses/LICENSE',
        '-rw-r--r-- 0/0 licenses/THIRD-PARTY-LICENSES.txt',
        '-rwxr-xr-x 0/0 ociwrap',
      ]);
      expect(image.size).toBeLessThan(LARGEST_OF_ONE);
    });

    test('answers in a root in which there is nothing else', () => {
      const folder = rootOfImage(architecture);
      expect(readdirSync(folder).sort()).toEqual(['licenses', 'ociwrap']);
      // What is not of this machine is run by the emulator, which needs no root of its own.
      const command =
        architecture === 'amd64'
          ? [program('busybox'), 'chroot', folder, '/ociwrap']
          : [join(launcherFolder, 'qemu-aarch64-static'), join(folder, 'ociwrap')];
      const [file = '', ...args] = [...command, 'config', 'default'];
      const { status, stdout, stderr } = runProgram(file, args);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain('[cdi]');
    });
  });

  test('has the same bytes when it is made again, of files with other times in a folder of another mode', () => {
    const content = join(scratchFolder('content'), 'again');
    mkdirSync(content, { mode: 0o700 });
    cpSync(imageContent, content, { recursive: true });
    for (const architecture of readdirSync(content)) chmodSync(join(content, architecture), 0o755);
    const again = join(scratchFolder('archive'), 'image.tar');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const made = runProgram('sh', [join(root, 'tools/image.sh'), content, version, again]);
    expect(made).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(again).equals(readFileSync(imageArchive))).toBe(true);
  }, 60_000);
});
