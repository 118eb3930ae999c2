/**
 * Finds the real OCI runtime for a program installed in its place, and proves that it is not that program itself.
 *
 * {@link resolveRuntime} is a pure function over a {@link FileSystem}. It returns a runtime or an error, and the trail of
 * everything it examined.
 *
 * @packageDocumentation
 */
export type { CandidateOrigin, Verdict } from './candidate.js';
export { DEPTH_VARIABLE, MAX_PASSAGES } from './depth.js';
export type { FileId, FileStat, FileSystem, PinnedPath } from './file-system.js';
export type {
  ConfiguredRuntimes,
  NamedRuntime,
  RealRuntime,
  Resolution,
  RuntimeQuery,
} from './resolution.js';
export { resolveRuntime } from './resolve-runtime.js';
export {
  RESOLVER_ERROR_CODES,
  ResolverError,
  type ResolverErrorCode,
  type ResolverErrorDetails,
} from './resolver-error.js';
export { detectMode, type RuntimeMode } from './runtime-mode.js';
export { DEFAULT_SEARCH_PATH } from './search-path.js';
export { MARKER_REACH, SELF_MARKER } from './self-check.js';
