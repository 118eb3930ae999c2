import { type JsonObject, objectsAt, textOf, withList } from '@opencontainers-ts/rootfs-rewriter/spec-edit';

import type { CdiMount } from '../cdi/cdi-spec.js';
import { cleanPath } from '../go-path.js';
import { putEntries } from './put-entry.js';

const MOUNTS = ['mounts'];
const NAMESPACES = ['linux', 'namespaces'];

const destinationOf = (mount: JsonObject) => textOf(mount, 'destination', MOUNTS);

/**
 * Puts mounts, each in the place of those with the same destination as it is spelt, and sorts all mounts by the depth
 * of their destination: one over a folder must come before those in it.
 */
export function editMounts(spec: JsonObject, mounts: readonly CdiMount[]): JsonObject {
  if (mounts.length === 0) return spec;
  const isUserNamespaced = objectsAt(spec, NAMESPACES).some(
    (namespace) => textOf(namespace, 'type', NAMESPACES) === 'user',
  );
  const entries = mounts.map((mount) => mountEntry(mount, isUserNamespaced));
  const put = putEntries(objectsAt(spec, MOUNTS), entries, destinationOf);
  return withList(spec, MOUNTS, sortByDepth(put));
}

/** How many slashes a cleaned destination has; a relative one at the top has none (pkg/cdi/container-edits.go). */
function depthOf(destination: string): number {
  return cleanPath(destination).split('/').length - 1;
}

// toSorted is stable (ECMA-262); the elements stay the same objects, by which `mountsPatch` knows them.
function sortByDepth(mounts: readonly JsonObject[]): readonly JsonObject[] {
  const depths = new Map(mounts.map((mount) => [mount, depthOf(destinationOf(mount))]));
  return mounts.toSorted((one, other) => (depths.get(one) ?? 0) - (depths.get(other) ?? 0));
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
 * In a user namespace a bind mount shows its files as owned by nobody unless it is id-mapped (main of the CDI library).
 */
function idMapped(type: string, options: readonly string[]): readonly string[] {
  if (options.includes('idmap') || options.includes('ridmap')) return options;
  if (options.includes('rbind')) return [...options, 'ridmap'];
  return type === 'bind' || options.includes('bind') ? [...options, 'idmap'] : options;
}
