import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import type { Spec } from '@opencontainers-ts/runtime-spec';
import { bundleOf, rootPathOf, specOf, TRIGGER, withPvcRoot } from './bundle.js';
import { askingFor, cdiMachine, type RecordingHook, recordingHook } from './cdi-machine.js';
import { type Containerd, startContainerd } from './containerd.js';
import { busyboxRoot, kubeletVolume } from './kubelet-volume.js';
import { unlessLost } from './lost-by-crun.js';
import { describeWith, wrapper } from './programs.js';
import { scratchFolder } from './scratch.js';

const DEVICE = 'example.org/gpu=0';

/** A device with one of everything: nested mounts the wrong way round, a FIFO, hooks with and without an environment. */
function deviceSpec(hook: RecordingHook): object {
  const host = scratchFolder('driver');
  chmodSync(host, 0o755);
  mkdirSync(join(host, 'parent/child'), { recursive: true });
  mkdirSync(join(host, 'child'));
  writeFileSync(join(host, 'parent/in-parent'), '');
  writeFileSync(join(host, 'child/in-child'), '');
  writeFileSync(join(host, 'libtest.so.1'), 'library');
  spawnSync('mkfifo', [join(host, 'fifo')]);
  const options = ['rbind', 'ro', 'nosuid', 'nodev'];
  return {
    cdiVersion: '0.7.0',
    kind: 'example.org/gpu',
    containerEdits: {
      hooks: [
        {
          hookName: 'createContainer',
          path: hook.path,
          args: ['test-cdi-hook', 'create-symlinks', '--link', 'libtest.so.1::/usr/lib/libtest.so'],
        },
        {
          hookName: 'createContainer',
          path: hook.path,
          args: ['test-cdi-hook', 'update-ldcache'],
          env: ['OWN=1'],
        },
      ],
    },
    devices: [
      {
        name: '0',
        containerEdits: {
          env: ['INJECTED=yes', 'REPLACED=new'],
          deviceNodes: [
            { path: '/dev/gpu0', hostPath: '/dev/null' },
            { path: '/dev/gpu-fifo', hostPath: join(host, 'fifo') },
            // No driver has this number: who may open it is told ENXIO, who may not EPERM.
            { path: '/dev/gpu-ctl', type: 'c', major: 240, minor: 77, fileMode: 0o666 },
          ],
          mounts: [
            { hostPath: join(host, 'child'), containerPath: '/opt/parent/child', options },
            { hostPath: join(host, 'parent'), containerPath: '/opt/parent', options },
            { hostPath: join(host, 'libtest.so.1'), containerPath: '/usr/lib/libtest.so.1', options },
          ],
          additionalGids: [4242],
        },
      },
    ],
  };
}

const SCRIPT = `
echo lost > /dev/gpu0 && echo null: written
[ -c /dev/gpu0 ] && echo null: character
[ -p /dev/gpu-fifo ] && echo fifo: there
echo x 2>&1 > /dev/gpu-ctl
echo x 2>&1 > /dev/other-ctl
echo env: $INJECTED $REPLACED
ls /opt/parent /opt/parent/child
cat /usr/lib/libtest.so && echo
grep Groups /proc/self/status
`;

/** May open no device but what is allowed, and has a node that nothing allows. */
const restricted = (spec: Spec): Spec => ({
  ...spec,
  process: {
    ...(spec.process ?? { cwd: '/' }),
    env: ['PATH=/bin', 'REPLACED=old', 'LD_PRELOAD=/evil.so', 'EVIL=1'],
    user: { uid: 0, gid: 0 },
  },
  linux: {
    ...spec.linux,
    devices: [{ path: '/dev/other-ctl', type: 'c', major: 240, minor: 78, fileMode: 0o666 }],
    resources: { devices: [{ allow: false, access: 'rwm' }] },
  },
});

for (const runtime of ['runc', 'crun']) {
  describeWith([runtime, 'busybox'], `CDI devices in a container on its PVC with ${runtime}`, () => {
    let hook: ReturnType<typeof recordingHook>;
    let volume: ReturnType<typeof kubeletVolume>;
    let stdout: string;
    const start = () => {
      hook = recordingHook();
      volume = kubeletVolume();
      const machine = cdiMachine({ test: deviceSpec(hook) });
      const bundle = bundleOf(askingFor(withPvcRoot(restricted(specOf(SCRIPT)), volume), DEVICE));
      const ended = machine.call(runtime, 'run', '--bundle', bundle, `cdi-${runtime}-${process.pid}`);
      machine.call(runtime, 'delete', '--force', `cdi-${runtime}-${process.pid}`);
      return { machine, ended };
    };
    beforeAll(() => {
      const { machine, ended } = unlessLost(start, ({ ended }) => ended.stderr);
      expect(`${ended.status}: ${ended.stderr}`).toBe('0: ');
      expect(machine.log()).toMatchObject([{ level: 'info', decision: 'rewrite', cdiDevices: DEVICE }]);
      stdout = ended.stdout;
    }, 60_000);

    test('device nodes under other names, and the cgroup lets exactly those be opened', () => {
      expect(stdout).toContain('null: written\nnull: character\nfifo: there\n');
      expect(stdout).toMatch(/gpu-ctl: No such device or address/);
      expect(stdout).toMatch(/other-ctl: Operation not permitted/);
    });

    test('environment, groups, and mounts in the order in which they nest', () => {
      expect(stdout).toContain('env: yes new\n');
      expect(stdout).toMatch(/Groups:\t.*\b4242\b/);
      expect(stdout).toContain('in-parent');
      expect(stdout).toContain('in-child');
    });

    test('hooks run in order, see the mounts and the final root, and never the environment of the container', () => {
      // By the link that the first hook made, to the file that CDI mounts.
      expect(stdout).toContain('library\n');
      expect(readlinkSync(join(volume.disk, 'usr/lib/libtest.so'))).toBe('libtest.so.1');
      const calls = hook.calls();
      expect(calls.map(({ name, root }) => [name, root])).toEqual([
        ['create-symlinks', rootPathOf(volume)],
        ['update-ldcache', rootPathOf(volume)],
      ]);
      const [first, second] = calls.map(({ env }) =>
        env.filter((entry) => !/^(PWD|OLDPWD|_|SHLVL)=/.test(entry)),
      );
      expect(first).toEqual(['NVIDIA_CTK_DEBUG=false']);
      expect(second).toEqual(['OWN=1']);
    });
  });
}

