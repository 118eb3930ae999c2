import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { root } from './root.js';

/** Every check that compares the tree with something made from it, or reads it for faults: 0 when nothing is wrong. */
const checks: readonly { what: string; command: readonly string[] }[] = [
  {
    what: 'types and validators are those of the schemas',
    command: ['node', 'packages/spec/tools/generate.mjs', '--check'],
  },
  {
    what: 'the launcher reads arguments by the grammar of the TypeScript side, and knows the triggers of its rules',
    command: ['node', 'packages/launcher/tools/generate-grammar.mjs', '--check'],
  },
  {
    what: 'the types of rules are those of their schema',
    command: ['node', 'packages/rootfs-rewriter/tools/generate.mjs', '--check'],
  },
  {
    what: 'the schema and the validator of the configuration are those of their sources',
    command: ['node', 'packages/cli/tools/generate-config-schema.mjs', '--check'],
  },
  {
    what: 'what runs beside a rule module is that of its sources',
    command: ['node', 'packages/cli/tools/generate-rule-side.mjs', '--check'],
  },
  {
    what: 'docs/errors.md is that of the code tables',
    command: ['node', 'tools/error-catalogue.mjs', '--check'],
  },
  {
    what: 'docs/rules-reference.md and what `ociwrap help rules` prints are those of the schema',
    command: ['node', 'tools/rule-reference.mjs', '--check'],
  },
  { what: 'the public API is the committed one', command: ['node', 'tools/api-reports.mjs'] },
  {
    what: 'the linter and the formatter are content',
    command: ['node_modules/.bin/biome', 'check', '--error-on-warnings', '.'],
  },
  { what: 'nothing is unused, nothing undeclared', command: ['node_modules/.bin/knip', '--no-progress'] },
];

test.each(checks)(
  '$what',
  ({ command: [program, ...args] }) => {
    const { status, stdout, stderr } = spawnSync(
      program === 'node' ? process.execPath : join(root, String(program)),
      args,
      {
        cwd: root,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], NO_COLOR: '1' },
      },
    );
    expect({ status, said: status === 0 ? '' : `${stdout}${stderr}`.slice(0, 4000) }).toEqual({
      status: 0,
      said: '',
    });
  },
  120_000,
);
