import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { planRewrite, pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
import { loadBundle } from '@opencontainers-ts/runtime-spec/bundle';

import { carryOut } from '../src/carry-out.js';
import { bundleIn, machine, plainSpec, VOLUME_PATH, volumeSpec } from './machine.js';
import { temporaryFolder } from './temporary-folder.js';

const folder = temporaryFolder();

function planned(name: string, spec = volumeSpec()) {
  const dir = bundleIn(folder, name, spec);
  const file = loadBundle(dir);
  const host = machine();
  const plan = planRewrite(file.document, [pvcRootfs()], { verb: 'create', bundle: dir }, host);
  return { dir, config: join(dir, 'config.json'), call: { file, plan }, host };
}

test('a rewrite is written, and nothing else is left in the bundle', () => {
  const { dir, config, call, host } = planned('rewritten');
  carryOut(call, host);
  expect(JSON.parse(readFileSync(config, 'utf8')).root.path).toBe(VOLUME_PATH);
  expect(readdirSync(dir)).toEqual(['config.json']);
});

test('what passes keeps inode and time', () => {
  const { config, call, host } = planned('passed', plainSpec());
  const before = statSync(config, { bigint: true });
  carryOut(call, host);
  const after = statSync(config, { bigint: true });
  expect([after.ino, after.mtimeNs, after.ctimeNs]).toEqual([before.ino, before.mtimeNs, before.ctimeNs]);
});

test('a call whose config.json was never opened needs nothing', () => {
  expect(() => carryOut({}, machine())).not.toThrow();
});

test.each([
  ['another file took its place', (path: string) => ({ ...machine().lstat(path), dev: 12345n })],
  ['it is gone', () => undefined],
])('a volume that changed meanwhile stops the call: %s', (name, lstat) => {
  const { call } = planned(name.replaceAll(' ', '-'));
  const host = { lstat } as Parameters<typeof carryOut>[1];
  expect(() => carryOut(call, host)).toThrow(expect.objectContaining({ code: 'ERR_HOST_CHANGED' }));
});
