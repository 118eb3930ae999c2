import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { bundleOf, specOf, withPvcRoot } from './bundle.js';
import { kubeletVolume, PRINT_ROOT, printedRoot } from './kubelet-volume.js';
import { describeWith, program, wrapper } from './programs.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

/** Prints which folder of the node is mounted as the root, and leaves a line on it. */
const script = `
${PRINT_ROOT}
[ -f /visits ] && cat /visits
echo visit >> /visits`;

interface RuntimeCase {
  readonly name: string;
  /** Arguments before the verb. */
  readonly globals: readonly string[];
  /** A command that starts the runtime's caller in surroundings where it works on any machine. */
  readonly within?: readonly string[];
}

const runtimes: readonly RuntimeCase[] = [
  { name: 'runc', globals: [] },
  // crun refuses to start where a cgroup2 mount stands beside cgroup v1.
  {
    name: 'crun',
    globals: [],
    within: [
      'unshare',
      '--mount',
      '--propagation',
      'slave',
      'sh',
      '-c',
      'umount /sys/fs/cgroup/unified; exec "$@"',
      'sh',
    ],
  },
  { name: 'runsc', globals: ['--network=none'] },
];

for (const { name, globals, within = [] } of runtimes) {
  describeWith([name, 'busybox'], `a container on its PVC with ${name}`, () => {
    const call = (state: string, ...args: readonly string[]) => {
      const [file, ...rest] = [...within, wrapper, '--root', state, ...globals, ...args] as [
        string,
        ...string[],
      ];
      return runProgram(file, rest, {
        env: { SGS_RUNC_PATH: program(name), OCIWRAP_LOG_FILE: join(state, 'wrapper.log') },
        leavesProcess: args[0] === 'create',
      });
    };

    test('run: the root is the volume, what is written there is there at the next start', () => {
      const volume = kubeletVolume();
      const state = scratchFolder('state');
      const starts = ['first', 'second'].map((start) => {
        const bundle = bundleOf(withPvcRoot(specOf(script), volume));
        return call(state, 'run', '--bundle', bundle, `${name}-${start}-${process.pid}`);
      });
      for (const { status, stderr } of starts) {
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      }
      // runsc shows its own file system inside; that the file is on the disk is proof enough there.
      if (name !== 'runsc') {
        expect(starts[0].stdout).toContain(printedRoot(volume.disk));
      }
      expect(starts[0].stdout).not.toContain('visit\n');
      expect(starts[1].stdout).toContain('visit\n');
      expect(readFileSync(join(volume.disk, 'visits'), 'utf8')).toBe('visit\nvisit\n');
    });

    test('create, start, delete: the same, with the mount found by its destination', () => {
      const volume = kubeletVolume();
      const state = scratchFolder('state');
      const bundle = bundleOf(withPvcRoot(specOf('echo visit >> /visits'), volume, '/mnt/boot'));
      const id = `${name}-life-${process.pid}`;
      const pidFile = join(state, 'pid');

      expect(call(state, 'create', `--bundle=${bundle}`, '--pid-file', pidFile, id)).toMatchObject({
        status: 0,
      });
      expect(existsSync(join(volume.disk, 'visits'))).toBe(false);
      expect(call(state, 'start', id)).toMatchObject({ status: 0, stderr: '' });
      const pid = Number(readFileSync(pidFile, 'utf8'));
      waitForEnd(pid);
      expect(call(state, 'delete', '--force', id)).toMatchObject({ status: 0 });
      expect(readFileSync(join(volume.disk, 'visits'), 'utf8')).toBe('visit\n');

      const log = readFileSync(join(state, 'wrapper.log'), 'utf8').trim().split('\n');
      expect(log.map((line) => JSON.parse(line))).toMatchObject([
        { level: 'info', verb: 'create', id, decision: 'rewrite', newRoot: volume.path, volume: volume.name },
      ]);
    });

    test('a read-only claim is a read-only root', () => {
      const volume = kubeletVolume();
      const spec = withPvcRoot(specOf('echo x > /forbidden || echo refused'), volume);
      const mounts = spec.mounts?.map((mount) =>
        mount.source === volume.path ? { ...mount, options: ['rbind', 'ro'] } : mount,
      );
      const bundle = bundleOf({ ...spec, ...(mounts ? { mounts } : {}) });
      const ended = call(scratchFolder('state'), 'run', '--bundle', bundle, `${name}-ro-${process.pid}`);
      expect(ended).toMatchObject({
        status: 0,
        stdout: 'refused\n',
        stderr: expect.stringContaining('Read-only'),
      });
      expect(existsSync(join(volume.disk, 'forbidden'))).toBe(false);
    });
  });
}

/** The container's process is not our child: all there is to ask is whether it still runs. */
function waitForEnd(pid: number): void {
  const deadline = Date.now() + 20_000;
  while (isRunning(pid)) {
    if (Date.now() > deadline) throw new Error(`process ${pid} runs on`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // it has ended, perhaps while it was read
  }
}
