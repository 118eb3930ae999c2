import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, test } from '@jest/globals';

import { TRIGGER } from './bundle.js';
import { atBoot, CriNode, type PodOfVolume } from './cri/cri-node.js';
import { waitForFile } from './engine-host.js';
import { type KubeletVolume, kubeletVolume } from './kubelet-volume.js';
import { describeWith } from './programs.js';
import { scratchFolder } from './scratch.js';

const STRATEGIES = ['overlay', 'seed'] as const;

describeWith(
  ['containerd', 'ctr', 'runc', 'busybox'],
  'a claim that pods have as an upper, as the kubelet starts them',
  () => {
    let node: CriNode;
    beforeAll(async () => {
      node = await CriNode.start();
    }, 60_000);

    /** A claim that is empty. */
    const claim = () => kubeletVolume({ disk: scratchFolder('claim') });
    /** The same claim, mounted for another pod. */
    const again = ({ disk, name }: KubeletVolume) => kubeletVolume({ disk, name });
    const podOf = (name: string, volume: KubeletVolume, strategy: string): PodOfVolume => ({
      name,
      volume,
      annotations: { [TRIGGER]: '/mnt/boot', [`${TRIGGER}-strategy`]: strategy },
    });
    const container = (volume: KubeletVolume, script: string, name = 'main') => ({
      name,
      script,
      mounts: atBoot(volume),
    });
    const mounts = () =>
      readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .filter((line) => line.includes('/run/ociwrap'));

    test.each(STRATEGIES)(
      '%s: one pod after another finds what the first one wrote',
      async (strategy) => {
        const volume = claim();
        await node.inPod(podOf(`${strategy}-first`, volume, strategy), async (pod) => {
          const ended = await node.run(
            pod,
            container(volume, 'echo first > /etc/visit; /bin/busybox rm /bin/false'),
          );
          expect(ended).toEqual({ exitCode: 0, output: '' });
        });
        const next = again(volume);
        await node.inPod(podOf(`${strategy}-next`, next, strategy), async (pod) => {
          const { output } = await node.run(
            pod,
            container(next, 'cat /etc/visit; ls /bin/false || echo gone'),
          );
          expect(output).toMatch(/ first\n.* gone\n/s);
        });
        expect(mounts()).toEqual([]);
      },
      60_000,
    );

    test('at the same time the second one is refused, and the kubelet is told who has it', async () => {
      const volume = claim();
      await node.inPod(podOf('holder', volume, 'overlay'), async (first) => {
        const holder = container(volume, 'echo x > /started; exec sleep 1000');
        const id = await node.start(first, holder);
        waitForFile(join(volume.disk, 'upper/started'));
        const other = again(volume);
        await node.inPod(podOf('waiter', other, 'overlay'), async (second) => {
          const says = new RegExp(
            `OCI runtime create failed: .*"${id}" \\("default/holder/main"\\) \\[ERR_VOLUME_IN_USE\\]`,
          );
          await expect(node.start(second, container(other, 'cat /started'))).rejects.toThrow(says);
          // A container of the same pod is no other: one upper, one container.
          await expect(node.start(first, container(volume, 'true', 'beside'))).rejects.toThrow(says);
          // When the first one has ended, the kubelet's next try starts.
          await node.kill(id);
          await node.ended(first, holder, id);
          const { exitCode } = await node.run(second, container(other, 'cat /started', 'again'));
          expect(exitCode).toBe(0);
        });
      });
      expect(mounts()).toEqual([]);
    }, 60_000);

    test('a container of a pod that was killed is started again by the kubelet, on what it had', async () => {
      const volume = claim();
      await node.inPod(podOf('restarted', volume, 'overlay'), async (pod) => {
        const killed = container(volume, 'echo kept > /kept; exec sleep 1000');
        const id = await node.start(pod, killed);
        waitForFile(join(volume.disk, 'upper/kept'));
        await node.kill(id);
        expect(await node.ended(pod, killed, id)).toMatchObject({ exitCode: 137 });
        const { output } = await node.run(pod, container(volume, 'cat /kept', 'main-1'));
        expect(output).toContain('kept\n');
      });
    }, 60_000);

    test('a terminal, which the shim receives by a socket', async () => {
      const volume = claim();
      await node.inPod(podOf('terminal', volume, 'overlay'), async (pod) => {
        const { output } = await node.run(pod, {
          ...container(volume, '[ -t 1 ] && echo terminal'),
          tty: true,
        });
        expect(output).toContain('terminal');
      });
    }, 60_000);
  },
);
