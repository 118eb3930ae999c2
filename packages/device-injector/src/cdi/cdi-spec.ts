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

/** What is to be done to an OCI spec. */
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

export interface CdiDeviceNode {
  readonly path: string;
  /** Where the node is on the host; `path` if absent. */
  readonly hostPath?: string;
  readonly type?: 'b' | 'c' | 'u' | 'p' | '';
  readonly major?: number | bigint;
  readonly minor?: number | bigint;
  readonly fileMode?: number;
  /** Letters of `rwm`, or `none`: what the device cgroup allows. */
  readonly permissions?: string;
  readonly uid?: number;
  readonly gid?: number;
}

export interface CdiNetDevice {
  readonly hostInterfaceName: string;
  readonly name: string;
}

export type CdiHookName =
  | 'prestart'
  | 'createRuntime'
  | 'createContainer'
  | 'startContainer'
  | 'poststart'
  | 'poststop';

export interface CdiHook {
  readonly hookName: CdiHookName;
  readonly path: string;
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  readonly timeout?: number | bigint;
}

export interface CdiMount {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly options?: readonly string[];
  readonly type?: string;
}

export interface CdiIntelRdt {
  readonly closID?: string;
  readonly l3CacheSchema?: string;
  readonly memBwSchema?: string;
  readonly schemata?: readonly string[];
  readonly enableMonitoring?: boolean;
}
