import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { bundleOf } from './bundle.js';
import { type EngineHost, engineHost, waitForFile } from './engine-host.js';
import { busyboxRoot } from './kubelet-volume.js';
import { describeWith } from './programs.js';
import { ROOT_RUNTIMES, RootCaller, type RootRuntime, rootSpec, topOf, volumeOf } from './root-container.js';
import { scratchFolder } from './scratch.js';

const STRATEGIES = ['overlay', 'replace', 'seed'] as const;
const ROOT = '/run/ociwrap/root';

/** Of a line of mountinfo: what is mounted where, and how mounts beneath it propagate. */
function propagationOf(line: string): string {
  const [, , , root, mountPoint, , ...rest] = line.split(' ');
  return `${mountPoint} of ${root}: ${rest.slice(0, rest.indexOf('-')).join(' ') || 'private'}`;
}
const propagations = (lines: readonly string[]) => lines.map(propagationOf).sort();

/** A program in the place of a runtime, which keeps what it finds. */
function recordingMounts(folder: string): { readonly path: string; mounts(): readonly string[] } {
  const path = join(folder, 'runc');
  writeFileSync(path, `#!/bin/sh\ncat /proc/self/mountinfo >'${path}.mounts'\n`);
  chmodSync(path, 0o755);
  return { path, mounts: () => readFileSync(`${path}.mounts`, 'utf8').trim().split('\n') };
}

const diskFor = (strategy: (typeof STRATEGIES)[number]) =>
  strategy === 'replace' ? busyboxRoot('volume') : scratchFolder('volume');

