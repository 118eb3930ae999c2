import { runWrapper } from '../call/run-wrapper.js';
import { engineSystem } from '../system/engine-system.js';
import { bytesOf } from '../system/text.js';
import { type RehearsedCall, rehearsalMachine } from './rehearsal-machine.js';

const POD = '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d';
const VOLUME = `/var/lib/kubelet/pods/${POD}/volumes/kubernetes.io~csi/v`;
const CONFIG_PATH = '/run/b/config.json';

/** What containerd writes, as far as a call comes by it. */
const CONFIG = {
  ociVersion: '1.2.0',
  process: { user: { uid: 0, gid: 0 }, args: ['sh'], env: ['PATH=/bin'], cwd: '/' },
  root: { path: 'rootfs', readonly: true },
  hostname: 'h',
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid'] },
    { destination: '/data', type: 'bind', source: `${VOLUME}/mount`, options: ['rbind', 'rw'] },
  ],
  hooks: {},
  linux: { devices: [], cgroupsPath: '/', namespaces: [], resources: {}, seccomp: {} },
  annotations: {
    'io.kubernetes.cri.container-name': 'c',
    'io.kubernetes.cri.container-type': 'container',
    'io.kubernetes.cri.sandbox-id': 's',
    'io.kubernetes.cri.sandbox-uid': POD,
    'io.kubernetes.cri.sandbox-namespace': 'n',
    'sgs.snucse.org/os-volume': 'v',
  },
};

const CALL: RehearsedCall = {
  argv: ['runc', '--log', '/run/b/log', 'create', '--bundle', '/run/b', 'c'],
  environment: ['PATH=/usr/bin'],
  found: {
    path: '/usr/bin/runc',
    realPath: '/usr/bin/runc',
    device: '1',
    inode: '2',
    mode: 'runc',
    depth: '1',
    verb: 'create',
    bundle: '/run/b',
    id: 'c',
    log: '/run/b/log',
    table: 'yes',
  },
  execFn: '/usr/local/bin/runc',
  exe: '/opt/ociwrap/bin/ociwrap',
  // They outlive a rehearsal, so that the next one finds its table of the fast path, as calls do.
  files: new Map(
    Object.entries({
      '/opt/ociwrap/bin/ociwrap': '\x7fELF',
      '/usr/bin/runc': '\x7fELF',
      [`${VOLUME}/vol_data.json`]: '{"specVolID":"v","volumeLifecycleMode":"Persistent"}',
      '/var/log/sgs-runtime-wrapper.log': '',
      [`${VOLUME}/mount/bin/sh`]: '\x7fELF',
    }).map(([path, content]) => [path, bytesOf(content)]),
  ),
  folders: [`${VOLUME}/mount/etc`, '/run/ociwrap/root'],
};

/**
 * Runs a call that rewrites, on a machine that is made up, while the package is made: what is made when it is first needed (which
 * fields there are, how the names of members are written) is part of the snapshot then, and of no call. Nothing that the
 * call saw is kept.
 *
 * @throws where the call does not come to the runtime
 */
export function rehearse(): number {
  CALL.files.set(CONFIG_PATH, bytesOf(JSON.stringify(CONFIG)));
  let executed = 0;
  const machine = rehearsalMachine(CALL, () => {
    executed += 1;
  });
  const world = globalThis as { host?: unknown };
  const { host } = world;
  world.host = machine;
  try {
    runWrapper(engineSystem());
  } finally {
    world.host = host;
  }
  if (executed !== 1) throw new Error(`the rehearsed call came to the runtime ${executed} times`);
  return 0;
}
