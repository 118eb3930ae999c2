import { appendFileSync, chmodSync, copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { TRIGGER } from './bundle.js';
import { atBoot, type CriNode, type Pod } from './cri/cri-node.js';
import { StockNode } from './cri/stock-node.js';
import { type KubeletVolume, PRINT_ROOT, printedRoot } from './kubelet-volume.js';
import { describeWith, ociwrap } from './programs.js';
import { scratchFolder } from './scratch.js';

const CONFIG = 'etc/containerd/config.toml';
const INSTALLED = '/opt/ociwrap/bin/ociwrap';
const NEEDED = ['containerd', 'ctr', 'runc', 'busybox', 'nsenter'];

describeWith(NEEDED, 'a node with the containerd of its package', () => {
  let node: StockNode;
  let cri: CriNode;
  let stock: string;

  /** Calls a command on the node; it has to succeed. */
  const command = (...args: readonly string[]) => {
    const { status, stdout, stderr } = node.run(ociwrap, args);
    if (status !== 0) throw new Error(`ociwrap ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  };
  const onVolume = (volume: KubeletVolume, output: string) => output.includes(printedRoot(volume.disk));
  /** A container that stays, and says at its start what its root is. */
  const staying = (name: string, mounts: readonly object[] = []) => ({
    name,
    script: `${PRINT_ROOT}; exec sleep 1000`,
    mounts,
  });
  const rootOf = async (id: string) => (await cri.exec(id, ...PRINT_ROOT_COMMAND)).output;
  const PRINT_ROOT_COMMAND = ['/bin/sh', '-c', PRINT_ROOT];

  const isContainerd2 = () => / v?2\./.test(node.run('containerd', ['--version']).stdout);

  beforeAll(async () => {
    node = await StockNode.make();
    stock = readFileSync(node.pathOf(CONFIG), 'utf8');
    await node.startContainerd();
    node.importImages();
    command('install');
    command('engine', 'configure', 'containerd', '--handler', 'pvc');
    await node.restartContainerd();
    cri = node.cri();
  }, 120_000);

  test('has the handler beside what was there, and a second time there is nothing to do', () => {
    const after = readFileSync(node.pathOf(CONFIG), 'utf8');
    expect(after.startsWith(stock)).toBe(true);
    command('install');
    command('engine', 'configure', 'containerd', '--handler', 'pvc');
    expect(readFileSync(node.pathOf(CONFIG), 'utf8')).toBe(after);
  });

  test('a pod of the handler: one container on its claim; its sandbox, and those before, beside and later on their images', async () => {
    const volume = node.volume();
    const since = cri.records().length;
    const pod = {
      name: 'of-the-handler',
      volume,
      handler: 'pvc',
      annotations: { [`${TRIGGER}.container.main`]: '/mnt/boot' },
    };
    await cri.inPod(pod, async (running) => {
      const init = await cri.run(running, { name: 'prepare', script: PRINT_ROOT, mounts: [] });
      const main = await cri.start(running, staying('main', atBoot(volume)));
      const beside = await cri.start(running, staying('beside'));
      const debug = await cri.start(running, staying('debugger-x7k2p'));
      expect({
        init: onVolume(volume, init.output),
        main: onVolume(volume, await rootOf(main)),
        beside: onVolume(volume, await rootOf(beside)),
        debug: onVolume(volume, await rootOf(debug)),
      }).toEqual({ init: false, main: true, beside: false, debug: false });
    });
    const creates = cri.records(since);
    expect(creates.map(({ decision }) => decision)).toEqual(['pass', 'pass', 'rewrite', 'pass', 'pass']);
  }, 60_000);

  test('a pod of no handler never meets the wrapper, whatever its annotations are', async () => {
    const volume = node.volume();
    const since = cri.records().length;
    const pod = { name: 'of-no-handler', volume, annotations: { [TRIGGER]: '/mnt/boot' } };
    await cri.inPod(pod, async (running) => {
      const id = await cri.start(running, staying('main', atBoot(volume)));
      expect(onVolume(volume, await rootOf(id))).toBe(false);
      const runtime = node.pathOf(`run/containerd/io.containerd.runtime.v2.task/k8s.io/${id}/runtime`);
      expect(existsSync(runtime) ? readFileSync(runtime, 'utf8') : '').not.toContain('ociwrap');
    });
    expect(cri.records(since)).toEqual([]);
  }, 60_000);

  describe('a container that is refused', () => {
    const told =
      'failed to create containerd task: failed to create shim(?: task)?: OCI runtime create failed';
    test.each<[string, string, (volume: KubeletVolume) => readonly object[], RegExp]>([
      [
        'whose value names nothing',
        'boot-pvc',
        atBoot,
        /"boot-pvc" matches no mounted volume; .* \[ERR_VOLUME_NOT_FOUND\]: .*mountPath/,
      ],
      ['that does not mount the claim', '/mnt/boot', () => [], /"\/mnt\/boot" .*\[ERR_VOLUME_NOT_FOUND\]/],
    ])(
      '%s: `kubectl describe` says why, in our words',
      async (_title, value, mounts, says) => {
        const volume = node.volume();
        const pod = {
          name: `refused-${value.length}`,
          volume,
          handler: 'pvc',
          annotations: { [TRIGGER]: value },
        };
        await cri.inPod(pod, async (running) => {
          const start = cri.start(running, { name: 'main', script: 'true', mounts: mounts(volume) });
          await expect(start).rejects.toThrow(new RegExp(`${told}: .*${says.source}`));
        });
      },
      60_000,
    );
  });

  test('containers that run can be entered, killed and removed, whatever is done to engine and wrapper meanwhile', async () => {
    const volume = node.volume();
    const pod = { name: 'long', volume, handler: 'pvc', annotations: { [TRIGGER]: '/mnt/boot' } };
    await cri.inPod(pod, async (running: Pod) => {
      const start = (name: string) => cri.start(running, staying(name, atBoot(volume)));
      const ids = [await start('first')];
      const allAreWell = async () => {
        for (const id of ids) expect(onVolume(volume, await rootOf(id))).toBe(true);
      };

      await node.restartContainerd();
      await allAreWell();

      const next = join(scratchFolder('next'), 'ociwrap');
      copyFileSync(ociwrap, next);
      // Another file is another version.
      appendFileSync(next, '\n');
      chmodSync(next, 0o755);
      expect(node.run(next, ['upgrade'])).toMatchObject({ status: 0, stderr: '' });
      expect(readdirSync(node.pathOf('opt/ociwrap/versions'))).toHaveLength(2);
      await allAreWell();
      ids.push(await start('second'));
      await allAreWell();

      command('engine', 'unconfigure', 'containerd', '--handler', 'pvc');
      await node.restartContainerd();
      const leaving = node.run(INSTALLED, ['uninstall']);
      expect(leaving.status).toBe(1);
      for (const id of ids) expect(leaving.stdout + leaving.stderr).toContain(id);
      const noHandler = /no runtime for "pvc" is configured/;
      if (isContainerd2()) {
        // It looks the handler of the sandbox up for each exec.
        for (const id of ids) await expect(rootOf(id)).rejects.toThrow(noHandler);
      } else await allAreWell();
      await expect(start('third')).rejects.toThrow(noHandler);

      for (const id of ids) {
        await cri.kill(id);
        await cri.remove(id);
      }
    });
    const end = node.run(INSTALLED, ['uninstall']);
    expect(end).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(node.pathOf('opt'))).toEqual([]);
    expect(readFileSync(node.pathOf(CONFIG), 'utf8')).toBe(stock);
    // A pod of no handler starts as it did before.
    await cri.inPod({ name: 'after', volume, annotations: {} }, async (running) => {
      expect(await cri.run(running, { name: 'main', script: 'true', mounts: [] })).toMatchObject({
        exitCode: 0,
      });
    });
  }, 120_000);
});
