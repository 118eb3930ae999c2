import type { RootStrategy } from '@opencontainers-ts/rootfs-rewriter';
import { quoted } from '@opencontainers-ts/runtime-spec';
import type { KernelFacts, KernelFeature, OverlayFacts } from '../facts/kernel-facts.js';
import type { Finding, Level } from '../finding.js';

/** What is lost where the kernel has not a feature, or denies it (docs/adr/0003-roots-in-a-namespace-of-the-call.md). */
interface Loss {
  readonly level: Level;
  /** The release of Linux that brought it. */
  readonly since: string;
  readonly lost: string;
}

const BY_PATH =
  'a root is given to the runtime by its path, which somebody who can rename folders there may swap in the millisecond before it is opened; "overlay" is refused (ERR_ROOT_NAMESPACE)';

const LOSSES: Readonly<Record<KernelFeature, Loss>> = {
  openat2: { level: 'warning', since: '5.6', lost: `no volume can be opened beneath its folder: ${BY_PATH}` },
  open_tree: { level: 'warning', since: '5.2', lost: BY_PATH },
  move_mount: { level: 'warning', since: '5.2', lost: BY_PATH },
  unshare: { level: 'warning', since: '2.4.19', lost: BY_PATH },
  STATX_ATTR_MOUNT_ROOT: { level: 'warning', since: '5.8', lost: BY_PATH },
  MOVE_MOUNT_SET_GROUP: {
    level: 'note',
    since: '5.15',
    lost: 'in the namespace of a container that has such a root, what is mounted beneath /run stays there',
  },
  mount_setattr: {
    level: 'note',
    since: '5.12',
    lost: 'a pod with a user namespace of its own (hostUsers: false) gets no root on a volume (ERR_VOLUME_IDMAP)',
  },
  'user namespaces': {
    level: 'note',
    since: '3.8',
    lost: 'a pod with a user namespace of its own (hostUsers: false) gets no root on a volume (ERR_VOLUME_IDMAP)',
  },
};

/** What the kernel does for a root on a volume. */
export function checkKernel({ release, canTry, refused, runIsMount }: KernelFacts): readonly Finding[] {
  const linux = `Linux ${release === '' ? 'of an unknown release' : quoted(release)}`;
  if (!canTry) {
    return [
      {
        check: 'kernel',
        level: 'warning',
        message: `${linux} cannot be tried: this ociwrap runs on Node.js, which has not the system calls`,
        remedy: 'call the packaged program (bin/ociwrap), which engines call too',
      },
    ];
  }
  if (refused.size === 0) {
    return [{ check: 'kernel', level: 'ok', message: `${linux} has all that a root on a volume takes` }];
  }
  return [...refused].map(([feature, errno]): Finding => {
    const { since, ...loss } = LOSSES[feature];
    // Only where /run is no mount of its own would the propagation of `/` itself be at stake: own-namespace.ts.
    const isOfTop = feature === 'MOVE_MOUNT_SET_GROUP' && !runIsMount;
    const { level, lost } = isOfTop ? { level: 'warning' as const, lost: BY_PATH } : loss;
    return {
      check: 'kernel',
      level,
      message: `${linux} refuses ${feature} (${errno}): ${lost}`,
      remedy: remedyFor(errno, since),
    };
  });
}

/** What keeps a process from a call that the kernel has, and what does not. */
function remedyFor(errno: string, since: string): string {
  if (errno === 'EPERM' || errno === 'EACCES') {
    return 'run this as root outside of any container, and the service of the engine without a seccomp filter on mounts (SystemCallFilter=)';
  }
  if (errno === 'ENOSPC' || errno === 'EUSERS') {
    return 'raise the limit of user namespaces (sysctl user.max_user_namespaces)';
  }
  return `boot Linux ${since} or newer`;
}

/** Whether a root can be an overlay, which the configuration may ask for on every claim. */
export function checkOverlay(facts: OverlayFacts, strategy: RootStrategy): readonly Finding[] {
  if (facts.works) {
    return [
      { check: 'overlay', level: 'ok', message: 'an overlay with an upper can be mounted on this node' },
    ];
  }
  const { failed, errno, said } = facts;
  const why = said === undefined ? errno : `${errno}, ${quoted(said)}`;
  return [
    {
      check: 'overlay',
      level: strategy === 'overlay' ? 'fault' : 'warning',
      message: `an overlay cannot be mounted (${failed}: ${why}): ${
        strategy === 'overlay'
          ? 'volumes.strategy asks for one, so no container starts on a volume'
          : 'a container that asks for the strategy "overlay" is refused (ERR_ROOT_MOUNT)'
      }`,
      remedy:
        errno === 'ENODEV'
          ? 'load the module (modprobe overlay), and name it in /etc/modules-load.d so that it is there after a reboot'
          : 'see what the kernel says (dmesg), or use the strategy "replace" or "seed"',
    },
  ];
}
