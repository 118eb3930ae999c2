import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { expect, test } from '@jest/globals';

import { bundleOf, specOf, withPvcRoot } from './bundle.js';
import { askingFor, type CdiMachine, cdiMachine, recordingHook } from './cdi-machine.js';
import { type KubeletVolume, kubeletVolume } from './kubelet-volume.js';
import { describeWith } from './programs.js';
import { scratchFolder } from './scratch.js';

const DEVICE = 'example.org/gpu=0';
const LIBRARY = 'usr/lib/libcuda.so.570';
const LINK = 'usr/lib/libcuda.so';

let count = 0;

/** What a driver's CDI spec makes of a container: a library, its link, and what update-ldcache leaves. */
function machineOf(more: string): CdiMachine {
  const driver = scratchFolder('driver');
  chmodSync(driver, 0o755);
  writeFileSync(join(driver, 'libcuda.so.570'), 'the driver');
  const { path } = recordingHook();
  const hook = (...args: string[]) => ({ hookName: 'createContainer', path, args: ['hook', ...args] });
  return cdiMachine(
    {
      gpu: {
        cdiVersion: '0.6.0',
        kind: 'example.org/gpu',
        containerEdits: {
          hooks: [hook('create-symlinks', '--link', `libcuda.so.570::/${LINK}`), hook('update-ldcache')],
        },
        devices: [
          {
            name: '0',
            containerEdits: {
              mounts: [
                {
                  hostPath: join(driver, 'libcuda.so.570'),
                  containerPath: `/${LIBRARY}`,
                  options: ['bind', 'ro'],
                },
              ],
            },
          },
        ],
      },
    },
    more,
  );
}

/** Runs a container on the volume to its end. */
function run(
  machine: CdiMachine,
  volume: KubeletVolume,
  script: string,
  devices: readonly string[] = [],
): string {
  const { bundle, id } = containerOf(volume, script, devices);
  const { status, stdout, stderr } = machine.call('runc', 'run', '--bundle', bundle, id);
  expect(`${status}: ${stderr}`).toBe('0: ');
  return stdout;
}

function containerOf(volume: KubeletVolume, script: string, devices: readonly string[]) {
  count += 1;
  const spec = withPvcRoot(specOf(script), volume);
  const bundle = bundleOf(devices.length === 0 ? spec : askingFor(spec, ...devices));
  return { bundle, id: `residue-${process.pid}-${count}` };
}

/** What injections have left on the volume, as the node sees it. */
function residueOn({ disk }: KubeletVolume): string[] {
  const names = (folder: string) => (existsSync(join(disk, folder)) ? readdirSync(join(disk, folder)) : []);
  return [
    ...[LIBRARY, LINK].filter((path) => lstatSync(join(disk, path), { throwIfNoEntry: false }) !== undefined),
    ...names('etc/ld.so.conf.d').map(() => 'etc/ld.so.conf.d/*'),
    ...names('run/nvidia-ctk-hook').map(() => 'run/nvidia-ctk-hook/*'),
  ];
}

const CAT = `cat /${LINK}`;
const ALL = [LIBRARY, LINK, 'etc/ld.so.conf.d/*', 'run/nvidia-ctk-hook/*'];

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(20);
}