describeWith(['nsenter', 'busybox'], 'the mount namespace that the runtime starts in', () => {
  describe.each([
    { run: 'mount', propagation: 'shared' },
    { run: 'folder', propagation: 'shared' },
    { run: 'mount', propagation: 'private' },
    { run: 'folder', propagation: 'private' },
  ] as const)(
    "is the engine's, with the root beside: /run is a $run, and mounts are $propagation",
    (options) => {
      test.each(STRATEGIES)('%s', (strategy) => {
        const host = engineHost(options);
        const volume = volumeOf(host, diskFor(strategy));
        const caller = new RootCaller(host, ROOT_RUNTIMES[0]);
        const runtime = recordingMounts(scratchFolder('runtime'));
        const before = host.mounts();
        const bundle = bundleOf(rootSpec({ volume, strategy, script: 'true' }));
        const called = caller.call(['create', '--bundle', bundle, 'c1'], {
          env: { SGS_RUNC_PATH: runtime.path },
        });
        expect(called).toMatchObject({ status: 0 });

        const found = propagations(runtime.mounts());
        const ours = found.filter((line) => line.startsWith(`${ROOT} `));
        expect(ours).toHaveLength(1);
        expect(found.filter((line) => !ours.includes(line))).toEqual(propagations(before));
        expect(host.mounts()).toEqual(before);
        expect(JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')).root.path).toBe(ROOT);
      });
    },
  );
});

for (const runtime of ROOT_RUNTIMES) {
  describeWith(
    [runtime.name, 'busybox', 'nsenter'],
    `a container in such a namespace, with ${runtime.name}`,
    () => {
      describe.each(['mount', 'folder'] as const)('where /run is a %s', (run) => {
        const host = engineHost({ run });
        describe.each(STRATEGIES)('%s', (strategy) => {
          /** With everything that mount(2) in a container needs. */
          const mayMount = (spec: Spec): Spec => {
            const caps = ['CAP_SYS_ADMIN'];
            return {
              ...spec,
              process: {
                cwd: '/',
                ...spec.process,
                capabilities: { bounding: caps, effective: caps, permitted: caps },
              },
              linux: { ...spec.linux, rootfsPropagation: 'rshared' },
            };
          };
          if (runtime.name !== 'runsc') propagates(host, runtime, strategy, mayMount);
          lives(host, runtime, strategy);
        });
      });
    },
  );
}

function propagates(
  host: EngineHost,
  runtime: RootRuntime,
  strategy: (typeof STRATEGIES)[number],
  mayMount: (spec: Spec) => Spec,
): void {
  /** As containerd writes a volumeMount with `mountPropagation: Bidirectional`. */
  const sharing =
    (source: string) =>
    (spec: Spec): Spec =>
      mayMount({
        ...spec,
        mounts: [
          ...(spec.mounts ?? []),
          { destination: '/shared', type: 'bind', source, options: ['rbind', 'rshared', 'rw'] },
        ],
      });

  test.each([
    ['a mount of its own', 'mount -t tmpfs shared "$1"'],
    ['a folder', ':'],
  ])(
    'what it mounts on a Bidirectional volume beneath /run that is %s reaches the host',
    (title, prepare) => {
      const source = `/run/shared-${runtime.name}-${strategy}-${title.length}`;
      host.shell(`mkdir "$1"; ${prepare}`, source);
      host.shell('mkdir "$1/beneath"', source);
      const caller = new RootCaller(host, runtime);
      const volume = volumeOf(host, diskFor(strategy));
      const before = host.mounts();
      const script = '/bin/busybox mount -t tmpfs from-container /shared/beneath';
      const ended = caller.run('shares', { volume, strategy, script, change: sharing(source) });
      expect(ended).toMatchObject({ status: 0, stderr: '' });
      const added = host.mounts().filter((line) => !before.includes(line));
      expect(added).toEqual([expect.stringContaining(` ${source}/beneath `)]);
      host.shell('umount "$1/beneath"', source);
      expect(host.mounts()).toEqual(before);
    },
  );

  test('what a hook mounts reaches the host, and goes with the hook that unmounts it', () => {
    const [inRun, elsewhere] = [`/run/hooked-${runtime.name}-${strategy}`, scratchFolder('hooked')];
    host.shell('mkdir "$1"', inRun);
    const caller = new RootCaller(host, runtime);
    const volume = volumeOf(host, diskFor(strategy));
    const before = host.mounts();
    const hook = (script: string) => ({
      path: '/bin/sh',
      args: ['sh', '-euc', `for at in ${inRun} ${elsewhere}; do ${script}; done`],
      env: ['PATH=/usr/bin:/bin'],
    });
    const change = (spec: Spec): Spec => ({
      ...spec,
      hooks: { createRuntime: [hook('mount -t tmpfs hooked $at')], poststop: [hook('umount $at')] },
    });
    const pid = caller.start('hooked', { volume, strategy, script: 'exec sleep 1000', change });
    const added = host.mounts().filter((line) => !before.includes(line));
    expect(added).toEqual([inRun, elsewhere].map((at) => expect.stringContaining(` ${at} `)));
    caller.killProcess(pid);
    expect(caller.call(['delete', 'hooked'])).toMatchObject({ status: 0 });
    expect(host.mounts()).toEqual(before);
  });

  test('a root file system that propagates keeps its mounts from the host', () => {
    const caller = new RootCaller(host, runtime);
    const volume = volumeOf(host, diskFor(strategy));
    const before = host.mounts();
    const marker = join(topOf(volume, strategy), 'started');
    const script = '/bin/busybox mount -t tmpfs inside /mnt; echo >/started; exec sleep 1000';
    const pid = caller.start('mounts', { volume, strategy, script, change: mayMount });
    waitForFile(marker);
    expect(host.mounts()).toEqual(before);
    caller.killProcess(pid);
    expect(caller.call(['delete', 'mounts'])).toMatchObject({ status: 0 });
    expect(host.mounts()).toEqual(before);
  });
}

function lives(host: EngineHost, runtime: RootRuntime, strategy: (typeof STRATEGIES)[number]): void {
  test("start, exec, update, kill and delete come from the engine's namespace", () => {
    const caller = new RootCaller(host, runtime);
    const volume = volumeOf(host, diskFor(strategy));
    const pid = caller.start('lives', { volume, strategy, script: 'exec sleep 1000' });
    const state = JSON.parse(caller.call(['state', 'lives']).stdout);
    expect(state).toMatchObject({ id: 'lives', status: 'running' });
    if (runtime.name !== 'runsc') expect(state.rootfs).toBe(ROOT);
    const exec = caller.call(['exec', 'lives', '/bin/sh', '-c', 'echo by exec > /file; cat /file; exit 5']);
    expect(exec).toMatchObject({ status: 5, stdout: 'by exec\n' });
    const top = topOf(volume, strategy);
    expect(readFileSync(join(top, 'file'), 'utf8')).toBe('by exec\n');
    if (runtime.name !== 'runsc') {
      expect(caller.call(['update', '--pids-limit', '50', 'lives'])).toMatchObject({ status: 0, stderr: '' });
    }
    expect(caller.call(['kill', 'lives', 'KILL'])).toMatchObject({ status: 0 });
    caller.waitForEnd(pid);
    expect(caller.call(['delete', 'lives'])).toMatchObject({ status: 0 });
    expect(caller.call(['state', 'lives']).status).not.toBe(0);
  });

  test('a terminal is on it', () => {
    const caller = new RootCaller(host, runtime);
    const volume = volumeOf(host, diskFor(strategy));
    const terminals = {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['newinstance', 'ptmxmode=0666'],
    };
    const change = (spec: Spec): Spec => ({
      ...spec,
      process: { cwd: '/', ...spec.process, terminal: true },
      mounts: [...(spec.mounts ?? []), terminals],
    });
    const bundle = bundleOf(
      rootSpec({ volume, strategy, script: '[ -t 0 ] && [ -t 1 ] && echo terminal > /seen', change }),
    );
    mkdirSync(join(caller.folder, 'state'));
    const command = caller.words(['run', '--bundle', bundle, 'terminal']).map((word) => `'${word}'`);
    expect(caller.under(['script', '-qec', command.join(' '), '/dev/null']).status).toBe(0);
    const top = topOf(volume, strategy);
    expect(existsSync(join(top, 'seen'))).toBe(true);
  });
}
