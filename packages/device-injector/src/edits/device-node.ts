import type { JsonObject } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
import { quoted } from '@opencontainers-ts/runtime-spec';

import { DeviceError } from '../device-error.js';
import type { DeviceHost } from '../device-host.js';
import { errnoOf } from '../errno.js';

/** A device node of the host for the container. Absent members are taken from the node on the host. */
export interface CdiDeviceNode {
  /** The path in the container. */
  readonly path: string;
  /** The path on the host; `path` if absent. */
  readonly hostPath?: string;
  /** Block, character, unbuffered character or FIFO, as in mknod(1). */
  readonly type?: 'b' | 'c' | 'u' | 'p' | '';
  readonly major?: number | bigint;
  readonly minor?: number | bigint;
  /** Permission bits. */
  readonly fileMode?: number;
  /** What the device cgroup allows: letters of `rwm`, or `none`; `rwm` if absent. */
  readonly permissions?: string;
  /** The owner of the node; the user of the process if absent. */
  readonly uid?: number;
  /** The group of the node; the group of the process if absent. */
  readonly gid?: number;
}

type Number64 = number | bigint;

/** A device node with what the spec or the host says about it. */
export interface FilledNode {
  readonly path: string;
  readonly type: string;
  readonly major: Number64;
  readonly minor: Number64;
  readonly fileMode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

interface FoundNode {
  readonly type: 'b' | 'c' | 'p';
  readonly major: number;
  readonly minor: number;
  readonly mode: number;
}

/**
 * Completes a device node from the host (fillMissingInfo in pkg/cdi/container-edits_unix.go of the CDI library). A node with
 * a type and number need not exist on the host. A symlink is not followed.
 *
 * @throws DeviceError `ERR_CDI_DEVICE_NODE` if the host has no such node, or one of another type
 */
export function fillNode(node: CdiDeviceNode, host: DeviceHost): FilledNode {
  const { path, hostPath = path, type = '', major = 0, minor = 0, fileMode, uid, gid } = node;
  const found = findNode(hostPath, host);
  const own = {
    path,
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  };
  const isMinimal = type !== '' && (major !== 0 || type === 'p');
  if (isMinimal) {
    const mode = fileMode ?? (typeof found === 'string' ? undefined : found.mode);
    return { ...own, type, major, minor, ...(mode === undefined ? {} : { fileMode: mode }) };
  }
  if (typeof found === 'string') {
    throw fault(`failed to stat CDI host device ${quoted(hostPath)}: ${found}`, node, hostPath);
  }
  if (type !== '' && type !== found.type) {
    const paths = `${quoted(path)}, ${quoted(hostPath)}`;
    throw fault(`CDI device (${paths}), host type mismatch (${type}, ${found.type})`, node, hostPath);
  }
  const numbers = major === 0 ? { major: found.major, minor: found.minor } : { major, minor };
  return { ...own, type: found.type, ...numbers, fileMode: fileMode ?? found.mode };
}

/** The entry for `linux.devices`. The node belongs to the user of the process unless it names an owner. */
export function deviceEntry(
  { path, type, major, minor, fileMode, uid, gid }: FilledNode,
  user: { readonly uid: number; readonly gid: number },
): JsonObject {
  return {
    path,
    type,
    major,
    minor,
    ...(fileMode === undefined ? {} : { fileMode }),
    ...owned('uid', uid, user.uid),
    ...owned('gid', gid, user.gid),
  };
}

/** The rule of the device cgroup for the node; none for a FIFO. */
export function cgroupRule(
  { type, major, minor }: FilledNode,
  permissions: string | undefined,
): JsonObject | undefined {
  if (type !== 'b' && type !== 'c') return undefined;
  // `none` is main's word for a node that may be there but not be opened.
  const access = permissions === 'none' ? undefined : permissions || 'rwm';
  return { allow: true, type, major, minor, ...(access === undefined ? {} : { access }) };
}

function owned(name: 'uid' | 'gid', own: number | undefined, ofProcess: number): JsonObject {
  if (own !== undefined) return { [name]: own };
  return ofProcess > 0 ? { [name]: ofProcess } : {};
}

/** The node at a path on the host, or why there is none. */
function findNode(path: string, host: DeviceHost): FoundNode | string {
  const entry = look(path, host);
  if (typeof entry === 'string') return entry;
  const { mode } = entry;
  if (entry.type === 'fifo') return { type: 'p', major: 0, minor: 0, mode };
  if (entry.device === undefined) return 'not a device node';
  const { kind, major, minor } = entry.device;
  return { type: kind === 'block' ? 'b' : 'c', major, minor, mode };
}

function look(path: string, host: DeviceHost) {
  if (!path.startsWith('/')) return 'not an absolute path';
  try {
    // The system's own words would be taken for another error by podman, which searches messages for them.
    return host.lstat(path) ?? 'it is not there';
  } catch (error) {
    return errnoOf(error);
  }
}

function fault(message: string, node: CdiDeviceNode, hostPath: string): DeviceError {
  return new DeviceError('ERR_CDI_DEVICE_NODE', `failed to inject devices: ${message}`, {
    details: { path: node.path, hostPath },
  });
}
