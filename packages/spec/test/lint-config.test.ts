import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type JsonPatch, type JsonValue, SpecDocument } from '../src/index.js';
import {
  LINT_CODES,
  type LintCode,
  type LintRow,
  lintConfig,
  RUNTIME_DIALECTS,
  type RuntimeTarget,
} from '../src/lint.js';

const encode = (text: string) => new TextEncoder().encode(text);

/** A configuration that nothing is wrong with, and which has something of everything that a lint looks at. */
const sound = {
  ociVersion: '1.2.0',
  root: { path: 'rootfs' },
  process: {
    args: ['sh'],
    cwd: '/',
    env: ['PATH=/bin', 'EMPTY='],
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1, hard: 2 }],
    capabilities: {
      bounding: ['CAP_CHOWN'],
      effective: ['CAP_CHOWN'],
      permitted: ['CAP_CHOWN'],
      inheritable: ['CAP_CHOWN'],
      ambient: ['CAP_CHOWN'],
    },
    terminal: true,
    consoleSize: { height: 1, width: 1 },
    scheduler: { policy: 'SCHED_BATCH', nice: -20, flags: ['SCHED_FLAG_RESET_ON_FORK'] },
    execCPUAffinity: { initial: '0-3,8' },
    ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 7 },
    oomScoreAdj: -1000,
    selinuxLabel: '',
  },
  hostname: 'h',
  domainname: 'd',
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc' },
    {
      destination: '/data',
      source: '/srv',
      options: ['rbind', 'ridmap', 'rro', 'rslave'],
      uidMappings: [{ containerID: 0, hostID: 1, size: 1 }],
      gidMappings: [{ containerID: 0, hostID: 1, size: 1 }],
    },
    { destination: '/data/below', type: 'tmpfs', source: 'tmpfs', options: ['size=64k'] },
  ],
  hooks: {
    createContainer: [{ path: '/bin/hook', env: ['A=b'], timeout: 1 }],
    poststop: [{ path: '/bin/hook' }],
  },
  annotations: {
    'example.org/a': 'b',
    'org.opencontainers.image.os': 'linux',
    'io.kubernetes.cri.container-type': 'container',
    'io.kubernetes.cri.sandbox-id': 's',
    'dev.gvisor.spec.rootfs.source': '/srv/root',
    'dev.gvisor.spec.rootfs.type': 'bind',
  },
  linux: {
    namespaces: [
      { type: 'mount' },
      { type: 'pid' },
      { type: 'uts' },
      { type: 'ipc' },
      { type: 'network', path: '/proc/1/ns/net' },
      { type: 'user' },
      { type: 'time' },
    ],
    uidMappings: [{ containerID: 0, hostID: 1, size: 1 }],
    gidMappings: [{ containerID: 0, hostID: 1, size: 1 }],
    timeOffsets: { boottime: { secs: 1 } },
    sysctl: {
      'net.ipv4.ip_forward': '0',
      'net/ipv4/conf/eth0.1/forwarding': '0',
      'kernel.shmmax': '1',
      'fs.mqueue.msg_max': '1',
      'kernel.domainname': 'd',
    },
    devices: [
      { path: '/dev/a', type: 'c', major: 1, minor: 3 },
      { path: '/dev/b', type: 'b', major: 1, minor: 3 },
      { path: '/dev/p', type: 'p' },
    ],
    resources: {
      devices: [{ allow: true, type: 'c', major: 1, minor: 3, access: 'rw' }],
      memory: { limit: 10, swap: 10, swappiness: 100 },
      cpu: { cpus: '0-3,8', mems: '0' },
    },
    rootfsPropagation: 'rprivate',
    maskedPaths: ['/proc/kcore'],
    readonlyPaths: ['/proc/sys'],
    memoryPolicy: { mode: 'MPOL_LOCAL' },
    personality: { domain: 'LINUX' },
    seccomp: {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64'],
      flags: ['SECCOMP_FILTER_FLAG_LOG'],
      listenerPath: '/run/listener.sock',
      syscalls: [
        { names: ['read'], action: 'SCMP_ACT_ALLOW', args: [{ index: 5, value: 1, op: 'SCMP_CMP_EQ' }] },
        { names: ['mount'], action: 'SCMP_ACT_NOTIFY' },
      ],
    },
  },
};

