import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import { type Call, type Outcome, pvcRootfs, type Rule } from '@opencontainers-ts/rootfs-rewriter';

import { bundleRules } from '../../src/library/bundle-rules.js';
import { bundleIn, machine, VOLUME_PATH, volumeSpec } from '../machine.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder();
const host = machine();
const configOf = (bundle: string) => readFileSync(join(bundle, 'config.json'), 'utf8');

test.each(['create', 'run', 'restore'] as const)(
  'a bundle is rewritten for %s, whose verb the rules see',
  (verb) => {
    const bundle = bundleIn(folder, verb, volumeSpec());
    const seen: Call[] = [];
    const watching: Rule = {
      name: 'watching',
      triggers: 'every-create',
      reads: [],
      claims: () => true,
      evaluate: (_document, call): Outcome => {
        seen.push(call);
        return { kind: 'pass', reason: 'watches only' };
      },
    };
    const plan = bundleRules({ rules: [pvcRootfs(), watching], host })(bundle, verb);
    expect(plan).toMatchObject({ decision: 'rewrite', facts: { newRoot: VOLUME_PATH } });
    expect(JSON.parse(configOf(bundle))).toMatchObject({ root: { path: VOLUME_PATH } });
    expect(seen).toMatchObject([{ verb, bundle }]);
  },
);

test.each([
  ['a refusal', 'pvc-other', {}, 'ERR_VOLUME_NOT_FOUND'],
  ['a root that has to be mounted', undefined, { strategy: 'overlay' }, 'ERR_ROOT_NAMESPACE'],
] as const)('%s is thrown, and nothing is written', (name, volume, options, code) => {
  const bundle = bundleIn(folder, name.replaceAll(' ', '-'), volumeSpec(volume));
  const before = configOf(bundle);
  const ask = bundleRules({ rules: [pvcRootfs(options)], host });
  expect(() => ask(bundle, 'create')).toThrow(expect.objectContaining({ code }));
  expect(configOf(bundle)).toBe(before);
});
