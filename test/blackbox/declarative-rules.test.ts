import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import { type Actions, declarativeRule } from '@opencontainers-ts/rootfs-rewriter';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { type Declared, hostFile, runDeclared } from './declared-container.js';
import { describeWith } from './programs.js';
import { scratchFolder } from './scratch.js';

/** What an edit does, seen from inside the container; and that it is not so without it. */
interface Row extends Declared {
  readonly title: string;
  readonly then: Actions | (() => Actions);
  readonly seen: RegExp | (() => RegExp);
  /** gVisor has it as well. */
  readonly gvisor?: boolean;
}

const withProcess =
  (more: Partial<NonNullable<Spec['process']>>) =>
  (spec: Spec): Spec => ({ ...spec, process: { cwd: '/', ...spec.process, ...more } });
const withLinux =
  (more: Partial<NonNullable<Spec['linux']>>) =>
  (spec: Spec): Spec => ({ ...spec, linux: { ...spec.linux, ...more } });
const withMount =
  (destination: string, type: string, options: string[] = []) =>
  (spec: Spec): Spec => ({
    ...spec,
    mounts: [...(spec.mounts ?? []), { destination, type, source: type, options }],
  });

const literally = (text: string) => new RegExp(text.replaceAll(/[^A-Za-z0-9]/g, '\\$&'));
const namespaceOf = (type: string) => literally(readlinkSync(`/proc/self/ns/${type}`));
const box = '/bin/busybox';
const KILL = 'CAP_KILL';

const rows: readonly Row[] = [
  {
    title: 'args',
    script: 'echo original',
    then: { args: { set: ['/bin/echo', 'declared'], append: ['end'] } },
    seen: /^declared end$/m,
    gvisor: true,
  },
  {
    title: 'env',
    script: 'echo "A=$A B=$B."',
    spec: withProcess({ env: ['PATH=/bin', 'A=1', 'B=2'] }),
    then: { env: { set: { A: 'x y' }, remove: ['B'] } },
    seen: /^A=x y B=\.$/m,
    gvisor: true,
  },
  { title: 'cwd', script: `${box} pwd`, then: { cwd: '/tmp' }, seen: /^\/tmp$/m, gvisor: true },
  {
    title: 'user and groups',
    script: 'grep -E "^(Uid|Gid|Groups)" /proc/self/status',
    then: { user: { uid: 1000, gid: 1001, additionalGids: { add: [7, 8] } } },
    seen: /Uid:\s1000[\s\S]*Gid:\s1001[\s\S]*Groups:\s[\d ]*7 8 /,
    gvisor: true,
  },
  {
    title: 'umask',
    script: 'umask',
    then: { user: { umask: 0o077 } },
    seen: /^0077$/m,
  },
  {
    title: 'capabilities, added',
    script: 'grep CapEff /proc/self/status',
    then: { capabilities: { add: ['CAP_NET_ADMIN'] } },
    seen: /CapEff:\s0000000000001000/,
    gvisor: true,
  },
  {
    title: 'capabilities, dropped',
    script: 'grep -E "Cap(Bnd|Eff)" /proc/self/status',
    spec: withProcess({ capabilities: { bounding: [KILL], effective: [KILL], permitted: [KILL] } }),
    then: { capabilities: { drop: [KILL] } },
    seen: /CapEff:\s0{16}\s[\s\S]*CapBnd:\s0{16}\s/,
    gvisor: true,
  },
  {
    title: 'capabilities, in one set',
    script: 'grep -E "Cap(Inh|Bnd)" /proc/self/status',
    spec: withProcess({ capabilities: { bounding: [KILL], effective: [KILL], permitted: [KILL] } }),
    then: { capabilities: { inheritable: { add: [KILL] } } },
    seen: /CapInh:\s0{14}20\s[\s\S]*CapBnd:\s0{14}20/,
  },
  {
    title: 'no new privileges',
    script: 'grep NoNewPrivs /proc/self/status',
    then: { noNewPrivileges: false },
    seen: /NoNewPrivs:\s0/,
  },
  {
    title: 'oom score',
    script: 'cat /proc/self/oom_score_adj',
    then: { oomScoreAdj: 321 },
    seen: /^321$/m,
  },
  {
    title: 'rlimits',
    script: 'ulimit -S -n; ulimit -H -n; ulimit -c',
    spec: withProcess({ rlimits: [{ type: 'RLIMIT_CORE', soft: 0, hard: 0 }] }),
    then: {
      rlimits: {
        set: {
          RLIMIT_NOFILE: { soft: 111, hard: 222 },
          RLIMIT_CORE: { soft: 'unlimited', hard: 18446744073709551615n },
        },
      },
    },
    seen: /^111\n222\nunlimited$/m,
  },
  {
    title: 'mounts, added',
    script: 'grep " /mnt " /proc/self/mountinfo || true',
    then: {
      mounts: {
        add: [{ destination: '/mnt', type: 'tmpfs', source: 'scratch', options: ['size=64k', 'noexec'] }],
      },
    },
    seen: / \/mnt [^\n]*noexec[^\n]* tmpfs scratch [^\n]*size=64k/,
  },
  {
    title: 'mounts, removed and replaced',
    script: 'grep -E " /(mnt|tmp) " /proc/self/mountinfo; true',
    spec: (spec) => withMount('/mnt', 'tmpfs')(withMount('/tmp', 'tmpfs')(spec)),
    then: { mounts: { remove: ['/tmp/'], add: [{ destination: '/mnt/', type: 'tmpfs', source: 'new' }] } },
    seen: /^[^\n]* \/mnt [^\n]* tmpfs new [^\n]*\n$/,
  },
  {
    title: 'mounts, options',
    script: 'grep " /mnt " /proc/self/mountinfo; echo x > /mnt/x || echo refused',
    spec: withMount('/mnt', 'tmpfs', ['rw', 'nosuid']),
    then: { mounts: { options: [{ destination: '/mnt', add: ['ro', 'nodev'], remove: ['nosuid'] }] } },
    seen: / \/mnt ro,nodev,relatime[\s\S]*refused/,
  },
  {
    title: 'namespaces, left',
    script: `${box} readlink /proc/self/ns/ipc`,
    then: { namespaces: { remove: ['ipc'] } },
    seen: () => namespaceOf('ipc'),
  },
  {
    title: 'namespaces, joined',
    script: `${box} readlink /proc/self/ns/net`,
    then: () => ({ namespaces: { set: [{ type: 'network', path: `/proc/${process.pid}/ns/net` }] } }),
    seen: () => namespaceOf('net'),
  },
  {
    title: 'sysctls',
    script: 'cat /proc/sys/net/ipv4/ip_unprivileged_port_start',
    then: { sysctls: { set: { 'net.ipv4.ip_unprivileged_port_start': '77' } } },
    seen: /^77$/m,
  },
  {
    title: 'masked paths',
    script: 'cat /proc/version; echo end',
    then: { maskedPaths: { add: ['/proc/version'] } },
    seen: /^end\n$/,
  },
  {
    title: 'masked paths, removed',
    script: 'cat /proc/version',
    spec: withLinux({ maskedPaths: ['/proc/version/'] }),
    then: { maskedPaths: { remove: ['/proc/version'] } },
    seen: /Linux/,
  },
  {
    title: 'readonly paths',
    script: 'echo x > /tmp/x || echo refused',
    then: { readonlyPaths: { add: ['/tmp'] } },
    seen: /^refused$/m,
  },
  {
    title: 'seccomp, denied',
    script: `${box} mkdir /tmp/x || echo refused`,
    then: { seccomp: { deny: ['mkdir', 'mkdirat'] } },
    seen: /^refused$/m,
  },
  {
    title: 'seccomp, allowed again',
    script: `${box} mkdir /tmp/x && echo made`,
    spec: withLinux({
      seccomp: {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['mkdir', 'mkdirat', 'mknod'], action: 'SCMP_ACT_ERRNO' }],
      },
    }),
    then: { seccomp: { allow: ['mkdir', 'mkdirat'] } },
    seen: /^made$/m,
  },
  {
    title: 'seccomp, a profile from a file',
    script: `${box} chmod 700 /tmp || echo refused`,
    then: () => ({
      seccomp: {
        profile: hostFile(
          'seccomp.json',
          '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["chmod","fchmodat","fchmodat2"],"action":"SCMP_ACT_ERRNO"}]}',
        ),
      },
    }),
    seen: /^refused$/m,
  },
  {
    title: 'patch',
    script: `${box} hostname`,
    then: { patch: [{ op: 'add', path: '/hostname', value: 'declared' }] },
    seen: /^declared$/m,
    gvisor: true,
  },
];

