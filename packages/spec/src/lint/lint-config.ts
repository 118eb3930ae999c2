import type { Finding } from '../findings/finding.js';
import { textPositions } from '../json/text-position.js';
import { valueOffsets } from '../json/value-offsets.js';
import { formatPointer } from '../patch/pointer.js';
import type { SpecDocument } from '../spec-document.js';
import { lintAnnotations } from './annotation-lint.js';
import {
  isFrom,
  RUNTIME_DIALECTS,
  type RuntimeDialect,
  type RuntimeTarget,
  readTarget,
  type TargetRuntime,
} from './dialect.js';
import { lintDocument } from './document-lint.js';
import { lintGvisorHints } from './gvisor/gvisor-hint-lint.js';
import { lintHooks } from './hook-lint.js';
import { objectOf } from './json-view.js';
import { LINT_CODES, type LintCode } from './lint-codes.js';
import type { LintRow } from './lint-row.js';
import type { LintTopic } from './lint-topic.js';
import { lintDevices } from './linux/device-lint.js';
import { lintLinux } from './linux/linux-lint.js';
import { lintNamespaces } from './linux/namespace-lint.js';
import { lintResources } from './linux/resource-lint.js';
import { lintSeccomp } from './linux/seccomp-lint.js';
import { lintSysctls } from './linux/sysctl-lint.js';
import { lintMemberNames } from './member-name-lint.js';
import { lintMounts } from './mounts/mount-lint.js';
import { isForLinux } from './platform.js';
import { lintCapabilities } from './process/capability-lint.js';
import { lintProcess } from './process/process-lint.js';
import { lintScheduler } from './process/scheduler-lint.js';

/** Something that the prose of the specification, or a runtime, does not allow. */
export interface LintFinding extends Finding {
  readonly code: LintCode;
  /** The runtimes in `dialects` that refuse to create such a container, in the releases named there. */
  readonly rejectedBy: readonly RuntimeDialect[];
}

export interface LintOptions {
  /** The runtimes that the configuration is for. By default, all known ones in their current releases. */
  readonly dialects?: readonly RuntimeTarget[];
  /**
   * `runtimes`, the default: whether they would create the container. `specification`: what the specification says, whatever
   * runtimes do. Then an `error` violates a MUST and a `warn` a SHOULD, and what only runtimes refuse is not reported.
   */
  readonly by?: 'runtimes' | 'specification';
}

const TOPICS: readonly LintTopic[] = [
  lintDocument,
  lintProcess,
  lintScheduler,
  lintCapabilities,
  lintMounts,
  lintHooks,
  lintAnnotations,
  lintGvisorHints,
  lintNamespaces,
  lintSysctls,
  lintDevices,
  lintResources,
  lintLinux,
  lintSeccomp,
  lintMemberNames,
];

/** More findings than this are not collected: a hostile document could hold millions. */
const MOST_FINDINGS = 1000;

interface Located extends Omit<LintFinding, 'line' | 'column'> {
  readonly offset: number;
}

/**
 * What JSON Schema cannot express about a configuration: the rules in the prose of the specification, and what runc, crun
 * and runsc refuse beyond it. The findings are in the order of the document.
 *
 * The level is `error` if one of the runtimes in `dialects` refuses to create the container; without `dialects`, if all
 * known runtimes do. Otherwise it is `warn`. For systems other than Linux, what these runtimes refuse is only reported if
 * `dialects` names them. What depends on the machine (whether a folder exists, whether SELinux is enabled) is not reported.
 *
 * @throws SpecError `ERR_LINT_RUNTIME`
 * @example
 * ```ts
 * import { SpecDocument } from '@opencontainers-ts/runtime-spec';
 * import { lintConfig, type RuntimeTarget } from '@opencontainers-ts/runtime-spec/lint';
 *
 * const config = {
 *   ociVersion: '1.2.0',
 *   root: { path: '/r' },
 *   process: { args: ['sh'], cwd: '/' },
 *   mounts: [{ destination: '/proc', type: 'proc' }],
 *   linux: { namespaces: [{ type: 'mount' }, { type: 'pid' }, { type: 'pid' }] },
 * };
 * const document = SpecDocument.parse(new TextEncoder().encode(JSON.stringify(config)));
 * const lines = (...dialects: RuntimeTarget[]) =>
 *   lintConfig(document, { dialects }).map(({ level, code }) => `${level} ${code}`);
 * console.log(lines('crun@1.17')); // [ 'warn LINT_NAMESPACE_TWICE' ]
 * console.log(lines('crun')); // [ 'error LINT_NAMESPACE_TWICE' ]
 * ```
 */
