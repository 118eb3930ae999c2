import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { paintFor } from '../../packages/cli/src/commands/output.js';
import { testRules } from '../../packages/cli/src/commands/test.js';
import { nodeSystem } from '../../packages/cli/src/system/node-system.js';
import { root } from './root.js';

/** Folders of cases, and how many there are at least: a folder that moved must not pass for want of cases. */
const folders = [
  { dir: 'packages/rootfs-rewriter/test/fixtures/golden', cases: 40 },
  { dir: 'packages/device-injector/test/fixtures/golden', cases: 4 },
  { dir: 'examples/gpu-cdi', cases: 4 },
  { dir: 'examples/kvm-devices', cases: 4 },
  { dir: 'examples/namespace-hook', cases: 4 },
  { dir: 'examples/overlay-root', cases: 6 },
  { dir: 'examples/pvc-root', cases: 3 },
  { dir: 'examples/root-by-rule', cases: 7 },
  { dir: 'examples/seeded-root', cases: 5 },
];

/** Examples of something else. */
const WITHOUT_RULES: readonly string[] = ['github-actions', 'run-container'];

describe('what `ociwrap test` says of the rules in this repository', () => {
  test('every example of rules is in the table', () => {
    const examples = readdirSync(join(root, 'examples'), { withFileTypes: true });
    const listed = folders.map(({ dir }) => dir.split('/')).filter(([top]) => top === 'examples');
    expect(listed.map(([, name]) => name)).toEqual(
      examples.map(({ name }) => name).filter((name) => !WITHOUT_RULES.includes(name)),
    );
  });

  test.each(folders)('$dir', async ({ dir, cases }) => {
    const { status, stdout, stderr } = await testRules(
      { dir: join(root, dir), update: false },
      { system: nodeSystem(), cwd: root, paint: paintFor(false) },
    );
    expect({ status, failed: status === 0 ? '' : stdout }).toEqual({ status: 0, failed: '' });
    expect(Number.parseInt(String(stderr), 10)).toBeGreaterThanOrEqual(cases);
  });
});
