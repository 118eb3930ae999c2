export { declarativeRule } from './declarative/declarative-rule.js';
export type * from './generated/rule-definition.js';
export type { DeviceNumbers, FileId, Host, HostEntry, MountInfo, PinnedPath } from './host.js';
export { type KubeletVolume, parseKubeletVolume } from './kubelet-volume.js';
export { type Plan, type PlanStep, planRewrite, type Refusal } from './plan-rewrite.js';
export { type PodIdentity, podIdentity } from './pod-identity.js';
export { guardian, guardianProfile } from './profiles/guardian.js';
export { type PvcRootfsOptions, pvcRootfs } from './pvc-rootfs.js';
export { RefusedError } from './refused-error.js';
export {
  type ErrorDetails,
  REWRITER_ERROR_CODES,
  RewriterError,
  type RewriterErrorCode,
} from './rewriter-error.js';
export {
  type Call,
  defineRule,
  type Outcome,
  type Pass,
  type Refuse,
  type Rewrite,
  type Rule,
  type RuleFailure,
} from './rule.js';
export { mayClaim } from './trigger-text.js';
