import { formatPointer, type JsonPatch, type Operation, quoted } from '@opencontainers-ts/runtime-spec';
import { refuse } from '../planning/refuse.js';
import type { Refuse } from '../planning/rule.js';

const PREFIX = 'dev.gvisor.spec.rootfs.';
const SOURCE = `${PREFIX}source`;

/**
 * Flags that an annotation can give, and the values with which nothing is put over the root. Releases before 2023 know no hint, and obey
 * them where `--allow-flag-override` is set; since then the hint comes first, but nobody who writes another value means that.
 */
const FLAGS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['dev.gvisor.flag.overlay2', new Set(['none'])],
  // As Go reads it (strconv.ParseBool).
  ['dev.gvisor.flag.overlay', new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])],
]);

/**
 * gVisor puts an overlay over the root by default (`--overlay2=root:self`) and throws it away with the sandbox: what
 * the container writes would never reach the volume. A rootfs hint without an overlay takes precedence over the flag, whoever gives it
 * (`createGoferFilestores` in runsc/container/container.go); older releases ignore it and have no such default. The
 * flag as an annotation is no substitute: releases of 2024 refuse it without `--allow-flag-override`.
 *
 * @returns the operations that set the hint, none where it is set already; or a refusal where something contradicts it
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
  const allowed = [...FLAGS, ...[...wanted].map(([key, value]) => [key, new Set([value])] as const)];
  for (const [key, values] of allowed) {
    const present = annotations.get(key);
    if (present === undefined || values.has(present)) continue;
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
