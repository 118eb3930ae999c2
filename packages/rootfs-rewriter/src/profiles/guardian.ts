import { declarativeRule } from '../declarative/declarative-rule.js';
import type { RuleDefinition } from '../generated/rule-definition.js';
import type { Rule } from '../planning/rule.js';

/**
 * What guardian-runc-shim does to the containers of Concourse, as data: `/dev/kvm` and `/dev/net/tun`, a writable `/sys`,
 * and a device cgroup that allows everything. It acts on every `run` and `create`. Unprivileged containers fail with it,
 * as they do with the shim: a runtime that may not write the device cgroup rejects the rule that allows everything.
 *
 * @example
 * ```ts
 * import { declarativeRule, guardianProfile } from '@opencontainers-ts/rootfs-rewriter';
 *
 * console.log(declarativeRule(guardianProfile).triggers); // every-create
 * ```
 */
export const guardianProfile: RuleDefinition = {
  name: 'guardian',
  description:
    'KVM and TUN devices, a writable /sys and an open device cgroup for the containers of Concourse',
  when: { verb: ['create', 'run'] },
  then: {
    mounts: { options: [{ destination: '/sys', add: ['rw'] }] },
    deviceRules: { set: [{ allow: true, access: 'rwm' }] },
    devices: {
      add: [
        { path: '/dev/kvm', type: 'c', major: 10, minor: 232, fileMode: 0o660, uid: 0, gid: 104 },
        { path: '/dev/net/tun', type: 'c', major: 10, minor: 200, fileMode: 0o666, uid: 0, gid: 104 },
      ],
    },
  },
};

/**
 * The rule of the profile `guardian`.
 *
 * @example
 * ```ts
 * import { guardian } from '@opencontainers-ts/rootfs-rewriter';
 *
 * console.log(guardian().name); // guardian
 * ```
 */
export function guardian(): Rule {
  return declarativeRule(guardianProfile);
}
