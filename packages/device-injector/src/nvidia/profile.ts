/**
 * The versions of the NVIDIA Container Runtime Hook that can be followed, oldest first: `seed` is its commit aec9a28b of July
 * 2020, `v1.5` its release 1.5.1, `current` its release 1.20.
 *
 * @example
 * ```ts
 * import { NVIDIA_PROFILES } from '@opencontainers-ts/device-injector';
 *
 * console.log(NVIDIA_PROFILES.join(' ')); // seed v1.5 current
 * ```
 */
export const NVIDIA_PROFILES = ['seed', 'v1.5', 'current'] as const;

/** One of {@link NVIDIA_PROFILES}. */
export type NvidiaProfile = (typeof NVIDIA_PROFILES)[number];
