import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { bundleOf, specOf } from './bundle.js';
import { engineHost } from './engine-host.js';
import { busyboxRoot } from './kubelet-volume.js';
import { describeWith, program } from './programs.js';
import { imageOf, ROOT_RUNTIMES, RootCaller, topOf, volumeOf } from './root-container.js';

/** Where runsc keeps what a container writes to its root, of releases that know the hint of the rule (2023 and later). */
const OVERLAYS = ['root:self', 'root:memory', 'all:memory', 'none'];

describeWith(
  ['runsc', 'busybox', 'nsenter'],
  'writes reach the volume, where runsc would keep them to itself',
  () => {
    const host = engineHost();
    const runsc = ROOT_RUNTIMES[2];
    const keepsWrites = host.run(program('runsc'), ['flags']).stderr.includes('(default root:self)');
    const given: readonly (readonly [string, readonly string[]])[] = [
      ['as it is', []],
      ...(keepsWrites ? OVERLAYS.map((value) => [value, [`--overlay2=${value}`]] as const) : []),
    ];

    describe.each(['overlay', 'replace', 'seed'] as const)('%s', (strategy) => {
      test.each(given)('%s', (_, args) => {
        const caller = new RootCaller(host, runsc);
        const volume = volumeOf(host, strategy === 'replace' ? busyboxRoot('volume') : undefined);
        const script =
          'echo changed > /etc/issue; echo made > /made; /bin/busybox rm /etc/motd; ls /etc/motd || echo gone';
        const image = imageOf({ 'etc/issue': 'image\n', 'etc/motd': 'image\n' });
        const ended = caller.runWith(args, 'c1', { volume, strategy, script, image });
        expect(ended).toMatchObject({ status: 0, stdout: 'gone\n' });
        const top = topOf(volume, strategy);
        expect(['made', 'etc/issue'].map((name) => readFileSync(join(top, name), 'utf8'))).toEqual([
          'made\n',
          'changed\n',
        ]);
        expect(readdirSync(top).filter((name) => name.startsWith('.gvisor'))).toEqual([]);
        const again = caller.runWith(args, 'c2', { volume, strategy, image, script: 'cat /made /etc/issue' });
        expect(again).toMatchObject({ status: 0, stdout: 'made\nchanged\n' });
      });
    });

    // What the tests above would not notice.
    test('without the wrapper, they go where its default says', () => {
      const root = busyboxRoot('bare');
      const bundle = bundleOf(specOf('echo made > /made', { root: { path: root } }));
      const caller = new RootCaller(host, runsc);
      const state = join(caller.folder, 'state');
      const ended = host.run(program('runsc'), [
        '--root',
        state,
        ...runsc.globals,
        'run',
        '--bundle',
        bundle,
        'bare',
      ]);
      expect({ ...ended, isThere: existsSync(join(root, 'made')) }).toMatchObject({
        status: 0,
        isThere: !keepsWrites,
      });
    });
  },
);
