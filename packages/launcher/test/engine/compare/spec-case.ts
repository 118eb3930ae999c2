import { pvcPath } from '@opencontainers-ts/rootfs-rewriter/testing';

import { JsonMaker, type JsonValue, jsonText, type MemberTable } from './json-value.js';
import {
  ANNOTATION,
  CAPABILITIES,
  DEVICES,
  ENVIRONMENT,
  HOOKS,
  MOUNT_OPTIONS,
  NAMESPACES,
  PATHS,
  RLIMITS,
  SYSCTLS,
  SYSTEM_CALLS,
  VOLUMES,
  WORDS,
} from './names.js';
import type { Random } from './random.js';

/** How rare oddities are, from document to document: most have none or one, some are full of them. */
const RARITIES = [1e9, 400, 400, 150, 60, 20, 6] as const;

/** The bytes of a `config.json`: valid or nearly valid. */
export function specBytes(random: Random): Uint8Array {
  const make = new JsonMaker(random, random.pick(RARITIES));
  const value = random.oneIn(60) ? deep(make) : random.oneIn(80) ? make.odd() : specOf(make);
  return new TextEncoder().encode(jsonText(value, random));
}

/** More than engines write, and than some of them read. */
function deep(make: JsonMaker): JsonValue {
  const { random } = make;
  const depth = random.pick([30, 200, 1000, 1020, 1023, 1024, 1025, 1100]);
  const [open, close] = random.pick<readonly [string, string]>([
    ['[', ']'],
    ['{"x":', '}'],
    ['{"annotations": ', '}'],
    ['[{"0":', '}]'],
  ]);
  const left = random.oneIn(5) ? depth - 1 : depth;
  const inner = {
    written: `${open.repeat(depth)}${random.oneIn(2) ? `"${ANNOTATION}"` : '0'}${close.repeat(left)}`,
  };
  return {
    members: [
      [random.pick(['x-deep', 'linux', 'annotations']), inner],
      ['annotations', annotations(make)],
    ],
  };
}

export function specOf(make: JsonMaker): JsonValue {
  return make.object({
    ociVersion: [1, () => make.text('1.0.2', '1.2.0', '1.2.1', '1.3.0', '2.0.0', '1.0.0-rc5', 'v1', '')],
    hostname: [6, () => make.text('host', '', 'h\xe9', ANNOTATION)],
    domainname: [20, () => make.text('d', '')],
    process: [1, () => processOf(make)],
    root: [
      1,
      () =>
        make.object({
          path: [1, () => make.text('rootfs', '/a', '', '../x')],
          readonly: [3, () => make.boolean()],
        }),
    ],
    mounts: [1, () => mountsOf(make)],
    annotations: [1, () => annotations(make)],
    hooks: [4, () => hooksOf(make)],
    linux: [1, () => linuxOf(make)],
    windows: [
      60,
      () =>
        make.object({
          layerFolders: [1, () => make.list(2, () => make.text('C:\\x'))],
          servicing: [3, () => make.boolean()],
        }),
    ],
    solaris: [80, () => make.object({ milestone: [1, () => make.text('m')] })],
    vm: [60, () => make.object({ kernel: [1, () => make.object({ path: [1, () => make.text(...PATHS)] })] })],
    zos: [90, () => make.object({})],
  });
}

function processOf(make: JsonMaker): JsonValue {
  const list =
    (values: readonly string[], most = 4) =>
    () =>
      make.list(most, () => make.text(...values));
  return make.object({
    terminal: [4, () => make.boolean()],
    consoleSize: [
      15,
      () => make.object({ height: [1, () => make.number(24)], width: [1, () => make.number(80)] }),
    ],
    user: [
      2,
      () =>
        make.object({
          uid: [1, () => make.number(0, 1000)],
          gid: [1, () => make.number(0, 1000)],
          umask: [8, () => make.number(18)],
          additionalGids: [3, () => make.list(3, () => make.number(0, 1, 10))],
          username: [20, () => make.text('u')],
        }),
    ],
    args: [1, list(WORDS)],
    commandLine: [90, () => make.text('cmd')],
    env: [1, list(ENVIRONMENT, 5)],
    cwd: [1, () => make.text('/', '/a', 'rel', '')],
    capabilities: [
      3,
      () =>
        make.object(
          Object.fromEntries(
            ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'].map((set) => [
              set,
              [2, list(CAPABILITIES)],
            ]),
          ),
        ),
    ],
    rlimits: [
      4,
      () =>
        make.list(3, () =>
          make.object({
            type: [1, () => make.text(...RLIMITS)],
            hard: [1, () => make.number(1024)],
            soft: [1, () => make.number(1024)],
          }),
        ),
    ],
    noNewPrivileges: [3, () => make.boolean()],
    apparmorProfile: [10, () => make.text('unconfined', '')],
    oomScoreAdj: [6, () => make.number(0, 1000, -1000, 1001)],
    selinuxLabel: [12, () => make.text('system_u:object_r:x', '')],
    scheduler: [
      15,
      () =>
        make.object({
          policy: [1, () => make.text('SCHED_OTHER', 'SCHED_FIFO', 'SCHED_DEADLINE', 'SCHED_NONE')],
          nice: [3, () => make.number(0, 19, -20)],
          priority: [3, () => make.number(0, 1)],
          flags: [3, list(['SCHED_FLAG_RESET_ON_FORK', 'X'])],
          runtime: [4, () => make.number(1)],
          deadline: [4, () => make.number(1)],
        }),
    ],
    ioPriority: [
      15,
      () =>
        make.object({
          class: [1, () => make.text('IOPRIO_CLASS_RT', 'X')],
          priority: [1, () => make.number(1)],
        }),
    ],
    execCPUAffinity: [
      20,
      () => make.object({ initial: [1, () => make.text('0-3', 'x')], final: [2, () => make.text('0')] }),
    ],
  });
}

