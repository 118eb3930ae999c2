// Few names, so that what rules, requests and configurations speak of is often the same.
export const ANNOTATION = 'sgs.snucse.org/os-volume';

export const PATHS = [
  '/',
  '/a',
  '/a/',
  '/a/b',
  '/b',
  '/sys',
  '/proc',
  '/dev/null',
  '/mnt',
  '/data',
  '//a/../c',
  '/r\xe9',
  'a',
];
export const WORDS = ['a', 'b', 'c', 'sh', '-c', 'x=y', '', '$HOME', '\xe9\u2713', 'a b', "it's", '"'];
export const ENVIRONMENT = [
  ...['A=1', 'B=2', 'A=', 'PATH=/bin', 'NVIDIA_VISIBLE_DEVICES=all', 'NVIDIA_VISIBLE_DEVICES=v.com/c=d'],
  ...[
    'NVIDIA_VISIBLE_DEVICES=0,1',
    'NVIDIA_VISIBLE_DEVICES=void',
    'NVIDIA_DRIVER_CAPABILITIES=compute,utility',
    'C',
    '=x',
  ],
  ...['CUDA_VERSION=12.4.1', 'NVIDIA_REQUIRE_CUDA=cuda>=11.0 brand=tesla', 'A=\xe9\u{1f600}'],
];
export const CAPABILITIES = ['CAP_KILL', 'CAP_CHOWN', 'CAP_SYS_ADMIN', 'CAP_BPF', 'cap_kill', 'CAP_NONE'];
export const MOUNT_OPTIONS = [
  ...['ro', 'rw', 'rbind', 'bind', 'nosuid', 'suid', 'nodev', 'noexec', 'size=1k', 'size=65536k', 'mode=755'],
  ...['rprivate', 'rslave', 'idmap', 'ridmap', 'tmpcopyup', 'x-odd'],
];
export const NAMESPACES = ['pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup', 'time', 'net'];
export const SYSTEM_CALLS = ['bpf', 'mount', 'read', 'write', 'clone3', 'nosuchcall'];
export const DEVICES = [
  'v.com/c=d',
  'v.com/c=e',
  'w.com/c=f',
  'nvidia.com/gpu=0',
  'nvidia.com/gpu=all',
  'v.com/c=none',
  'c=d',
];
export const SYSCTLS = [
  'net.ipv4.ip_forward',
  'kernel.msgmax',
  'fs.mqueue.msg_max',
  'net/ipv4/conf',
  'kernel.hostname',
];
export const RLIMITS = ['RLIMIT_AS', 'RLIMIT_CPU', 'RLIMIT_NOFILE', 'RLIMIT_NONE'];
export const HOOKS = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
];
export const CONTAINERS = ['main', 'side', 'main-2', 'init'];
export const VOLUMES = ['pvc-1', 'pvc-2', 'scratch'];
export const PODS = ['u1', 'u2'];
