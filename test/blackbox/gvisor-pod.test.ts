import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { bundleOf, specOf, TRIGGER, withPvcRoot } from './bundle.js';
import { kubeletVolume } from './kubelet-volume.js';
import { describeWith, program, wrapper } from './programs.js';
import { type Ended, runProgram } from './run-program.js';
import { atEnd, scratchFolder } from './scratch.js';

const annotated = (spec: Spec, annotations: Readonly<Record<string, string>>): Spec => ({
  ...spec,
  annotations: { ...spec.annotations, ...annotations },
});

let count = 0;

/** The sandbox of a pod, and what makes a container one of it. */
function pod() {
  count += 1;
  const state = scratchFolder('state');
  const sandbox = `gvisor-pod-${process.pid}-${count}`;
  const run = (leavesProcess: boolean, args: readonly string[]): Ended =>
    runProgram(wrapper, ['--root', state, '--network=none', '--ignore-cgroups', ...args], {
      env: { SGS_RUNC_PATH: program('runsc'), OCIWRAP_LOG_FILE: join(state, 'wrapper.log') },
      leavesProcess,
    });
  const call = (...args: readonly string[]) => run(false, args);
  /** For a call that makes a sandbox or a gofer. */
  const leave = (...args: readonly string[]) => run(true, args);
  const spec = annotated(specOf('sleep 100000'), { 'io.kubernetes.cri.container-type': 'sandbox' });
  expect(leave('create', '--bundle', bundleOf(spec), sandbox)).toMatchObject({ status: 0 });
  atEnd(() => call('delete', '--force', sandbox));
  expect(leave('start', sandbox)).toMatchObject({ status: 0 });
  return {
    call,
    leave,
    container: `${sandbox}-main`,
    member: (member: Spec) =>
      annotated(member, {
        'io.kubernetes.cri.container-type': 'container',
        'io.kubernetes.cri.sandbox-id': sandbox,
      }),
    log: (): readonly { readonly level: string; readonly msg: string }[] =>
      readFileSync(join(state, 'wrapper.log'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
  };
}

describeWith(['runsc', 'busybox'], 'a pod of gVisor', () => {
  test('its container starts on the volume, whose path the runtime gets: start opens it, and not create', () => {
    const volume = kubeletVolume();
    const { call, leave, container, member } = pod();
    const script = 'echo visit >> /visits; sleep 100000';
    const bundle = bundleOf(member(withPvcRoot(specOf(script), volume)));
    expect(leave('create', '--bundle', bundle, container)).toMatchObject({ status: 0 });
    expect(JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')).root.path).toBe(volume.path);
    expect(leave('start', container)).toMatchObject({ status: 0 });
    const read = ['/bin/busybox', 'sh', '-c', 'until [ -f /visits ]; do :; done; cat /visits'];
    expect(call('exec', container, ...read)).toMatchObject({ status: 0, stdout: 'visit\n' });
    expect(readFileSync(join(volume.disk, 'visits'), 'utf8')).toBe('visit\n');
    expect(call('delete', '--force', container)).toMatchObject({ status: 0 });
    expect(readdirSync(volume.disk).filter((name) => name.startsWith('.gvisor'))).toEqual([]);
  });

  test('an overlay, which only a mount can give, is refused', () => {
    const volume = kubeletVolume({ disk: scratchFolder('volume') });
    const { call, container, member } = pod();
    const asked = annotated(withPvcRoot(specOf('true'), volume), { [`${TRIGGER}-strategy`]: 'overlay' });
    const ended = call('create', '--bundle', bundleOf(member(asked)), container);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain('[ERR_GVISOR_ROOT]');
    expect(readdirSync(volume.disk)).toEqual([]);
  });

  test('an annotation that puts an overlay of gVisor over the volume is refused', () => {
    const volume = kubeletVolume();
    const { call, container, member } = pod();
    const asked = annotated(withPvcRoot(specOf('echo x > /lost'), volume), {
      'dev.gvisor.flag.overlay2': 'root:memory',
    });
    const ended = call('create', '--bundle', bundleOf(member(asked)), container);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain('[ERR_GVISOR_ROOTFS_HINT]');
    expect(existsSync(join(volume.disk, 'lost'))).toBe(false);
  });

  test('what gVisor has left on a volume is told, and keeps nobody from starting', () => {
    const volume = kubeletVolume();
    const { call, leave, container, member, log } = pod();
    writeFileSync(join(volume.disk, `.gvisor.filestore.${container.replace(/-main$/, '')}`), 'x');
    const bundle = bundleOf(member(withPvcRoot(specOf('sleep 100000'), volume)));
    expect(leave('create', '--bundle', bundle, container)).toMatchObject({ status: 0 });
    expect(leave('start', container)).toMatchObject({ status: 0 });
    expect(call('delete', '--force', container)).toMatchObject({ status: 0 });
    expect(log()).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        msg: expect.stringContaining('gVisor has left on the volume'),
      }),
    );
  });
});
