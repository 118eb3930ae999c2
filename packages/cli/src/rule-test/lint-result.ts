import { runtimeKind } from '@opencontainers-ts/rootfs-rewriter';
import { type Finding, printable } from '@opencontainers-ts/runtime-spec';
import { RUNTIME_DIALECTS } from '@opencontainers-ts/runtime-spec/lint';

import { findingsOf } from '../commands/document-findings.js';
import type { PlannedCase } from './plan-case.js';

/**
 * What `ociwrap validate --runtime` finds in the result that was not in the container before: it is the rules' doing. The
 * runtime is that of the case, else runc.
 */
export function lintResult({ document, call, plan }: PlannedCase): readonly string[] {
  if (plan.decision !== 'rewrite') return [];
  const kind = call.runtime === undefined ? undefined : runtimeKind(call.runtime);
  const dialect = RUNTIME_DIALECTS.find((each) => each === kind) ?? 'runc';
  const errors = (bytes: Uint8Array) =>
    findingsOf(bytes, 'config', 'config.json', { dialects: [dialect] }).filter(
      ({ level }) => level === 'error',
    );
  const [before, after] = [errors(document.bytes), errors(plan.document.bytes)];
  const count = (findings: readonly Finding[], code: string) =>
    findings.filter((each) => each.code === code).length;
  // Places in lists move; how many there are of a kind does not.
  return after
    .filter(({ code }) => count(after, code) > count(before, code))
    .filter(({ code, pointer }) => !before.some((each) => each.code === code && each.pointer === pointer))
    .map(({ code, pointer, message }) => printable(`${pointer}: ${message} (${code}, ${dialect})`));
}
