import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import { declarativeRule, guardian } from '@opencontainers-ts/rootfs-rewriter';

import { hostFile, runDeclared } from './declared-container.js';
import { describeWith } from './programs.js';
import { scratchFolder } from './scratch.js';

const opening = (path: string) => `[ -c ${path} ] && (exec 3>${path}) && echo opened || echo refused`;
// Every Linux has it, and runc does not allow it of itself as it does /dev/null and TUN.
const KMSG = { path: '/dev/kmsg', type: 'c', major: 1, minor: 11, fileMode: 0o666 } as const;

describeWith(['runc', 'busybox'], 'devices that a rule adds', () => {
  const script = `ls /dev/kmsg; ${opening('/dev/kmsg')}`;

  test('without a rule there is no device; with one it can be opened', () => {
    const rule = declarativeRule({ name: 'kmsg', then: { devices: { add: [KMSG] } } });
    expect(runDeclared('runc', { script }, []).stdout).toBe('refused\n');
    expect(runDeclared('runc', { script }, [rule])).toMatchObject({
      status: 0,
      stdout: '/dev/kmsg\nopened\n',
    });
  });

  test('a device whose use the cgroup does not allow can be seen and not opened', () => {
    const refused = declarativeRule({ name: 'kmsg', then: { devices: { add: [{ ...KMSG, access: '' }] } } });
    expect(runDeclared('runc', { script }, [refused]).stdout).toBe('/dev/kmsg\nrefused\n');
    const allowed = declarativeRule({
      name: 'allowed',
      then: { deviceRules: { add: [{ allow: true, type: 'c', major: 1, access: 'rw' }] } },
    });
    expect(runDeclared('runc', { script }, [refused, allowed]).stdout).toBe('/dev/kmsg\nopened\n');
  });

  test('a device that the host has is found by its path alone, one that it lacks refuses the container', () => {
    const add = (path: string) =>
      declarativeRule({ name: 'd', then: { devices: { add: [{ path, require: true }] } } });
    expect(runDeclared('runc', { script }, [add('/dev/kmsg')]).stdout).toBe('/dev/kmsg\nopened\n');
    expect(() => runDeclared('runc', { script }, [add('/dev/of-no-host')])).toThrow(
      expect.objectContaining({ code: 'ERR_RULE_DEVICE_MISSING' }),
    );
  });
});

describeWith(['runc', 'busybox'], 'the profile guardian', () => {
  const script = `
    ${opening('/dev/net/tun')}
    /bin/busybox stat -c '%n %a %u %g %t:%T' /dev/kvm /dev/net/tun
    grep ' /sys ' /proc/self/mountinfo
    /bin/busybox mknod /tmp/kmsg c 1 11 && (exec 3>/tmp/kmsg) && echo 'any device'`;
  const garden = {
    script,
    spec: (spec: Parameters<NonNullable<Parameters<typeof runDeclared>[1]['spec']>>[0]) => ({
      ...spec,
      process: {
        cwd: '/',
        ...spec.process,
        capabilities: { bounding: ['CAP_MKNOD'], effective: ['CAP_MKNOD'], permitted: ['CAP_MKNOD'] },
      },
      mounts: [
        ...(spec.mounts ?? []),
        { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
      ],
      linux: { ...spec.linux, resources: { devices: [{ allow: false, access: 'rwm' }] } },
    }),
  };

  test('the container opens /dev/net/tun, and any device; /sys is writable', () => {
    const plain = runDeclared('runc', garden, []).stdout;
    expect(plain).toMatch(/ \/sys ro,/);
    expect(plain).not.toMatch(/opened|kvm|any device/);
    const { status, stdout, stderr } = runDeclared('runc', garden, [guardian(), guardian()]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'opened',
      '/dev/kvm 660 0 104 a:e8',
      '/dev/net/tun 666 0 104 a:c8',
      expect.stringMatching(/ \/sys rw,nosuid,nodev,noexec/),
      'any device',
      '',
    ]);
  });
});

describeWith(['runc', 'busybox'], 'hooks that a rule adds', () => {
  test('all six kinds run, each with its environment; the state they are given has the annotations', () => {
    const folder = scratchFolder('hooks');
    mkdirSync(join(folder, 'state'));
    const tell = hostFile(
      'tell',
      `#!/bin/sh\nkind=$1; env >> "${folder}/$kind"; cat > "${folder}/state/$kind"\n`,
    );
    const kinds = ['prestart', 'createRuntime', 'createContainer', 'poststart', 'poststop'] as const;
    const own = (kind: string) =>
      kind === 'createContainer' ? {} : { env: { TOLD_BY: 'a rule', PATH: '/usr/bin:/bin' } };
    const rule = declarativeRule({
      name: 'hooks',
      then: {
        annotations: { set: { 'example.org/team': 'red' } },
        hooks: {
          ...Object.fromEntries(
            kinds.map((kind) => [
              kind,
              { append: [{ path: tell, args: ['tell', kind], ...own(kind), require: true }] },
            ]),
          ),
          startContainer: {
            prepend: [{ path: '/bin/sh', args: ['sh', '-c', '/bin/busybox env > /tmp/hook'] }],
          },
        },
      },
    });
    const spec: Parameters<typeof runDeclared>[1]['spec'] = (each) => ({
      ...each,
      process: { cwd: '/', ...each.process, env: ['PATH=/bin', 'LD_PRELOAD=/evil.so'] },
    });
    const { status, stdout, stderr } = runDeclared('runc', { script: 'cat /tmp/hook', spec }, [rule]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    // CVE-2025-23266: neither hook has the container's LD_PRELOAD.
    const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    expect(stdout).toContain(path);
    expect(stdout).not.toContain('LD_PRELOAD');
    const told = Object.fromEntries(kinds.map((kind) => [kind, readFileSync(join(folder, kind), 'utf8')]));
    expect(told).toEqual({
      prestart: expect.stringContaining('TOLD_BY=a rule'),
      createRuntime: expect.stringContaining('TOLD_BY=a rule'),
      createContainer: expect.stringContaining(path),
      poststart: expect.stringContaining('TOLD_BY=a rule'),
      poststop: expect.stringContaining('TOLD_BY=a rule'),
    });
    expect(told['createContainer']).not.toContain('LD_PRELOAD');
    const state = JSON.parse(readFileSync(join(folder, 'state/createRuntime'), 'utf8'));
    expect(state.annotations).toMatchObject({ 'example.org/team': 'red' });
  });

  test('a hook that the host lacks refuses the container', () => {
    const rule = declarativeRule({
      name: 'hook',
      then: { hooks: { createRuntime: { append: [{ path: '/of/no/host', require: true }] } } },
    });
    expect(() => runDeclared('runc', { script: 'true' }, [rule])).toThrow(
      expect.objectContaining({ code: 'ERR_RULE_HOOK_MISSING' }),
    );
  });
});
