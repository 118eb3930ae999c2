import { planRewrite, type Rule } from '@opencontainers-ts/rootfs-rewriter';
import { plainScans, SpecDocument, useScans } from '@opencontainers-ts/runtime-spec';

import { bytesOf } from '../system/text.js';

/** What containerd writes, as far as a call comes by it. */
const CONFIG = {
  ociVersion: '1.2.0',
  process: { user: { uid: 0, gid: 0 }, args: ['sh'], env: ['PATH=/bin'], cwd: '/' },
  root: { path: 'rootfs', readonly: true },
  hostname: 'h',
  mounts: [{ destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid'] }],
  hooks: {},
  linux: { devices: [], cgroupsPath: '/', namespaces: [], resources: {}, seccomp: {} },
  annotations: {
    'io.kubernetes.cri.container-name': 'c',
    'io.kubernetes.cri.container-type': 'container',
    'io.kubernetes.cri.sandbox-id': 's',
    'io.kubernetes.cri.sandbox-uid': 'u',
    'io.kubernetes.cri.sandbox-namespace': 'n',
    'sgs.snucse.org/os-volume': 'v',
  },
};

/**
 * Plans once, on a machine where nothing is there, while the package is made: the tables that are made when they are first
 * needed (which fields there are, how the names of members are written) are part of the snapshot then, and of no call.
 */
export function rehearse(rules: readonly Rule[]): void {
  useScans({ ...plainScans, areQuick: true });
  const document = SpecDocument.parse(bytesOf(JSON.stringify(CONFIG)));
  const missing = () => undefined;
  planRewrite(
    document,
    rules,
    { verb: 'create', bundle: '/' },
    {
      lstat: missing,
      realpath: missing,
      readFile: missing,
      readDirectory: missing,
      mountInfo: () => [],
      resolveBeneath: () => {
        throw new Error('nothing is there');
      },
    },
  );
  document.apply([
    { op: 'replace', path: '/root/path', value: '/' },
    { op: 'remove', path: '/mounts/0' },
    { op: 'add', path: '/annotations/a', value: '' },
  ]);
}
