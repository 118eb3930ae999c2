import { formatPointer, type JsonPatch, type Operation } from '@opencontainers-ts/runtime-spec';

/**
 * The annotation with the original `root.path`, written by the rule `pvc-rootfs` for people and for a second run over the
 * same bundle. Anybody can write it, so it is no proof of anything.
 *
 * @example
 * ```ts
 * import { ORIGINAL_ROOT } from '@opencontainers-ts/rootfs-rewriter';
 *
 * console.log(ORIGINAL_ROOT); // sgs.snucse.org/original-root
 * ```
 */
export const ORIGINAL_ROOT = 'sgs.snucse.org/original-root';
/**
 * The annotation that the rule `pvc-rootfs` sets to `"true"` if the root is a volume. It is no proof either.
 *
 * @example
 * ```ts
 * import { BOOT_VOLUME_ACTIVE } from '@opencontainers-ts/rootfs-rewriter';
 *
 * console.log(BOOT_VOLUME_ACTIVE); // sgs.snucse.org/boot-volume-active
 * ```
 */
export const BOOT_VOLUME_ACTIVE = 'sgs.snucse.org/boot-volume-active';

/** What a spec is to become. */
export interface NewRoot {
  readonly path: string;
  readonly readonly: boolean;
  /** Places in `mounts` that go, ascending. */
  readonly removedMounts: readonly number[];
}

/** The operations that put the new root into the spec, each at the smallest place. */
export function rootPatch(
  root: { readonly path: string; readonly readonly?: boolean },
  next: NewRoot,
): JsonPatch {
  return [
    { op: 'replace', path: '/root/path', value: next.path },
    ...readonlyPatch(root.readonly, next.readonly),
    // From the back: removing one moves those behind it.
    ...next.removedMounts
      .toReversed()
      .map((index): Operation => ({ op: 'remove', path: `/mounts/${index}` })),
    { op: 'add', path: formatPointer(['annotations', ORIGINAL_ROOT]), value: root.path },
    { op: 'add', path: formatPointer(['annotations', BOOT_VOLUME_ACTIVE]), value: 'true' },
  ];
}

// `add` also replaces (RFC 6902, section 4.1), which a member that is null needs.
function readonlyPatch(before: boolean | undefined, after: boolean): JsonPatch {
  return (before ?? false) === after ? [] : [{ op: 'add', path: '/root/readonly', value: after }];
}
