import type { Finding, SchemaFinding } from './finding.js';
import * as generated from './generated/validators.js';
import { integerFindings } from './integer-findings.js';
import { type SchemaValidator, schemaFindings } from './schema-findings.js';
import type { SpecDocument } from './spec-document.js';

/** More findings than this are not collected: a hostile document could hold millions. */
const MOST_FINDINGS = 1000;

// The generated module is plain JavaScript; this is what ajv's standalone code exports.
const validators = generated as unknown as Readonly<
  Record<'validateSpec' | 'validateState' | 'validateFeatures', SchemaValidator>
>;

/**
 * Everything that is wrong with a configuration: what makes runtimes read it in different ways, and what the
 * specification does not allow. Unknown members are no findings. In the order of the document.
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
export function validateConfig(document: SpecDocument): readonly Finding[] {
  const integers = integerFindings(document.bytes);
  // The schema sees the same integers, rounded.
  const seen = new Set(integers.map(({ pointer }) => pointer));
  const schema = schemaFindings(validators.validateSpec, document.spec).filter(
    ({ pointer }) => !seen.has(pointer),
  );
  const placed = [...integers, ...schema].slice(0, MOST_FINDINGS).map((finding) => locate(finding, document));
  return [...document.structureFindings(), ...placed].sort(
    (one, other) => one.line - other.line || one.column - other.column,
  );
}

/**
 * What is wrong with the state of a container, as `state` prints it and hooks read it.
 *
 * @example
 * ```ts
 * import { validateState } from '@opencontainers-ts/runtime-spec';
 *
 * const state = { ociVersion: '1.2.0', id: 'web', status: 'running', bundle: '/run/web' };
 * console.log(validateState(state).map(({ code, pointer }) => `${code} ${pointer}`)); // [ 'SPEC_SCHEMA_REQUIRED /pid' ]
 * ```
 */
export function validateState(value: unknown): readonly SchemaFinding[] {
  return schemaFindings(validators.validateState, value);
}

/**
 * What is wrong with the output of a runtime's `features` command.
 *
 * @example
 * ```ts
 * import { validateFeatures } from '@opencontainers-ts/runtime-spec';
 *
 * console.log(validateFeatures({ ociVersionMin: '1.0.0', ociVersionMax: '1.2.0' })); // []
 * ```
 */
export function validateFeatures(value: unknown): readonly SchemaFinding[] {
  return schemaFindings(validators.validateFeatures, value);
}

/** With the position of the finding's place, or of the nearest value around it when the place is missing. */
function locate(finding: SchemaFinding, document: SpecDocument): Finding {
  let pointer = finding.pointer;
  let position = document.position(pointer);
  while (position === undefined && pointer !== '') {
    pointer = pointer.slice(0, pointer.lastIndexOf('/'));
    position = document.position(pointer);
  }
  return { ...finding, line: position?.line ?? 1, column: position?.column ?? 1 };
}
