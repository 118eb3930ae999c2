/**
 * Bundles on disk: the folder that holds `config.json`.
 *
 * @packageDocumentation
 */
export {
  type Bundle,
  type BundleFile,
  checkReplaceable,
  type FileId,
  loadBundle,
  readBundleConfig,
} from './bundle/read-config.js';
export { type SaveOptions, saveConfig } from './bundle/save-config.js';
