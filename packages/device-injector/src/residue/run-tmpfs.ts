import { type JsonObject, objectsAt, textOf, withList } from '@opencontainers-ts/rootfs-rewriter/spec-edit';

import { cleanPath } from '../go-path.js';

const MOUNTS = ['mounts'];

/** As containerd mounts /run for containers that it makes itself (oci/mounts.go). */
const RUN: JsonObject = {
  destination: '/run',
  type: 'tmpfs',
  source: 'tmpfs',
  options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
};

/**
 * The spec with a tmpfs on /run, unless something is mounted there.
 *
 * It comes before every other mount: those beneath /run must lie on it, and so must those beneath a path that a symlink of
 * the image leads there, as /var/run does in most: the token of the service account is mounted at
 * /var/run/secrets/kubernetes.io/serviceaccount. Only a mount on the root itself stays before it.
 */
export function withRunTmpfs(spec: JsonObject): JsonObject {
  const mounts = objectsAt(spec, MOUNTS);
  const places = mounts.map((mount) => cleanPath(textOf(mount, 'destination', MOUNTS)));
  if (places.includes('/run')) return spec;
  const first = places.lastIndexOf('/') + 1;
  return withList(spec, MOUNTS, mounts.toSpliced(first, 0, RUN));
}
