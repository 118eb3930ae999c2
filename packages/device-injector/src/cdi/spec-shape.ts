import type {
  CdiDeviceNode,
  CdiHook,
  CdiIntelRdt,
  CdiMount,
  CdiNetDevice,
  CdiSpec,
  CdiSpecDevice,
  ContainerEdits,
} from './cdi-spec.js';

/**
 * What a member of a spec may be. The Go names are those of the CDI library: its decoder's messages say them.
 *
 * Source: `specs-go/config.go` of the CDI library, v1.1.0.
 */
export type Shape =
  | { readonly is: 'string' | 'boolean' }
  | { readonly is: 'integer'; readonly goType: string; readonly min: bigint; readonly max: bigint }
  | { readonly is: 'strings' }
  | { readonly is: 'list'; readonly of: Shape; readonly goType: string }
  | StructShape;

/** An object with a fixed set of members. */
export interface StructShape {
  readonly is: 'struct';
  readonly goType: string;
  readonly members: Readonly<Record<string, Shape>>;
}

const TEXT: Shape = { is: 'string' };
const TEXTS: Shape = { is: 'list', of: TEXT, goType: '[]string' };
const TEXT_MAP: Shape = { is: 'strings' };
const INT64: Shape = { is: 'integer', goType: 'int64', min: -(2n ** 63n), max: 2n ** 63n - 1n };
const INT: Shape = { ...INT64, goType: 'int' };
const UINT32: Shape = { is: 'integer', goType: 'uint32', min: 0n, max: 2n ** 32n - 1n };

/** The compiler holds the members to those of the type, the tests to those of the schema. */
function struct<T>(goType: string, members: Readonly<Record<keyof T & string, Shape>>): StructShape {
  return { is: 'struct', goType, members };
}

function pointers(of: StructShape): Shape {
  return { is: 'list', of, goType: `[]*specs.${of.goType}` };
}

const DEVICE_NODE = struct<CdiDeviceNode>('DeviceNode', {
  path: TEXT,
  hostPath: TEXT,
  type: TEXT,
  major: INT64,
  minor: INT64,
  fileMode: { ...UINT32, goType: 'fs.FileMode' },
  permissions: TEXT,
  uid: UINT32,
  gid: UINT32,
});

const NET_DEVICE = struct<CdiNetDevice>('LinuxNetDevice', { hostInterfaceName: TEXT, name: TEXT });

const HOOK = struct<CdiHook>('Hook', { hookName: TEXT, path: TEXT, args: TEXTS, env: TEXTS, timeout: INT });

const MOUNT = struct<CdiMount>('Mount', { hostPath: TEXT, containerPath: TEXT, options: TEXTS, type: TEXT });

const INTEL_RDT = struct<CdiIntelRdt>('IntelRdt', {
  closID: TEXT,
  l3CacheSchema: TEXT,
  memBwSchema: TEXT,
  schemata: TEXTS,
  enableMonitoring: { is: 'boolean' },
});

const EDITS = struct<ContainerEdits>('ContainerEdits', {
  env: TEXTS,
  deviceNodes: pointers(DEVICE_NODE),
  netDevices: pointers(NET_DEVICE),
  hooks: pointers(HOOK),
  mounts: pointers(MOUNT),
  intelRdt: INTEL_RDT,
  additionalGids: { is: 'list', of: UINT32, goType: '[]uint32' },
});

const DEVICE = struct<CdiSpecDevice>('Device', { name: TEXT, annotations: TEXT_MAP, containerEdits: EDITS });

/** A whole spec. */
export const SPEC_SHAPE: StructShape = struct<CdiSpec>('Spec', {
  cdiVersion: TEXT,
  kind: TEXT,
  annotations: TEXT_MAP,
  devices: { is: 'list', of: DEVICE, goType: '[]specs.Device' },
  containerEdits: EDITS,
});
