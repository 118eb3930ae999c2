/**
 * What rules are tested with: a host in memory, and specs built from options. No root, no cluster, no mounts.
 *
 * @packageDocumentation
 */
export { errnoError } from './testing/errno-error.js';
export { memoryHost } from './testing/memory-host.js';
export type { MemoryHostOptions } from './testing/memory-host-options.js';
export { type PvcLocation, pvcMount, pvcPath } from './testing/pvc.js';
export {
  documentOf,
  makeSpec,
  type SpecOption,
  withAnnotation,
  withDevice,
  withMount,
  withProcessArgs,
  withRoot,
} from './testing/spec-builders.js';