const document = SpecDocument.parse(encode(JSON.stringify(sound)));

/** One thing broken: what is put where, and the place that the finding names when that is another. */
type Row = readonly [code: LintCode, path: string, value: JsonValue | undefined, pointer?: string];

/** A mount hint for what is mounted at /data, with other fields. */
const mountHint = (
  name: string,
  change: Readonly<Record<string, string | undefined>> = {},
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries({ source: '/srv', type: 'bind', share: 'shared', ...change }).flatMap(([field, value]) =>
      value === undefined ? [] : [[`dev.gvisor.spec.mount.${name}.${field}`, value]],
    ),
  );

const RLIMIT = '/process/rlimits/-';
const rlimit = (type: string, soft: JsonValue, hard: JsonValue) => ({ type, soft, hard });
const syscall = '/linux/seccomp/syscalls/0';

const rows: readonly Row[] = [
  ['LINT_VERSION_MISSING', '/ociVersion', undefined],
  ['LINT_VERSION_FORM', '/ociVersion', '1.2'],
  ['LINT_VERSION_FORM', '/ociVersion', 'v1.2.0'],
  ['LINT_VERSION_UNKNOWN', '/ociVersion', '2.0.0'],
  ['LINT_MEMBER_MISSPELT', '/process/noNewPrivilege', true],
  ['LINT_ROOT_FOR_LINUX', '/windows', { layerFolders: ['C:/a'] }, '/root'],
  ['LINT_ROOT_MISSING', '/root', undefined],
  ['LINT_ROOT_PATH_EMPTY', '/root/path', ''],
  ['LINT_OTHER_PLATFORM', '/windows', {}],
  ['LINT_PROCESS_MISSING', '/process', null],
  ['LINT_ARGS_MISSING', '/process/args', undefined],
  ['LINT_ARGS_EMPTY', '/process/args', []],
  ['LINT_ARGS_BLANK', '/process/args/0', ''],
  ['LINT_CWD_EMPTY', '/process/cwd', ''],
  ['LINT_CWD_EMPTY', '/process/cwd', undefined],
  ['LINT_CWD_RELATIVE', '/process/cwd', 'tmp'],
  ['LINT_ENV_FORM', '/process/env/1', 'NAME'],
  ['LINT_ENV_NAME', '/process/env/1', '=value'],
  ['LINT_ENV_NUL', '/process/env/1', 'A=\u0000'],
  ['LINT_RLIMIT_UNKNOWN', '/process/rlimits/0/type', 'RLIMIT_FOO'],
  ['LINT_RLIMIT_ORDER', '/process/rlimits/0/soft', 3],
  // As doubles the two are the same number.
  [
    'LINT_RLIMIT_ORDER',
    '/process/rlimits/0',
    rlimit('RLIMIT_CORE', 18446744073709551615n, 18446744073709551614n),
    '/process/rlimits/0/soft',
  ],
  ['LINT_RLIMIT_TWICE', RLIMIT, rlimit('RLIMIT_NOFILE', 1, 2), '/process/rlimits/1/type'],
  ['LINT_RLIMIT_CONFLICT', RLIMIT, rlimit('RLIMIT_NOFILE', 1, 3), '/process/rlimits/1/type'],
  ['LINT_CAPABILITIES_LIST', '/process/capabilities', ['CAP_KILL']],
  ['LINT_CAPABILITY_UNKNOWN', '/process/capabilities/bounding/0', 'cap_chown'],
  [
    'LINT_CAPABILITY_EFFECTIVE',
    '/process/capabilities/effective/-',
    'CAP_KILL',
    '/process/capabilities/effective/1',
  ],
  ['LINT_CAPABILITY_AMBIENT', '/process/capabilities/inheritable', [], '/process/capabilities/ambient/0'],
  [
    'LINT_CAPABILITY_INHERITABLE',
    '/process/capabilities/bounding',
    [],
    '/process/capabilities/inheritable/0',
  ],
  ['LINT_CONSOLE_SIZE', '/process/terminal', false, '/process/consoleSize'],
  ['LINT_IO_PRIORITY', '/process/ioPriority/priority', 8],
  ['LINT_IO_PRIORITY_CLASS', '/process/ioPriority/class', undefined],
  ['LINT_IO_PRIORITY_CLASS', '/process/ioPriority/class', 'IOPRIO_CLASS_NONE'],
  ['LINT_SCHEDULER_POLICY', '/process/scheduler/policy', undefined],
  ['LINT_SCHEDULER_POLICY', '/process/scheduler/policy', 'BATCH'],
  ['LINT_SCHEDULER_NICE', '/process/scheduler/nice', 20],
  ['LINT_SCHEDULER_PRIORITY', '/process/scheduler/priority', 1],
  ['LINT_SCHEDULER_PRIORITY', '/process/scheduler/policy', 'SCHED_RR', '/process/scheduler/priority'],
  ['LINT_SCHEDULER_DEADLINE', '/process/scheduler/period', 1],
  ['LINT_SCHEDULER_FLAG', '/process/scheduler/flags/0', 'RESET_ON_FORK'],
  ['LINT_CPU_AFFINITY', '/process/execCPUAffinity/final', 'all'],
  ['LINT_OOM_SCORE_ADJ', '/process/oomScoreAdj', 1001],
  ['LINT_OOM_SCORE_ADJ', '/process/oomScoreAdj', -1001],
  ['LINT_SELINUX_LABEL', '/process/selinuxLabel', 'a:b:c:s0'],
  ['LINT_LINUX_MISSING', '/linux', undefined],
  ['LINT_MOUNTS_MISSING', '/mounts', undefined],
  ['LINT_MOUNT_PROC_NEEDED', '/mounts/0/destination', '/elsewhere', '/mounts'],
  ['LINT_MOUNT_DESTINATION_EMPTY', '/mounts/2/destination', ''],
  ['LINT_MOUNT_DESTINATION_RELATIVE', '/mounts/2/destination', 'else'],
  ['LINT_MOUNT_ON_ROOT', '/mounts/2/destination', '/./'],
  ['LINT_MOUNT_ON_PROC', '/mounts/0/type', 'tmpfs', '/mounts/0/destination'],
  ['LINT_MOUNT_COVERS', '/mounts/2/destination', '//data/'],
  ['LINT_MOUNT_COVERS', '/mounts/1/destination', '/data/below/more', '/mounts/2/destination'],
  ['LINT_MOUNT_SOURCE', '/mounts/1/source', undefined],
  ['LINT_MOUNT_BIND_OPTION', '/mounts/2/type', 'bind', '/mounts/2/options'],
  ['LINT_MOUNT_TYPE', '/mounts/2/type', undefined],
  ['LINT_MOUNT_MAPPINGS', '/mounts/1/gidMappings', undefined],
  ['LINT_MOUNT_MAPPINGS', '/mounts/1/uidMappings', undefined],
  ['LINT_MOUNT_IDMAP', '/mounts/1/options', ['rbind']],
  ['LINT_MOUNT_SHARED', '/mounts/1/options/3', 'rshared'],
  ['LINT_MOUNT_OPTION', '/mounts/1/options/3', 'size=64k'],
  ['LINT_MOUNT_OPTION_RUNC', '/mounts/1/options/3', 'defaults'],
  ['LINT_MOUNT_OPTION_CRUN', '/mounts/1/options/3', 'tmpcopyup'],
  ['LINT_MOUNT_REMOUNT', '/mounts/1/options/3', 'remount'],
  ['LINT_HOOK_PATH', '/hooks/poststop/0/path', 'bin/hook'],
  ['LINT_HOOK_TIMEOUT_ZERO', '/hooks/createContainer/0/timeout', 0],
  ['LINT_HOOK_TIMEOUT_NEGATIVE', '/hooks/createContainer/0/timeout', -1],
  ['LINT_HOOK_ENV_MISSING', '/hooks/createContainer/0/env', []],
  ['LINT_HOOK_ENV_FORM', '/hooks/createContainer/0/env/0', '=b'],
  ['LINT_ANNOTATION_KEY', '/annotations/', 'x'],
  ['LINT_ANNOTATION_RESERVED', '/annotations/org.opencontainers.image.mine', 'x'],
  ['LINT_CONTAINER_KIND', '/annotations/io.kubernetes.cri.container-type', 'pod'],
  [
    'LINT_SANDBOX_ID',
    '/annotations/io.kubernetes.cri.sandbox-id',
    '',
    '/annotations/io.kubernetes.cri.container-type',
  ],
  [
    'LINT_MOUNT_HINT_NAME',
    '/annotations',
    { 'dev.gvisor.spec.mount.a.b.type': 'bind' },
    '/annotations/dev.gvisor.spec.mount.a.b.type',
  ],
  ...(
    [
      ['LINT_MOUNT_HINT_FIELD', { type: 'nfs' }, 'type'],
      ['LINT_MOUNT_HINT_FIELD', { lifecycle: 'pod' }, 'lifecycle'],
      ['LINT_MOUNT_HINT_INCOMPLETE', { share: undefined }, 'share'],
      ['LINT_MOUNT_HINT_UNUSED', { source: '/srv/' }, 'source'],
    ] as const
  ).map(
    ([code, change, field]): Row => [
      code,
      '/annotations',
      mountHint('a', change),
      `/annotations/dev.gvisor.spec.mount.a.${field}`,
    ],
  ),
  [
    'LINT_MOUNT_HINT_SOURCE',
    '/annotations',
    { ...mountHint('a'), ...mountHint('b') },
    '/annotations/dev.gvisor.spec.mount.b.source',
  ],
  ['LINT_ROOTFS_HINT', '/annotations/dev.gvisor.spec.rootfs.overlay', 'none'],
  ['LINT_ROOTFS_HINT_INCOMPLETE', '/annotations/dev.gvisor.spec.rootfs.type', undefined],
  ['LINT_NAMESPACE_UNKNOWN', '/linux/namespaces/-', { type: 'net' }, '/linux/namespaces/7/type'],
  ['LINT_NAMESPACE_TWICE', '/linux/namespaces/-', { type: 'pid' }, '/linux/namespaces/7/type'],
  ['LINT_NAMESPACE_PATH', '/linux/namespaces/4/path', 'proc/1/ns/net'],
  ['LINT_MOUNT_NAMESPACE', '/linux/namespaces/0', undefined, '/linux/namespaces'],
  ['LINT_UTS_NAMESPACE', '/linux/namespaces/2', undefined, '/hostname'],
  ['LINT_DOMAINNAME_NAMESPACE', '/linux/namespaces/2', undefined, '/domainname'],
  ['LINT_HOSTNAME_LONG', '/hostname', 'h'.repeat(65)],
  ['LINT_HOSTNAME_LONG', '/domainname', 'é'.repeat(33)],
  ['LINT_TIME_CLOCK', '/linux/timeOffsets/realtime', { secs: 1 }],
  ['LINT_MEMORY_POLICY', '/linux/memoryPolicy/mode', 'LOCAL'],
  ['LINT_TIME_NAMESPACE', '/linux/namespaces/6', undefined, '/linux/timeOffsets'],
  ['LINT_USER_MAPPINGS', '/linux/uidMappings', []],
  ['LINT_USER_MAPPINGS', '/linux/gidMappings', undefined],
  ['LINT_USER_NAMESPACE', '/linux/namespaces/5', undefined, '/linux/uidMappings'],
  ['LINT_SYSCTL_HOSTNAME', '/linux/sysctl/kernel.hostname', 'h'],
  ['LINT_SYSCTL_OF_MACHINE', '/linux/sysctl/vm.swappiness', '1'],
  ['LINT_SYSCTL_NAMESPACE', '/linux/namespaces/3', undefined, '/linux/sysctl/kernel.shmmax'],
  ['LINT_SYSCTL_NAMESPACE', '/linux/namespaces/4', undefined, '/linux/sysctl/net.ipv4.ip_forward'],
  ['LINT_SYSCTL_NAMESPACE', '/linux/namespaces/2', undefined, '/linux/sysctl/kernel.domainname'],
  ['LINT_DEVICE_PATH', '/linux/devices/0/path', 'dev/a'],
  ['LINT_DEVICE_TWICE', '/linux/devices/1/path', '/dev/a'],
  ['LINT_DEVICE_TYPE', '/linux/devices/0/type', 'x'],
  ['LINT_DEVICE_TYPE_MISSING', '/linux/devices/0/type', undefined],
  ['LINT_DEVICE_NUMBER', '/linux/devices/0/minor', undefined, '/linux/devices/0'],
  ['LINT_DEVICE_SAME', '/linux/devices/1/type', 'u', '/linux/devices/1'],
  ['LINT_CGROUP_DEVICE_TYPE', '/linux/resources/devices/0/type', 'p'],
  ['LINT_CGROUP_DEVICE_ACCESS', '/linux/resources/devices/0/access', 'rx'],
  ['LINT_CGROUP_DEVICE_ACCESS_MISSING', '/linux/resources/devices/0/access', undefined],
  ['LINT_CGROUP_DEVICE_ACCESS_MISSING', '/linux/resources/devices/0/access', ''],
  ['LINT_SWAPPINESS', '/linux/resources/memory/swappiness', 101],
  ['LINT_SWAP_BELOW_LIMIT', '/linux/resources/memory/swap', 9],
  ['LINT_CPU_LIST', '/linux/resources/cpu/mems', 'all'],
  ['LINT_PROPAGATION_SHARED', '/linux/rootfsPropagation', 'shared'],
  ['LINT_PROPAGATION_UNBINDABLE', '/linux/rootfsPropagation', 'runbindable'],
  ['LINT_PROPAGATION_UNKNOWN', '/linux/rootfsPropagation', 'sharedish'],
  ['LINT_HIDDEN_PATH', '/linux/maskedPaths/0', 'proc'],
  ['LINT_HIDDEN_PATH', '/linux/readonlyPaths/0', ''],
  ['LINT_PERSONALITY', '/linux/personality/domain', 'BSD'],
  ['LINT_PERSONALITY', '/linux/personality/domain', undefined],
  ['LINT_SECCOMP_RULES_DEFAULT', '/linux/seccomp/defaultAction', undefined],
  ['LINT_SECCOMP_DEFAULT', '/linux/seccomp', {}, '/linux/seccomp/defaultAction'],
  ['LINT_SECCOMP_ACTION', '/linux/seccomp/defaultAction', 'SCMP_ACT_FOO'],
  ['LINT_SECCOMP_ACTION', `${syscall}/action`, 'ALLOW'],
  ['LINT_SECCOMP_ACTION', `${syscall}/action`, undefined],
  ['LINT_SECCOMP_ERRNO', `${syscall}/errnoRet`, 1],
  ['LINT_SECCOMP_ARCH', '/linux/seccomp/architectures/0', 'x86_64'],
  ['LINT_SECCOMP_FLAG', '/linux/seccomp/flags/0', 'LOG'],
  ['LINT_SECCOMP_NAMES_MISSING', `${syscall}/names`, undefined],
  ['LINT_SECCOMP_NAMES', `${syscall}/names`, []],
  ['LINT_SECCOMP_NAME_EMPTY', `${syscall}/names/0`, ''],
  ['LINT_SECCOMP_NAME', `${syscall}/names/0`, 'a b'],
  ['LINT_SECCOMP_NOTIFY_WRITE', '/linux/seccomp/syscalls/1/names/0', 'write'],
  ['LINT_SECCOMP_OPERATOR', `${syscall}/args/0/op`, 'EQ'],
  ['LINT_SECCOMP_OPERATOR', `${syscall}/args/0/op`, undefined],
  ['LINT_SECCOMP_ARGUMENT', `${syscall}/args/0/index`, 6],
  ['LINT_SECCOMP_LISTENER', '/linux/seccomp/listenerPath', ''],
];

