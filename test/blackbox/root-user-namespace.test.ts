import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { bundleOf } from './bundle.js';
import { engineHost } from './engine-host.js';
import { busyboxRoot } from './kubelet-volume.js';
import { describeWith } from './programs.js';
import { imageOf, ROOT_RUNTIMES, RootCaller, rootSpec, topOf, volumeOf } from './root-container.js';
import { scratchFolder } from './scratch.js';

/** As the kubelet gives each pod with `hostUsers: false` a range of its own. */
const RANGE = 65_536;
const mapped =
  (hostID: number) =>
  (spec: Spec): Spec => {
    const mappings = [{ containerID: 0, hostID, size: RANGE }];
    const capabilities = ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER'];
    return {
      ...spec,
      process: {
        cwd: '/',
        ...spec.process,
        capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      },
      linux: {
        ...spec.linux,
        namespaces: [...(spec.linux?.namespaces ?? []), { type: 'user' }],
        uidMappings: mappings,
        gidMappings: mappings,
      },
    };
  };

/** Who owns what, as the container sees it, and as it makes it. */
const SCRIPT = `
show() { /bin/busybox stat -c '%n %u:%g' "$@"; }
show / /etc /etc/of-user
echo x > /made-by-root
echo x > /made-by-user
/bin/busybox chown 1000:1001 /made-by-user
show /made-by-root /made-by-user
/bin/busybox chmod 4755 /made-by-user
cat /proc/self/uid_map`;

/** What the script prints, whatever the host's ids are. */
const SEEN = ['/ 0:0', '/etc 0:0', '/etc/of-user 1000:1000', '/made-by-root 0:0', '/made-by-user 1000:1001'];

const owner = (path: string) => {
  const { uid, gid } = statSync(path);
  return `${uid}:${gid}`;
};

for (const runtime of ROOT_RUNTIMES.filter(({ name }) => name !== 'runsc')) {
  describeWith([runtime.name, 'busybox', 'nsenter'], `a user namespace, with ${runtime.name}`, () => {
    const host = engineHost();

    describe.each(['replace', 'overlay'] as const)('%s', (strategy) => {
      const withUser = (folder: string) => {
        mkdirSync(join(folder, 'etc/of-user'));
        host.shell('chown 1000:1000 "$1"', join(folder, 'etc/of-user'));
        return folder;
      };
      const volume = volumeOf(
        host,
        strategy === 'replace' ? withUser(busyboxRoot('volume')) : scratchFolder('volume'),
      );
      const top = topOf(volume, strategy);
      const caller = new RootCaller(host, runtime);

      // Each pod has a range of its own: the same volume has another one at the next start.
      test.each([100_000, 300_000])(
        'files are those of the container on the volume, and in it: ids from %d on',
        (first) => {
          const before = host.mounts();
          const image = withUser(imageOf());
          // An engine gives the image to the ids of the host.
          host.shell(
            'cd "$1"; find . | while read -r path; do set -- $(stat -c "%u %g" "$path") "$path"; chown -h "$(($1 + first)):$(($2 + first))" "$3"; done'.replaceAll(
              'first',
              `${first}`,
            ),
            image,
          );
          const ended = caller.run(`from-${first}`, {
            volume,
            strategy,
            image,
            script: SCRIPT,
            change: mapped(first),
          });
          expect(ended).toMatchObject({ status: 0, stderr: '' });
          expect(ended.stdout.trim().split('\n').slice(0, SEEN.length)).toEqual(SEEN);
          expect(ended.stdout).toMatch(new RegExp(`\\b0\\s+${first}\\s+${RANGE}\\b`));
          expect([owner(join(top, 'made-by-root')), owner(join(top, 'made-by-user'))]).toEqual([
            '0:0',
            '1000:1001',
          ]);
          expect(owner(top)).toBe('0:0');
          expect(host.mounts()).toEqual(before);
        },
      );

      test('and those of a container without one, afterwards', () => {
        const script = "/bin/busybox stat -c '%n %u:%g' /made-by-root /made-by-user";
        const ended = caller.run('without', { volume, strategy, script });
        expect(ended).toMatchObject({
          status: 0,
          stdout: '/made-by-root 0:0\n/made-by-user 1000:1001\n',
          stderr: '',
        });
      });
    });

    test('a file system that cannot be mapped is refused', () => {
      const folder = scratchFolder('overlay');
      host.shell(
        'mkdir "$1/u" "$1/w" "$1/m"; mount -t overlay -o "lowerdir=$2,upperdir=$1/u,workdir=$1/w" o "$1/m"',
        folder,
        busyboxRoot('image'),
      );
      const volume = volumeOf(host, join(folder, 'm'));
      const before = host.mounts();
      const caller = new RootCaller(host, runtime);
      const bundle = bundleOf(rootSpec({ volume, strategy: 'replace', change: mapped(100_000) }));
      const config = readFileSync(join(bundle, 'config.json'), 'utf8');
      const ended = caller.call(['run', '--bundle', bundle, 'c1']);
      expect(ended).toMatchObject({ status: 1, stdout: '' });
      expect(ended.stderr).toMatch(/EINVAL \[ERR_VOLUME_IDMAP\]/);
      expect(readFileSync(join(bundle, 'config.json'), 'utf8')).toBe(config);
      expect(host.mounts()).toEqual(before);
      // The same volume is a root where nothing is mapped.
      expect(caller.run('c2', { volume, strategy: 'replace' })).toMatchObject({ status: 0, stderr: '' });
    });
  });
}