describeWith(['runc', 'busybox'], 'what CDI leaves on a volume', () => {
  test('residue = "keep": it stays, and grows with every start', () => {
    const machine = machineOf('');
    const volume = kubeletVolume();
    expect(run(machine, volume, CAT, [DEVICE])).toBe('the driver');
    expect(run(machine, volume, CAT, [DEVICE])).toBe('the driver');
    expect(residueOn(volume)).toEqual([...ALL.slice(0, 3), ...ALL.slice(2, 4), ALL[3]]);
    expect(statSync(join(volume.disk, LIBRARY)).size).toBe(0);
    expect(run(machine, volume, `[ -f /${LIBRARY} ] && echo an empty library`)).toBe('an empty library\n');
  });

  test('residue = "clean": it does not grow, and a start without devices finds none of it', () => {
    const machine = machineOf('residue = "clean"');
    const volume = kubeletVolume();
    writeFileSync(join(volume.disk, 'mine'), '');
    for (const _ of ['first', 'second', 'third']) {
      expect(run(machine, volume, CAT, [DEVICE])).toBe('the driver');
      expect(residueOn(volume)).toEqual(ALL);
    }
    expect(machine.records()).toMatchObject([
      { mountPoints: [LIBRARY], links: [{ path: LINK, target: 'libcuda.so.570' }] },
    ]);
    expect(run(machine, volume, 'ls /usr/lib; echo done')).toBe('done\n');
    expect(residueOn(volume)).toEqual([]);
    expect(machine.records()).toEqual([]);
    expect(existsSync(join(volume.disk, 'mine'))).toBe(true);
    expect(machine.log()).toContainEqual(
      expect.objectContaining({
        level: 'info',
        msg: expect.stringContaining('4 entries of earlier injections removed'),
      }),
    );
    expect(run(machine, volume, CAT, [DEVICE])).toBe('the driver');
  });

  test('what the container has made of it stays: a file that is no longer empty, another link', () => {
    const machine = machineOf('residue = "clean"');
    const volume = kubeletVolume();
    run(machine, volume, CAT, [DEVICE]);
    const link = join(volume.disk, LINK);
    writeFileSync(join(volume.disk, LIBRARY), 'a library of its own');
    renameSync(link, `${link}.old`);
    symlinkSync('libcuda.so.1', link);
    run(machine, volume, 'true');
    expect(readFileSync(join(volume.disk, LIBRARY), 'utf8')).toBe('a library of its own');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });

  test('a container that puts links in the way: nothing outside the volume is touched', () => {
    const machine = machineOf('residue = "clean"');
    const volume = kubeletVolume();
    const outside = scratchFolder('outside');
    for (const name of ['libcuda.so.570', 'zz-nvcr-1.conf']) writeFileSync(join(outside, name), '');
    mkdirSync(join(outside, 'uuid'));
    run(machine, volume, CAT, [DEVICE]);
    // What the container could have done as root of its own volume.
    for (const folder of ['usr/lib', 'etc/ld.so.conf.d', 'run/nvidia-ctk-hook']) {
      renameSync(join(volume.disk, folder), join(volume.disk, `${folder}.moved`));
      symlinkSync(outside, join(volume.disk, folder));
    }
    run(machine, volume, 'true');
    expect(readdirSync(outside).sort()).toEqual(['libcuda.so.570', 'uuid', 'zz-nvcr-1.conf']);
    const warnings = machine.log().filter(({ level }) => level === 'warn');
    expect(warnings).toHaveLength(4);
    for (const { msg } of warnings) expect(msg).toMatch(/is left as it is: ELOOP$/);
  });

  test('while a container runs on the volume, a second start removes nothing from under it', async () => {
    const machine = machineOf('residue = "clean"');
    const volume = kubeletVolume();
    // Not for ever: where the test fails, nobody says go.
    const wait = `echo up > /up; for i in $(seq 600); do [ -f /go ] && break; sleep 0.1; done; ${CAT} > /seen`;
    const { bundle, id } = containerOf(volume, wait, [DEVICE]);
    expect(machine.leave('runc', 'create', '--bundle', bundle, id).status).toBe(0);
    expect(machine.call('runc', 'start', id).status).toBe(0);
    await until(() => existsSync(join(volume.disk, 'up')));
    run(machine, volume, 'true');
    expect(machine.log()).toContainEqual(
      expect.objectContaining({
        level: 'info',
        msg: expect.stringContaining('is in use on this node: nothing is cleaned'),
      }),
    );
    expect(residueOn(volume)).toEqual(ALL);
    writeFileSync(join(volume.disk, 'go'), '');
    await until(() => machine.call('runc', 'state', id).stdout.includes('"stopped"'));
    expect(readFileSync(join(volume.disk, 'seen'), 'utf8')).toBe('the driver');
    expect(machine.call('runc', 'delete', id).status).toBe(0);
    run(machine, volume, 'true');
    expect(residueOn(volume)).toEqual([]);
  }, 60_000);

  test('while a created container has not been started, its mounts count as well', () => {
    const machine = machineOf('residue = "clean"');
    const volume = kubeletVolume();
    const { bundle, id } = containerOf(volume, 'true', [DEVICE]);
    expect(machine.leave('runc', 'create', '--bundle', bundle, id).status).toBe(0);
    run(machine, volume, 'true');
    expect(residueOn(volume)).toEqual(ALL);
    expect(machine.call('runc', 'delete', '--force', id).status).toBe(0);
  });

  test('run-tmpfs = true: nothing of /run reaches the volume, and what the spec mounts beneath it is seen', () => {
    const machine = machineOf('run-tmpfs = true');
    const volume = kubeletVolume();
    mkdirSync(join(volume.disk, 'var'));
    mkdirSync(join(volume.disk, 'run'));
    symlinkSync('../run', join(volume.disk, 'var/run'));
    const token = scratchFolder('token');
    writeFileSync(join(token, 'token'), 'secret\n');
    const spec = withPvcRoot(specOf('cat /var/run/secrets/token; ls /run; echo x > /run/left'), volume);
    const mount = { destination: '/var/run/secrets', type: 'bind', source: token, options: ['rbind', 'ro'] };
    const bundle = bundleOf(askingFor({ ...spec, mounts: [...(spec.mounts ?? []), mount] }, DEVICE));
    const { stdout, stderr } = machine.call('runc', 'run', '--bundle', bundle, `run-tmpfs-${process.pid}`);
    expect({ stdout, stderr }).toEqual({ stdout: 'secret\nnvidia-ctk-hook\nsecrets\n', stderr: '' });
    expect(readdirSync(join(volume.disk, 'run'))).toEqual([]);
  });
});
