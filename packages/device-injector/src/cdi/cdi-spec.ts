import type { ContainerEdits } from '../edits/container-edits.js';

/**
 * A CDI spec after reading and validation. Integers are numbers, or `bigint` if a JavaScript number would round them.
 * Members without a value are absent, never null.
 *
 * Source: CDI SPEC.md, version 1.1.0.
 */
export interface CdiSpec {
  readonly cdiVersion: string;
  /** `vendor/class`. */
  readonly kind: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly devices: readonly CdiSpecDevice[];
  /** Applied once, before the edits of the first device of this spec that is injected. */
  readonly containerEdits?: ContainerEdits;
}

/** A device of a CDI spec. */
export interface CdiSpecDevice {
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly containerEdits: ContainerEdits;
}
