import type { FileId } from '@opencontainers-ts/runtime-spec';
import type { DeviceNumbers, MountInfo } from '../planning/host.js';
import type { MemoryAccess, MemoryHostOptions } from './memory-host-options.js';

type Content =
  | { readonly type: 'directory' | 'fifo' | 'other' }
  | { readonly type: 'device'; readonly device: DeviceNumbers }
  | { readonly type: 'file'; readonly bytes: Uint8Array }
  | { readonly type: 'symlink'; readonly target: string };

/** What a device is that a test gives no numbers: /dev/sda. */
const SOME_DISK: DeviceNumbers = { kind: 'block', major: 8, minor: 0 };

/** One inode of the in-memory host. */
export type MemoryNode = FileId & MemoryAccess & Content;

/** As a root with umask 022 makes them; device nodes as udev does for the likes of /dev/null. */
const USUAL_MODES: Readonly<Record<Content['type'], number>> = {
  directory: 0o755,
  file: 0o644,
  symlink: 0o777,
  device: 0o666,
  fifo: 0o644,
  other: 0o755,
};

/** All inodes by their path; numbered in the order of the options, so that equal options give equal numbers. */
export function createNodes(
  options: MemoryHostOptions,
  mounts: readonly MountInfo[],
): ReadonlyMap<string, MemoryNode> {
  const nodes = new Map<string, MemoryNode>();
  const devices = new Map(mounts.map(({ mountPoint }, index) => [mountPoint, BigInt(index + 1)]));
  const encoder = new TextEncoder();

  function deviceOf(path: string): bigint {
    const own = devices.get(path);
    return own ?? deviceOf(path.slice(0, path.lastIndexOf('/')) || '/');
  }

  function put(path: string, content: Content): void {
    if (!path.startsWith('/')) throw new RangeError(`${JSON.stringify(path)} is not absolute`);
    for (let slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
      putOne(path.slice(0, slash), { type: 'directory' });
    }
    putOne(path, content);
  }

  function putOne(path: string, content: Content): void {
    const present = nodes.get(path);
    if (present !== undefined && (content.type === 'directory' || present.type !== 'directory')) return;
    const ino = present?.ino ?? BigInt(nodes.size + 1);
    const access = { mode: USUAL_MODES[content.type], uid: 0, gid: 0, ...options.access?.[path] };
    nodes.set(path, { ...content, ...access, dev: deviceOf(path), ino });
  }

  put('/', { type: 'directory' });
  for (const [path, target] of Object.entries(options.symlinks ?? {})) put(path, { type: 'symlink', target });
  for (const [path, content] of Object.entries(options.files ?? {})) {
    put(path, { type: 'file', bytes: typeof content === 'string' ? encoder.encode(content) : content });
  }
  for (const device of options.devices ?? []) {
    const { path, ...numbers } = typeof device === 'string' ? { path: device, ...SOME_DISK } : device;
    put(path, { type: 'device', device: numbers });
  }
  for (const path of options.fifos ?? []) put(path, { type: 'fifo' });
  for (const path of options.others ?? []) put(path, { type: 'other' });
  for (const path of options.directories ?? []) put(path, { type: 'directory' });
  for (const { mountPoint } of mounts) put(mountPoint, { type: 'directory' });
  return nodes;
}
