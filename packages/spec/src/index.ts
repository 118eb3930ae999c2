/**
 * OCI runtime specifications as documents: types, schemas, lossless reading and patching.
 *
 * Everything here is pure and touches no file. `@opencontainers-ts/runtime-spec/bundle` reads and writes bundles.
 *
 * @packageDocumentation
 */
export { type ContainerKind, containerKind } from './container-kind.js';
export { errorCode } from './error-code.js';
export type { FileId } from './file-id.js';
export type { Finding, SchemaFinding } from './findings/finding.js';
export { FINDING_CODES, type FindingCode } from './findings/finding-codes.js';
export {
  type ValidateOptions,
  validateConfig,
  validateFeatures,
  validateState,
} from './findings/validate.js';
export type * from './generated/types.js';
export { checkExtent } from './json/document-extent.js';
export type { DeepReadonly, JsonObject, JsonValue } from './json/json.js';
export { findBytes, isSameBytes, type JsonExtent, plainScans, type Scans, useScans } from './json/scans.js';
export type { TextPosition } from './json/text-position.js';
export { applyPatch } from './patch/apply-patch.js';
export { type JsonPatch, type Operation, op, type PatchValue } from './patch/json-patch.js';
export { at, formatPointer, type Pointer, parsePointer } from './patch/pointer.js';
export { printable, printableJson, quoted } from './printable.js';
export { SpecDocument } from './spec-document.js';
export { SPEC_ERROR_CODES, SpecError, type SpecErrorCode, type SpecErrorOptions } from './spec-error.js';
export { spellingDistance } from './spelling-distance.js';
