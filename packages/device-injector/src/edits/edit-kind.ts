import type { JsonObject } from '@opencontainers-ts/rootfs-rewriter/spec-edit';

import type { CdiVersion } from '../cdi/cdi-version.js';
import type { Shape } from '../cdi/shape.js';
import type { SpecPath } from '../cdi/spec-fault.js';
import type { DeviceHost } from '../device-host.js';

/** What is wrong with an edit, and where in it. */
export interface EditFault {
  readonly message: string;
  readonly path: SpecPath;
}

/** A place in an OCI spec: member names from the top. */
export type Place = readonly string[];

/** Everything about one kind of container edit, such as `env`: how it is decoded, checked and applied. */
export interface EditKind<Edit> {
  /** What the decoder accepts. */
  readonly shape: Shape;
  /** The oldest release of the CDI specification with everything that an edit uses; undefined for every release. */
  readonly minimumVersion: (edit: Edit) => CdiVersion | undefined;
  /** The first fault, in the words of the CDI library. */
  readonly fault: (edit: Edit) => EditFault | undefined;
  /** What the CDI library accepts, but a runtime refuses, or looks for in its working directory. */
  readonly lint: (edit: Edit) => readonly EditFault[];
  /** Whether an edit does nothing; a device needs at least one that does something. */
  readonly isEmpty: (edit: Edit) => boolean;
  /** One edit that does the same as several, in this order. */
  readonly merge: (edits: readonly [Edit, ...Edit[]]) => Edit;
  /** The subtrees of the OCI spec that edits read or write. */
  readonly reads: readonly Place[];
  /** The places that an edit decides about, whether or not it has to change them: see `Rewrite.holds`. */
  readonly holds: (edit: Edit) => readonly Place[];
  /**
   * The OCI spec after an edit; applied to its own result, it changes nothing.
   *
   * @throws DeviceError `ERR_CDI_DEVICE_NODE`
   */
  readonly apply: (spec: JsonObject, edit: Edit, host: DeviceHost) => JsonObject;
}

/** What most kinds of edit that are lists have in common. */
export const LIST_EDIT = {
  minimumVersion: () => undefined,
  fault: () => undefined,
  lint: () => [],
  isEmpty: (list: readonly unknown[]) => list.length === 0,
  merge: <Item>(lists: readonly (readonly Item[])[]): readonly Item[] => lists.flat(),
} as const;

/** A fault at a place. */
export function faultAt(path: SpecPath, message: string): EditFault {
  return { message, path };
}

/** The first fault of the items of a list. */
export function firstFault<Item>(
  items: readonly Item[],
  faultOf: (item: Item) => EditFault | undefined,
): EditFault | undefined {
  for (const [index, item] of items.entries()) {
    const fault = faultOf(item);
    if (fault !== undefined) return { ...fault, path: [index, ...fault.path] };
  }
  return undefined;
}

/** All faults of the items of a list. */
export function everyFault<Item>(
  items: readonly Item[],
  faultsOf: (item: Item) => readonly EditFault[],
): readonly EditFault[] {
  return items.flatMap((item, index) =>
    faultsOf(item).map(({ message, path }) => ({ message, path: [index, ...path] })),
  );
}
