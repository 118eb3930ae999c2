import { quoted } from '@opencontainers-ts/runtime-spec';

import { isFailure, type System } from '../../system/system.js';
import { readText } from '../facts/kernel-facts.js';
import type { Finding } from '../finding.js';

/** What a node is, apart from its kernel's calls. */
export interface NodeFacts {
  /** `unknown` where nothing is mounted on /sys/fs/cgroup, or what is says it is something else. */
  readonly cgroups: 'v2' | 'v1' | 'unknown';
  readonly selinux: 'enforcing' | 'permissive' | 'off';
  readonly appArmor: boolean;
}

/** f_type of statfs(2): CGROUP2_SUPER_MAGIC, TMPFS_MAGIC, CGROUP_SUPER_MAGIC (linux/magic.h). */
const CGROUP2 = 0x6367_7270n;
const [TMPFS, CGROUP1] = [0x0102_1994n, 0x0027_e0ebn];

/** Looks at the node. */
export function nodeFacts(system: System): NodeFacts {
  const groups = system.statfs('/sys/fs/cgroup');
  const type = isFailure(groups) ? undefined : groups.type;
  const enforce = readText(system, '/sys/fs/selinux/enforce').trim();
  return {
    cgroups: type === CGROUP2 ? 'v2' : type === TMPFS || type === CGROUP1 ? 'v1' : 'unknown',
    selinux: enforce === '1' ? 'enforcing' : enforce === '0' ? 'permissive' : 'off',
    appArmor: readText(system, '/sys/module/apparmor/parameters/enabled').startsWith('Y'),
  };
}

/** Control groups, and who else decides what a container may do. */
export function checkNode({ cgroups, selinux, appArmor }: NodeFacts): readonly Finding[] {
  const modules = [selinux === 'off' ? [] : [`SELinux (${selinux})`], appArmor ? ['AppArmor'] : []].flat();
  return [
    cgroupFinding(cgroups),
    selinux === 'enforcing'
      ? {
          check: 'security',
          level: 'note',
          message: `${modules.join(' and ')} decides what a container may read: a root needs a label of containers, as the kubelet gives it to the volume of a pod`,
          remedy:
            'where a container cannot read its root, look at the label (ls -Z) and at the audit log (ausearch -m avc)',
        }
      : {
          check: 'security',
          level: 'ok',
          message:
            modules.length === 0 ? 'neither SELinux nor AppArmor is on' : `seen: ${modules.join(', ')}`,
        },
  ];
}

function cgroupFinding(cgroups: NodeFacts['cgroups']): Finding {
  if (cgroups === 'v2') return { check: 'cgroups', level: 'ok', message: 'control groups are version 2' };
  return {
    check: 'cgroups',
    level: 'note',
    message:
      cgroups === 'v1'
        ? 'control groups are version 1, which runtimes and the kubelet are about to drop'
        : `no control groups are seen on ${quoted('/sys/fs/cgroup')}`,
    remedy: 'boot with systemd.unified_cgroup_hierarchy=1, or a distribution of today',
  };
}
