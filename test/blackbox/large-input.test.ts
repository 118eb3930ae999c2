import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { bundleOf, mountOf, rootPathOf, specOf, withPvcRoot } from './bundle.js';
import { askingFor } from './cdi-machine.js';
import { configuredMachine } from './configured-machine.js';
import { kubeletVolume } from './kubelet-volume.js';
import { describeWith } from './programs.js';
import { recorderIn } from './recorded-calls.js';
import { scratchFolder } from './scratch.js';

const MOUNTS = 12_000;
const DEVICES = 64;
const MOUNTS_OF_A_DEVICE = 40;

const numbered = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

/** A node whose specs define devices with many mounts, and one of which is 500 KB that say one thing over and over. */
function machine() {
  const devices = numbered(DEVICES, (index) => ({
    name: `d${index}`,
    containerEdits: {
      mounts: numbered(MOUNTS_OF_A_DEVICE, (place) => ({
        hostPath: '/bin',
        containerPath: `/d${index}-${place}`,
        options: ['rbind'],
      })),
    },
  }));
  return configuredMachine({
    'config.toml': '[cdi]\nenabled = true\nspec-dirs = ["/etc/ociwrap/cdi"]\n',
    'cdi/devices.json': JSON.stringify({ cdiVersion: '0.6.0', kind: 'test.com/d', devices }),
    'cdi/repeated.yaml': 'k: v\n'.repeat(30_000),
    'cdi/repeated-alias.yaml': `a: &a v\n${'k: *a\n'.repeat(10_000)}`,
  });
}

describeWith(['busybox'], 'as much as a pod may say', () => {
  // What grew with the square of these sizes took longer than `runProgram` waits.
  test('ends as a little of it does, and the log stays short', () => {
    const volume = kubeletVolume();
    const log = join(scratchFolder('log'), 'log');
    const first = mountOf(volume);
    const options = [...(first.options ?? []), ...numbered(20_000, (index) => `o${index}`)];
    const spec = withPvcRoot(specOf(''), volume);
    const bundle = bundleOf({
      ...askingFor(spec, ...numbered(DEVICES, (index) => `test.com/d=d${index}`)),
      mounts: [{ ...first, options }, ...numbered(MOUNTS, (index) => mountOf(volume, `/v${index}`))],
    });
    const runtime = recorderIn(scratchFolder('runc'));
    const ended = machine().call(['create', '--bundle', bundle, 'large'], {
      env: { SGS_RUNC_PATH: runtime.path, OCIWRAP_LOG_FILE: log },
    });
    expect(ended).toEqual({ status: 0, signal: null, stdout: '', stderr: '' });
    const { root, mounts }: Spec = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
    expect(root?.path).toBe(rootPathOf(volume));
    expect(mounts).toHaveLength(DEVICES * MOUNTS_OF_A_DEVICE);
    const records = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.filter(({ level }) => level === 'warn')).toHaveLength(21);
    expect(records.at(-1)).toMatchObject({ level: 'info', decision: 'rewrite' });
    expect(records.at(-2)).toMatchObject({ msg: 'and 19980 more warnings, which `ociwrap explain` lists' });
  });
});