describeWith(['containerd', 'ctr', 'runc', 'busybox'], 'CDI devices through ctr', () => {
  const hook = recordingHook();
  let containerd: Containerd;
  beforeAll(async () => {
    const cdi = scratchFolder('cdi');
    writeFileSync(join(cdi, 'test.json'), JSON.stringify(deviceSpec(hook)));
    // /run is this test run's own.
    const folder = `/run/ociwrap-cdi-${process.pid}`;
    mkdirSync(folder, { mode: 0o755 });
    writeFileSync(join(folder, 'config.toml'), `[cdi]\nenabled = true\nspec-dirs = ["${cdi}"]\n`, {
      mode: 0o644,
    });
    containerd = await startContainerd({
      OCIWRAP_CONFIG: join(folder, 'config.toml'),
      OCIWRAP_LOG_FILE: '/dev/null',
    });
  }, 60_000);

  test('ctr run: devices, mounts, groups and hooks on a claim', () => {
    const volume = kubeletVolume();
    const ended = containerd.ctr(
      ...['run', '--rm', '--runc-binary', wrapper, '--annotation', `${TRIGGER}=${volume.name}`],
      ...['--annotation', `cdi.k8s.io/test=${DEVICE}`],
      ...['--mount', `type=bind,src=${volume.path},dst=/mnt/boot,options=rbind:rw`],
      ...['--rootfs', busyboxRoot('image'), `cdi-ctr-${process.pid}`, '/bin/sh', '-c', SCRIPT],
    );
    expect(`${ended.status}: ${ended.stderr}`).toBe('0: ');
    for (const part of ['null: written', 'fifo: there', 'env: yes new', 'in-parent', 'in-child', 'library']) {
      expect(ended.stdout).toContain(part);
    }
    expect(ended.stdout).toMatch(/gpu-ctl: No such device or address/);
    expect(ended.stdout).toMatch(/Groups:\t.*\b4242\b/);
    expect(hook.calls().map(({ name, root }) => [name, root])).toEqual([
      ['create-symlinks', rootPathOf(volume)],
      ['update-ldcache', rootPathOf(volume)],
    ]);
    expect(readlinkSync(join(volume.disk, 'usr/lib/libtest.so'))).toBe('libtest.so.1');
  });

  test('a device that no spec defines: ctr prints our message, and no hook has run', () => {
    const before = hook.calls().length;
    const ended = containerd.ctr(
      ...['run', '--rm', '--runc-binary', wrapper, '--annotation', 'cdi.k8s.io/test=example.org/gpu=7'],
      ...['--rootfs', busyboxRoot('image'), `cdi-ctr-none-${process.pid}`, '/bin/true'],
    );
    expect(ended.status).not.toBe(0);
    expect(ended.stderr).toContain('[ERR_CDI_UNRESOLVABLE]');
    expect(hook.calls()).toHaveLength(before);
  });
});

describeWith(['runsc', 'busybox'], 'hooks that runsc skips', () => {
  const start = (more: string) => {
    const hook = recordingHook();
    const machine = cdiMachine(
      { test: { ...deviceSpec(hook), devices: [{ name: '0', containerEdits: { env: ['INJECTED=yes'] } }] } },
      more,
    );
    const volume = kubeletVolume();
    const spec = askingFor(withPvcRoot(specOf('echo started > /started; echo $INJECTED'), volume), DEVICE);
    const ended = machine.call('runsc', 'run', '--bundle', bundleOf(spec), `cdi-runsc-${process.pid}`);
    return { ended, hook, machine, started: existsSync(join(volume.disk, 'started')) };
  };

  test('the container is refused, by default', () => {
    const { ended, machine, started } = start('');
    expect(ended).toMatchObject({ status: 1, stdout: '' });
    expect(ended.stderr).toContain('[ERR_CDI_HOOKS_SKIPPED]');
    expect(machine.log()).toMatchObject([{ level: 'error', code: 'ERR_CDI_HOOKS_SKIPPED' }]);
    expect(started).toBe(false);
  });

  test('hooks-skipped = "warn": it starts without them, and the log says so', () => {
    const { ended, hook, machine, started } = start('hooks-skipped = "warn"');
    expect(ended).toMatchObject({ status: 0, stdout: 'yes\n' });
    expect(hook.calls()).toEqual([]);
    expect(started).toBe(true);
    expect(machine.log()).toContainEqual(
      expect.objectContaining({ level: 'warn', msg: expect.stringContaining('skips hooks') }),
    );
  });

  test('its version is kept, and said', () => {
    const { ended, machine } = start('');
    const { versions } = JSON.parse(machine.versions() ?? '');
    expect(versions).toMatchObject([{ name: 'runsc' }]);
    expect(ended.stderr).toContain(`(it is ${versions[0].version}; `);
  });

  test('gvisor-runs-hooks = true of earlier versions changes nothing', () => {
    const { ended } = start('gvisor-runs-hooks = true');
    expect(ended.stderr).toContain('[ERR_CDI_HOOKS_SKIPPED]');
  });
});
