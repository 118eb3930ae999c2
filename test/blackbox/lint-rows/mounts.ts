import { add, bind, hook, type LintRow, remove, replace, tmpfs } from './row.js';

/** Ends after any timeout that is not above 0. */
const sleeper = { path: '/bin/sleep', args: ['sleep', '2'] };

/** Mounts, hooks and annotations. */
export const MOUNT_ROWS: readonly LintRow[] = [
  {
    code: 'LINT_MOUNTS_MISSING',
    name: 'no mounts',
    verdicts: 'rc-',
    turns: { runc: '1.2' },
    patch: [remove('/mounts')],
  },
  {
    code: 'LINT_MOUNT_PROC_MISSING',
    name: 'nothing at /proc',
    verdicts: 'r--',
    turns: { runc: '1.2' },
    patch: [remove('/mounts/0')],
  },
  {
    code: 'LINT_MOUNT_PROC_NEEDED',
    name: 'capabilities, and nothing at /proc',
    verdicts: 'r--',
    patch: [remove('/mounts/0'), add('/process/capabilities', {})],
  },
  {
    code: 'LINT_MOUNT_DESTINATION_EMPTY',
    name: 'no destination',
    verdicts: 'rcs',
    patch: [add('/mounts/-', tmpfs(''))],
  },
  {
    code: 'LINT_MOUNT_DESTINATION_RELATIVE',
    name: 'a relative destination',
    verdicts: '--s',
    patch: [add('/mounts/-', tmpfs('data'))],
  },
  {
    code: 'LINT_MOUNT_ON_ROOT',
    name: 'a mount on the root',
    verdicts: 'rc-',
    patch: [add('/mounts/-', tmpfs('/'))],
  },
  {
    code: 'LINT_MOUNT_ON_PROC',
    name: 'a bind mount on /proc',
    verdicts: 'r--',
    patch: [replace('/mounts/0', bind('/proc'))],
  },
  {
    code: 'LINT_MOUNT_COVERS',
    name: 'a mount above an earlier one',
    verdicts: '---',
    patch: [add('/mounts/-', tmpfs('/data/below')), add('/mounts/-', tmpfs('/data'))],
  },
  {
    code: 'LINT_MOUNT_COVERS',
    name: 'two mounts at one place',
    verdicts: '---',
    patch: [add('/mounts/-', tmpfs('/data')), add('/mounts/-', tmpfs('/data'))],
  },
  {
    code: 'LINT_MOUNT_SOURCE',
    name: 'a bind mount of nothing',
    verdicts: '-c-',
    patch: [add('/mounts/-', { destination: '/data', type: 'bind', options: ['bind'] })],
  },
  {
    code: 'LINT_MOUNT_BIND_OPTION',
    name: 'the type bind alone',
    verdicts: 'rc-',
    patch: [add('/mounts/-', { ...bind('/data'), options: ['ro'] })],
  },
  {
    code: 'LINT_MOUNT_TYPE',
    name: 'no type',
    verdicts: 'rc-',
    patch: [add('/mounts/-', { destination: '/data', source: '/tmp' })],
  },
  {
    code: 'LINT_MOUNT_MAPPINGS',
    name: 'mappings of users only',
    verdicts: '-cs',
    turns: { runc: '1.2', runsc: '20240729' },
    patch: [
      add('/mounts/-', { ...bind('/data', 'idmap'), uidMappings: [{ containerID: 0, hostID: 0, size: 1 }] }),
    ],
  },
  {
    code: 'LINT_MOUNT_IDMAP',
    name: 'mappings without the option',
    verdicts: '---',
    patch: [
      add('/mounts/-', {
        ...bind('/data'),
        uidMappings: [{ containerID: 0, hostID: 0, size: 1 }],
        gidMappings: [{ containerID: 0, hostID: 0, size: 1 }],
      }),
    ],
  },
  {
    code: 'LINT_MOUNT_SHARED',
    name: 'a shared bind mount',
    verdicts: '--s',
    patch: [add('/mounts/-', bind('/data', 'shared'))],
  },
  {
    code: 'LINT_MOUNT_SHARED',
    name: 'a bind mount shared to the bottom',
    verdicts: '--s',
    patch: [add('/mounts/-', bind('/data', 'rshared'))],
  },
  {
    name: 'a bind mount that hears of the machine',
    verdicts: '---',
    patch: [add('/mounts/-', bind('/data', 'rslave'))],
  },
  {
    code: 'LINT_MOUNT_OPTION',
    name: 'an option that does not exist',
    verdicts: '--s',
    turns: { runc: '1.2', runsc: '20240729' },
    patch: [add('/mounts/-', bind('/data', 'nosuchoption'))],
  },
  {
    code: 'LINT_MOUNT_OPTION_RUNSC',
    name: 'read-only to the bottom',
    verdicts: '--s',
    turns: { runsc: '20240729' },
    patch: [add('/mounts/-', bind('/data', 'rro'))],
  },
  {
    code: 'LINT_MOUNT_OPTION_RUNC',
    name: 'options that runc does not know',
    verdicts: '---',
    turns: { runc: '1.2' },
    patch: [add('/mounts/-', bind('/data', 'defaults'))],
  },
  {
    code: 'LINT_MOUNT_OPTION_CRUN',
    name: 'a bind mount with what is there copied into it',
    verdicts: '?c?',
    patch: [add('/mounts/-', bind('/data', 'tmpcopyup'))],
  },
  {
    code: 'LINT_MOUNT_REMOUNT',
    name: 'a mount that is to be mounted anew',
    verdicts: 'rcs',
    patch: [add('/mounts/-', bind('/data', 'remount'))],
  },
  {
    name: 'the size of a tmpfs',
    verdicts: '---',
    patch: [add('/mounts/-', { ...tmpfs('/data'), options: ['size=64k'] })],
  },
  {
    code: 'LINT_HOOK_PATH',
    name: 'a hook by a relative path',
    verdicts: 'rcs',
    patch: [hook('prestart', { path: 'bin/true' })],
  },
  {
    code: 'LINT_HOOK_PATH',
    name: 'a hook without a path',
    verdicts: 'rcs',
    patch: [hook('createRuntime', { path: '' })],
  },
  {
    code: 'LINT_HOOK_TIMEOUT_ZERO',
    name: 'a hook with no time; runsc of 2022 refuses it or waits for ever',
    verdicts: 'r-?',
    patch: [hook('prestart', { ...sleeper, timeout: 0 })],
  },
  {
    code: 'LINT_HOOK_TIMEOUT_NEGATIVE',
    name: 'a hook with less than no time; runsc of 2022 refuses it or waits for ever',
    verdicts: 'rc?',
    patch: [hook('prestart', { ...sleeper, timeout: -1 })],
  },
  {
    code: 'LINT_HOOK_ENV_MISSING',
    name: 'a hook inside without an environment',
    verdicts: '---',
    patch: [hook('createContainer', { path: '/bin/true' })],
  },
  {
    code: 'LINT_HOOK_ENV_FORM',
    name: 'a hook with a variable without a value',
    verdicts: '---',
    patch: [hook('prestart', { path: '/bin/true', env: ['NAME'] })],
  },
  {
    name: 'a hook',
    verdicts: '---',
    patch: [hook('createRuntime', { path: '/bin/true', args: ['true'], env: ['PATH=/bin'], timeout: 10 })],
  },
  {
    code: 'LINT_ANNOTATION_KEY',
    name: 'an annotation without a name',
    verdicts: '---',
    patch: [add('/annotations', { '': 'x' })],
  },
  {
    code: 'LINT_ANNOTATION_RESERVED',
    name: 'an annotation of the specification',
    verdicts: '---',
    patch: [add('/annotations', { 'org.opencontainers.mine': 'x' })],
  },
  {
    name: 'an annotation of an image',
    verdicts: '---',
    patch: [add('/annotations', { 'org.opencontainers.image.os': 'linux' })],
  },
  {
    code: 'LINT_CONTAINER_KIND',
    name: 'a kind of container that is none',
    verdicts: '--s',
    patch: [add('/annotations', { 'io.kubernetes.cri.container-type': 'pod' })],
  },
  {
    code: 'LINT_SANDBOX_ID',
    name: 'a container of no sandbox',
    verdicts: '--s',
    patch: [add('/annotations', { 'io.kubernetes.cri.container-type': 'container' })],
  },
  {
    code: 'LINT_SANDBOX_ID',
    name: "an empty sandbox of containerd's before one of CRI-O's",
    verdicts: '--s',
    patch: [
      add('/annotations', {
        'io.kubernetes.cri.container-type': 'container',
        'io.kubernetes.cri.sandbox-id': '',
        'io.kubernetes.cri-o.SandboxID': 'pod',
      }),
    ],
  },
  {
    name: "the kind of containerd's before that of CRI-O's",
    verdicts: '---',
    patch: [
      add('/annotations', {
        'io.kubernetes.cri.container-type': 'sandbox',
        'io.kubernetes.cri-o.ContainerType': 'pod',
      }),
    ],
  },
];
