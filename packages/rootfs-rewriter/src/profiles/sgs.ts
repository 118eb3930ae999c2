import type { PvcRootfsOptions } from '../pvc-rootfs/pvc-rootfs.js';

/**
 * What the rule `pvc-rootfs` is told under the profile `sgs`, so that pods of both generations of the SGS wrapper stay as they
 * are: those with the annotation `sgs.snucse.org/os-volume` (until January 2026) start on the volume itself, those with a mount at
 * `/sgs-os-volume` on an overlay of their image and the volume.
 *
 * @example
 * ```ts
 * import { sgsProfile } from '@opencontainers-ts/rootfs-rewriter';
 *
 * console.log(sgsProfile.volumeDestination); // /sgs-os-volume
 * ```
 */
export const sgsProfile: PvcRootfsOptions = { volumeDestination: '/sgs-os-volume' };
