/**
 * For tests of rules: an in-memory host, and specs built from options. They need no root, no cluster and no mounts.
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
