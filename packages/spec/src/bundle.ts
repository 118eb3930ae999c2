/**
 * Bundles on disk: the folder that holds `config.json`.
 *
 * @packageDocumentation
 */
export {
  answerOf,
  type BundleFiles,
  type Failure,
  type FileStatus,
  isFailure,
  OPEN,
  type Path,
  SystemError,
} from './bundle/bundle-files.js';
export { errnoName } from './bundle/errno-names.js';
export { attempt, nodeFiles, pathOf, statusOf } from './bundle/node-files.js';
export {
  type Bundle,
  type BundleFile,
  checkReplaceable,
  loadBundle,
  readBundleConfig,
} from './bundle/read-config.js';
export { type SaveOptions, saveConfig } from './bundle/save-config.js';
export type { FileId } from './file-id.js';
