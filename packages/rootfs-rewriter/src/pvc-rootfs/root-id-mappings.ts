import { quoted } from '@opencontainers-ts/runtime-spec';
import type { IdMapping } from '../planning/host-action.js';
import { refuse } from '../planning/refuse.js';
import type { Refuse } from '../planning/rule.js';
import type { ContainerSpec, IdMappings, SpecMount } from '../spec-edit/container-spec.js';

/**
 * How the ids of the volume are mapped when it becomes the root: as the container's user namespace maps them, so that root in
 * the container owns on the volume what root owns. A mount of its own mappings says the same, or is refused: one root has one
 * mapping.
 *
 * @param mount - that of the volume; none at the second run, when it is gone
 * @returns the mappings, none without a user namespace; or a refusal
 */
export function rootIdMappings(
  { userNamespace }: Pick<ContainerSpec, 'userNamespace'>,
  volume: string,
  mount?: SpecMount,
): { readonly idMappings?: IdMappings } | Refuse {
  if (userNamespace === undefined) {
    return mount?.isIdMapped === true
      ? refuse(
          'ERR_VOLUME_IDMAPPED',
          `the volume ${quoted(volume)} is mounted with id mappings, and the container has no user namespace`,
        )
      : {};
  }
  const { uid, gid } = userNamespace;
  if (uid.length === 0 || gid.length === 0) {
    return refuse(
      'ERR_USER_NAMESPACE_UNMAPPED',
      `the container has a user namespace, and its config.json does not say how that maps ${uid.length === 0 ? 'users' : 'groups'}: nobody knows whose the files on the volume ${quoted(volume)} would be`,
      { volume },
    );
  }
  for (const kind of ['uid', 'gid'] as const) {
    const own = mount?.idMappings[kind] ?? [];
    if (own.length === 0 || isSame(own, userNamespace[kind])) continue;
    return refuse(
      'ERR_VOLUME_IDMAPPED',
      `the volume ${quoted(volume)} is mounted with ${kind} mappings ${listed(own)}, the container has ${listed(userNamespace[kind])}`,
      { volume },
    );
  }
  return { idMappings: userNamespace };
}

/** The order of ranges says nothing. */
function isSame(one: readonly IdMapping[], other: readonly IdMapping[]): boolean {
  return rangesOf(one).join() === rangesOf(other).join();
}

/** `0:100000:65536`, as newuidmap(1) takes it: in the container, on the host, how many. */
function rangesOf(mappings: readonly IdMapping[]): readonly string[] {
  return mappings
    .toSorted((one, other) => one.containerID - other.containerID)
    .map(({ containerID, hostID, size }) => `${containerID}:${hostID}:${size}`);
}

/** Ranges that a message shows. */
const LISTED = 5;

function listed(mappings: readonly IdMapping[]): string {
  const ranges = rangesOf(mappings);
  const more = ranges.length - LISTED;
  return more > 0 ? `${ranges.slice(0, LISTED).join(' ')} and ${more} more` : ranges.join(' ');
}
