import type { RootStrategy } from '../planning/host-action.js';

// What a rule that makes a volume the root writes into the annotations: for people, and for a second run over the same bundle
// (`restore`, a create that the engine tries again). Anybody can write them, so they prove nothing: they only say where to look.

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
/**
 * The annotation with the folder of the volume, where `root.path` may be the folder in which the root is put together. It is no
 * proof either.
 *
 * @example
 * ```ts
 * import { BOOT_VOLUME } from '@opencontainers-ts/rootfs-rewriter';
 *
 * console.log(BOOT_VOLUME); // sgs.snucse.org/boot-volume
 * ```
 */
export const BOOT_VOLUME = 'sgs.snucse.org/boot-volume';
/**
 * The annotation that says how the volume became the root: `replace`, `overlay` or `seed`. It is no proof either.
 *
 * @example
 * ```ts
 * import { BOOT_VOLUME_STRATEGY } from '@opencontainers-ts/rootfs-rewriter';
 *
 * console.log(BOOT_VOLUME_STRATEGY); // sgs.snucse.org/boot-volume-strategy
 * ```
 */
export const BOOT_VOLUME_STRATEGY = 'sgs.snucse.org/boot-volume-strategy';
/** The name of the rule: what asked it may be gone from the spec, as the mount that it removed. */
export const BOOT_VOLUME_RULE = 'sgs.snucse.org/boot-volume-rule';

// Those of SGS's wrapper (bacchus-snu/sgs since 171c132), for what reads them.
const OVERLAY_LOWERDIR = 'sgs.snucse.org/overlay-lowerdir';
const OVERLAY_UPPERDIR = 'sgs.snucse.org/overlay-upperdir';
const OVERLAY_MERGED = 'sgs.snucse.org/overlay-merged';

/** The known ways in which a volume becomes a root. */
export const ROOT_STRATEGIES: readonly RootStrategy[] = ['replace', 'overlay', 'seed'];

/** What a rule has done to a root. */
export interface MadeRoot {
  /** `root.path` as it was. */
  readonly originalRoot: string;
  /** The folder of the volume. */
  readonly folder: string;
  readonly strategy: RootStrategy;
  readonly rule: string;
  /** The root of the image, and where the overlay is mounted. */
  readonly image: string;
  readonly target: string;
}

/** The annotations that say what was done. */
export function markersOf({
  originalRoot,
  folder,
  strategy,
  rule,
  image,
  target,
}: MadeRoot): readonly (readonly [string, string])[] {
  return [
    [ORIGINAL_ROOT, originalRoot],
    [BOOT_VOLUME_ACTIVE, 'true'],
    [BOOT_VOLUME, folder],
    [BOOT_VOLUME_STRATEGY, strategy],
    [BOOT_VOLUME_RULE, rule],
    ...(strategy === 'overlay'
      ? ([
          [OVERLAY_LOWERDIR, image],
          [OVERLAY_UPPERDIR, `${folder}/upper`],
          [OVERLAY_MERGED, target],
        ] as const)
      : []),
  ];
}

/** What annotations say was done. */
export interface RootMarkers {
  readonly originalRoot: string;
  /** The folder of the volume; `undefined` in a bundle of version 0.1, where it is `root.path`. */
  readonly folder: string | undefined;
  readonly strategy: RootStrategy;
  /** `undefined` in a bundle of version 0.1. */
  readonly rule: string | undefined;
}

/** What the annotations say; `undefined` where they do not say that a volume is the root. */
export function readMarkers(annotations: ReadonlyMap<string, string>): RootMarkers | undefined {
  const originalRoot = annotations.get(ORIGINAL_ROOT);
  if (originalRoot === undefined || annotations.get(BOOT_VOLUME_ACTIVE) !== 'true') return undefined;
  const said = annotations.get(BOOT_VOLUME_STRATEGY) ?? 'replace';
  const strategy = ROOT_STRATEGIES.find((each) => each === said);
  if (strategy === undefined) return undefined;
  const [folder, rule] = [annotations.get(BOOT_VOLUME), annotations.get(BOOT_VOLUME_RULE)];
  return { originalRoot, folder, strategy, rule };
}