function mountsOf(make: JsonMaker): JsonValue {
  const mounts = make.list(4, () => mountOf(make));
  if (!Array.isArray(mounts) || make.random.oneIn(4)) return mounts;
  const source = pvcPath({ podUid: 'u1', volume: 'pvc-1' });
  const volume: JsonValue = {
    members: [
      ['destination', make.text('/mnt')],
      ['type', make.text('bind')],
      ['source', make.text(source)],
      ['options', ['rbind', make.text('rprivate', 'rslave'), make.text('rw', 'rw', 'ro')]],
    ],
  };
  return [...(mounts as readonly JsonValue[]), volume];
}

function mountOf(make: JsonMaker): JsonValue {
  const { random } = make;
  const [podUid, volume] = [random.oneIn(5) ? 'u2' : 'u1', random.pick(VOLUMES) ?? ''];
  const plugin = random.pick(['csi', 'csi', 'nfs', 'empty-dir', 'local-volume']);
  const subpath = { container: 'main', index: random.below(2) };
  const source = random.oneIn(4)
    ? pvcPath({ podUid, volume, plugin, subpath })
    : pvcPath({ podUid, volume, plugin });
  return make.object({
    destination: [1, () => make.text(...PATHS, '/var/run/nvidia-container-devices/v.com/c=d')],
    type: [2, () => make.text('bind', 'proc', 'tmpfs', 'sysfs', 'cgroup', '')],
    source: [
      1,
      () => (random.oneIn(2) ? make.text(source) : make.text('/dev/null', 'proc', '/a', 'rel', '')),
    ],
    options: [2, () => make.list(random.oneIn(3) ? 4 : 1, () => make.text(...MOUNT_OPTIONS))],
    uidMappings: [15, () => mappings(make)],
    gidMappings: [15, () => mappings(make)],
  });
}

function mappings(make: JsonMaker): JsonValue {
  return make.list(2, () =>
    make.object({
      containerID: [1, () => make.number(0)],
      hostID: [1, () => make.number(0, 1000)],
      size: [1, () => make.number(1, 65536)],
    }),
  );
}

function annotations(make: JsonMaker): JsonValue {
  const { random } = make;
  if (random.oneIn(4) || make.isOdd()) return anyAnnotations(make);
  const value = () =>
    make.text('pvc-1', 'pvc-1', '/mnt', ...VOLUMES, '/mnt/', '/a', random.oneIn(9) ? '' : '/mnt');
  const request: readonly [string, () => JsonValue] = random.pick([
    [ANNOTATION, value],
    [ANNOTATION, value],
    [`${ANNOTATION}.container.main`, value],
    [`${ANNOTATION}.container.side`, value],
    ['example.org/x', value],
  ]);
  const isListed = random.oneIn(8) && request[0] === ANNOTATION;
  return make.object({
    ...ofEngine(make),
    [request[0]]: [1, request[1]],
    ...(isListed ? { [`${ANNOTATION}-containers`]: [1, () => make.text('main', 'main, side', 'side')] } : {}),
    'cdi.k8s.io/x': [5, () => make.text('v.com/c=d', 'v.com/c=d,v.com/c=e', 'w.com/c=f')],
    'example.org/a': [3, () => make.text('on', 'true', '')],
    'example.org/b': [4, () => make.text('on', 'v')],
  });
}