/** Refused by releases of the past only. */
const pastRows: readonly (readonly [RuntimeTarget, ...Row])[] = [
  ['crun@1.8.1', 'LINT_VERSION_NEWER', '/ociVersion', '1.2.0'],
  [
    'runsc@20221219',
    'LINT_MOUNT_OPTION_RUNSC',
    '/mounts/1/options',
    ['rbind', 'ridmap'],
    '/mounts/1/options/1',
  ],
  ['runsc@20240729', 'LINT_ROOTFS_HINT_NEWER', '/annotations/dev.gvisor.spec.rootfs.options', 'size=1m'],
  ['runc@1.1.15', 'LINT_NAMESPACE_TIME', '/linux/namespaces/6', { type: 'time' }, '/linux/namespaces/6/type'],
  ['runc@1.1.15', 'LINT_MOUNT_PROC_MISSING', '/process/capabilities', undefined, '/mounts'],
];

function refusingNow(code: LintCode): readonly string[] {
  const { rejectedBy }: LintRow = LINT_CODES[code];
  return RUNTIME_DIALECTS.filter((runtime) =>
    rejectedBy.some(
      (one) =>
        one === runtime || (typeof one !== 'string' && one.runtime === runtime && one.before === undefined),
    ),
  );
}

function broken([code, path, value]: Row): SpecDocument {
  if (code === 'LINT_MOUNT_PROC_MISSING') {
    return document.apply([
      { op: 'remove', path },
      { op: 'remove', path: '/mounts/0' },
    ]);
  }
  if (code === 'LINT_ROOT_FOR_LINUX') {
    return document.apply([
      { op: 'add', path, value: value ?? null },
      { op: 'remove', path: '/root' },
    ]);
  }
  const patch: JsonPatch =
    value === undefined
      ? [{ op: 'remove', path }]
      : [{ op: path.endsWith('/-') || document.source(path) === undefined ? 'add' : 'replace', path, value }];
  return document.apply(patch);
}

