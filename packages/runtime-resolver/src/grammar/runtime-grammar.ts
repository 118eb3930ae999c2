/**
 * The command lines of runc, crun, runsc and youki, as plain data: literals only, so that the launcher's tables are
 * made from the same lists.
 *
 * Read from `--help` of runc 1.1.5, crun 1.8.1 and runsc 20221219, and from the sources of runc up to its move to
 * urfave/cli v3 (`--config`, `--pidfd-socket`), crun 1.2x, runsc 2026 and youki 0.0.1 to 0.7 (`crates/liboci-cli`). A
 * flag that one version takes with a value and another without (`--gvisor-gro`) is in neither list: it may be either.
 *
 * `values` take the next word when there is no `=`, `booleans` never do, `ends` make the runtime print something and
 * leave. A name of one letter is a short option where `syntax` is `getopt` or `clap`. `mostOperands`: how many words
 * that are no flags `create`, `run` and `restore` take, where that is not just the id.
 *
 * @example
 * ```ts
 * import { RUNTIME_GRAMMAR } from '@opencontainers-ts/runtime-resolver/grammar';
 *
 * console.log(RUNTIME_GRAMMAR.runc.verbs.delete.booleans); // [ 'force', 'f' ]
 * ```
 */
// biome-ignore format: rows of names are read and compared more easily than one name a line
export const RUNTIME_GRAMMAR = {
  runc: {
    syntax: 'go',
    /** urfave/cli moves flags before the operands: `create ID --bundle B` is honoured. */
    flagsAfterId: true,
    /** urfave/cli v3 takes global flags after the verb as well; v1 refuses them. */
    globalsAfterVerb: true,
    global: {
      values: ['root', 'log', 'log-format', 'criu', 'rootless'],
      booleans: ['debug', 'systemd-cgroup'],
      ends: ['help', 'h', 'version', 'v'],
    },
    verbs: {
      create: {
        values: ['bundle', 'b', 'config', 'console-socket', 'pidfd-socket', 'pid-file', 'preserve-fds'],
        booleans: ['no-pivot', 'no-new-keyring'],
      },
      run: {
        values: ['bundle', 'b', 'config', 'console-socket', 'pidfd-socket', 'pid-file', 'preserve-fds'],
        booleans: ['detach', 'd', 'keep', 'no-subreaper', 'no-pivot', 'no-new-keyring'],
      },
      restore: {
        values: [
          'bundle', 'b', 'console-socket', 'pid-file', 'image-path', 'work-path', 'manage-cgroups-mode',
          'empty-ns', 'lsm-profile', 'lsm-mount-context',
        ],
        booleans: [
          'detach', 'd', 'no-subreaper', 'no-pivot', 'tcp-established', 'ext-unix-sk', 'shell-job',
          'file-locks', 'auto-dedup', 'lazy-pages', 'link-remap', 'tcp-skip-in-flight',
        ],
      },
      checkpoint: {
        values: [
          'image-path', 'work-path', 'parent-path', 'status-fd', 'page-server', 'manage-cgroups-mode',
          'empty-ns',
        ],
        booleans: [
          'leave-running', 'tcp-established', 'ext-unix-sk', 'shell-job', 'lazy-pages', 'file-locks',
          'pre-dump', 'auto-dedup', 'link-remap', 'tcp-skip-in-flight',
        ],
      },
      exec: {
        values: [
          'console-socket', 'pidfd-socket', 'cwd', 'env', 'e', 'user', 'u', 'additional-gids', 'g',
          'process', 'p', 'pid-file', 'process-label', 'apparmor', 'cap', 'c', 'preserve-fds', 'cgroup',
        ],
        booleans: ['tty', 't', 'detach', 'd', 'no-new-privs', 'ignore-paused', 'no-subreaper'],
      },
      events: { values: ['interval'], booleans: ['stats'] },
      ps: { values: ['format', 'f'] },
      update: {
        values: [
          'resources', 'r', 'blkio-weight', 'cpu-period', 'cpu-quota', 'cpu-burst', 'cpu-share',
          'cpu-shares', 'cpu-rt-period', 'cpu-rt-runtime', 'cpuset-cpus', 'cpuset-mems', 'cpu-idle',
          'kernel-memory', 'kernel-memory-tcp', 'memory', 'memory-reservation', 'memory-swap', 'pids-limit',
          'l3-cache-schema', 'mem-bw-schema',
        ],
      },
      delete: { booleans: ['force', 'f'] },
      kill: { booleans: ['all', 'a'] },
      pause: {},
      resume: {},
      start: {},
      state: {},
    },
    /** Verbs of which no operand is the id of a container. */
    verbsWithoutId: ['features', 'help', 'h', 'init', 'list', 'spec'],
  },
  crun: {
    syntax: 'getopt',
    flagsAfterId: false,
    globalsAfterVerb: false,
    global: {
      values: ['cgroup-manager', 'log', 'log-format', 'log-level', 'root', 'rootless', 'program-name'],
      booleans: ['debug', 'systemd-cgroup'],
      ends: ['help', '?', 'usage', 'version', 'v', 'V'],
    },
    verbs: {
      create: {
        values: ['bundle', 'b', 'config', 'f', 'console-socket', 'pid-file', 'preserve-fds', 'program-name'],
        booleans: ['no-new-keyring', 'no-pivot', 'no-subreaper'],
      },
      run: {
        values: ['bundle', 'b', 'config', 'f', 'console-socket', 'pid-file', 'preserve-fds', 'program-name'],
        booleans: ['detach', 'd', 'keep', 'no-new-keyring', 'no-pivot', 'no-subreaper'],
      },
      restore: {
        values: [
          'bundle', 'b', 'console-socket', 'pid-file', 'image-path', 'work-path', 'manage-cgroups-mode',
          'network-lock', 'lsm-profile', 'lsm-mount-context', 'program-name',
        ],
        mostOperands: 2,
        booleans: ['detach', 'd', 'tcp-established', 'tcp-close', 'ext-unix-sk', 'shell-job', 'file-locks'],
      },
      checkpoint: {
        values: ['image-path', 'work-path', 'parent-path', 'manage-cgroups-mode', 'network-lock'],
        booleans: ['leave-running', 'tcp-established', 'tcp-close', 'ext-unix-sk', 'shell-job', 'file-locks', 'pre-dump'],
      },
      exec: {
        values: [
          'apparmor', 'cgroup', 'console-socket', 'cwd', 'cap', 'c', 'env', 'e', 'pid-file', 'preserve-fds',
          'process-label', 'process', 'p', 'user', 'u', 'additional-gids', 'g',
        ],
        booleans: ['tty', 't', 'detach', 'd', 'no-new-privs'],
      },
      ps: { values: ['format', 'f'] },
      update: {
        values: [
          'resources', 'r', 'blkio-weight', 'cpu-period', 'cpu-quota', 'cpu-share', 'cpu-rt-period',
          'cpu-rt-runtime', 'cpuset-cpus', 'cpuset-mems', 'kernel-memory', 'kernel-memory-tcp', 'memory',
          'memory-reservation', 'memory-swap', 'pids-limit', 'l3-cache-schema', 'mem-bw-schema',
        ],
      },
      delete: { booleans: ['force', 'f', 'regex', 'r'] },
      kill: { booleans: ['all', 'a', 'regex', 'r'] },
      mounts: {},
      pause: {},
      resume: {},
      start: {},
      state: {},
    },
    verbsWithoutId: ['features', 'list', 'spec'],
  },
  runsc: {
    syntax: 'go',
    flagsAfterId: false,
    globalsAfterVerb: false,
    global: {
      values: [
        'root', 'log', 'log-format', 'log-fd', 'debug-log', 'debug-log-fd', 'debug-log-format',
        'debug-command', 'panic-log', 'panic-log-fd', 'panic-signal', 'coverage-report', 'coverage-fd',
        'pcap-log', 'traceback', 'metric-server', 'final-metrics-log', 'profiling-metrics',
        'profiling-metrics-log', 'profiling-metrics-rate-us', 'strace-syscalls', 'strace-log-size',
        'platform', 'platform_device_path', 'watchdog-action', 'profile-block', 'profile-cpu',
        'profile-gc-interval', 'profile-heap', 'profile-mutex', 'trace', 'ref-leak-mode',
        'signal-unkillable-policy', 'pod-init-config', 'host-settings', 'sidecar-release-enforcement-policy',
        'sidecar-usage-policy', 'restore-spec-validation', 'control-rpc-stop-timeout', 'shared-root',
        'file-access', 'file-access-mounts', 'overlay2', 'host-uds', 'host-fifo', 'character-device-policy',
        'override-procs', 'in-sandbox-cgroup', 'fdlimit', 'dcache', 'network', 'network-proxy-path',
        'gofer-network-namespace', 'qdisc', 'qdisc-tbf-rate', 'qdisc-tbf-burst', 'num-network-channels',
        'network-processors-per-channel', 'EXPERIMENTAL-xdp', 'nvproxy-driver-version',
        'nvproxy-allowed-driver-capabilities', 'cuda-checkpoint-path', 'TESTONLY-test-name-env',
        'TESTONLY-autosave-image-path',
      ],
      booleans: [
        'debug', 'systemd-cgroup', 'log-packets', 'debug-to-user-log', 'alsologtostderr',
        'allow-flag-override', 'strace', 'strace-event', 'profile', 'rootless', 'cpu-num-from-quota',
        'oci-seccomp', 'enable-core-tags', 'systrap-disable-syscall-patching', 'systrap-disable-fast-path',
        'allow-suid', 'kvm-use-cpu-nums', 'allow-rootfs-tar-annotation', 'app-huge-pages', 'overlay',
        'gvisor-marker-file', 'ignore-cgroups', 'iouring', 'directfs', 'net-raw',
        'allow-packet-socket-write', 'allow-live-tcp-migration', 'gso', 'software-gso',
        'tx-checksum-offload', 'rx-checksum-offload', 'EXPERIMENTAL-xdp-need-wakeup', 'reproduce-nat',
        'reproduce-nftables', 'net-disconnect-ok', 'pause-external-networking', 'allow-connected-on-save',
        'nvproxy', 'nvproxy-docker', 'nvproxy-allow-unsupported-driver', 'rdmaproxy', 'tpuproxy', 'cgroupfs',
        'buffer-pooling', 'fuse', 'fsgofer-host-uds', 'lisafs', 'vfs2', 'EXPERIMENTAL-afxdp',
        'TESTONLY-nftables', 'TESTONLY-allow-packet-endpoint-write', 'TESTONLY-unsafe-nonroot',
        'TESTONLY-afs-syscall-panic', 'TESTONLY-autosave-resume',
      ],
      ends: ['help', 'h', 'version'],
    },
    verbs: {
      create: {
        values: ['bundle', 'console-socket', 'pid-file', 'user-log', 'fs-restore-image-path'],
        booleans: ['fs-restore-direct'],
      },
      run: {
        values: [
          'bundle', 'console-socket', 'pid-file', 'user-log', 'fs-restore-image-path', 'pass-fd', 'exec-fd',
        ],
        booleans: ['detach', 'fs-restore-direct'],
      },
      restore: {
        values: [
          'bundle', 'console-socket', 'pid-file', 'user-log', 'fs-restore-image-path', 'image-path', 'work-path',
        ],
        booleans: ['detach', 'no-subreaper', 'direct', 'background', 'fs-restore-direct'],
      },
      checkpoint: {
        values: ['image-path', 'work-path', 'compression', 'cuda-checkpoint-path'],
        booleans: ['leave-running', 'direct', 'exclude-committed-zero-pages', 'cuda-checkpoint-sequential'],
      },
      fscheckpoint: { values: ['image-path', 'path'], booleans: ['leave-running', 'direct'] },
      exec: {
        values: [
          'additional-gids', 'cap', 'console-socket', 'cwd', 'env', 'internal-pid-file', 'pid-file',
          'process', 'user', 'pass-fd', 'exec-fd',
        ],
        booleans: ['detach'],
      },
      events: { values: ['interval'], booleans: ['stats'] },
      kill: { values: ['pid'], booleans: ['all'] },
      ps: { values: ['format'] },
      wait: { values: ['pid', 'rootpid'] },
      delete: { booleans: ['force'] },
      pause: {},
      resume: {},
      start: {},
      state: {},
      update: { values: ['resources', 'r'] },
    },
    verbsWithoutId: [
      'boot', 'bwrap', 'cpu-features', 'debug', 'do', 'features', 'flags', 'gofer', 'help', 'install', 'list',
      'metric-export', 'metric-metadata', 'metric-server', 'mitigate', 'nvproxy', 'platforms', 'port-forward',
      'profile', 'read', 'read-control', 'sandboxexec', 'spec', 'statefile', 'symbolize', 'syscalls', 'tar',
      'trace', 'umount', 'uninstall', 'usage', 'write-control',
    ],
  },
  youki: {
    syntax: 'clap',
    flagsAfterId: true,
    globalsAfterVerb: false,
    global: {
      values: ['log', 'l', 'log-format', 'log-level', 'root', 'r'],
      booleans: ['debug', 'systemd-cgroup', 's', 'systemd-log'],
      ends: ['help', 'h', 'version', 'v'],
    },
    verbs: {
      create: {
        values: ['bundle', 'b', 'console-socket', 'c', 'pid-file', 'p', 'preserve-fds'],
        booleans: ['no-pivot', 'no-new-keyring'],
      },
      run: {
        values: ['bundle', 'b', 'console-socket', 'c', 'pid-file', 'p', 'preserve-fds'],
        booleans: ['no-subreaper', 'no-pivot', 'no-new-keyring', 'keep', 'detach', 'd'],
      },
      restore: {
        values: [
          'bundle', 'b', 'console-socket', 'pid-file', 'image-path', 'work-path', 'manage-cgroups-mode',
        ],
        booleans: ['detach', 'd', 'tcp-established', 'ext-unix-sk', 'shell-job', 'file-locks'],
      },
      checkpoint: {
        values: ['image-path', 'work-path'],
        booleans: ['leave-running', 'tcp-established', 'ext-unix-sk', 'shell-job', 'file-locks'],
      },
      // The name that youki 0.5 gave it by mistake.
      checkpointt: {
        values: ['image-path', 'work-path'],
        booleans: ['leave-running', 'tcp-established', 'ext-unix-sk', 'shell-job', 'file-locks'],
      },
      exec: {
        values: [
          'console-socket', 'cwd', 'env', 'e', 'user', 'u', 'additional-gids', 'g', 'process', 'p', 'pid-file',
          'process-label', 'apparmor', 'cap', 'preserve-fds', 'cgroup',
        ],
        booleans: ['tty', 't', 'detach', 'd', 'no-new-privs', 'ignore-paused'],
      },
      events: { values: ['interval'], booleans: ['stats'] },
      ps: { values: ['format', 'f'] },
      update: {
        values: [
          'resources', 'r', 'blkio-weight', 'cpu-period', 'cpu-quota', 'cpu-burst', 'cpu-share', 'cpu-rt-period',
          'cpu-rt-runtime', 'cpuset-cpus', 'cpuset-mems', 'cpu-idle', 'memory', 'memory-reservation',
          'memory-swap', 'pids-limit', 'l3-cache-schema', 'mem-bw-schema',
        ],
      },
      delete: { booleans: ['force', 'f'] },
      kill: { booleans: ['all', 'a'] },
      pause: {},
      resume: {},
      start: {},
      state: {},
    },
    verbsWithoutId: ['completion', 'features', 'help', 'info', 'list', 'spec'],
  },
} as const;
