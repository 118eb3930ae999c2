import { runWrapper } from '../call/run-wrapper.js';
import { engineSystem } from '../system/engine-system.js';
import { bytesOf, textOf } from '../system/text.js';
import { type RehearsedCall, rehearsalMachine } from './rehearsal-machine.js';

const POD = '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d';
const VOLUME = `/var/lib/kubelet/pods/${POD}/volumes/kubernetes.io~csi/v`;
const FOLDER = `${VOLUME}/mount`;
const CONFIG_PATH = '/run/b/config.json';

/** What containerd writes, as far as a call comes by it. */
const configFor = (strategy: 'replace' | 'overlay') => ({
  ociVersion: '1.2.0',
  process: { user: { uid: 0, gid: 0 }, args: ['sh'], env: ['PATH=/bin'], cwd: '/' },
  root: { path: 'rootfs', readonly: true },
  hostname: 'h',
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid'] },
    { destination: '/data', type: 'bind', source: FOLDER, options: ['rbind', 'rw'] },
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
    'sgs.snucse.org/os-volume-strategy': strategy,
  },
});

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
      '/proc/sys/kernel/hostname': 'n\n',
      '/proc/sys/kernel/random/boot_id': 'b\n',
      [`${FOLDER}/bin/sh`]: '\x7fELF',
    }).map(([path, content]) => [path, bytesOf(content)]),
  ),
  folders: ['etc', 'upper', 'work', '.ociwrap']
    .map((name) => `${FOLDER}/${name}`)
    .concat('/run/ociwrap/root', '/run/b/rootfs'),
  volume: FOLDER,
};

/**
 * Runs calls that rewrite, on a machine that is made up, while the package is made: what is made when it is first needed (which
 * fields there are, how the names of members are written) is part of the snapshot then, and of no call. Nothing that the
 * calls saw is kept.
 *
 * @throws where a call does not come to the runtime
 */
export function rehearse(): number {
  for (const strategy of ['overlay', 'replace'] as const) rehearseCall(strategy);
  return 0;
}

function rehearseCall(strategy: 'overlay' | 'replace'): void {
  CALL.files.set(CONFIG_PATH, bytesOf(JSON.stringify(configFor(strategy))));
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
  if (executed === 1) return;
  const said = textOf(CALL.files.get('stderr') ?? new Uint8Array());
  throw new Error(`the rehearsed call (${strategy}) came to the runtime ${executed} times: ${said}`);
}