describe('each lint', () => {
  test('a sound configuration has no finding', () => expect(lintConfig(document)).toEqual([]));

  test('every code has a row', () => {
    const codes = [...rows.map(([code]) => code), ...pastRows.map(([, code]) => code)];
    expect(new Set(codes)).toEqual(new Set(Object.keys(LINT_CODES)));
  });

  test.each(rows)('%s: %s becomes %j', (...row) => {
    const [code, path, , pointer = path] = row;
    const next = broken(row);
    const rejectedBy = refusingNow(code);
    const found = lintConfig(next).filter((finding) => finding.code === code);
    expect(found).toContainEqual(
      expect.objectContaining({
        pointer,
        rejectedBy,
        level: rejectedBy.length === RUNTIME_DIALECTS.length ? 'error' : 'warn',
        message: expect.stringMatching(/^[^\n]+[^.]$/),
      }),
    );
    for (const dialect of RUNTIME_DIALECTS) {
      const level = rejectedBy.includes(dialect) ? 'error' : 'warn';
      const findings = lintConfig(next, { dialects: [dialect] });
      expect(findings).toContainEqual(expect.objectContaining({ code, pointer, level }));
    }
  });
});

describe('by the specification alone', () => {
  test('a sound configuration has no finding', () => {
    expect(lintConfig(document, { by: 'specification' })).toEqual([]);
  });

  test.each(rows)('%s: %s becomes %j', (...row) => {
    const [code] = row;
    const { spec }: LintRow = LINT_CODES[code];
    const found = lintConfig(broken(row), { by: 'specification' }).filter((finding) => finding.code === code);
    expect(found.map(({ level }) => level)).toEqual(spec === undefined ? [] : [spec]);
  });
});

