import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { DISTRIBUTIONS, type Distribution } from './cluster/distributions.js';
import { FakeNode, nextImage, type PodContainer, treeOf } from './cluster/fake-node.js';
import { rootOfImage } from './cluster/image.js';
import { kustomize, only, rendered } from './cluster/rendered.js';
import { describeWith } from './programs.js';
import { waitUntil } from './wait-until.js';

const WRAPPER = '/opt/ociwrap/bin/oci-runtime-wrapper';
const HANDLER = `BinaryName = "${WRAPPER}"`;

describeWith(['kubectl', 'busybox', 'setpriv', 'strace', 'tar'], 'a node of a cluster', () => {
  let image: string;
  beforeAll(() => {
    image = rootOfImage('amd64');
  });

  /** The container of an overlay, and its configuration. */
  function containerOf(overlay: string): {
    readonly container: PodContainer & { readonly readinessProbe: { exec: { command: string[] } } };
    readonly configuration: string;
  } {
    const objects = rendered(join(kustomize, overlay));
    return {
      container: only(objects, 'DaemonSet')['spec'].template.spec.containers[0],
      configuration: only(objects, 'ConfigMap')['data']['config.toml'],
    };
  }
  const once = ({ args }: PodContainer) => args.filter((word) => word !== '--watch');
  const versionsOf = (node: FakeNode) => readdirSync(node.pathOf('/opt/ociwrap/versions')).length;

  describe.each(DISTRIBUTIONS.map((each) => [each.name, each] as const))('of %s', (_name, distribution) => {
    let node: FakeNode;
    let installer: ReturnType<typeof containerOf>;
    let uninstaller: PodContainer;
    let stock: readonly string[];
    beforeAll(() => {
      installer = containerOf(distribution.overlay);
      uninstaller = containerOf('overlays/uninstall').container;
      node = new FakeNode(distribution, installer.configuration);
      stock = treeOf(node.root);
    });

    const run = (container: PodContainer, from = image) => node.run(from, container, once(container));
    const isConfigured = () =>
      existsSync(node.pathOf(distribution.configured)) &&
      node.read(distribution.configured).includes(HANDLER);

    test('the DaemonSet installs it with what it is granted, restarts the engine once, and ends when it is told to', async () => {
      const { container } = installer;
      const running = node.start(image, container, container.args);
      const [, ...probe] = container.readinessProbe.exec.command;
      const isReady = () => isConfigured() && node.run(image, container, probe).status === 0;
      waitUntil('the node is ready', isReady);
      expect(await running.end()).toBe(0);
      expect(running.output).not.toMatch(/ERR_/);
      expect(node.restarts()).toEqual(distribution.restart);
      expect(node.read('/etc/ociwrap/config.toml')).toBe(installer.configuration);
      // It is what an engine of the node would call.
      expect(existsSync(node.pathOf('/opt/ociwrap/current/ociwrap'))).toBe(true);
    }, 60_000);

    test('a second time changes nothing, and restarts nothing', () => {
      const before = treeOf(node.root);
      expect(run(installer.container)).toMatchObject({ status: 0, stderr: '' });
      expect(treeOf(node.root)).toEqual(before);
      expect(node.restarts()).toEqual(distribution.restart);
    });

    test('the next version takes the place of the first one, which is kept', () => {
      expect(run(installer.container, nextImage(image))).toMatchObject({ status: 0, stderr: '' });
      expect(versionsOf(node)).toBe(2);
      expect(node.restarts()).toEqual(distribution.restart);
    });

    test('what a package of the distribution writes anew gets the handler again', () => {
      rmSync(node.pathOf(distribution.configured));
      node.putStockFiles();
      expect(isConfigured()).toBe(false);
      expect(run(installer.container)).toMatchObject({ status: 0, stderr: '' });
      expect(isConfigured()).toBe(true);
      expect(node.restarts()).toEqual([...distribution.restart, ...distribution.restart]);
    });

    test('while a container runs under it, uninstalling leaves its runtime; then nothing is left', () => {
      const task = node.pathOf(`${distribution.tasks}/container`);
      mkdirSync(task, { recursive: true });
      writeFileSync(join(task, 'runtime'), WRAPPER);
      const leaving = run(uninstaller);
      expect(leaving).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('ERR_INSTALLATION_IN_USE'),
      });
      expect(isConfigured()).toBe(false);
      expect(existsSync(node.pathOf(WRAPPER).replace('/bin/oci-runtime-wrapper', '/current/ociwrap'))).toBe(
        true,
      );
      removeWithEmptyParents(node, distribution, task);
      expect(run(uninstaller)).toMatchObject({ status: 0, stderr: '' });
      expect(treeOf(node.root).toSorted()).toEqual(stock.toSorted());
    });
  });

  test.each([1, 3, 5])(
    'killed at rename %d, the next run ends where one that was not killed ends',
    (when) => {
      const [distribution] = DISTRIBUTIONS;
      if (distribution === undefined) throw new Error('there is no distribution');
      const { container, configuration } = containerOf(distribution.overlay);
      const [whole, killed] = [distribution, distribution].map((each) => new FakeNode(each, configuration));
      if (whole === undefined || killed === undefined) throw new Error('there are two nodes');
      expect(whole.run(image, container, once(container)).status).toBe(0);
      const inject = `--inject=rename,renameat,renameat2:signal=KILL:when=${when}`;
      const trace = ['strace', '-f', '-o', '/dev/null', '--trace=rename,renameat,renameat2', inject];
      expect(killed.run(image, container, once(container), trace)).toMatchObject({ signal: 'SIGKILL' });
      expect(treeOf(killed.root)).not.toEqual(treeOf(whole.root));
      expect(killed.run(image, container, once(container)).status).toBe(0);
      expect(treeOf(killed.root)).toEqual(treeOf(whole.root));
    },
  );
});

/** A container has ended, and with the last one goes what its engine has made for all. */
function removeWithEmptyParents(node: FakeNode, { tasks }: Distribution, task: string): void {
  rmSync(task, { recursive: true });
  for (let folder = tasks; readdirSync(node.pathOf(folder)).length === 0; folder = dirname(folder)) {
    if (folder === '/run') return;
    rmSync(node.pathOf(folder), { recursive: true });
  }
}
