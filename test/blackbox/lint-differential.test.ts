import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';
import { SpecDocument, validateConfig } from '@opencontainers-ts/runtime-spec';
import {
  isRuntimeTarget,
  LINT_CODES,
  lintConfig,
  RUNTIME_DIALECTS,
  type RuntimeDialect,
  type RuntimeTarget,
} from '@opencontainers-ts/runtime-spec/lint';

import { bundleOf, specOf } from './bundle.js';
import { GVISOR_ROWS } from './lint-rows/gvisor.js';
import { LINUX_ROWS } from './lint-rows/linux.js';
import { MOUNT_ROWS } from './lint-rows/mounts.js';
import { PROCESS_ROWS } from './lint-rows/process.js';
import type { LintRow } from './lint-rows/row.js';
import { unlessLostLater } from './lost-by-crun.js';
import { describeWith, program } from './programs.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

const rows = [...PROCESS_ROWS, ...MOUNT_ROWS, ...LINUX_ROWS, ...GVISOR_ROWS];

const LETTERS: Readonly<Record<RuntimeDialect, string>> = { runc: 'r', crun: 'c', runsc: 's' };
const GLOBALS: Partial<Readonly<Record<RuntimeDialect, readonly string[]>>> = { runsc: ['--network=none'] };

// crun refuses to start where a cgroup2 mount stands beside cgroup v1.
const SCRIPT = `
umount /sys/fs/cgroup/unified 2>/dev/null
id=$1 bundle=$2; shift 2
"$@" create --bundle "$bundle" "$id" 2>"$bundle/said"; status=$?
"$@" delete --force "$id" 2>/dev/null
# What is refused half-way leaves its control groups behind.
rmdir /sys/fs/cgroup/"$id" /sys/fs/cgroup/*/"$id" 2>/dev/null
exit $status`;

/**
 * Creates the container with a real runtime, and deletes it. Host names and kernel parameters that a runtime should
 * have refused to set are set in namespaces that end with the call.
 */
async function refuses(
  dialect: RuntimeDialect,
  document: SpecDocument,
  state: string,
): Promise<{ refused: boolean; said: string }> {
  const text = Buffer.from(document.bytes).toString();
  if (document.spec.linux?.namespaces?.some(({ type }) => type === 'mount') !== true) {
    throw new Error('never without a mount namespace: runc would mount onto the machine');
  }
  const bundle = bundleOf(text);
  const id = `lint-${dialect}-${bundle.split('-').at(-1)}`;
  const runtime = [program(dialect), '--root', state, ...(GLOBALS[dialect] ?? [])];
  const own = ['--mount', '--uts', '--net', '--ipc', '--propagation', 'slave'];
  const child = spawn('unshare', [...own, 'sh', '-c', SCRIPT, 'sh', id, bundle, ...runtime], {
    stdio: 'ignore',
    // A runtime that hangs must not outlive the test.
    timeout: 60_000,
    killSignal: 'SIGKILL',
    env: { PATH: process.env['PATH'] ?? '' },
  });
  const [status] = await once(child, 'exit');
  return { refused: status !== 0, said: readFileSync(join(bundle, 'said'), 'utf8') };
}

function documentOf(row: LintRow): SpecDocument {
  const base = new TextEncoder().encode(JSON.stringify(specOf('true')));
  return SpecDocument.parse(base).apply(row.patch);
}

/** The runtime that is here, in its release: `crun version 1.8.1`, `runsc version release-20240729.0`. */
function installed(dialect: RuntimeDialect): RuntimeTarget {
  const { stdout } = runProgram(program(dialect), ['--version']);
  const release = /^\S+ version (\S+)/.exec(stdout)?.[1] ?? '';
  const target: RuntimeTarget = `${dialect}@${release}`;
  if (!isRuntimeTarget(target)) {
    throw new Error(`no release of ${dialect} in ${JSON.stringify(stdout)}`);
  }
  return target;
}

/** Whether the row has the runtime refuse the container, in the release that is here. */
function expects({ verdicts, turns }: LintRow, dialect: RuntimeDialect, target: RuntimeTarget): boolean {
  const turn = turns?.[dialect];
  const refused = verdicts.includes(LETTERS[dialect]);
  return turn !== undefined && isSince(target, turn) ? !refused : refused;
}

/** Compares by itself, so that a mistake in how the lint compares releases is seen. */
function isSince(target: string, turn: string): boolean {
  const numbers = (text: string) =>
    (/\d{8}|\d+(?:\.\d+)*/.exec(text.replace(/^.*@(0\.0~)?/, ''))?.[0] ?? '')
      .split('.')
      .map((part) => part.padStart(9, '0'))
      .join('.');
  return numbers(target) >= numbers(turn);
}

/** What `ociwrap validate --runtime` says. */
function finds(target: RuntimeTarget, document: SpecDocument): boolean {
  const findings = [...validateConfig(document), ...lintConfig(document, { dialects: [target] })];
  return findings.some(({ level }) => level === 'error');
}

describe('the table', () => {
  test('every lint that a runtime enforces has a row', () => {
    const enforced = Object.entries(LINT_CODES).filter(([, { rejectedBy }]) => rejectedBy.length > 0);
    const tried = new Set<string | undefined>(rows.map(({ code }) => code));
    expect(enforced.map(([code]) => code).filter((code) => !tried.has(code))).toEqual([]);
  });

  test.each(rows)('$name: $code', (row) => {
    const found = [
      ...lintConfig(documentOf(row)),
      // What only releases of the past refuse is told to those who ask for one.
      ...lintConfig(documentOf(row), {
        dialects: ['runc@1.1.5', 'crun@1.8.1', 'runsc@20221219', 'runsc@20240729'],
      }),
    ];
    expect(found.map(({ code }) => code)).toEqual(
      row.code === undefined ? [] : expect.arrayContaining([row.code]),
    );
  });
});

describeWith([...RUNTIME_DIALECTS, 'busybox'], 'the lint and the runtimes agree', () => {
  const states = new Map<RuntimeDialect, string>();
  const targets = new Map<RuntimeDialect, RuntimeTarget>();
  beforeAll(() => {
    for (const dialect of RUNTIME_DIALECTS) {
      states.set(dialect, scratchFolder(`lint-${dialect}`));
      targets.set(dialect, installed(dialect));
    }
  });

  test.each(rows)(
    '$verdicts $name',
    async (row) => {
      const document = documentOf(row);
      const tried = RUNTIME_DIALECTS.filter((_, i) => row.verdicts[i] !== '?');
      const judged = await Promise.all(
        tried.map(async (dialect) => {
          const { refused, said } = await unlessLostLater(
            () => refuses(dialect, document, states.get(dialect) ?? ''),
            (verdict) => verdict.said,
          );
          const target = targets.get(dialect) ?? dialect;
          return {
            target,
            refused,
            expected: expects(row, dialect, target),
            found: finds(target, document),
            said,
          };
        }),
      );
      expect(
        judged.filter(({ refused, expected, found }) => refused !== expected || refused !== found),
      ).toEqual([]);
    },
    90_000,
  );
});