describe('releases', () => {
  test.each(pastRows)('%s: %s', (target, ...row) => {
    const [code, path, , pointer = path] = row;
    const next = broken(row);
    const found = (dialects?: readonly RuntimeTarget[]) =>
      lintConfig(next, dialects === undefined ? {} : { dialects })
        .filter((finding) => finding.code === code)
        .map(({ level, pointer }) => `${level} ${pointer}`);
    expect([found([target]), found(['runc', 'crun', 'runsc']), found()]).toEqual([
      [`error ${pointer}`],
      [],
      [],
    ]);
  });

  /** A code, the releases that refuse, and those that do not. */
  test.each<[LintCode, readonly RuntimeTarget[], readonly RuntimeTarget[]]>([
    ['LINT_VERSION_FORM', ['crun@1.8.1', 'crun@1.14.2'], ['crun@1.14.3', 'crun@1.21', 'crun']],
    ['LINT_PROCESS_MISSING', ['crun@1.8.1', 'runc@1.0', 'runsc@20221219'], ['crun@1.21', 'crun@2', 'crun']],
    ['LINT_NAMESPACE_TWICE', ['crun@1.18', 'crun@1.18.2', 'crun@2.0', 'crun'], ['crun@1.17', 'crun@1.9.2']],
    [
      'LINT_IO_PRIORITY',
      ['crun@1.8.6', 'runc@1.2.0-rc.1', 'runc@v1.3.6+ds1'],
      ['crun@1.8.5', 'runc@1.1.15+ds1'],
    ],
    ['LINT_MOUNT_HINT_FIELD', ['runsc@20221219'], ['runsc@20240729', 'runsc']],
    ['LINT_ROOTFS_HINT', ['runsc@20240729', 'runsc'], ['runsc@20221219']],
    [
      'LINT_MOUNT_OPTION',
      ['runc@1.2', 'runsc@0.0~20221219.0'],
      ['runc@1.1', 'runsc@release-20240729.0', 'crun'],
    ],
  ])('%s: refused by %j, taken by %j', (code, refusing, taking) => {
    const row = rows.find(([other]) => other === code) ?? rows[0];
    const levels = (targets: readonly RuntimeTarget[]) =>
      targets.map((target) => {
        const found = lintConfig(broken(row as Row), { dialects: [target] });
        return found.some((finding) => finding.code === code && finding.level === 'error')
          ? 'refused'
          : 'taken';
      });
    expect(levels(refusing)).toEqual(refusing.map(() => 'refused'));
    expect(levels(taking)).toEqual(taking.map(() => 'taken'));
  });

  test.each(['youki', 'crun@', 'crun@x', 'crun@1.x', 'crun@1.2@3', 'runsc@1.2', 'runsc@202', ''])(
    '%j is no runtime',
    (target) => {
      expect(() => lintConfig(document, { dialects: [target as RuntimeTarget] })).toThrow(
        expect.objectContaining({ code: 'ERR_LINT_RUNTIME', details: { target } }),
      );
    },
  );
});

