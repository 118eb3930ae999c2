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

/** A device node of the host for the container. What is absent is taken from the node of the host. */
export interface CdiDeviceNode {
  /** In the container. */
  readonly path: string;
  /** Where the node is on the host; `path` if absent. */
  readonly hostPath?: string;
  /** Block, character, unbuffered character or FIFO, as in mknod(1). */
  readonly type?: 'b' | 'c' | 'u' | 'p' | '';
  readonly major?: number | bigint;
  readonly minor?: number | bigint;
  /** Permission bits. */
  readonly fileMode?: number;
  /** Letters of `rwm`, or `none`: what the device cgroup allows; `rwm` if absent. */
  readonly permissions?: string;
  /** Owner of the node; the user of the process if absent. */
  readonly uid?: number;
  /** Group of the node; the group of the process if absent. */
  readonly gid?: number;
}

/** A network interface of the host that moves into the container (OCI runtime spec 1.3, `linux.netDevices`). */
export interface CdiNetDevice {
  readonly hostInterfaceName: string;
  /** In the container. */
  readonly name: string;
}

/** When a hook runs (OCI runtime spec, "Lifecycle"). */
export type CdiHookName =
  | 'prestart'
  | 'createRuntime'
  | 'createContainer'
  | 'startContainer'
  | 'poststart'
  | 'poststop';

/** A program that the runtime starts. */
export interface CdiHook {
  readonly hookName: CdiHookName;
  /** Absolute; on the host but for `startContainer`, which is looked up in the container. */
  readonly path: string;
  /** With the name of the program first. */
  readonly args?: readonly string[];
  /** `NAME=value`. */
  readonly env?: readonly string[];
  /** In seconds. */
  readonly timeout?: number | bigint;
}

/** A mount, most often of a file or folder of the host. */
export interface CdiMount {
  /** Source of the mount. */
  readonly hostPath: string;
  readonly containerPath: string;
  /** Of mount(8), such as `ro` and `rbind`. */
  readonly options?: readonly string[];
  /** File system; a bind mount needs none. */
  readonly type?: string;
}

/** Cache and memory bandwidth of the container (OCI runtime spec, `linux.intelRdt`). */
export interface CdiIntelRdt {
  /** The class of service: the name of a folder in resctrl. */
  readonly closID?: string;
  /** A line of resctrl's `schemata` that begins with `L3:`. */
  readonly l3CacheSchema?: string;
  /** A line of resctrl's `schemata` that begins with `MB:`. */
  readonly memBwSchema?: string;
  /** Lines of resctrl's `schemata`. */
  readonly schemata?: readonly string[];
  readonly enableMonitoring?: boolean;
}