for (const runtime of ['runc', 'runsc'] as const) {
  describeWith([runtime, 'busybox'], `what a rule as data changes, inside a container of ${runtime}`, () => {
    test.each(rows.filter(({ gvisor }) => runtime === 'runc' || gvisor))(
      '$title',
      ({ then, seen, ...container }) => {
        const rule = declarativeRule({ name: 'declared', then: typeof then === 'function' ? then() : then });
        const expected = seen instanceof RegExp ? seen : seen();
        expect(runDeclared(runtime, container, [rule])).toMatchObject({
          status: 0,
          stdout: expect.stringMatching(expected),
        });
        expect(runDeclared(runtime, container, []).stdout).not.toMatch(expected);
      },
    );
  });
}

describeWith(['runc', 'busybox', 'cat'], 'what only the host sees of what a rule changes', () => {
  test('annotations: hooks are told of them', () => {
    const copy = join(scratchFolder('state'), 'state.json');
    const hook = { path: hostFile('hook', `#!/bin/sh\ncat > "${copy}"\n`), env: { PATH: '/usr/bin:/bin' } };
    const then: Actions = {
      annotations: { set: { 'example.org/declared': 'yes' }, remove: ['example.org/gone'] },
      hooks: { createRuntime: { append: [hook] } },
    };
    const spec = (plain: Spec): Spec => ({
      ...plain,
      annotations: { 'example.org/gone': '1', 'example.org/kept': '2' },
    });
    const rule = declarativeRule({ name: 'declared', then });
    expect(runDeclared('runc', { script: 'true', spec }, [rule])).toMatchObject({ status: 0 });
    const { annotations } = JSON.parse(readFileSync(copy, 'utf8'));
    expect(annotations).toMatchObject({ 'example.org/declared': 'yes', 'example.org/kept': '2' });
    expect(annotations).not.toHaveProperty('example.org/gone');
  });

  // No kernel has both modules at once, and none has these names: that the runtime asks for them is seen by its refusal.
  test.each<[string, Actions, RegExp]>([
    ['apparmorProfile', { apparmorProfile: 'ociwrap-none' }, /apparmor/i],
    ['selinuxLabel', { selinuxLabel: 'system_u:system_r:ociwrap_none_t:s0' }, /selinux|attr/i],
  ])('%s: the runtime asks the kernel for it', (_name, then, said) => {
    const asking = runDeclared('runc', { script: 'true' }, [declarativeRule({ name: 'declared', then })]);
    expect(asking).toMatchObject({ status: 1, stderr: expect.stringMatching(said) });
    expect(runDeclared('runc', { script: 'true' }, [])).toMatchObject({ status: 0, stderr: '' });
  });
});
