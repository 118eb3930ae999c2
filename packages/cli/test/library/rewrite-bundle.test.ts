import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';

import { rewriteBundle } from '../../src/library/rewrite-bundle.js';
import { bundleIn, machine, plainSpec, VOLUME, VOLUME_PATH, volumeSpec } from '../machine.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder();
const options = { rules: [pvcRootfs()], host: machine() };

test('rewrites, and says what it decided', () => {
  const dir = bundleIn(folder, 'volume', volumeSpec());
  const plan = rewriteBundle(dir, options);
  expect(plan.decision).toBe('rewrite');
  expect(plan.facts).toMatchObject({ volume: VOLUME.volume, newRoot: VOLUME_PATH });
  expect(readFileSync(join(dir, 'config.json'))).toEqual(Buffer.from(plan.document.bytes));
});

test('a second time changes nothing', () => {
  const dir = bundleIn(folder, 'twice', volumeSpec());
  rewriteBundle(dir, options);
  const before = statSync(join(dir, 'config.json'), { bigint: true });
  expect(rewriteBundle(dir, options).decision).toBe('pass');
  expect(statSync(join(dir, 'config.json'), { bigint: true }).ino).toBe(before.ino);
});

test('a dry run writes nothing', () => {
  const dir = bundleIn(folder, 'dry', volumeSpec());
  const before = readFileSync(join(dir, 'config.json'));
  const plan = rewriteBundle(dir, { ...options, dryRun: true });
  expect(plan.document.spec.root?.path).toBe(VOLUME_PATH);
  expect(readFileSync(join(dir, 'config.json'))).toEqual(before);
});

test('a refusal is thrown with its plan, and nothing is written', () => {
  const dir = bundleIn(folder, 'refused', volumeSpec('pvc-other'));
  const before = readFileSync(join(dir, 'config.json'));
  expect(() => rewriteBundle(dir, options)).toThrow(
    expect.objectContaining({
      code: 'ERR_VOLUME_NOT_FOUND',
      plan: expect.objectContaining({ decision: 'refuse' }),
    }),
  );
  expect(readFileSync(join(dir, 'config.json'))).toEqual(before);
});

test.each([
  ['no config.json', () => join(folder, 'nowhere'), 'ERR_CONFIG_MISSING'],
  ['no JSON', () => bundleIn(folder, 'no-json', '{'), 'ERR_SPEC_SYNTAX'],
])('%s is an error', (_name, make, code) => {
  expect(() => rewriteBundle(make(), options)).toThrow(expect.objectContaining({ code }));
});

test('without a host, the rules see this machine', () => {
  const dir = bundleIn(folder, 'this-machine', plainSpec());
  expect(rewriteBundle(dir, { rules: [pvcRootfs()] }).decision).toBe('pass');
});
