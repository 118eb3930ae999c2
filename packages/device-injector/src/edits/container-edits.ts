import type { JsonObject } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
import { formatPointer } from '@opencontainers-ts/runtime-spec';

import { type CdiVersion, latestVersion } from '../cdi/cdi-version.js';
import { type StructShape, struct } from '../cdi/shape.js';
import type { DeviceHost } from '../device-host.js';
import { additionalGids } from './additional-gids.js';
import type { CdiDeviceNode } from './device-node.js';
import { deviceNodes } from './device-nodes.js';
import type { EditFault, EditKind } from './edit-kind.js';
import { env } from './env.js';
import { type CdiHook, hooks } from './hooks.js';
import { type CdiIntelRdt, intelRdt } from './intel-rdt.js';
import { type CdiMount, mounts } from './mounts.js';
import { type CdiNetDevice, netDevices } from './net-devices.js';

/** What a device changes in an OCI spec. */
export interface ContainerEdits {
  /** `NAME=value`. */
  readonly env?: readonly string[];
  readonly deviceNodes?: readonly CdiDeviceNode[];
  readonly netDevices?: readonly CdiNetDevice[];
  readonly hooks?: readonly CdiHook[];
  readonly mounts?: readonly CdiMount[];
  readonly intelRdt?: CdiIntelRdt;
  readonly additionalGids?: readonly number[];
}

type EditName = keyof ContainerEdits;
type EditKinds = {
  readonly [Name in EditName]-?: readonly [
    kind: EditKind<NonNullable<ContainerEdits[Name]>>,
    checked: number,
  ];
};

/**
 * Every kind of edit, in the order in which the CDI library applies them (`ContainerEdits.Apply`), each with its place in
 * the order in which the library checks them (`ContainerEdits.Validate`). A new kind is a file of its own, its member in
 * the type above, without which this does not compile, and its line here.
 */
const KINDS: EditKinds = {
  env: [env, 1],
  deviceNodes: [deviceNodes, 2],
  netDevices: [netDevices, 6],
  mounts: [mounts, 4],
  hooks: [hooks, 3],
  intelRdt: [intelRdt, 5],
  additionalGids: [additionalGids, 7],
};

/** A kind of edit without the type of its edits. */
interface Row {
  readonly name: EditName;
  readonly kind: EditKind<unknown>;
  readonly checked: number;
}

const ROWS: readonly Row[] = Object.entries(KINDS).map(([name, [kind, checked]]) => ({
  name: name as EditName,
  kind: kind as EditKind<unknown>,
  checked,
}));
const ROWS_AS_CHECKED = ROWS.toSorted((one, other) => one.checked - other.checked);

/** The shape of container edits, for the decoder. */
export const EDITS_SHAPE: StructShape = struct<ContainerEdits>(
  'ContainerEdits',
  Object.fromEntries(ROWS.map(({ name, kind }) => [name, kind.shape])) as Record<
    EditName,
    EditKind<unknown>['shape']
  >,
  {},
);

/** The oldest release of the CDI specification with everything that the edits use. */
export function minimumEditsVersion(edits: ContainerEdits): CdiVersion {
  return latestVersion(present(edits).flatMap(({ kind, edit }) => kind.minimumVersion(edit) ?? []));
}

/** The first fault of edits, in the order and with the words of the CDI library. */
export function editsFault(edits: ContainerEdits): EditFault | undefined {
  for (const { name, kind, edit } of present(edits, ROWS_AS_CHECKED)) {
    const fault = kind.fault(edit);
    if (fault !== undefined) return { ...fault, path: [name, ...fault.path] };
  }
  return undefined;
}

/** What the CDI library accepts, but a runtime refuses, or looks for in its working directory. */
export function lintEdits(edits: ContainerEdits): readonly EditFault[] {
  return present(edits).flatMap(({ name, kind, edit }) =>
    kind.lint(edit).map(({ message, path }) => ({ message, path: [name, ...path] })),
  );
}

/** Whether edits do nothing. */
export function areEmpty(edits: ContainerEdits): boolean {
  return present(edits).every(({ kind, edit }) => kind.isEmpty(edit));
}

/** One set of edits that does the same as several, in this order. */
export function mergeEdits(parts: readonly ContainerEdits[]): ContainerEdits {
  const merged = ROWS.flatMap(({ name, kind }) => {
    const [first, ...others] = parts.map((part) => part[name]).filter((edit) => edit !== undefined);
    return first === undefined ? [] : [[name, kind.merge([first, ...others])]];
  });
  return Object.fromEntries(merged);
}

/** JSON Pointers of the subtrees of the OCI spec that edits of any kind read or write. */
export const EDITS_READ: readonly string[] = ROWS.flatMap(({ kind }) => kind.reads.map(formatPointer));

/** The places that edits decide about, whether or not they have to change them: see `Rewrite.holds`. */
export function heldPlaces(edits: ContainerEdits): readonly string[] {
  const places = present(edits).flatMap(({ kind, edit }) => kind.holds(edit));
  return [...new Set(places.map(formatPointer))];
}

/**
 * The spec with all edits; applied to its own result it changes nothing.
 *
 * @throws DeviceError `ERR_CDI_DEVICE_NODE`: then nothing is applied
 */
export function applyEdits(spec: JsonObject, edits: ContainerEdits, host: DeviceHost): JsonObject {
  return present(edits).reduce((before, { kind, edit }) => kind.apply(before, edit, host), spec);
}

interface PresentRow extends Row {
  readonly edit: unknown;
}

function present(edits: ContainerEdits, rows = ROWS): readonly PresentRow[] {
  const found: PresentRow[] = [];
  for (const { name, kind, checked } of rows) {
    const edit = edits[name];
    if (edit !== undefined) found.push({ name, kind, checked, edit });
  }
  return found;
}
