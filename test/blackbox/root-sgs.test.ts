import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { bundleOf, mountOf, specOf, withPvcRoot } from './bundle.js';
import { engineHost } from './engine-host.js';
import { busyboxRoot, type KubeletVolume } from './kubelet-volume.js';
import { describeWith } from './programs.js';
import { imageOf, ROOT_RUNTIMES, RootCaller, volumeOf } from './root-container.js';

/** What SGS's wrapper does with a volume (bacchus-snu/sgs, runtime wrapper, 171c132): layers beside each other, mounted on the host. */
const BY_SGS = `
  cd "$1"
  mkdir -p upper work merged
  mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" merged
  echo 'by a user' > merged/etc/issue
  echo 'by a user' > merged/srv
  rm merged/etc/motd
  umount merged`;

/** A pod of today's SGS: no annotation, a mount. */
function withSgsMount(
  spec: Spec,
  volume: KubeletVolume,
  destination = '/sgs-os-volume',
  access: 'ro' | 'rw' = 'rw',
): Spec {
  return {
    ...spec,
    mounts: [...(spec.mounts ?? []), mountOf(volume, destination, access)],
    annotations: { 'io.kubernetes.cri.sandbox-uid': volume.podUid },
  };
}

const SHOW =
  'cd /etc; for file in issue ../srv motd os-release; do echo "$file: $(cat $file 2>/dev/null || echo none)"; done; ls -d /sgs-os-volume';

for (const runtime of ROOT_RUNTIMES) {
  describeWith(
    [runtime.name, 'busybox', 'nsenter'],
    `pods of SGS stay as they are, with ${runtime.name}`,
    () => {
      const host = engineHost();
      const configOf = (bundle: string): Spec =>
        JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));

      test('those with the annotation start on the volume itself', () => {
        const volume = volumeOf(host, busyboxRoot('volume'));
        const caller = new RootCaller(host, runtime);
        const bundle = bundleOf(withPvcRoot(specOf('echo kept > /srv; ls -d /mnt/boot'), volume));
        const image = configOf(bundle).root?.path;
        const ended = caller.call(['run', '--bundle', bundle, 'c1']);
        expect(ended.stderr).toContain('/mnt/boot');
        expect(readFileSync(join(volume.disk, 'srv'), 'utf8')).toBe('kept\n');
        expect(configOf(bundle)).toMatchObject({
          root: { path: '/run/ociwrap/root' },
          annotations: {
            'sgs.snucse.org/original-root': image,
            'sgs.snucse.org/boot-volume-active': 'true',
            'sgs.snucse.org/boot-volume': volume.path,
            'sgs.snucse.org/boot-volume-strategy': 'replace',
          },
        });
      });

      describe('those with a mount start on an overlay', () => {
        const image = imageOf({ 'etc/issue': 'image\n', 'etc/motd': 'image\n', 'etc/os-release': 'image\n' });

        test.each(['/sgs-os-volume', '/sgs-os-volume/', '//sgs-os-volume/./'])(
          'with what SGS has left there: at %s',
          (destination) => {
            const volume = volumeOf(host);
            host.shell(BY_SGS, volume.path, image);
            const caller = new RootCaller(host, runtime);
            const before = host.mounts();
            const bundle = bundleOf(
              withSgsMount(specOf(SHOW, { root: { path: image } }), volume, destination),
            );
            const ended = caller.call(['run', '--bundle', bundle, 'c1']);
            expect(ended.stdout).toBe('issue: by a user\n../srv: by a user\nmotd: none\nos-release: image\n');
            expect(ended.stderr).toContain('/sgs-os-volume');
            expect(configOf(bundle)).toMatchObject({
              root: { path: '/run/ociwrap/root' },
              annotations: {
                'sgs.snucse.org/original-root': image,
                'sgs.snucse.org/boot-volume-active': 'true',
                'sgs.snucse.org/overlay-lowerdir': image,
                'sgs.snucse.org/overlay-upperdir': `${volume.path}/upper`,
                'sgs.snucse.org/overlay-merged': '/run/ociwrap/root',
              },
            });
            expect(configOf(bundle).mounts?.map((mount) => mount.destination)).toEqual(['/proc', '/dev']);
            expect(configOf(bundle).hooks).toBeUndefined();
            expect(readdirSync(join(volume.disk, 'merged'))).toEqual([]);
            expect(host.mounts()).toEqual(before);
          },
        );

        test('and SGS finds on it what was written here', () => {
          const volume = volumeOf(host);
          const caller = new RootCaller(host, runtime);
          const script =
            'echo here > /etc/issue; /bin/busybox rm /etc/motd; /bin/busybox rm -r /mnt; /bin/busybox mkdir /mnt; echo x > /mnt/file';
          const bundle = bundleOf(withSgsMount(specOf(script, { root: { path: image } }), volume));
          expect(caller.call(['run', '--bundle', bundle, 'c1'])).toMatchObject({ status: 0, stderr: '' });
          // Its layers again, of which nothing but the mount is SGS's own.
          const found = host.shell(
            `mkdir -p "$1/merged"
          mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/merged"
          cd "$1/merged"; cat etc/issue; ls etc/motd 2>&1 || :; ls mnt; cd /; umount "$1/merged"`,
            volume.path,
            image,
          );
          expect(found).toMatch(/^here\n.*motd.*\nfile\n$/);
        });

        test('an annotation says how', () => {
          const volume = volumeOf(host, busyboxRoot('volume'));
          const caller = new RootCaller(host, runtime);
          const spec = withSgsMount(specOf('echo x > /file'), volume);
          const annotations = { ...spec.annotations, 'sgs.snucse.org/os-volume-strategy': 'replace' };
          const ended = caller.call(['run', '--bundle', bundleOf({ ...spec, annotations }), 'c1']);
          expect(ended).toMatchObject({ status: 0, stderr: '' });
          expect(readFileSync(join(volume.disk, 'file'), 'utf8')).toBe('x\n');
        });

        test.each([
          [
            'a claim that is read-only',
            'ERR_VOLUME_READONLY',
            (volume: KubeletVolume) => withSgsMount(specOf('true'), volume, '/sgs-os-volume', 'ro'),
          ],
          [
            "another pod's claim",
            'ERR_VOLUME_OTHER_POD',
            (volume: KubeletVolume) => withSgsMount(specOf('true'), { ...volume, podUid: 'other' }),
          ],
        ])('%s is refused', (_, code, spec) => {
          const volume = volumeOf(host);
          const caller = new RootCaller(host, runtime);
          const ended = caller.call(['run', '--bundle', bundleOf(spec(volume)), 'c1']);
          expect(ended).toMatchObject({
            status: 1,
            stdout: '',
            stderr: expect.stringContaining(`[${code}]`),
          });
          expect(readdirSync(volume.disk)).toEqual([]);
        });
      });
    },
  );
}
