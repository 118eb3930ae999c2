/**
 * Rewrite rules for OCI specs as pure functions, the engine that evaluates them, and the rule `pvc-rootfs`.
 *
 * A rule ({@link Rule}) is given a document, the call and a read-only {@link Host}, and returns pass, rewrite or refuse.
 * {@link planRewrite} combines the outcomes of all rules into one {@link Plan}. Nothing here touches a file or a process.
 * `@opencontainers-ts/rootfs-rewriter/testing` has an in-memory host and spec builders for tests of rules.
 *
 * @packageDocumentation
 */
export type { FileId } from '@opencontainers-ts/runtime-spec';
export { withCondition } from './declarative/conditions/conditional.js';
export { declarativeRule } from './declarative/declarative-rule.js';
export type * from './generated/rule-definition.js';
export { auditedRule } from './planning/audited-rule.js';
export { defineRule } from './planning/define-rule.js';
export {
  answerToSend,
  type DistantCode,
  distantRule,
  type SentAnswer,
} from './planning/distant-rule.js';
export type {
  DeviceNumbers,
  FoundFolder,
  Host,
  HostEntry,
  MountInfo,
  PinnedPath,
} from './planning/host.js';
export {
  type CleanResidue,
  type HostAction,
  type IdMapping,
  type ImageChange,
  type MountRoot,
  ROOT_FOLDER,
  type RootProgram,
  type RootStrategy,
  type VolumeResidue,
} from './planning/host-action.js';
export { isolatedRule, type RunStep } from './planning/isolated-rule.js';
export { type KnownFault, knownFaults } from './planning/known-faults.js';
export {
  type Plan,
  type PlanOptions,
  type PlanStep,
  planRewrite,
  type RuleRefusal,
} from './planning/plan-rewrite.js';
export { RefusedError } from './planning/refused-error.js';
export type {
  Call,
  Outcome,
  Pass,
  Refuse,
  Rewrite,
  Rule,
  RuleFailure,
} from './planning/rule.js';
export { namedRuntimeKind, type RuntimeKind, runtimeKind } from './planning/runtime-kind.js';
export {
  gvisorRelease,
  type RuntimeVersion,
  readRuntimeVersion,
  type UnknownVersion,
} from './planning/runtime-version.js';
export { mayClaim, maySlip } from './planning/trigger-text.js';
export { type OwnedEntry, type TrustedPath, trustedPath } from './planning/trusted-path.js';
export { guardian, guardianProfile } from './profiles/guardian.js';
export { sgsProfile } from './profiles/sgs.js';
export { type KubeletVolume, parseKubeletVolume } from './pvc-rootfs/kubelet-volume.js';
export { annotationSlips } from './pvc-rootfs/near-annotation.js';
export { type PodIdentity, podIdentity } from './pvc-rootfs/pod-identity.js';
export { type PvcRootfsOptions, pvcRootfs } from './pvc-rootfs/pvc-rootfs.js';
export {
  BOOT_VOLUME,
  BOOT_VOLUME_ACTIVE,
  BOOT_VOLUME_STRATEGY,
  ORIGINAL_ROOT,
} from './pvc-rootfs/root-markers.js';
export type { VolumeOptions } from './pvc-rootfs/root-scene.js';
export {
  type ErrorDetails,
  REWRITER_ERROR_CODES,
  RewriterError,
  type RewriterErrorCode,
} from './rewriter-error.js';
export { type ContainerNames, containerNames } from './spec-edit/container-names.js';
export { nearMiss } from './spec-edit/near-miss.js';
export { probablyMeant } from './spec-edit/near-words.js';
