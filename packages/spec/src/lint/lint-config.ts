import type { Finding } from '../finding.js';
import { formatPointer } from '../pointer.js';
import type { SpecDocument } from '../spec-document.js';
import { textPositions } from '../text-position.js';
import { valueOffsets } from '../value-offsets.js';
import { lintAnnotations } from './annotation-lint.js';
import { lintCapabilities } from './capability-lint.js';
import { lintDevices } from './device-lint.js';
import { RUNTIME_DIALECTS, type RuntimeDialect } from './dialect.js';
import { lintDocument } from './document-lint.js';
import { lintHooks } from './hook-lint.js';
import { objectOf } from './json-view.js';
import { LINT_CODES, type LintCode } from './lint-codes.js';
import type { LintTopic } from './lint-topic.js';
import { lintLinux } from './linux-lint.js';
import { lintMounts } from './mount-lint.js';
import { lintNamespaces } from './namespace-lint.js';
import { lintProcess } from './process-lint.js';
import { lintResources } from './resource-lint.js';
import { lintSeccomp } from './seccomp-lint.js';
import { lintSysctls } from './sysctl-lint.js';

/** One thing that the prose of the specification, or a runtime, does not allow. */
export interface LintFinding extends Finding {
  readonly code: LintCode;
  /** The runtimes that refuse to create such a container. */
  readonly rejectedBy: readonly RuntimeDialect[];
}

export interface LintOptions {
  /** The runtimes that the configuration is for; all that are known, if it is left out. */
  readonly dialects?: readonly RuntimeDialect[];
}

const TOPICS: readonly LintTopic[] = [
  lintDocument,
  lintProcess,
  lintCapabilities,
  lintMounts,
  lintHooks,
  lintAnnotations,
  lintNamespaces,
  lintSysctls,
  lintDevices,
  lintResources,
  lintLinux,
  lintSeccomp,
];

/** More findings than this are not collected: a hostile document could hold millions. */
const MOST_FINDINGS = 1000;

interface Located extends Omit<LintFinding, 'line' | 'column'> {
  readonly offset: number;
}

/**
 * What JSON Schema cannot say about a configuration: the rules in the specification's prose, and what runc, crun and
 * runsc refuse beyond it. In the order of the document.
 *
 * Level `error`: one of the runtimes in `dialects` refuses to create the container; without `dialects`, every one
 * does. All else is a `warn`. What only the machine can tell (whether a folder is there, whether SELinux runs) is no
 * finding.
 *
 * @example
 * ```ts
 * import { SpecDocument } from '@opencontainers-ts/runtime-spec';
 * import { lintConfig } from '@opencontainers-ts/runtime-spec/lint';
 *
 * const config = { ociVersion: '1.2.0', root: { path: '/r' }, process: { args: ['sh'], cwd: 'tmp' } };
 * const document = SpecDocument.parse(new TextEncoder().encode(JSON.stringify(config)));
 * const lines = (dialects: ('runc' | 'crun')[]) =>
 *   lintConfig(document, { dialects }).map(({ level, code, pointer }) => `${level} ${code} ${pointer}`);
 * console.log(lines(['crun'])[1]); // warn LINT_CWD_RELATIVE /process/cwd
 * console.log(lines(['runc'])[1]); // error LINT_CWD_RELATIVE /process/cwd
 * ```
 */
export function lintConfig(document: SpecDocument, { dialects }: LintOptions = {}): readonly LintFinding[] {
  const spec = objectOf(document.spec);
  const found: Omit<Located, 'offset'>[] = [];
  const report = (code: LintCode, path: readonly (string | number)[], message: string): void => {
    if (found.length < MOST_FINDINGS) {
      const { rejectedBy } = LINT_CODES[code];
      found.push({
        level: levelOf(rejectedBy, dialects),
        code,
        pointer: formatPointer(path),
        message,
        rejectedBy,
      });
    }
  };
  for (const lint of TOPICS) {
    lint(spec, report, (pointer) => document.source(pointer));
  }
  return placed(found, document.bytes);
}

function levelOf(
  rejectedBy: readonly RuntimeDialect[],
  dialects: readonly RuntimeDialect[] | undefined,
): 'error' | 'warn' {
  const isError =
    dialects === undefined
      ? RUNTIME_DIALECTS.every((dialect) => rejectedBy.includes(dialect))
      : dialects.some((dialect) => rejectedBy.includes(dialect));
  return isError ? 'error' : 'warn';
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
