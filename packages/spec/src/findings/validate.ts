import * as generated from '../generated/validators.js';
import { textPositions } from '../json/text-position.js';
import { valueOffsets } from '../json/value-offsets.js';
import type { SpecDocument } from '../spec-document.js';
import type { Finding, SchemaFinding } from './finding.js';
import { integerFindings } from './integer-findings.js';
import { type SchemaValidator, schemaFindings } from './schema-findings.js';

/** More findings than this are not collected: a hostile document could hold millions. */
const MOST_FINDINGS = 1000;

// The generated module is plain JavaScript; this is what ajv's standalone code exports.
const validators = generated as unknown as Readonly<
  Record<'validateSpec' | 'validateState' | 'validateFeatures', SchemaValidator>
>;

/** How the level of a finding is decided. */
export interface ValidateOptions {
  /**
   * `runtimes`, the default: an `error` is what every runtime refuses or what runtimes read in different ways; what runtimes
   * accept although the specification does not allow it is a `warn`. `specification`: everything is an `error`.
   */
  readonly by?: 'runtimes' | 'specification';
}

/**
 * The problems of a configuration, in the order of the document: what makes runtimes read it in different ways, and what the
 * specification does not allow. Unknown members are not reported; `lintConfig` reports those that look misspelt.
 *
 * @example
 * ```ts
 * import { SpecDocument, validateConfig } from '@opencontainers-ts/runtime-spec';
 *
 * const document = SpecDocument.parse(new TextEncoder().encode('{"ociVersion":"1.2.0","root":{"path":7}}'));
 * console.log(validateConfig(document).map(({ level, code, pointer }) => `${level} ${code} ${pointer}`));
 * // [ 'error SPEC_SCHEMA_TYPE /root/path' ]
 * ```
 */
export function validateConfig(document: SpecDocument, { by }: ValidateOptions = {}): readonly Finding[] {
  const integers = integerFindings(document.bytes);
  // The schema sees the same integers, rounded.
  const seen = new Set(integers.map(({ pointer }) => pointer));
  const schema = weighed(schemaFindings(validators.validateSpec, document.spec), by).filter(
    ({ pointer }) => !seen.has(pointer),
  );
  const gravestFirst = [...integers, ...schema].sort((one, other) => rank(one) - rank(other));
  const placed = locate(gravestFirst.slice(0, MOST_FINDINGS), document.bytes);
  return [...document.structureFindings(), ...placed].sort(byPosition);
}

/**
 * The problems of the state of a container, as printed by `state` and read by hooks.
 *
 * @example
 * ```ts
 * import { validateState } from '@opencontainers-ts/runtime-spec';
 *
 * const state = { ociVersion: '1.2.0', id: 'web', status: 'running', bundle: '/run/web' };
 * console.log(validateState(state).map(({ code, pointer }) => `${code} ${pointer}`)); // [ 'SPEC_SCHEMA_REQUIRED /pid' ]
 * ```
 */
export function validateState(value: unknown, { by }: ValidateOptions = {}): readonly SchemaFinding[] {
  return weighed(schemaFindings(validators.validateState, value), by);
}

/**
 * The problems of the output of a runtime's `features` command.
 *
 * @example
 * ```ts
 * import { validateFeatures } from '@opencontainers-ts/runtime-spec';
 *
 * console.log(validateFeatures({ ociVersionMin: '1.0.0', ociVersionMax: '1.2.0' })); // []
 * ```
 */
export function validateFeatures(value: unknown, { by }: ValidateOptions = {}): readonly SchemaFinding[] {
  return weighed(schemaFindings(validators.validateFeatures, value), by);
}

function weighed(findings: readonly SchemaFinding[], by: ValidateOptions['by']): readonly SchemaFinding[] {
  return by === 'specification' ? findings.map((finding) => ({ ...finding, level: 'error' })) : findings;
}

function rank({ level }: SchemaFinding): number {
  return level === 'error' ? 0 : 1;
}

function byPosition(one: Finding, other: Finding): number {
  return one.line - other.line || one.column - other.column;
}

/** The findings with their positions, in the order of the document. */
function locate(findings: readonly SchemaFinding[], bytes: Uint8Array): Finding[] {
  const offsets = valueOffsets(
    bytes,
    findings.map(({ pointer }) => pointer),
  );
  const placed = findings
    .map((finding, i) => ({ finding, offset: offsets[i] ?? 0 }))
    .sort((one, other) => one.offset - other.offset);
  const positions = textPositions(
    bytes,
    placed.map(({ offset }) => offset),
  );
  return placed.map(({ finding }, i) => ({ ...finding, ...(positions[i] ?? { line: 1, column: 1 }) }));
}
