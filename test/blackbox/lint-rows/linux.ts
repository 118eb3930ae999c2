import { add, type LintRow, namespacesWithout, remove, replace } from './row.js';

/** What stands in `linux`. */
export const LINUX_ROWS: readonly LintRow[] = [
  {
    code: 'LINT_NAMESPACE_TWICE',
    name: 'a namespace twice',
    verdicts: 'r--',
    turns: { crun: '1.18' },
    patch: [add('/linux/namespaces/-', { type: 'pid' })],
  },
  {
    code: 'LINT_NAMESPACE_PATH',
    name: 'a namespace by a relative path',
    verdicts: 'rc-',
    patch: [replace('/linux/namespaces/4', { type: 'network', path: 'proc/self/ns/net' })],
  },
  {
    code: 'LINT_NAMESPACE_UNKNOWN',
    name: 'a kind of namespace that is none',
    verdicts: 'rc-',
    patch: [add('/linux/namespaces/-', { type: 'foo' })],
  },
  {
    code: 'LINT_UTS_NAMESPACE',
    name: 'a host name of the machine',
    verdicts: 'rc-',
    patch: [namespacesWithout('uts'), add('/hostname', 'x')],
  },
  {
    code: 'LINT_DOMAINNAME_NAMESPACE',
    name: 'a domain name of the machine',
    verdicts: '-c-',
    turns: { runc: '1.2' },
    patch: [namespacesWithout('uts'), add('/domainname', 'x')],
  },
  {
    code: 'LINT_TIME_NAMESPACE',
    name: "offsets of the machine's clocks",
    verdicts: '---',
    turns: { runc: '1.2', crun: '1.8.4' },
    patch: [add('/linux/timeOffsets', { boottime: { secs: 1, nanosecs: 0 } })],
  },
  {
    code: 'LINT_TIME_CLOCK',
    name: 'an offset of a clock that has none',
    verdicts: 'rc-',
    turns: { crun: '1.8.4' },
    patch: [
      add('/linux/namespaces/-', { type: 'time' }),
      add('/linux/timeOffsets', { realtime: { secs: 1, nanosecs: 0 } }),
    ],
  },
  {
    code: 'LINT_NAMESPACE_TIME',
    name: 'a time namespace',
    verdicts: 'rc-',
    turns: { runc: '1.2', crun: '1.8.4' },
    patch: [add('/linux/namespaces/-', { type: 'time' })],
  },
  {
    code: 'LINT_LINUX_MISSING',
    name: 'nothing for Linux',
    // Not tried: without a mount namespace the mounts would be the machine's.
    verdicts: '???',
    patch: [remove('/linux')],
  },
  {
    code: 'LINT_HOSTNAME_LONG',
    name: 'a host name of 65 bytes',
    verdicts: 'rc-',
    patch: [add('/hostname', 'h'.repeat(65))],
  },
  {
    code: 'LINT_MEMORY_POLICY',
    name: 'a memory policy that is none',
    verdicts: '---',
    turns: { crun: '1.28' },
    patch: [add('/linux/memoryPolicy', { mode: 'FOO' })],
  },
  {
    code: 'LINT_USER_MAPPINGS',
    name: 'a user namespace without mappings',
    verdicts: 'r-s',
    patch: [add('/linux/namespaces/-', { type: 'user' })],
  },
  {
    code: 'LINT_USER_MAPPINGS',
    name: 'a user namespace with mappings of users only',
    verdicts: 'r-s',
    patch: [
      add('/linux/namespaces/-', { type: 'user' }),
      add('/linux/uidMappings', [{ containerID: 0, hostID: 0, size: 1000 }]),
    ],
  },
  {
    code: 'LINT_USER_NAMESPACE',
    name: 'mappings without a user namespace; runsc of 2022 never ends',
    verdicts: '--?',
    patch: [
      add('/linux/uidMappings', [{ containerID: 0, hostID: 0, size: 1000 }]),
      add('/linux/gidMappings', [{ containerID: 0, hostID: 0, size: 1000 }]),
    ],
  },
  {
    code: 'LINT_SYSCTL_NAMESPACE',
    name: 'a network parameter of the machine',
    verdicts: 'rc-',
    patch: [namespacesWithout('network'), add('/linux/sysctl', { 'net.ipv4.ip_forward': '0' })],
  },
  {
    code: 'LINT_SYSCTL_NAMESPACE',
    name: 'an ipc parameter of the machine',
    verdicts: 'rc-',
    patch: [namespacesWithout('ipc'), add('/linux/sysctl', { 'kernel.msgmax': '8192' })],
  },
  {
    code: 'LINT_SYSCTL_NAMESPACE',
    name: 'a message queue parameter of the machine',
    verdicts: 'rc-',
    patch: [namespacesWithout('ipc'), add('/linux/sysctl', { 'fs.mqueue.msg_max': '10' })],
  },
  {
    code: 'LINT_SYSCTL_NAMESPACE',
    name: 'the domain name of the machine as a parameter',
    verdicts: 'rc-',
    patch: [namespacesWithout('uts'), add('/linux/sysctl', { 'kernel.domainname': 'x' })],
  },
  {
    code: 'LINT_SYSCTL_OF_MACHINE',
    name: "a parameter that is the machine's alone",
    verdicts: 'rc-',
    patch: [add('/linux/sysctl', { 'kernel.nosuchthing': '1' })],
  },
  {
    code: 'LINT_SYSCTL_HOSTNAME',
    name: 'the host name as a parameter',
    verdicts: 'rc-',
    patch: [add('/linux/sysctl', { 'kernel.hostname': 'x' })],
  },
  {
    name: 'parameters of its own',
    verdicts: '---',
    patch: [
      add('/linux/sysctl', { 'net/ipv4/ip_forward': '0', 'kernel.msgmax': '8192', 'kernel.domainname': 'x' }),
    ],
  },
  {
    code: 'LINT_DEVICE_PATH',
    name: 'a device by a relative path',
    verdicts: '-c-',
    patch: [add('/linux/devices', [{ path: 'dev/foo', type: 'c', major: 1, minor: 3 }])],
  },
  {
    code: 'LINT_DEVICE_TWICE',
    name: 'two devices at one path',
    verdicts: '---',
    patch: [
      add('/linux/devices', [
        { path: '/dev/foo', type: 'c', major: 1, minor: 3 },
        { path: '/dev/foo', type: 'c', major: 1, minor: 5 },
      ]),
    ],
  },
  {
    code: 'LINT_DEVICE_SAME',
    name: 'one device at two paths',
    verdicts: '---',
    patch: [
      add('/linux/devices', [
        { path: '/dev/foo', type: 'c', major: 1, minor: 3 },
        { path: '/dev/bar', type: 'c', major: 1, minor: 3 },
      ]),
    ],
  },
  {
    code: 'LINT_DEVICE_TYPE',
    name: 'a type of device that is none',
    verdicts: 'r--',
    patch: [add('/linux/devices', [{ path: '/dev/foo', type: 'x', major: 1, minor: 3 }])],
  },
  {
    code: 'LINT_DEVICE_TYPE_MISSING',
    name: 'a device without a type',
    verdicts: 'rc-',
    patch: [add('/linux/devices', [{ path: '/dev/foo', major: 1, minor: 3 }])],
  },
  {
    code: 'LINT_DEVICE_NUMBER',
    name: 'a device without numbers',
    verdicts: '---',
    patch: [add('/linux/devices', [{ path: '/dev/foo', type: 'c' }])],
  },
  { name: 'a FIFO', verdicts: '---', patch: [add('/linux/devices', [{ path: '/dev/foo', type: 'p' }])] },
  {
    code: 'LINT_CGROUP_DEVICE_TYPE',
    name: 'a rule about devices of no type',
    verdicts: 'rc-',
    patch: [add('/linux/resources', { devices: [{ allow: false, access: 'rwm', type: 'x' }] })],
  },
  {
    code: 'LINT_CGROUP_DEVICE_ACCESS',
    name: 'a rule about an access that is none',
    verdicts: '-c-',
    patch: [
      add('/linux/resources', { devices: [{ allow: true, type: 'c', major: 1, minor: 3, access: 'z' }] }),
    ],
  },
  {
    code: 'LINT_CGROUP_DEVICE_ACCESS_MISSING',
    name: 'a rule about no access; crun hands it to the kernel, which takes it or not',
    verdicts: 'r?-',
    patch: [add('/linux/resources', { devices: [{ allow: true, type: 'c', major: 1, minor: 3 }] })],
  },
  {
    code: 'LINT_SWAPPINESS',
    name: 'a swappiness of 101',
    verdicts: 'r--',
    patch: [add('/linux/resources', { memory: { swappiness: 101 } })],
  },
  {
    code: 'LINT_SWAP_BELOW_LIMIT',
    name: 'less memory and swap than memory',
    verdicts: 'rcs',
    patch: [add('/linux/resources', { memory: { limit: 104857600, swap: 52428800 } })],
  },
  {
    code: 'LINT_CPU_LIST',
    name: 'CPUs by a name',
    verdicts: 'rcs',
    patch: [add('/linux/resources', { cpu: { cpus: 'x' } })],
  },
  {
    code: 'LINT_PROPAGATION_SHARED',
    name: 'a shared root',
    verdicts: '--s',
    patch: [add('/linux/rootfsPropagation', 'rshared')],
  },
  {
    code: 'LINT_PROPAGATION_UNBINDABLE',
    name: 'an unbindable root',
    // runc before 1.1.15 refuses it where the root lies in the file system that is mounted at "/".
    verdicts: '?-s',
    patch: [add('/linux/rootfsPropagation', 'unbindable')],
  },
  {
    code: 'LINT_PROPAGATION_UNBINDABLE',
    name: 'a root that is unbindable to the bottom',
    verdicts: 'r-s',
    turns: { runc: '1.1.15' },
    patch: [add('/linux/rootfsPropagation', 'runbindable')],
  },
  {
    code: 'LINT_PROPAGATION_UNKNOWN',
    name: 'a propagation that is none',
    verdicts: 'r-s',
    patch: [add('/linux/rootfsPropagation', 'bogus')],
  },
  {
    name: 'a root that hears of the machine',
    verdicts: '---',
    patch: [add('/linux/rootfsPropagation', 'rslave')],
  },
  {
    code: 'LINT_HIDDEN_PATH',
    name: 'a relative masked path',
    verdicts: '---',
    patch: [add('/linux/maskedPaths', ['proc/kcore'])],
  },
  {
    code: 'LINT_HIDDEN_PATH',
    name: 'a relative read-only path',
    verdicts: '---',
    patch: [add('/linux/readonlyPaths', ['proc/sys'])],
  },
  {
    code: 'LINT_PERSONALITY',
    name: 'an execution domain that is none',
    verdicts: '-c-',
    turns: { runc: '1.2' },
    patch: [add('/linux/personality', { domain: 'FOO' })],
  },
  {
    code: 'LINT_SECCOMP_DEFAULT',
    name: 'a filter without a default',
    verdicts: '-c-',
    patch: [add('/linux/seccomp', { syscalls: [] })],
  },
  {
    code: 'LINT_SECCOMP_RULES_DEFAULT',
    name: 'a filter with rules and without a default',
    verdicts: 'rc-',
    patch: [add('/linux/seccomp', { syscalls: [{ names: ['getcwd'], action: 'SCMP_ACT_ERRNO' }] })],
  },
  {
    code: 'LINT_SECCOMP_ERRNO',
    name: 'an errno for calls that are allowed',
    verdicts: '-c-',
    patch: [add('/linux/seccomp', { defaultAction: 'SCMP_ACT_ALLOW', defaultErrnoRet: 1 })],
  },
  {
    code: 'LINT_SECCOMP_ACTION',
    name: 'a default that is no action',
    verdicts: 'rc-',
    patch: [add('/linux/seccomp', { defaultAction: 'SCMP_ACT_FOO' })],
  },
  {
    code: 'LINT_SECCOMP_ACTION',
    name: 'a rule whose action is none',
    verdicts: 'rc-',
    patch: [
      add('/linux/seccomp', {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['getcwd'], action: 'SCMP_ACT_FOO' }],
      }),
    ],
  },
  {
    code: 'LINT_SECCOMP_ARCH',
    name: 'an architecture that is none',
    verdicts: 'rc-',
    patch: [
      add('/linux/seccomp', {
        defaultAction: 'SCMP_ACT_ALLOW',
        architectures: ['SCMP_ARCH_FOO'],
        syscalls: [{ names: ['getcwd'], action: 'SCMP_ACT_ERRNO' }],
      }),
    ],
  },
  {
    code: 'LINT_SECCOMP_FLAG',
    name: 'a flag that is none',
    verdicts: 'r--',
    patch: [
      add('/linux/seccomp', {
        defaultAction: 'SCMP_ACT_ALLOW',
        flags: ['SECCOMP_FILTER_FLAG_FOO'],
        syscalls: [{ names: ['getcwd'], action: 'SCMP_ACT_ERRNO' }],
      }),
    ],
  },
  {
    code: 'LINT_SECCOMP_OPERATOR',
    name: 'a comparison that is none',
    verdicts: 'rc-',
    patch: [
      add('/linux/seccomp', {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [
          { action: 'SCMP_ACT_ERRNO', names: ['getcwd'], args: [{ index: 0, value: 1, op: 'SCMP_CMP_FOO' }] },
        ],
      }),
    ],
  },
  {
    code: 'LINT_SECCOMP_ARGUMENT',
    name: 'a seventh argument',
    verdicts: 'rc-',
    patch: [
      add('/linux/seccomp', {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [
          { action: 'SCMP_ACT_ERRNO', names: ['getcwd'], args: [{ index: 6, value: 1, op: 'SCMP_CMP_EQ' }] },
        ],
      }),
    ],
  },
  {
    code: 'LINT_SECCOMP_OPERATOR',
    name: 'a condition without a comparison',
    verdicts: 'rc-',
    patch: [
      add('/linux/seccomp', {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ action: 'SCMP_ACT_ERRNO', names: ['getcwd'], args: [{ index: 0, value: 1 }] }],
      }),
    ],
  },
  {
    code: 'LINT_SECCOMP_NAMES_MISSING',
    name: 'a rule without a list of calls',
    verdicts: '-c-',
    patch: [
      add('/linux/seccomp', { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ action: 'SCMP_ACT_ERRNO' }] }),
    ],
  },
  {
    code: 'LINT_SECCOMP_NAMES',
    name: 'a rule about no call',
    verdicts: '---',
    patch: [
      add('/linux/seccomp', {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ action: 'SCMP_ACT_ERRNO', names: [] }],
      }),
    ],
  },
  {
    code: 'LINT_SECCOMP_NAME_EMPTY',
    name: 'a call without a name',
    verdicts: 'r--',
    patch: [
      add('/linux/seccomp', {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ action: 'SCMP_ACT_ERRNO', names: [''] }],
      }),
    ],
  },
  {
    code: 'LINT_SECCOMP_NAME',
    name: 'a name that no call can have',
    verdicts: '---',
    patch: [
      add('/linux/seccomp', {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ action: 'SCMP_ACT_ERRNO', names: ['get-cwd'] }],
      }),
    ],
  },
  {
    code: 'LINT_SECCOMP_LISTENER',
    name: 'a listener that is not there',
    verdicts: 'r--',
    patch: [
      add('/linux/seccomp', {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['getcwd'], action: 'SCMP_ACT_NOTIFY' }],
      }),
    ],
  },
  {
    code: 'LINT_SECCOMP_NOTIFY_WRITE',
    name: 'a listener that is asked about write; crun calls it first',
    verdicts: 'r?-',
    patch: [
      add('/linux/seccomp', {
        defaultAction: 'SCMP_ACT_ALLOW',
        listenerPath: '/nowhere.sock',
        syscalls: [{ names: ['write'], action: 'SCMP_ACT_NOTIFY' }],
      }),
    ],
  },
  {
    name: 'a filter',
    verdicts: '---',
    patch: [
      add('/linux/seccomp', {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ action: 'SCMP_ACT_ERRNO', names: ['getcwd', 'a_call_of_tomorrow'] }],
      }),
    ],
  },
];