test('an error for one of the chosen runtimes is an error', () => {
  const next = broken(['LINT_CWD_RELATIVE', '/process/cwd', 'tmp']);
  const levels = (...dialects: ('runc' | 'crun' | 'runsc')[]) =>
    lintConfig(next, { dialects }).map(({ level }) => level);
  expect([levels('crun'), levels('crun', 'runc'), levels()]).toEqual([['warn'], ['error'], ['warn']]);
});

test('a finding says where: of a missing member, the value around it', () => {
  const text = '{"ociVersion":"1.2.0",\n "root":{"path":"r"},\n "process":{"cwd":"é",\n  "env":["A","B"]}}';
  const places = lintConfig(SpecDocument.parse(encode(text))).map(
    ({ code, line, column }) => `${code} ${line}:${column}`,
  );
  expect(places).toEqual([
    'LINT_LINUX_MISSING 1:1',
    'LINT_MOUNTS_MISSING 1:1',
    'LINT_MOUNT_NAMESPACE 1:1',
    'LINT_ARGS_MISSING 3:12',
    'LINT_CWD_RELATIVE 3:19',
    'LINT_ENV_FORM 4:10',
    'LINT_ENV_FORM 4:14',
  ]);
});

describe('configurations that engines write', () => {
  const fixtures = new URL('fixtures/config/', import.meta.url);
  // Two of them are shortened, down to namespaces that do not bear their host name and to mounts without /proc.
  test.each([
    ['containerd-cri.json', []],
    ['cri-o.json', ['LINT_UTS_NAMESPACE']],
    ['docker-nulls.json', []],
    ['podman-privileged.json', ['LINT_UTS_NAMESPACE', 'LINT_MOUNT_PROC_NEEDED']],
    ['runc-spec.json', []],
  ])('%s: %j', (name, codes) => {
    const parsed = SpecDocument.parse(readFileSync(new URL(name, fixtures)));
    const errors = lintConfig(parsed, { dialects: ['runc'] }).filter(({ level }) => level === 'error');
    expect(errors.map(({ code }) => code)).toEqual(codes);
  });
});

