import type { PinnedPath } from '@opencontainers-ts/rootfs-rewriter';

import { decodeOctal } from '../system/mount-info.js';
import { readFile } from '../system/read-file.js';
import { answerOf, OPEN, type System } from '../system/system.js';
import { bytesOf, joinBytes, textOf, wordOf } from '../system/text.js';

/** More processes than any node runs: beyond it nobody can say in a reasonable time who uses a volume. */
const MOST_PROCESSES = 50_000;

/** Of mountinfo, in all: several times what a full node has. A container may mount without end, under long names. */
const MOST_BYTES = 32 * 1024 * 1024;
const PIECE = 64 * 1024;

/**
 * Whether a container of this node may be using the volume, now or in a moment: it is the root of a mount namespace, or
 * something is mounted beneath it in whichever, as while a runtime prepares a root. What would take too long to find out
 * counts as use.
 *
 * Removing a file that is a mount point in another mount namespace takes the mount away there (Linux 3.19, commit
 * 8ed936b5671b), so this is asked before anything is removed. Other nodes are out of sight.
 *
 * Only /proc is asked, never a folder that a process is in: stat(2) of one on a dead server waits for ever.
 *
 * @param rootsAt - where a mount is the root of a container. A start mounts it at `ROOT_FOLDER` first, which is for who is no start
 */
export function isVolumeInUse(
  system: System,
  root: PinnedPath,
  proc = '/proc',
  rootsAt: readonly string[] = ['/'],
): boolean {
  const processes = answerOf(system.readdir(proc), proc)
    .map(textOf)
    .filter((name) => /^[1-9]\d*$/.test(name));
  if (processes.length > MOST_PROCESSES) return true;
  const own = readAtMost(system, `${proc}/self/mountinfo`, MOST_BYTES);
  const place = own && placeOf(root.path, parseMounts(textOf(own)));
  if (place === undefined) return true;
  const search: Search = { place, rootsAt, seen: new Set(), bytesLeft: MOST_BYTES };
  return processes.some((pid) => {
    try {
      return isUsedBy(system, `${proc}/${pid}`, search);
    } catch (error) {
      const { code = '' } = error as { readonly code?: string };
      if (GONE.has(code)) return false;
      if (code === 'EACCES') return !isMorePowerful(system, `${proc}/${pid}`, `${proc}/self`);
      throw error;
    }
  });
}

/** Processes end while they are looked at; EINVAL comes from the mountinfo of one that has left its namespace. */
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ESRCH', 'EINVAL']);

interface Search {
  readonly place: Place;
  readonly rootsAt: readonly string[];
  /** Mount namespaces, each with a root in it that was looked from already. */
  readonly seen: Set<string>;
  bytesLeft: number;
}

function isUsedBy(system: System, folder: string, search: Search): boolean {
  // The mountinfo of a process that has changed its root lacks what it cannot reach.
  const [namespace = '', root = ''] = [`${folder}/ns/mnt`, `${folder}/root`].map((link) =>
    textOf(answerOf(system.readlink(link), link)),
  );
  const view = `${namespace} ${root}`;
  if (search.seen.has(view)) return false;
  const bytes = readAtMost(system, `${folder}/mountinfo`, search.bytesLeft);
  if (bytes === undefined) return true;
  search.seen.add(view);
  search.bytesLeft -= bytes.length;
  return isUsedIn(search, mountsAbout(system, search.place.device, bytes));
}

/** @returns undefined for a file that is longer; files of /proc do not say their size */
function readAtMost(system: System, path: string, limit: number): Uint8Array | undefined {
  const descriptor = answerOf(system.open(path, OPEN.read), path);
  try {
    const pieces: Uint8Array[] = [];
    for (let size = 0; size <= limit; ) {
      const piece = answerOf(system.read(descriptor, PIECE), path);
      if (piece.length === 0) return joinBytes(pieces);
      // A copy: the kernel gives a page at a time, and a piece may keep all of the memory that it was read into.
      pieces.push(piece.slice());
      size += piece.length;
    }
    return undefined;
  } finally {
    system.close(descriptor);
  }
}

const [SPACE, LINE_END] = [0x20, 0x0a];

/**
 * The mounts of a file system, and those that lie on one of them: of all else, which may be 100,000 others, nothing is made
 * into text. Most namespaces have nothing of the volume's file system, and are not gone through at all.
 */
