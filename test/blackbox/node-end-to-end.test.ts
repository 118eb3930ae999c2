import { beforeAll, expect, test } from '@jest/globals';

import { StockNode } from './cri/stock-node.js';
import { PRINT_ROOT } from './kubelet-volume.js';
import { describeWith } from './programs.js';

describeWith(
  ['containerd', 'ctr', 'runc', 'busybox', 'nsenter'],
  'a node with the containerd of its package',
  () => {
    let node: StockNode;
    beforeAll(async () => {
      node = await StockNode.make();
      await node.startContainerd();
      node.importImages();
    }, 60_000);

    test('starts a pod', async () => {
      const volume = node.volume();
      const cri = node.cri();
      await cri.inPod({ name: 'plain', volume, annotations: {} }, async (pod) => {
        const id = await cri.start(pod, {
          name: 'main',
          script: `${PRINT_ROOT}; exec sleep 1000`,
          mounts: [],
        });
        console.log(await cri.exec(id, '/bin/echo', 'hi'));
      });
    }, 60_000);
  },
);
