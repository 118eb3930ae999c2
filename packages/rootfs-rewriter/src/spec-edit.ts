/**
 * Editing a spec as a value, for rules that change many places: read it exactly, change the value, and use the difference as
 * the patch. And what is for those only who vouch for a rule.
 *
 * @packageDocumentation
 */

export type { JsonObject } from '@opencontainers-ts/runtime-spec';
export { knownRule } from './declarative/declarative-rule.js';
export { trustedRule } from './planning/trusted-rule.js';
export { tidyPath } from './spec-edit/absolute-path.js';
export { type IdRange, readIdMap } from './spec-edit/id-map.js';
export { type UserNamespaceOptions, withIdentityUserNamespace } from './spec-edit/identity-user-namespace.js';
export { diffSpecs } from './spec-edit/json-diff.js';
export { longestRising } from './spec-edit/longest-rising.js';
export { withPodCgroupParent } from './spec-edit/pod-cgroup.js';
export { canonicalText, sameJson } from './spec-edit/same-json.js';
export { orRefusal } from './spec-edit/spec-fields.js';
export {
  exactExcerpt,
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