test('a container of another system is asked for what Linux wants only if a runtime is named', () => {
  const text =
    '{"ociVersion":"1.2.0","windows":{"layerFolders":["C:/a"]},"process":{"args":["a"],"cwd":"/"}}';
  const codes = (options?: Parameters<typeof lintConfig>[1]) =>
    lintConfig(SpecDocument.parse(encode(text)), options).map(({ code }) => code);
  expect(codes()).toEqual([]);
  expect(codes({ dialects: ['runc'] })).toEqual([
    'LINT_ROOT_FOR_LINUX',
    'LINT_LINUX_MISSING',
    'LINT_MOUNTS_MISSING',
    'LINT_OTHER_PLATFORM',
  ]);
});

describe('a member that the specification does not have', () => {
  /** What is added, and the name that is meant. */
  test.each<[string, string | undefined]>([
    ['/root/readOnlyy', 'readonly'],
    ['/root/read-only', 'readonly'],
    ['/process/noNewPrivilege', 'noNewPrivileges'],
    ['/process/no_new_privileges', 'noNewPrivileges'],
    ['/process/capability', 'capabilities'],
    ['/process/rlimits/0/sfot', 'soft'],
    ['/linux/maskedPath', 'maskedPaths'],
    ['/linux/seccomp/syscalls/0/name', 'names'],
    ['/linux/timeOffsets/boottime/sec', 'secs'],
    ['/hooks/pre-start', 'prestart'],
    ['/mounts/1/optoins', 'options'],
    ['/namespace', undefined],
    ['/x-vendor', undefined],
    ['/org.example.mounts', undefined],
    ['/process/user', undefined],
    ['/process/pid', undefined],
    ['/annotations/root', undefined],
    ['/linux/sysctl/net.ipv4.ip_forwards', undefined],
    ['/mounts/1/id', undefined],
  ])('%s: %s', (path, meant) => {
    const value = path.includes('/annotations/') || path.includes('/sysctl/') ? 'x' : {};
    const next = document.apply([{ op: 'add', path, value }]);
    const found = lintConfig(next).filter(({ code }) => code === 'LINT_MEMBER_MISSPELT');
    expect(found).toEqual(
      meant === undefined
        ? []
        : [
            expect.objectContaining({
              level: 'warn',
              pointer: path,
              message: expect.stringContaining(`the specification has "${meant}"`),
            }),
          ],
    );
  });

  test('is looked for wherever it is, and only so often', () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`mounts${i}`, 1]));
    const next = SpecDocument.parse(encode(JSON.stringify({ ...many, mount: [], process: { cwdd: 1 } })));
    expect(lintConfig(next).length).toBeLessThanOrEqual(1000);
  });
});

describe('whatever the values are', () => {
  const members = [
    ...['root', 'process', 'mounts', 'hooks', 'annotations', 'linux', 'hostname', 'ociVersion'],
    ...['namespaces', 'devices', 'sysctl', 'seccomp', 'resources', 'type', 'path', 'options', 'env'],
    ...['syscalls', 'names', 'args', 'rlimits', 'capabilities', '__proto__', 'constructor', 'prestart'],
  ];
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6, depthIdentifier: 'json' },
      fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 3, depthIdentifier: 'json' }),
      fc.dictionary(fc.constantFrom(...members), tie('value'), { maxKeys: 8, depthIdentifier: 'json' }),
    ),
  }));

  test('nothing is thrown, and what is found is at a place of the document', () => {
    fc.assert(
      fc.property(value, (json) => {
        const parsed = SpecDocument.parse(encode(JSON.stringify(json)));
        for (const { line, column, message } of lintConfig(parsed)) {
          expect([line, column].every((number) => number >= 1)).toBe(true);
          expect(message).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });
});