function mountsAbout(system: System, device: string, bytes: Uint8Array): readonly Mounted[] {
  const wanted = bytesOf(` ${device} `);
  const mounts = new Map<string, Mounted>();
  const linesOf = (at: number) =>
    parseMounts(textOf(bytes.subarray(lineStart(bytes, at), lineEnd(bytes, at))));
  for (let at = system.scans.find(bytes, wanted, 0); at !== -1; ) {
    for (const mount of linesOf(at)) if (mount.device === device) mounts.set(mount.id, mount);
    at = system.scans.find(bytes, wanted, lineEnd(bytes, at));
  }
  if (mounts.size === 0) return [];
  const above: Mounted[] = [];
  for (let start = 0; start < bytes.length; start = lineEnd(bytes, start) + 1) {
    const first = bytes.indexOf(SPACE, start) + 1;
    const parent = wordOf(bytes.subarray(first, bytes.indexOf(SPACE, first)));
    if (mounts.has(parent)) above.push(...linesOf(start));
  }
  return [...mounts.values(), ...above];
}

function lineStart(bytes: Uint8Array, at: number): number {
  return bytes.lastIndexOf(LINE_END, at) + 1;
}

function lineEnd(bytes: Uint8Array, at: number): number {
  const end = bytes.indexOf(LINE_END, at);
  return end === -1 ? bytes.length : end;
}

/**
 * Whether a process that may not be looked into has capabilities that this one lacks (ptrace(2), "Ptrace access mode
 * checking"): then it is no container that a runtime started from here. Any other is not known.
 */
function isMorePowerful(system: System, folder: string, self: string): boolean {
  const [theirs, ours] = [folder, self].map((each) => {
    const path = `${each}/status`;
    const status = wordOf(answerOf(readFile(system, path), path));
    return BigInt(`0x${/^CapPrm:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  });
  return ((theirs ?? 0n) & ~(ours ?? 0n)) !== 0n;
}

interface Mounted {
  readonly id: string;
  readonly parent: string;
  /** `major:minor` as mountinfo has it, which on btrfs is not what stat(2) says. */
  readonly device: string;
  /** The folder of the file system that is seen there. */
  readonly root: string;
  readonly mountPoint: string;
}

/** A folder by its file system and its path in that, which are the same in every mount namespace. */
type Place = Pick<Mounted, 'device'> & { readonly path: string };

function parseMounts(text: string): readonly Mounted[] {
  return text.split('\n').flatMap((line) => {
    const [id, parent, device, root, mountPoint] = line.split(' ');
    return id === undefined ||
      parent === undefined ||
      device === undefined ||
      root === undefined ||
      mountPoint === undefined
      ? []
      : [{ id, parent, device, root: decodeOctal(root), mountPoint: decodeOctal(mountPoint) }];
  });
}

function placeOf(path: string, mounts: readonly Mounted[]): Place | undefined {
  const above = mounts.filter(({ mountPoint }) => below(mountPoint, path) !== undefined);
  const longest = above.reduce((most, { mountPoint }) => Math.max(most, mountPoint.length), 0);
  // The last of several at one place hides the others.
  const mount = above.findLast(({ mountPoint }) => mountPoint.length === longest);
  return mount && { device: mount.device, path: inFileSystem(mount, path) };
}

/** Whether the folder is the root of what is seen here, or has a mount beneath it. */
function isUsedIn({ place, rootsAt }: Search, mounts: readonly Mounted[]): boolean {
  const { device, path } = place;
  const isRoot = (each: Mounted) =>
    each.device === device && rootsAt.includes(each.mountPoint) && each.root === path;
  if (mounts.some(isRoot)) return true;
  const onDevice = new Map(mounts.filter((each) => each.device === device).map((each) => [each.id, each]));
  return mounts.some(({ parent, mountPoint }) => {
    const mount = onDevice.get(parent);
    if (mount === undefined) return false;
    return (below(path, inFileSystem(mount, mountPoint)) ?? '') !== '';
  });
}

function inFileSystem({ root, mountPoint }: Mounted, path: string): string {
  const rest = below(mountPoint, path) ?? '';
  if (rest === '') return root;
  return root === '/' ? `/${rest}` : `${root}/${rest}`;
}

/** The rest of a path below a folder; empty for the folder itself, undefined for a path elsewhere. */
function below(folder: string, path: string): string | undefined {
  if (path === folder) return '';
  const prefix = folder === '/' ? '/' : `${folder}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}
