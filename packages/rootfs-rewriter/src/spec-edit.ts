/**
 * Editing a spec as a value, for rules that change many places: read it exactly, change the value, and use the difference as
 * the patch.
 *
 * @packageDocumentation
 */

export type { JsonObject } from '@opencontainers-ts/runtime-spec';
export { trustedRule } from './planning/trusted-rule.js';
export { tidyPath } from './spec-edit/absolute-path.js';
export { diffSpecs } from './spec-edit/json-diff.js';
export { longestRising } from './spec-edit/longest-rising.js';
export { canonicalText, sameJson } from './spec-edit/same-json.js';
export { orRefusal } from './spec-edit/spec-fields.js';
export {
  exactSpec,
  listAt,
  objectAt,
  objectsAt,
  type Path,
  textOf,
  textsAt,
  textsOf,
  valueAt,
  withList,
  withoutValue,
  withValue,
} from './spec-edit/spec-tree.js';
