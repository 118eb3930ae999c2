import {
  type JsonObject,
  objectsAt,
  textOf,
  tidyPath,
  withList,
} from '@opencontainers-ts/rootfs-rewriter/spec-edit';

import { pointers, struct, TEXT, TEXTS } from '../cdi/shape.js';
import { cleanPath } from '../go-path.js';
import { goQuote } from '../go-quote.js';
import { type EditFault, type EditKind, everyFault, faultAt, firstFault, LIST_EDIT } from './edit-kind.js';
import { putEntries } from './put-entries.js';
import { relativePathFaults } from './relative-path.js';

/** A mount, usually of a file or folder of the host. */
export interface CdiMount {
  /** The source of the mount. */
  readonly hostPath: string;
  readonly containerPath: string;
  /** Options of mount(8), such as `ro` and `rbind`. */
  readonly options?: readonly string[];
  /** The file system type; a bind mount needs none. */
  readonly type?: string;
}

const MOUNTS = ['mounts'];
const NAMESPACES = ['linux', 'namespaces'];

/** Mounts, which replace those with the same destination. */
export const mounts: EditKind<readonly CdiMount[]> = {
  ...LIST_EDIT,
  shape: pointers(
    struct<CdiMount>(
      'Mount',
      { hostPath: TEXT, containerPath: TEXT, options: TEXTS, type: TEXT },
      { hostPath: '', containerPath: '' },
    ),
  ),
  minimumVersion: (all) => (all.some(({ type = '' }) => type !== '') ? '0.4.0' : undefined),
  fault: (all) => firstFault(all, mountFault),
  lint: (all) => everyFault(all, lintMount),
  reads: [MOUNTS, NAMESPACES],
  holds: (all) => all.map(({ containerPath }) => [...MOUNTS, tidyPath(containerPath)]),
  apply: putMounts,
};

function mountFault({ hostPath, containerPath }: CdiMount): EditFault | undefined {
  if (hostPath === '') return faultAt(['hostPath'], 'invalid mount, empty host path');
  return containerPath === '' ? faultAt(['containerPath'], 'invalid mount, empty container path') : undefined;
}

// OCI runtime-spec, config.md, "Mounts".
function lintMount({ hostPath, containerPath, type = '', options = [] }: CdiMount): readonly EditFault[] {
  const mount = `the mount at ${goQuote(containerPath)}`;
  const isBind = options.includes('bind') || options.includes('rbind');
  const hasType = type !== '' && type !== 'bind' && type !== 'none';
  const asBind = isBind || !hasType;
  return [
    ...relativePathFaults('containerPath', containerPath, 'the mount'),
    ...(cleanPath(containerPath) === '/'
      ? [faultAt(['containerPath'], 'the mount at "/" hides the root of the container')]
      : []),
    // The source of another file system, such as "tmpfs", is no path.
    ...(asBind ? relativePathFaults('hostPath', hostPath, mount) : []),
    ...(isBind || hasType ? [] : [faultAt([], noKind(mount, type))]),
  ];
}

function noKind(mount: string, type: string): string {
  const says = type === '' ? 'has no type' : `has the type ${goQuote(type)}`;
  return `${mount} ${says} and neither the option "bind" nor "rbind": runc and crun refuse the container`;
}

const destinationOf = (mount: JsonObject) => textOf(mount, 'destination', MOUNTS);

/**
 * Adds mounts, which replace those with the same literal destination, and sorts all mounts by the depth of their
 * destination: a mount on a folder must come before those inside it.
 */
function putMounts(spec: JsonObject, added: readonly CdiMount[]): JsonObject {
  if (added.length === 0) return spec;
  const isUserNamespaced = objectsAt(spec, NAMESPACES).some(
    (namespace) => textOf(namespace, 'type', NAMESPACES) === 'user',
  );
  const entries = added.map((mount) => mountEntry(mount, isUserNamespaced));
  const put = putEntries(objectsAt(spec, MOUNTS), entries, destinationOf);
  return withList(spec, MOUNTS, sortByDepth(put));
}

/** The number of slashes in a cleaned destination; 0 for a relative one at the top (pkg/cdi/container-edits.go). */
function depthOf(destination: string): number {
  return cleanPath(destination).split('/').length - 1;
}

// toSorted is stable (ECMA-262); the elements stay the same objects, by which `mountsPatch` knows them.
function sortByDepth(unsorted: readonly JsonObject[]): readonly JsonObject[] {
  const depths = new Map(unsorted.map((mount) => [mount, depthOf(destinationOf(mount))]));
  return unsorted.toSorted((one, other) => (depths.get(one) ?? 0) - (depths.get(other) ?? 0));
}

function mountEntry(
  { hostPath, containerPath, type = '', options = [] }: CdiMount,
  isUserNamespaced: boolean,
): JsonObject {
  const all = isUserNamespaced ? idMapped(type, options) : options;
  return {
    destination: containerPath,
    ...(type === '' ? {} : { type }),
    source: hostPath,
    ...(all.length === 0 ? {} : { options: all }),
  };
}

/**
 * In a user namespace, the files of a bind mount appear to belong to nobody unless it is id-mapped (main of the CDI library).
 */
function idMapped(type: string, options: readonly string[]): readonly string[] {
  if (options.includes('idmap') || options.includes('ridmap')) return options;
  if (options.includes('rbind')) return [...options, 'ridmap'];
  return type === 'bind' || options.includes('bind') ? [...options, 'idmap'] : options;
}