export function lintConfig(
  document: SpecDocument,
  { dialects, by = 'runtimes' }: LintOptions = {},
): readonly LintFinding[] {
  const spec = objectOf(document.spec);
  const asked = (dialects ?? RUNTIME_DIALECTS).map(readTarget);
  const found: Omit<Located, 'offset'>[] = [];
  const report = (code: LintCode, path: readonly (string | number)[], message: string): void => {
    if (found.length >= MOST_FINDINGS) return;
    const row: LintRow = LINT_CODES[code];
    const rejectedBy = RUNTIME_DIALECTS.filter((runtime) => isRejected(row, runtime, asked));
    const level = by === 'specification' ? row.spec : levelOf(row, rejectedBy);
    if (level !== undefined) {
      found.push({ level, code, pointer: formatPointer(path), message, rejectedBy });
    }
  };
  const levelOf = (row: LintRow, rejectedBy: readonly RuntimeDialect[]): 'error' | 'warn' | undefined => {
    if (dialects !== undefined) {
      if (asked.some(({ runtime }) => rejectedBy.includes(runtime))) return 'error';
    } else if (isForLinux(spec)) {
      if (rejectedBy.length === RUNTIME_DIALECTS.length) return 'error';
    } else {
      // Nobody asked what runtimes on Linux say of it.
      return row.spec && 'warn';
    }
    // What only releases of the past refuse is the business of those who ask for one.
    return row.spec === undefined && rejectedBy.length === 0 && isOfThePast(row) ? undefined : 'warn';
  };
  for (const lint of TOPICS) {
    lint(spec, report, (pointer) => document.source(pointer));
  }
  return placed(found, document.bytes);
}

/** Whether the runtime refuses it: in a release that was asked for, or in the current one if none was. */
function isRejected(row: LintRow, runtime: RuntimeDialect, asked: readonly TargetRuntime[]): boolean {
  const named = asked.filter((target) => target.runtime === runtime).map(({ release }) => release);
  return (named.length === 0 ? [undefined] : named).some((release) =>
    row.rejectedBy.some((refusing) => {
      if (typeof refusing === 'string') return refusing === runtime;
      const { since, before } = refusing;
      return (
        refusing.runtime === runtime &&
        (since === undefined || isFrom(release, since)) &&
        (before === undefined || !isFrom(release, before))
      );
    }),
  );
}

function isOfThePast({ rejectedBy, isIgnored }: LintRow): boolean {
  return (
    isIgnored !== true &&
    rejectedBy.length > 0 &&
    rejectedBy.every((one) => typeof one !== 'string' && one.before !== undefined)
  );
}

function placed(found: readonly Omit<Located, 'offset'>[], bytes: Uint8Array): LintFinding[] {
  const offsets = valueOffsets(
    bytes,
    found.map(({ pointer }) => pointer),
  );
  const located = found
    .map((finding, i): Located => ({ ...finding, offset: offsets[i] ?? 0 }))
    .sort((one, other) => one.offset - other.offset);
  const positions = textPositions(
    bytes,
    located.map(({ offset }) => offset),
  );
  return located.map(({ offset: _, ...finding }, i) => ({
    ...finding,
    ...(positions[i] ?? { line: 1, column: 1 }),
  }));
}