/** What an engine says of a container of a pod. */
function ofEngine(make: JsonMaker): MemberTable {
  const { random } = make;
  const kind = () => make.text(random.oneIn(8) ? 'sandbox' : 'container');
  const uid = () => make.text(random.oneIn(8) ? 'u2' : 'u1');
  const name = () => make.text(random.oneIn(3) ? 'side' : 'main');
  switch (random.below(4)) {
    case 0:
      return {};
    case 1:
      return {
        'io.container.manager': [1, () => make.text('cri-o')],
        'io.kubernetes.cri-o.ContainerType': [1, kind],
        'io.kubernetes.pod.uid': [1, uid],
        'io.kubernetes.container.name': [1, name],
      };
    default:
      return {
        'io.kubernetes.cri.container-type': [1, kind],
        'io.kubernetes.cri.sandbox-uid': [1, uid],
        'io.kubernetes.cri.container-name': [1, name],
        'io.kubernetes.cri.sandbox-namespace': [2, () => make.text('default')],
        'io.kubernetes.cri.image-name': [2, () => make.text('docker.io/library/x:1')],
      };
  }
}

/** Any annotations, which nearly never fit together. */
function anyAnnotations(make: JsonMaker): JsonValue {
  const { random } = make;
  const names = [
    ...[ANNOTATION, ANNOTATION, ANNOTATION, `${ANNOTATION}.container.main`, `${ANNOTATION}-containers`],
    ...[
      'sgs.snucse.org/osvolume',
      'sgs.snucse.org/os-volumes',
      'sgs.snucse.org/os_volume',
      `${ANNOTATION}.container.sid\xe9`,
    ],
    ...[
      'io.kubernetes.cri.container-type',
      'io.kubernetes.cri.sandbox-uid',
      'io.kubernetes.cri.container-name',
    ],
    ...[
      'io.kubernetes.cri-o.ContainerType',
      'io.kubernetes.pod.uid',
      'io.kubernetes.cri-o.Labels',
      'io.container.manager',
    ],
    ...[
      'io.kubernetes.cri.sandbox-namespace',
      'io.kubernetes.cri.image-name',
      'io.kubernetes.container.name',
    ],
    ...['cdi.k8s.io/x', 'cdi.k8s.io/y_z', 'example.org/a', 'example.org/b', 'run.oci.handler'],
    ...['dev.gvisor.spec.rootfs.source', 'org.systemd.property.X', '', 'example.org/cdi.k8s.io/'],
  ];
  const values = [
    ...['on', 'true', '', 'container', 'sandbox', 'cri-o', 'libpod', 'default', 'main, side', 'main'],
    ...[...VOLUMES, ...VOLUMES, '/mnt', '/data', '/a/', 'u1', 'u2', 'u1', 'docker.io/library/x:1'],
    ...[
      DEVICES.join(),
      'v.com/c=d',
      'v.com/c=d,v.com/c=e',
      ' v.com/c=d',
      '{"io.kubernetes.pod.uid":"u1"}',
      '{"x":',
    ],
  ];
  return random.oneIn(12) ? make.map(30, names, values) : make.map(5, names, values);
}

function hooksOf(make: JsonMaker): JsonValue {
  const hook = () =>
    make.object({
      path: [1, () => make.text('/bin/hook', '/usr/bin/nvidia-container-runtime-hook', ...PATHS)],
      args: [2, () => make.list(3, () => make.text(...WORDS))],
      env: [3, () => make.list(3, () => make.text(...ENVIRONMENT))],
      timeout: [4, () => make.number(1, 10)],
    });
  return make.object(Object.fromEntries(HOOKS.map((name) => [name, [3, () => make.list(3, hook)]])));
}

