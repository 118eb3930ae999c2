import { formatPointer, type JsonPatch, type Operation, quoted } from '@opencontainers-ts/runtime-spec';
import { refuse } from '../planning/refuse.js';
import type { Refuse } from '../planning/rule.js';

const PREFIX = 'dev.gvisor.spec.rootfs.';
const SOURCE = `${PREFIX}source`;

/**
 * gVisor puts an overlay over the root by default (`--overlay2=root:self`) and throws it away with the sandbox: what
 * the container writes would never reach the volume. A rootfs hint without an overlay takes precedence over the flag
 * (`createGoferFilestores` in runsc/container/container.go); older releases ignore it and have no such default.
 *
 * @returns the operations that set the hint, none where it is set already; or a refusal where one contradicts it
 */
export function gvisorRootfsHint(
  annotations: ReadonlyMap<string, string>,
  newRoot: string,
): JsonPatch | Refuse {
  const hint = new Map([
    [SOURCE, newRoot],
    [`${PREFIX}type`, 'bind'],
  ]);
  const wanted = new Map([...hint, [`${PREFIX}overlay`, '']]);
  for (const [key, value] of wanted) {
    const present = annotations.get(key);
    if (present === undefined || present === value) continue;
    return refuse(
      'ERR_GVISOR_ROOTFS_HINT',
      `the annotation ${quoted(key)} is ${quoted(present)}, which a root on the volume ${quoted(newRoot)} rules out`,
      { annotation: key },
    );
  }
  return [...hint]
    .filter(([key]) => !annotations.has(key))
    .map(([key, value]) => ({ op: 'add', path: formatPointer(['annotations', key]), value }));
}

/** The operation that gives a hint that is there another folder. */
export function gvisorRootfsSource(newRoot: string): Operation {
  return { op: 'replace', path: formatPointer(['annotations', SOURCE]), value: newRoot };
}
