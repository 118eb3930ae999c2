import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { rewriteBundle } from '@opencontainers-ts/cli';
import type { Rule } from '@opencontainers-ts/rootfs-rewriter';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { bundleOf, specOf } from './bundle.js';
import { program } from './programs.js';
import { type Ended, runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

let count = 0;

/** A container of these tests: the script and what is special about its spec. */
export interface Declared {
  readonly script: string;
  readonly spec?: (spec: Spec) => Spec;
  /** A command in front of the runtime, which ends by becoming what follows it. */
  readonly within?: readonly string[];
}

/** Rewrites a bundle by rules and runs the real runtime on it, with nothing of ours in between. */
export function runDeclared(
  runtime: 'runc' | 'runsc',
  { script, spec = (same) => same, within = [] }: Declared,
  rules: readonly Rule[],
): Ended {
  count += 1;
  const container = specOf(script);
  // A process of another user must get in.
  chmodSync(container.root?.path ?? '', 0o755);
  const bundle = bundleOf(spec(container));
  rewriteBundle(bundle, { rules, verb: 'run' });
  const globals = runtime === 'runsc' ? ['--network=none', '--ignore-cgroups'] : [];
  const [file = '', ...args] = [...within, program(runtime)];
  return runProgram(file, [
    ...args,
    '--root',
    scratchFolder('state'),
    ...globals,
    'run',
    '--bundle',
    bundle,
    `declared-${process.pid}-${count}`,
  ]);
}

/** A file of the host with this content, until the tests of the file are over. */
export function hostFile(name: string, content: string): string {
  const path = join(scratchFolder('host'), name);
  writeFileSync(path, content, { mode: 0o755 });
  return path;
}
