import type { LintRow } from '../lint-row.js';

/** Codes about what stands in `linux`. */
export const LINUX_LINT_CODES = {
  LINT_NAMESPACE_UNKNOWN: {
    summary: 'A namespace is of a kind that Linux does not have.',
    hint: 'use pid, network, mount, ipc, uts, user, cgroup or time',
    spec: 'error',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_LINUX_MISSING: {
    summary: 'The configuration has no part for Linux, which crun wants, if only an empty one.',
    hint: 'add "linux", with the namespaces that the container has',
    rejectedBy: ['crun'],
  },
  LINT_NAMESPACE_TIME: {
    summary: 'A time namespace is asked for, which runc before 1.2 and crun before 1.8.4 do not have.',
    hint: 'remove it, or use a newer runtime',
    rejectedBy: [
      { runtime: 'runc', before: '1.2' },
      { runtime: 'crun', before: '1.8.4' },
    ],
  },
  LINT_NAMESPACE_TWICE: {
    summary: 'A kind of namespace stands in the list twice.',
    hint: 'keep one of the two',
    spec: 'error',
    rejectedBy: ['runc', { runtime: 'crun', since: '1.18' }],
  },
  LINT_NAMESPACE_PATH: {
    summary: 'The path of a namespace to join is relative.',
    hint: 'give the absolute path, such as /proc/1234/ns/net',
    spec: 'error',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_MOUNT_NAMESPACE: {
    summary: 'The container has no mount namespace: its mounts are made on the machine.',
    hint: 'add a namespace of the type mount',
    rejectedBy: [],
  },
  LINT_DOMAINNAME_NAMESPACE: {
    summary: 'A domain name is set in no uts namespace, and so for the machine.',
    hint: 'add a namespace of the type uts',
    rejectedBy: [{ runtime: 'runc', since: '1.2' }, 'crun'],
  },
  LINT_UTS_NAMESPACE: {
    summary: 'A host name is set in no uts namespace, and so for the machine.',
    hint: 'add a namespace of the type uts',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_HOSTNAME_LONG: {
    summary: 'A host or domain name has more bytes than Linux allows.',
    hint: 'use at most 64 bytes',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_TIME_CLOCK: {
    summary: 'A clock offset is for a clock that has none.',
    hint: 'use monotonic or boottime',
    spec: 'error',
    rejectedBy: [{ runtime: 'runc', since: '1.2' }],
  },
  LINT_MEMORY_POLICY: {
    summary: 'The NUMA memory policy has no mode that Linux has.',
    hint: 'use a mode of set_mempolicy(2), such as MPOL_INTERLEAVE',
    spec: 'error',
    rejectedBy: [{ runtime: 'crun', since: '1.28' }],
  },
  LINT_TIME_NAMESPACE: {
    summary: 'Clock offsets are given without a time namespace.',
    hint: 'add a namespace of the type time',
    rejectedBy: [
      { runtime: 'runc', since: '1.2' },
      { runtime: 'crun', since: '1.8.4' },
    ],
  },
  LINT_USER_MAPPINGS: {
    summary: 'A new user namespace has no mappings of users or of groups.',
    hint: 'add uidMappings and gidMappings',
    rejectedBy: ['runc', 'runsc'],
  },
  LINT_USER_NAMESPACE: {
    summary: 'User or group mappings are given without a user namespace.',
    hint: 'add a namespace of the type user, or remove them',
    rejectedBy: ['runsc'],
  },
  LINT_SYSCTL_HOSTNAME: {
    summary: 'The host name is set as a kernel parameter.',
    hint: 'use hostname',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_SYSCTL_OF_MACHINE: {
    summary: 'A kernel parameter belongs to the whole machine, not to a namespace.',
    hint: 'set it on the machine',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_SYSCTL_NAMESPACE: {
    summary: 'A kernel parameter belongs to a kind of namespace that the container has not of its own.',
    hint: 'add the namespace that the message names',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_DEVICE_PATH: {
    summary: 'The path of a device is not absolute.',
    hint: 'give the absolute path in the container',
    spec: 'error',
    rejectedBy: ['crun'],
  },
  LINT_DEVICE_TWICE: {
    summary: 'Two devices have the same path.',
    hint: 'keep one of them',
    rejectedBy: [],
  },
  LINT_DEVICE_TYPE: {
    summary: 'A device is of a type that Linux does not have.',
    hint: 'use c (character), b (block), u (unbuffered) or p (FIFO)',
    spec: 'error',
    rejectedBy: ['runc'],
  },
  LINT_DEVICE_TYPE_MISSING: {
    summary: 'A device has no type.',
    hint: 'add c (character), b (block), u (unbuffered) or p (FIFO)',
    spec: 'error',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_DEVICE_NUMBER: {
    summary: 'A device has no major or no minor number: runtimes take 0.',
    hint: 'give both numbers',
    spec: 'error',
    rejectedBy: [],
  },
  LINT_DEVICE_SAME: {
    summary: 'Two devices have the same type and numbers.',
    hint: 'keep one of them, and make the other a link',
    spec: 'warn',
    rejectedBy: [],
  },
  LINT_CGROUP_DEVICE_TYPE: {
    summary: 'A rule for devices is about a type that Linux does not have.',
    hint: 'use a (all), c or b',
    spec: 'error',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_CGROUP_DEVICE_ACCESS: {
    summary: 'A rule for devices has letters other than r, w and m.',
    hint: 'combine r (read), w (write) and m (mknod)',
    spec: 'error',
    rejectedBy: ['crun'],
  },
  LINT_CGROUP_DEVICE_ACCESS_MISSING: {
    summary: 'A rule for devices does not say which access it is about.',
    hint: 'combine r (read), w (write) and m (mknod)',
    rejectedBy: ['runc'],
  },
  LINT_PROPAGATION_SHARED: {
    summary: 'The root carries mounts out of the container, which gVisor refuses.',
    hint: 'use "rslave" or "rprivate"',
    rejectedBy: ['runsc'],
  },
  LINT_PROPAGATION_UNBINDABLE: {
    summary:
      'The root is to be unbindable; runsc and older releases of runc bind it to make it one, and cannot.',
    hint: 'use "rslave" or "rprivate"',
    rejectedBy: [{ runtime: 'runc', before: '1.1.15' }, 'runsc'],
  },
  LINT_PROPAGATION_UNKNOWN: {
    summary: 'The propagation of the root is of no kind that Linux has.',
    hint: 'use "rslave" or "rprivate"',
    spec: 'error',
    rejectedBy: ['runc', 'runsc'],
  },
  LINT_HIDDEN_PATH: {
    summary: 'A masked or read-only path is relative.',
    hint: 'give the absolute path in the container',
    spec: 'error',
    rejectedBy: [],
  },
  LINT_PERSONALITY: {
    summary: 'The execution domain is of no kind that runtimes know.',
    hint: 'use LINUX or LINUX32',
    spec: 'error',
    rejectedBy: [{ runtime: 'runc', since: '1.2' }, 'crun'],
  },
  LINT_SECCOMP_DEFAULT: {
    summary: 'The filter does not say what happens to calls that no rule names.',
    hint: 'add a defaultAction',
    spec: 'error',
    rejectedBy: ['crun'],
  },
  LINT_SECCOMP_RULES_DEFAULT: {
    summary: 'The filter has rules, and does not say what happens to calls that no rule names.',
    hint: 'add a defaultAction',
    spec: 'error',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_SECCOMP_ACTION: {
    summary: 'An action of the filter is none that libseccomp knows.',
    hint: 'use one of seccomp_rule_add(3), such as SCMP_ACT_ERRNO',
    spec: 'error',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_SECCOMP_ERRNO: {
    summary: 'The filter gives an errno for an action that returns none.',
    hint: 'remove it, or use SCMP_ACT_ERRNO or SCMP_ACT_TRACE',
    rejectedBy: ['crun'],
  },
  LINT_SECCOMP_ARCH: {
    summary: 'An architecture of the filter is none that libseccomp knows.',
    hint: 'use one of seccomp_arch_add(3), such as SCMP_ARCH_X86_64',
    spec: 'error',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_SECCOMP_FLAG: {
    summary: 'A flag of the filter is none that the kernel knows.',
    hint: 'use one of seccomp(2), or remove it',
    spec: 'error',
    rejectedBy: ['runc'],
  },
  LINT_SECCOMP_NAMES_MISSING: {
    summary: 'A rule of the filter has no list of system calls.',
    hint: 'add names, with at least one, or remove the rule',
    spec: 'error',
    rejectedBy: ['crun'],
  },
  LINT_SECCOMP_NAMES: {
    summary: 'A rule of the filter names no system call.',
    hint: 'name at least one, or remove the rule',
    spec: 'error',
    rejectedBy: [],
  },
  LINT_SECCOMP_NAME_EMPTY: {
    summary: 'A rule of the filter names a system call by an empty text.',
    hint: 'remove the entry',
    rejectedBy: ['runc'],
  },
  LINT_SECCOMP_NAME: {
    summary: 'A rule of the filter names what cannot be a system call; runtimes ignore it.',
    hint: 'correct the name',
    rejectedBy: [],
  },
  LINT_SECCOMP_NOTIFY_WRITE: {
    summary: 'The filter asks a listener about write(2), which the runtime itself calls after loading it.',
    hint: 'take write out of the rule',
    rejectedBy: ['runc'],
  },
  LINT_SECCOMP_OPERATOR: {
    summary: 'A rule of the filter compares in a way that libseccomp does not know.',
    hint: 'use one of seccomp_rule_add(3), such as SCMP_CMP_EQ',
    spec: 'error',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_SECCOMP_ARGUMENT: {
    summary: 'A rule of the filter is about an argument that no system call has.',
    hint: 'use an index in 0 to 5',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_SECCOMP_LISTENER: {
    summary: 'The filter asks a listener, and there is none.',
    hint: 'give the listenerPath',
    rejectedBy: ['runc'],
  },
  LINT_SWAPPINESS: {
    summary: 'The swappiness is not in 0 to 100.',
    hint: 'use a number in that range',
    spec: 'error',
    rejectedBy: ['runc'],
  },
  LINT_SWAP_BELOW_LIMIT: {
    summary: 'The limit of memory and swap together is below the limit of memory alone.',
    hint: 'raise swap: it counts both',
    rejectedBy: ['runc', 'crun', 'runsc'],
  },
  LINT_CPU_LIST: {
    summary: 'A list of CPUs or memory nodes is not of the form that cpuset(7) gives it.',
    hint: 'write numbers and ranges, such as "0-3,8"',
    rejectedBy: ['runc', 'crun', 'runsc'],
  },
} as const satisfies Readonly<Record<string, LintRow>>;
