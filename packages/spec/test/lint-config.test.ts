import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type JsonPatch, type JsonValue, SpecDocument } from '../src/index.js';
import { LINT_CODES, type LintCode, lintConfig, RUNTIME_DIALECTS } from '../src/lint.js';

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

const RLIMIT = '/process/rlimits/-';
const rlimit = (type: string, soft: JsonValue, hard: JsonValue) => ({ type, soft, hard });
const syscall = '/linux/seccomp/syscalls/0';

const rows: readonly Row[] = [
  ['LINT_VERSION_MISSING', '/ociVersion', undefined],
  ['LINT_VERSION_FORM', '/ociVersion', '1.2'],
  ['LINT_VERSION_FORM', '/ociVersion', 'v1.2.0'],
  ['LINT_VERSION_UNKNOWN', '/ociVersion', '2.0.0'],
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
  ['LINT_CAPABILITY_UNKNOWN', '/process/capabilities/bounding/0', 'cap_chown'],
  [
    'LINT_CAPABILITY_EFFECTIVE',
    '/process/capabilities/effective/-',
    'CAP_KILL',
    '/process/capabilities/effective/1',
  ],
  ['LINT_CAPABILITY_AMBIENT', '/process/capabilities/inheritable', [], '/process/capabilities/ambient/0'],
  ['LINT_CONSOLE_SIZE', '/process/terminal', false, '/process/consoleSize'],
  ['LINT_IO_PRIORITY', '/process/ioPriority/priority', 8],
  ['LINT_OOM_SCORE_ADJ', '/process/oomScoreAdj', 1001],
  ['LINT_OOM_SCORE_ADJ', '/process/oomScoreAdj', -1001],
  ['LINT_SELINUX_LABEL', '/process/selinuxLabel', 'a:b:c:s0'],
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
  ['LINT_NAMESPACE_UNKNOWN', '/linux/namespaces/-', { type: 'net' }, '/linux/namespaces/7/type'],
  ['LINT_NAMESPACE_TWICE', '/linux/namespaces/-', { type: 'pid' }, '/linux/namespaces/7/type'],
  ['LINT_NAMESPACE_PATH', '/linux/namespaces/4/path', 'proc/1/ns/net'],
  ['LINT_MOUNT_NAMESPACE', '/linux/namespaces/0', undefined, '/linux/namespaces'],
  ['LINT_UTS_NAMESPACE', '/linux/namespaces/2', undefined, '/hostname'],
  ['LINT_UTS_NAMESPACE', '/linux/namespaces/2', undefined, '/domainname'],
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
  ['LINT_DEVICE_NUMBER', '/linux/devices/0/minor', undefined, '/linux/devices/0'],
  ['LINT_DEVICE_SAME', '/linux/devices/1/type', 'u', '/linux/devices/1'],
  ['LINT_CGROUP_DEVICE_TYPE', '/linux/resources/devices/0/type', 'p'],
  ['LINT_CGROUP_DEVICE_ACCESS', '/linux/resources/devices/0/access', 'rx'],
  ['LINT_SWAPPINESS', '/linux/resources/memory/swappiness', 101],
  ['LINT_SWAP_BELOW_LIMIT', '/linux/resources/memory/swap', 9],
  ['LINT_CPU_LIST', '/linux/resources/cpu/mems', 'all'],
  ['LINT_PROPAGATION_SHARED', '/linux/rootfsPropagation', 'shared'],
  ['LINT_PROPAGATION_UNBINDABLE', '/linux/rootfsPropagation', 'runbindable'],
  ['LINT_PROPAGATION_UNKNOWN', '/linux/rootfsPropagation', 'sharedish'],
  ['LINT_HIDDEN_PATH', '/linux/maskedPaths/0', 'proc'],
  ['LINT_HIDDEN_PATH', '/linux/readonlyPaths/0', ''],
  ['LINT_PERSONALITY', '/linux/personality/domain', 'BSD'],
  ['LINT_SECCOMP_DEFAULT', '/linux/seccomp/defaultAction', undefined],
  ['LINT_SECCOMP_ACTION', '/linux/seccomp/defaultAction', 'SCMP_ACT_FOO'],
  ['LINT_SECCOMP_ACTION', `${syscall}/action`, 'ALLOW'],
  ['LINT_SECCOMP_ARCH', '/linux/seccomp/architectures/0', 'x86_64'],
  ['LINT_SECCOMP_FLAG', '/linux/seccomp/flags/0', 'LOG'],
  ['LINT_SECCOMP_NAMES', `${syscall}/names`, []],
  ['LINT_SECCOMP_NAME_EMPTY', `${syscall}/names/0`, ''],
  ['LINT_SECCOMP_NAME', `${syscall}/names/0`, 'a b'],
  ['LINT_SECCOMP_NOTIFY_WRITE', '/linux/seccomp/syscalls/1/names/0', 'write'],
  ['LINT_SECCOMP_OPERATOR', `${syscall}/args/0/op`, 'EQ'],
  ['LINT_SECCOMP_ARGUMENT', `${syscall}/args/0/index`, 6],
  ['LINT_SECCOMP_LISTENER', '/linux/seccomp/listenerPath', ''],
];

function broken([, path, value]: Row): SpecDocument {
  const patch: JsonPatch =
    value === undefined
      ? [{ op: 'remove', path }]
      : [{ op: path.endsWith('/-') || document.source(path) === undefined ? 'add' : 'replace', path, value }];
  return document.apply(patch);
}

describe('each lint', () => {
  test('a sound configuration has no finding', () => expect(lintConfig(document)).toEqual([]));

  test('every code has a row', () => {
    expect(new Set(rows.map(([code]) => code))).toEqual(new Set(Object.keys(LINT_CODES)));
  });

  test.each(rows)('%s: %s becomes %j', (...row) => {
    const [code, path, , pointer = path] = row;
    const next = broken(row);
    const { rejectedBy } = LINT_CODES[code];
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
      const level = (rejectedBy as readonly string[]).includes(dialect) ? 'error' : 'warn';
      const findings = lintConfig(next, { dialects: [dialect] });
      expect(findings).toContainEqual(expect.objectContaining({ code, pointer, level }));
    }
  });
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
    'LINT_MOUNT_NAMESPACE 1:1',
    'LINT_ARGS_MISSING 3:12',
    'LINT_CWD_RELATIVE 3:19',
    'LINT_ENV_FORM 4:10',
    'LINT_ENV_FORM 4:14',
  ]);
});

describe('configurations that engines write', () => {
  const fixtures = new URL('fixtures/config/', import.meta.url);
  // Two of them are shortened, down to namespaces that do not bear their host name.
  test.each([
    ['containerd-cri.json', []],
    ['cri-o.json', ['LINT_UTS_NAMESPACE']],
    ['docker-nulls.json', []],
    ['podman-privileged.json', ['LINT_UTS_NAMESPACE']],
    ['runc-spec.json', []],
  ])('%s: %j', (name, codes) => {
    const parsed = SpecDocument.parse(readFileSync(new URL(name, fixtures)));
    const errors = lintConfig(parsed, { dialects: ['runc'] }).filter(({ level }) => level === 'error');
    expect(errors.map(({ code }) => code)).toEqual(codes);
  });
});

test('a container of another system is not asked for namespaces of Linux', () => {
  const text =
    '{"ociVersion":"1.2.0","windows":{"layerFolders":["C:/a"]},"process":{"args":["a"],"cwd":"/"}}';
  expect(lintConfig(SpecDocument.parse(encode(text))).map(({ code }) => code)).toEqual([
    'LINT_OTHER_PLATFORM',
  ]);
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
