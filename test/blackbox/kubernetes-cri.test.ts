import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { TRIGGER } from './bundle.js';
import { atBoot, CriNode, type Pod } from './cri/cri-node.js';
import { type KubeletVolume, kubeletVolume, PRINT_ROOT, printedRoot } from './kubelet-volume.js';
import { describeWith } from './programs.js';

describeWith(['containerd', 'ctr', 'runc', 'busybox'], 'a pod, as the kubelet starts it', () => {
  let node: CriNode;
  beforeAll(async () => {
    node = await CriNode.start();
  }, 60_000);

  const start = (
    pod: Pod,
    name: string,
    volume: KubeletVolume,
    script: string,
    mounts: readonly object[] = atBoot(volume),
  ) => node.run(pod, { name, script, mounts });

  test('its sandbox starts as ever, its container on the claim, and the next container finds what the first one wrote', async () => {
    const volume = kubeletVolume();
    const script = `${PRINT_ROOT}; [ -f /visits ] && cat /visits; echo visit >> /visits`;
    await node.inPod({ name: 'stateful', volume, annotations: { [TRIGGER]: '/mnt/boot' } }, async (pod) => {
      const first = await start(pod, 'first', volume, script);
      const second = await start(pod, 'second', volume, script);
      expect(first.exitCode).toBe(0);
      expect(first.output).toContain(printedRoot(volume.disk));
      expect(second.output).toContain('visit\n');
    });
    expect(readFileSync(join(volume.disk, 'visits'), 'utf8')).toBe('visit\nvisit\n');
    const pod = { namespace: 'default', pod: 'stateful' };
    const rewritten = { decision: 'rewrite', rules: 'pvc-rootfs', newRoot: volume.path };
    expect(node.records()).toMatchObject([
      { ...pod, decision: 'pass', reason: 'sandbox container' },
      { ...pod, container: 'first', ...rewritten },
      { ...pod, container: 'second', ...rewritten },
    ]);
  }, 60_000);

  describe('of several containers', () => {
    const backup = (volume: KubeletVolume) => [
      { container_path: '/data', host_path: volume.path, readonly: true },
    ];
    const records = (since: number) => node.records(since);
    const recorded = () => node.records().length;

    test.each<[string, (volume: KubeletVolume) => Record<string, string>]>([
      ['by a key', () => ({ [`${TRIGGER}.container.main`]: '/mnt/boot' })],
      ['by a list', ({ name }) => ({ [TRIGGER]: name, [`${TRIGGER}-containers`]: 'main' })],
    ])(
      'the one that is named %s starts on the volume, and all others on their image',
      async (_, annotationsOf) => {
        const volume = kubeletVolume();
        const since = recorded();
        const pod = { name: `named-${since}`, volume, annotations: annotationsOf(volume) };
        await node.inPod(pod, async (running) => {
          const printed: Record<string, boolean> = {};
          for (const [name, mounts] of [
            ['istio-init', []],
            ['istio-proxy', []],
            ['main', atBoot(volume)],
            ['backup', backup(volume)],
            // What `kubectl debug` adds while the others run.
            ['debugger-x7k2p', []],
          ] as const) {
            const { exitCode, output } = await start(running, name, volume, PRINT_ROOT, mounts);
            expect(exitCode).toBe(0);
            printed[name] = output.includes(printedRoot(volume.disk));
          }
          expect(printed).toEqual({
            'istio-init': false,
            'istio-proxy': false,
            main: true,
            backup: false,
            'debugger-x7k2p': false,
          });
        });
        expect(records(since).map(({ level, decision, reason }) => ({ level, decision, reason }))).toEqual([
          { level: 'debug', decision: 'pass', reason: 'sandbox container' },
          ...['pass', 'pass', 'rewrite', 'pass', 'pass'].map((decision) => ({
            level: decision === 'pass' ? 'debug' : 'info',
            decision,
            reason: decision === 'pass' ? 'the volume is for the container "main"' : undefined,
          })),
        ]);
      },
      120_000,
    );

    test('none named, by the name of the volume: all that mount it to write start on it, and the others are told how to name one', async () => {
      const volume = kubeletVolume();
      const since = recorded();
      await node.inPod(
        { name: 'unnamed', volume, annotations: { [TRIGGER]: volume.name } },
        async (running) => {
          const begin = (name: string, mounts: readonly object[]) =>
            start(running, name, volume, PRINT_ROOT, mounts);
          const named = `${TRIGGER}.container.NAME`.replaceAll('.', '\\.');
          await expect(begin('istio-init', [])).rejects.toThrow(
            new RegExp(`\\[ERR_VOLUME_NOT_FOUND\\]: .*container .*istio-init.*${named}`),
          );
          await expect(begin('backup', backup(volume))).rejects.toThrow(
            new RegExp(`\\[ERR_CONTAINER_NOT_NAMED\\]: .*${named}`),
          );
          const { output } = await begin('main', atBoot(volume));
          expect(output).toContain(printedRoot(volume.disk));
        },
      );
      expect(records(since).filter(({ level }) => level === 'warn')).toMatchObject([
        { msg: expect.stringContaining('no annotation names a container: each one of the pod that mounts') },
      ]);
    }, 120_000);

    test('an annotation that is nearly the one starts on the image, and is told in the log', async () => {
      const volume = kubeletVolume();
      const since = recorded();
      const annotations = { 'sgs.snucse.org/osvolume': '/mnt/boot' };
      await node.inPod({ name: 'slip', volume, annotations }, async (running) => {
        const { exitCode, output } = await start(running, 'main', volume, PRINT_ROOT);
        expect({ exitCode, isOnVolume: output.includes(printedRoot(volume.disk)) }).toEqual({
          exitCode: 0,
          isOnVolume: false,
        });
      });
      expect(records(since)).toMatchObject(
        [undefined, 'main'].flatMap((container) => [
          {
            level: 'warn',
            pod: 'slip',
            ...(container === undefined ? {} : { container }),
            msg: expect.stringContaining('did you mean "sgs.snucse.org/os-volume"'),
          },
          { level: 'debug', decision: 'pass', reason: 'no trigger text in config.json' },
        ]),
      );
    }, 120_000);
  });

  const refused: readonly { title: string; value: string; podUid?: string; says: RegExp }[] = [
    {
      title: 'a value that matches nothing',
      value: 'boot-pvc',
      says: /OCI runtime create failed: .*\[ERR_VOLUME_NOT_FOUND\]/,
    },
    {
      title: "another pod's claim",
      value: '/mnt/boot',
      podUid: 'someone-else',
      says: /OCI runtime create failed: .*\[ERR_VOLUME_OTHER_POD\]/,
    },
  ];
  test.each(refused)(
    '$title is refused, and the kubelet is told why in our words',
    async ({ value, podUid, says }) => {
      const volume = kubeletVolume();
      const pod = {
        name: `refused-${value.length}`,
        volume: { ...volume, podUid: podUid ?? volume.podUid },
        annotations: { [TRIGGER]: value },
      };
      await node.inPod(pod, async (running) => {
        await expect(start(running, 'refused', volume, 'true')).rejects.toThrow(says);
      });
    },
    60_000,
  );
});
