import { copyFileSync, linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';

import { planCall } from '../../src/call/plan-call.js';
import { bundleIn, machine, plainSpec, SELF, TRIGGER, VOLUME_PATH, volumeSpec } from '../machine.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder();
const plain = bundleIn(folder, 'plain', plainSpec());
const volume = bundleIn(folder, 'volume', volumeSpec());
const other = bundleIn(folder, 'other', volumeSpec());
const unmatched = bundleIn(folder, 'unmatched', volumeSpec('pvc-other'));
const broken = bundleIn(folder, 'broken', `{"annotations":{"${TRIGGER}": `);
const absent = join(folder, 'absent');
const sameFile = join(folder, 'same-file');
mkdirSync(sameFile);
linkSync(join(volume, 'config.json'), join(sameFile, 'config.json'));

function plan(runtime: string, line: string) {
  const argv = ['runc', ...line.split(' ')].map((text) => Buffer.from(text));
  const path = `/usr/bin/${runtime}`;
  return planCall(
    { argv, env: { SGS_RUNC_PATH: path }, execFn: '/usr/bin/runc-wrapper', cwd: '/', self: SELF },
    { rules: [pvcRootfs()] },
    machine({ mounts: [VOLUME_PATH], files: { [path]: 'the real one' } }),
  );
}

/** Verbs of one runtime or another, and words that are none. */
const WORDS = [
  ...['error', 'info', 'debug', 'trace', 'list', 'state', 'start', 'help', 'kill', 'delete', 'exec', 'spec'],
  ...['run', 'create', 'restore', 'features', 'wait', 'do', 'info', 'completion', 'usage', 'checkpoint'],
];
const RUNTIMES = ['runc', 'crun', 'runsc', 'youki', 'nvidia-container-runtime.real', 'some-oci-runtime'];

describe.each(RUNTIMES)('%s', (runtime) => {
  test.each(WORDS)('with --future-level %s before it, a create is still one', (word) => {
    const call = plan(runtime, `--root /r --future-level ${word} create --bundle ${volume} c1`);
    expect(call.decision).toEqual({ kind: 'rewrite' });
    expect(call).toMatchObject({ carriesRewrite: true, invocation: { verb: 'create' } });
    expect(call.plan?.document.spec.root?.path).toBe(VOLUME_PATH);
  });

  test.each(WORDS)('and --future-level %s before a bundle without a trigger changes nothing', (word) => {
    const call = plan(runtime, `--future-level ${word} create --bundle ${plain} c1`);
    expect(call.decision.kind).toBe('pass');
    expect(call.readAs).toBeUndefined();
  });

  test.each([
    `exec c1 create --bundle ${volume} x`,
    `exec create create --bundle ${volume} x`,
    `--debug exec c1 create --bundle ${volume} x`,
    `--future exec c1 create --bundle ${volume} x`,
    `--future=x exec c1 create --bundle ${volume} x`,
    `--future x exec c1 create --bundle ${volume} x`,
    `--future delete --force create`,
    `delete create`,
    `kill run 9`,
    `--future state restore`,
  ])('%s starts no container', (line) => {
    const call = plan(runtime, line);
    expect(call.decision.kind).toBe('pass');
    expect(call.carriesRewrite).toBe(false);
    expect(call.file).toBeUndefined();
  });
});

describe('a reading that a rule acts on is said', () => {
  test.each([
    ['runc', `--x list create --bundle ${volume} c1`, `taken as create of "${volume}"`],
    ['runc', `--x --version run --bundle ${volume} c1`, `taken as run of "${volume}"`],
    ['youki', `--x list restore --bundle ${volume} c1`, `taken as restore of "${volume}"`],
    ['oci', `--rootless create --bundle ${volume} c1`, `taken as create of "${volume}"`],
    ['oci', `-v create --bundle ${volume} c1`, `taken as create of "${volume}"`],
    ['runc', `create --bundle=${plain} --x --bundle=${volume} c1`, `taken as create of "${volume}"`],
    ['runc', `create --bundle=${volume} --x --bundle=${plain} c1`, `taken as create of "${volume}"`],
    ['runc', `create --bundle=${volume} --x --bundle=${absent} c1`, `taken as create of "${volume}"`],
    ['runc', `create --bundle=${volume} --x --bundle=${sameFile} c1`, `taken as create of "${volume}"`],
    ['runc', `create --x --help --bundle ${volume} c1`, `taken as create of "${volume}"`],
  ])('%s %s', (runtime, line, said) => {
    const call = plan(runtime, line);
    expect(call.decision).toEqual({ kind: 'rewrite' });
    expect(call.readAs).toContain(said);
    expect(call.plan?.document.spec.root?.path).toBe(VOLUME_PATH);
  });
});

describe('what keeps the rule of a reading from being carried out stops the call', () => {
  test.each([
    ['--x list create --bundle', unmatched, 'ERR_VOLUME_NOT_FOUND'],
    ['--x state create --bundle', broken, 'ERR_SPEC_SYNTAX'],
    ['--x help create --bundle', join(broken, 'config.json'), undefined],
  ])('%s %s', (line, bundle, code) => {
    const { decision } = plan('runc', `${line} ${bundle} c1`);
    expect(decision).toEqual(
      code === undefined
        ? expect.objectContaining({ kind: 'pass' })
        : { kind: 'refuse', refusal: expect.objectContaining({ code }) },
    );
  });
});

describe('where rules act on the bundles of two readings, the call is refused', () => {
  const config = join(other, 'second.json');
  copyFileSync(join(other, 'config.json'), config);
  test.each([
    ['runc', `create --bundle=${volume} --x --bundle=${other} c1`],
    ['runc', `create --bundle=${volume} --x --bundle=${unmatched} c1`],
    ['crun', `create --bundle=${volume} --x --config=${config} c1`],
    ['runc', `--x run --bundle=${volume} --y create --bundle=${volume} c1`],
  ])('%s %s', (runtime, line) => {
    const call = plan(runtime, line);
    expect(call.decision).toEqual({
      kind: 'refuse',
      refusal: expect.objectContaining({
        code: 'ERR_ARGUMENTS_AMBIGUOUS',
        hint: expect.stringContaining('--flag=value'),
        message: expect.stringContaining(`"${volume}"`),
      }),
    });
    expect(call.file).toBeUndefined();
  });
});