function linuxOf(make: JsonMaker): JsonValue {
  const paths = () => make.list(4, () => make.text(...PATHS));
  return make.object({
    namespaces: [
      1,
      () =>
        make.list(5, () =>
          make.object({
            type: [1, () => make.text(...NAMESPACES)],
            path: [5, () => make.text('/proc/1/ns/net', '', ...PATHS)],
          }),
        ),
    ],
    uidMappings: [8, () => mappings(make)],
    gidMappings: [8, () => mappings(make)],
    sysctl: [4, () => make.map(3, SYSCTLS, ['0', '1', '65536', 'x'])],
    devices: [
      3,
      () =>
        make.list(3, () =>
          make.object({
            path: [1, () => make.text('/dev/null', '/dev/kvm', '/dev/x', ...PATHS)],
            type: [1, () => make.text('c', 'b', 'u', 'p', 'x')],
            major: [1, () => make.number(1, 10)],
            minor: [1, () => make.number(3, 232)],
            fileMode: [3, () => make.number(438, 511)],
            uid: [3, () => make.number(0)],
            gid: [3, () => make.number(0)],
          }),
        ),
    ],
    netDevices: [30, () => make.map(2, ['eth0', 'eth1'], ['n0'])],
    cgroupsPath: [4, () => make.text('/a/b', 'a.slice:x:y', '')],
    resources: [3, () => resourcesOf(make)],
    seccomp: [4, () => seccompOf(make)],
    rootfsPropagation: [10, () => make.text('shared', 'rprivate', 'x')],
    maskedPaths: [5, paths],
    readonlyPaths: [5, paths],
    mountLabel: [20, () => make.text('x', '')],
    intelRdt: [
      20,
      () =>
        make.object({
          closID: [1, () => make.text('c', '')],
          schemata: [3, () => make.list(2, () => make.text('L3:0=f'))],
        }),
    ],
    personality: [25, () => make.object({ domain: [1, () => make.text('LINUX', 'LINUX32', 'X')] })],
    timeOffsets: [
      25,
      () =>
        make.object({
          monotonic: [
            1,
            () => make.object({ secs: [1, () => make.number(1)], nanosecs: [2, () => make.number(1)] }),
          ],
        }),
    ],
    memoryPolicy: [
      40,
      () => make.object({ mode: [1, () => make.text('MPOL_BIND')], nodes: [1, () => make.text('0-1')] }),
    ],
  });
}

function resourcesOf(make: JsonMaker): JsonValue {
  const numbers = (rarity: number, ...names: readonly string[]): MemberTable =>
    Object.fromEntries(names.map((name) => [name, [rarity, () => make.number(0, 1, -1, 1024)]]));
  return make.object({
    devices: [
      2,
      () =>
        make.list(3, () =>
          make.object({
            allow: [1, () => make.boolean()],
            type: [2, () => make.text('a', 'c', 'b', 'x')],
            major: [2, () => make.number(1, 10)],
            minor: [2, () => make.number(3)],
            access: [1, () => make.text('rwm', 'r', '', 'x')],
          }),
        ),
    ],
    memory: [
      2,
      () =>
        make.object({
          ...numbers(3, 'limit', 'reservation', 'swap', 'kernel', 'swappiness'),
          disableOOMKiller: [6, () => make.boolean()],
        }),
    ],
    cpu: [
      3,
      () =>
        make.object({
          ...numbers(3, 'shares', 'quota', 'period', 'burst', 'idle'),
          cpus: [4, () => make.text('0-3', 'x')],
        }),
    ],
    pids: [4, () => make.object(numbers(1, 'limit'))],
    hugepageLimits: [
      10,
      () =>
        make.list(2, () =>
          make.object({ pageSize: [1, () => make.text('2MB', 'x')], limit: [1, () => make.number(1)] }),
        ),
    ],
    unified: [8, () => make.map(2, ['memory.high', 'cpu.max', 'x'], ['max', '1'])],
    blockIO: [15, () => make.object(numbers(1, 'weight', 'leafWeight'))],
    network: [20, () => make.object(numbers(1, 'classID'))],
    rdma: [30, () => make.object({ mlx5_0: [1, () => make.object(numbers(1, 'hcaHandles'))] })],
  });
}

function seccompOf(make: JsonMaker): JsonValue {
  const actions = ['SCMP_ACT_ERRNO', 'SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_NOTIFY', 'SCMP_ACT_X'];
  return make.object({
    defaultAction: [1, () => make.text(...actions)],
    defaultErrnoRet: [6, () => make.number(1, 38)],
    architectures: [3, () => make.list(3, () => make.text('SCMP_ARCH_X86_64', 'SCMP_ARCH_ARM', 'X'))],
    flags: [6, () => make.list(2, () => make.text('SECCOMP_FILTER_FLAG_LOG', 'X'))],
    listenerPath: [15, () => make.text('/run/x.sock', '')],
    syscalls: [
      1,
      () =>
        make.list(4, () =>
          make.object({
            names: [1, () => make.list(3, () => make.text(...SYSTEM_CALLS))],
            action: [1, () => make.text(...actions)],
            errnoRet: [6, () => make.number(1)],
            args: [
              4,
              () =>
                make.list(2, () =>
                  make.object({
                    index: [1, () => make.number(0, 5)],
                    value: [1, () => make.number(2080505856)],
                    valueTwo: [3, () => make.number(0)],
                    op: [1, () => make.text('SCMP_CMP_EQ', 'SCMP_CMP_MASKED_EQ', 'X')],
                  }),
                ),
            ],
          }),
        ),
    ],
  });
}
