import type { ContainerEdits } from '../edits/container-edits.js';

/**
 * A CDI spec as it was read and validated. Integers up to 64 bits are `bigint` where a JavaScript number would round
 * them, else numbers. Members that are not there are absent, never null.
 *
 * Source: CDI SPEC.md, version 1.1.0.
 */
export interface CdiSpec {
  readonly cdiVersion: string;
  /** `vendor/class`. */
  readonly kind: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly devices: readonly CdiSpecDevice[];
  /** Applied once, before those of the first device of this spec that is injected. */
  readonly containerEdits?: ContainerEdits;
}

/** One device of a CDI spec. */
export interface CdiSpecDevice {
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly containerEdits: ContainerEdits;
}
