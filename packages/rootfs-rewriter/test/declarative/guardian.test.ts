import { describe, expect, test } from '@jest/globals';
import { guardian, planRewrite } from '@opencontainers-ts/rootfs-rewriter';
import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import { CALL } from '../scene.js';
import { parse, textOf } from './then-row.js';

const KVM = '{"path":"/dev/kvm","type":"c","major":10,"minor":232,"fileMode":432,"uid":0,"gid":104}';
const TUN = '{"path":"/dev/net/tun","type":"c","major":10,"minor":200,"fileMode":438,"uid":0,"gid":104}';
const ALL = '{"allow":true,"access":"rwm"}';

const planOf = (text: string, verb: 'create' | 'run' | 'restore' = 'run') =>
  planRewrite(parse(text), [guardian()], { ...CALL, verb }, memoryHost());

/** As Garden writes it: devices of its own, some rules, and /sys read-only. */
const GARDEN = `{"mounts":[{"destination":"/proc","options":["ro"]},{"destination":"/sys","type":"sysfs","source":"sysfs","options":["nosuid","noexec","nodev","ro"]}],"linux":{"devices":[{"path":"/dev/fuse","type":"c","major":10,"minor":229}],"resources":{"devices":[{"allow":false,"access":"rwm"},{"allow":true,"type":"c","major":1,"minor":3,"access":"rwm"}]}}}`;

describe('the profile guardian', () => {
  test.each(['run', 'create'] as const)('%s: devices, a writable /sys, one rule in place of all', (verb) => {
    expect(textOf(planOf(GARDEN, verb).document)).toBe(
      `{"mounts":[{"destination":"/proc","options":["ro"]},{"destination":"/sys","type":"sysfs","source":"sysfs","options":["nosuid","noexec","nodev","rw"]}],"linux":{"devices":[{"path":"/dev/fuse","type":"c","major":10,"minor":229},${KVM},${TUN}],"resources":{"devices":[${ALL}]}}}`,
    );
    expect(planOf(GARDEN, 'restore').decision).toBe('pass');
  });

  test('a second time it adds nothing', () => {
    const first = planOf(GARDEN).document;
    const again = planOf(textOf(first));
    expect(again.decision).toBe('pass');
    expect(textOf(again.document)).toBe(textOf(first));
  });

  test('a spec without mounts and devices', () => {
    expect(textOf(planOf('{}').document)).toBe(
      `{"linux":{"resources":{"devices":[${ALL}]},"devices":[${KVM},${TUN}]}}`,
    );
  });
});
