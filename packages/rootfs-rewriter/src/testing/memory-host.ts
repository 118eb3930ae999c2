import { errorCode, type FileId } from '@opencontainers-ts/runtime-spec';
import type { FoundFolder, Host, HostEntry, MountInfo } from '../planning/host.js';
import { readRuntimeVersion } from '../planning/runtime-version.js';
import { errnoError } from './errno-error.js';
import type { MemoryHostOptions } from './memory-host-options.js';
import { createNodes, type MemoryNode } from './memory-nodes.js';

interface Found {
  readonly path: string;
  readonly node: MemoryNode;
}

/** Linux gives up after as many symlinks (path_resolution(7)). */
const MOST_SYMLINKS = 40;

/**
 * An in-memory `Host` for tests of rules, which needs no root, no cluster and no mounts. It resolves symlinks, numbers
 * inodes and fails with errno errors as Linux does.
 *
 * @example
 * ```ts
 * import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const host = memoryHost({ symlinks: { '/data/link': 'volume' }, mounts: ['/data/volume'] });
 * console.log(host.realpath('/data/link')); // /data/volume
 * console.log(host.lstat('/data/link')?.type); // symlink
 * console.log(host.lstat('/data/nothing')); // undefined
 * ```
 */
export function memoryHost(options: MemoryHostOptions = {}): Host {
  const mounts: readonly MountInfo[] = ['/', ...(options.mounts ?? [])].map((mount) => ({
    root: '/',
    fsType: 'ext4',
    options: ['rw', 'relatime'],
    ...(typeof mount === 'string' ? { mountPoint: mount } : mount),
  }));
  const nodes = createNodes(options, mounts);
  const failures = new Map(Object.entries(options.failures ?? {}));

  function nodeAt(path: string, syscall: string): MemoryNode {
    const failure = failures.get(path);
    if (failure !== undefined) throw errnoError(failure, syscall, path);
    const node = nodes.get(path);
    if (node === undefined) throw errnoError('ENOENT', syscall, path);
    return node;
  }

  function walk(path: string, syscall: string, followLast: boolean, links = 0): Found {
    if (links > MOST_SYMLINKS) throw errnoError('ELOOP', syscall, path);
    let at: Found = { path: '/', node: nodeAt('/', syscall) };
    // A slash or a dot at the end asks for a directory, and follows a symlink (path_resolution(7)).
    const asksForDirectory = /\/\.?$/.test(path);
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    for (const [index, part] of parts.entries()) {
      if (at.node.type !== 'directory') throw errnoError('ENOTDIR', syscall, path);
      const next = part === '..' ? parentOf(at.path) : joined(at.path, part);
      const node = nodeAt(next, syscall);
      const rest = parts.slice(index + 1);
      if (node.type === 'symlink' && (followLast || asksForDirectory || rest.length > 0)) {
        const target = node.target.startsWith('/') ? node.target : joined(at.path, node.target);
        return walk(
          [target, ...rest, ...(asksForDirectory ? [''] : [])].join('/'),
          syscall,
          followLast,
          links + 1,
        );
      }
      at = { path: next, node };
    }
    if (asksForDirectory && at.node.type !== 'directory') throw errnoError('ENOTDIR', syscall, path);
    return at;
  }

  function resolveBeneath(root: string, path: string): FoundFolder {
    if (path.startsWith('/')) throw errnoError('EXDEV', 'openat2', path);
    const top = walk(root, 'openat2', true);
    let at = top;
    for (const part of path.split('/').filter((each) => each !== '' && each !== '.')) {
      if (at.node.type !== 'directory') throw errnoError('ENOTDIR', 'openat2', path);
      if (part === '..' && at.path === top.path) throw errnoError('EXDEV', 'openat2', path);
      const next = part === '..' ? parentOf(at.path) : joined(at.path, part);
      at = { path: next, node: nodeAt(next, 'openat2') };
      if (at.node.type === 'symlink') throw errnoError('ELOOP', 'openat2', path);
    }
    if (at.node.type !== 'directory') throw errnoError('ENOTDIR', 'openat2', path);
    const isMountRoot = mounts.some(({ mountPoint }) => mountPoint === at.path);
    return { path: at.path, ...idOf(at.node), isMountRoot };
  }

  return {
    lstat: (path) =>
      orAbsent((): HostEntry => {
        const { node } = walk(path, 'lstat', false);
        const { type, mode, uid, gid } = node;
        const device = type === 'device' ? { device: node.device } : {};
        const size = type === 'file' ? { size: node.bytes.length } : {};
        const target = type === 'symlink' ? { target: node.target } : {};
        return { type, mode, uid, gid, ...device, ...size, ...target, ...idOf(node) };
      }),
    realpath: (path) => orAbsent(() => walk(path, 'realpath', true).path),
    readFile: (path) =>
      orAbsent(() => {
        const { node } = walk(path, 'open', true);
        if (node.type === 'file') return node.bytes;
        throw errnoError(node.type === 'directory' ? 'EISDIR' : 'EINVAL', 'read', path);
      }),
    readDirectory: (path) =>
      unlessNoEntry(() => {
        const { path: folder, node } = walk(path, 'scandir', true);
        if (node.type !== 'directory') throw errnoError('ENOTDIR', 'scandir', path);
        const start = folder === '/' ? '/' : `${folder}/`;
        return [...nodes.keys()]
          .filter((each) => each.startsWith(start) && each !== start && !each.includes('/', start.length))
          .map((each) => each.slice(start.length));
      }),
    mountInfo: () => mounts,
    resolveBeneath,
    runtimeVersion: (path) =>
      readRuntimeVersion(options.runtimeVersions?.[path] ?? '') ?? { unknown: 'it prints none' },
  };
}

function orAbsent<T>(look: () => T): T | undefined {
  return unless(['ENOENT', 'ENOTDIR'], look);
}

function unlessNoEntry<T>(look: () => T): T | undefined {
  return unless(['ENOENT'], look);
}

function unless<T>(codes: readonly string[], look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (codes.includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

function idOf({ dev, ino }: FileId): FileId {
  return { dev, ino };
}

function joined(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
