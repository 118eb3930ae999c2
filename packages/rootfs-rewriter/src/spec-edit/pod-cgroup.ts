import { containerKind, type JsonObject } from '@opencontainers-ts/runtime-spec';
import { objectAt, textOf, withValue } from './spec-tree.js';

/** The cgroup that a sandbox of gVisor joins, in the place of that of its first container. */
const PARENT = 'dev.gvisor.spec.cgroup-parent';

/**
 * The spec of a sandbox with the annotation by which gVisor puts the whole sandbox into the cgroup of its pod. Without it the
 * containers would share the limits of the pause container. It is what gVisor's shim does (setPodCgroup in
 * pkg/shim/v1/runsc/service.go), for engines that call runsc without that shim.
 *
 * The cgroup is the path in linux.cgroupsPath up to its last component that begins with `pod`, of a container named `podman` too,
 * as there. Any other spec stays as it is: one of a container that joins a sandbox, one without such a component, one
 * whose path ends with it, and one in the notation of systemd (`kubepods-pod1.slice:cri:ID`).
 *
 * It throws a refusal with `ERR_SPEC_FIELD` for a field of another type, which `orRefusal` returns.
 *
 * @example
 * ```ts
 * import { diffSpecs, withPodCgroupParent } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
 *
 * const spec = {
 *   annotations: { 'io.kubernetes.cri.container-type': 'sandbox' },
 *   linux: { cgroupsPath: '/kubepods/burstable/pod1/abc' },
 * };
 * const patch = diffSpecs(spec, withPodCgroupParent(spec));
 * console.log(patch.map(({ op, path }) => `${op} ${path}`)); // [ 'add /annotations/dev.gvisor.spec.cgroup-parent' ]
 * ```
 */
export function withPodCgroupParent(spec: JsonObject): JsonObject {
  if (containerKind(objectAt(spec, ['annotations'])).kind !== 'sandbox') return spec;
  const path = textOf(objectAt(spec, ['linux']), 'cgroupsPath', ['linux']);
  const names = path.split('/');
  const last = names.findLastIndex((name) => name.startsWith('pod'));
  if (last === -1) return spec;
  const parent = tidied(names.slice(0, last + 1));
  return parent === path ? spec : withValue(spec, ['annotations', PARENT], parent);
}

/** As Go's filepath.Join makes a path of names, and with the slash in front that the path has. */
function tidied(names: readonly string[]): string {
  const kept: string[] = [];
  for (const name of names) {
    if (name === '' || name === '.') continue;
    if (name === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else kept.push(name);
  }
  return `${names[0] === '' ? '/' : ''}${kept.join('/')}`;
}
