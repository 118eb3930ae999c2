/**
 * Changing a spec as a value, for rules that change many places: read it exactly, change the value, and let the
 * difference be the patch.
 *
 * @packageDocumentation
 */
export { tidyPath } from './absolute-path.js';
export { diffSpecs } from './declarative/json-diff.js';
export { longestRising } from './declarative/longest-rising.js';
export { canonicalText, sameJson } from './declarative/same-json.js';
export {
  exactSpec,
  type JsonObject,
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
} from './declarative/spec-tree.js';
export { orRefusal } from './spec-fields.js';
export { trustedRule } from './trusted-rule.js';
