// The configurations that the benchmarks work on, and the volume that they ask for.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

const podUid = '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d';
const volumePath = (name) => `/var/lib/kubelet/pods/${podUid}/volumes/kubernetes.io~csi/${name}/mount`;

/** A configuration as containerd writes it, with so many mounts; it asks for the first of their volumes as its root. */
export function specWithMounts(count) {
  const mounts = Array.from({ length: count }, (_, index) => ({
    destination: `/var/lib/data/volume-${index}`,
    type: 'bind',
    source: volumePath(`pvc-${index}`),
    options: ['rbind', 'rprivate', 'rw'],
  }));
  return { ...containerSpec(), mounts, annotations: triggerAnnotations() };
}

/** A configuration of that many bytes, padded with variables, as clusters with many services have them. */
export function specOfSize(bytes, { triggered = false } = {}) {
  const spec = { ...containerSpec(), mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }] };
  if (triggered) {
    spec.mounts.push(...specWithMounts(1).mounts);
    spec.annotations = triggerAnnotations();
  }
  const env = spec.process.env;
  for (let size = JSON.stringify(spec).length; size < bytes; size += env.at(-1).length + 3) {
    env.push(`SERVICE_${env.length}_PORT=tcp://10.96.0.${env.length % 256}:443`);
  }
  return spec;
}

function containerSpec() {
  return {
    ociVersion: '1.2.0',
    process: {
      user: { uid: 0, gid: 0 },
      args: ['/bin/true'],
      env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
      cwd: '/',
      noNewPrivileges: true,
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
    },
    root: { path: 'rootfs' },
    hostname: 'bench',
    linux: {
      namespaces: [{ type: 'pid' }, { type: 'ipc' }, { type: 'uts' }, { type: 'mount' }],
      maskedPaths: ['/proc/kcore', '/proc/keys'],
    },
  };
}

/** The same container on a volume of this name, by this strategy. */
export function onVolume(spec, name, strategy) {
  const [proc, mount] = spec.mounts;
  const annotations = { ...spec.annotations, [TRIGGER]: name, [`${TRIGGER}-strategy`]: strategy };
  return { ...spec, mounts: [proc, { ...mount, source: volumePath(name) }], annotations };
}

const TRIGGER = 'sgs.snucse.org/os-volume';

function triggerAnnotations() {
  return {
    'io.kubernetes.cri.container-type': 'container',
    'io.kubernetes.cri.sandbox-uid': podUid,
    [TRIGGER]: 'pvc-0',
  };
}

/** Where the volume that the configurations ask for is mounted. */
export const volumeSource = () => volumePath('pvc-0');

/**
 * Mounts the volume that the configurations ask for, as the kubelet does: with what makes it a root. Needs a mount namespace of
 * our own.
 */
export function mountVolume() {
  makeRoot(mountEmptyVolume('pvc-0'));
}

/** Mounts a volume with nothing on it. */
export function mountEmptyVolume(name) {
  const folder = volumePath(name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    `${folder}/../vol_data.json`,
    JSON.stringify({ specVolID: name, volumeLifecycleMode: 'Persistent' }),
  );
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', 'bench-volume', folder], {
    encoding: 'utf8',
  });
  if (status !== 0) {
    throw new Error(`mount: ${stderr}`);
  }
  return folder;
}

/** What the wrapper looks for on a root: a program, which nothing starts, and `/etc`. */
export function makeRoot(folder) {
  for (const name of ['bin', 'dev', 'etc', 'proc', 'sys'])
    mkdirSync(`${folder}/${name}`, { recursive: true });
  writeFileSync(`${folder}/bin/true`, '', { mode: 0o755 });
}

/** A configuration of five rules as data, of which each acts on a triggered container. */
export function fiveRules() {
  const rule = (name, then) =>
    `[[rule]]\nname = "${name}"\nwhen.annotation = { key = "sgs.snucse.org/os-volume" }\n${then}\n`;
  return [
    rule('variables', 'then.env.set = { BENCH = "1", LANG = "C.UTF-8" }'),
    rule('files', 'then.rlimits.set.RLIMIT_NOFILE = { soft = 1024, hard = 4096 }'),
    rule('labels', 'then.annotations.set = { "bench.example/seen" = "yes" }'),
    rule('hidden', 'then.maskedPaths.add = ["/proc/bench"]'),
    rule('memory', 'then.sysctls.set = { "kernel.shm_rmid_forced" = "1" }'),
  ].join('\n');
}

/** A CDI spec in YAML as generators write it, of about that many bytes, with a device `d1`. */
export function cdiSpecText(bytes) {
  const head = 'cdiVersion: 0.6.0\nkind: vendor.example/device\ndevices:\n';
  let text = head;
  for (let count = 1; text.length < bytes; count += 1) {
    text += `- name: d${count}\n  containerEdits:\n    env:\n    - DEVICE_${count}=yes\n    mounts:\n    - hostPath: /usr/lib/vendor/lib${count}.so\n      containerPath: /usr/lib/vendor/lib${count}.so\n      options:\n      - ro\n      - bind\n`;
  }
  return text;
}
