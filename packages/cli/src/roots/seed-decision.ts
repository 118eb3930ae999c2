import { isOtherImage } from './image-identity.js';
import type { SeedRecord } from './seed-record.js';
import type { ImageIdentity } from './volume-record.js';

/** What is found on a volume. */
export interface FoundVolume {
  readonly record: SeedRecord | undefined;
  /** Whether there is nothing but what is ours and what mkfs leaves. */
  readonly isEmpty: boolean;
}

/**
 * What is to be done with it.
 *
 * - `use`: it is as it should be, or somebody else's: nothing is written to it
 * - `fill`: it is empty
 * - `go-on`: this machine has filled it in part since it was started
 * - `begin-anew`: what is there is ours, and not to be relied on: after a fall of the machine files may have their times and not
 *   their data, and what another image has left must not stay
 */
export type SeedDecision = 'use' | 'fill' | 'go-on' | 'begin-anew';

/** Decides what to do with a volume. Only what a record says to be ours is ever removed. */
export function seedDecision(
  { record, isEmpty }: FoundVolume,
  { bootId, image }: { readonly bootId: string; readonly image: ImageIdentity },
): SeedDecision {
  if (record?.state !== 'filling') return isEmpty ? 'fill' : 'use';
  if (isEmpty) return 'fill';
  return record.bootId === bootId && !isOtherImage(record.image, image) ? 'go-on' : 'begin-anew';
}
