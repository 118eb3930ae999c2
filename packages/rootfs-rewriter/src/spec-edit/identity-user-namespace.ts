import type { JsonObject } from '@opencontainers-ts/runtime-spec';
import { refuse } from '../planning/refuse.js';
import { readIdMap } from './id-map.js';
import { listAt, objectsAt, textOf, withList } from './spec-tree.js';

/** How the container's network is made, as runsc's `--network` says it. */
export interface UserNamespaceOptions {
  readonly network?: 'sandbox' | 'none' | 'host';
}

const NAMESPACES = ['linux', 'namespaces'] as const;
const MAPPINGS = [
  ['linux', 'uidMappings'],
  ['linux', 'gidMappings'],
] as const;

/**
 * The spec with a user namespace of its own in which every id is itself: the process gives up what it can do to the machine, and
 * no file changes its owner. It is what runsc does by itself for directfs (modifySpecForDirectfs in runsc/container/container.go).
 *
 * As there, a spec with a user namespace stays as it is, and one on the network of the host too: that network belongs to the
 * user namespace of the machine. Use `diffSpecs` to have the change as JSON Patch.
 *
 * It throws refusals, which `orRefusal` returns: `ERR_USER_NAMESPACE_MISSING` where there are mappings for a user namespace that
 * is not there, `ERR_ID_MAP` for a map that cannot be read, `ERR_SPEC_FIELD` for a field of another type.
 *
 * @param uidMap - the text of `/proc/self/uid_map`, of the process that will start the runtime
 * @param gidMap - the text of `/proc/self/gid_map`
 * @example
 * ```ts
 * import { withIdentityUserNamespace } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * const spec = { linux: { namespaces: [{ type: 'mount' }] } };
 * const next = withIdentityUserNamespace(spec, '0 100000 65536', '0 100000 65536');
 * console.log(JSON.stringify(next['linux']));
 * // {"namespaces":[{"type":"mount"},{"type":"user"}],"uidMappings":[{"containerID":0,"hostID":0,"size":65536}],"gidMappings":[{"containerID":0,"hostID":0,"size":65536}]}
 * ```
 */
export function withIdentityUserNamespace(
  spec: JsonObject,
  uidMap: string,
  gidMap: string,
  { network = 'sandbox' }: UserNamespaceOptions = {},
): JsonObject {
  if (network === 'host') return spec;
  const kinds = objectsAt(spec, NAMESPACES).map((namespace, at) =>
    textOf(namespace, 'type', [...NAMESPACES, at]),
  );
  if (kinds.includes('user')) return spec;
  const mapped = MAPPINGS.find((place) => listAt(spec, place).length > 0);
  if (mapped !== undefined) {
    const message = `config.json has ${mapped.join('.')} and no user namespace`;
    throw refuse('ERR_USER_NAMESPACE_MISSING', message, { pointer: `/${mapped.join('/')}` });
  }
  const [uidPlace, gidPlace] = MAPPINGS;
  const namespaces = [...listAt(spec, NAMESPACES), { type: 'user' }];
  const withUsers = withList(withList(spec, NAMESPACES, namespaces), uidPlace, identities(uidMap));
  return withList(withUsers, gidPlace, identities(gidMap));
}

function identities(map: string): readonly JsonObject[] {
  return readIdMap(map).map(({ inside, size }) => ({ containerID: inside, hostID: inside, size }));
}
