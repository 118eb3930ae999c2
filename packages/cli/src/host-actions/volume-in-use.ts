import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

import type { PinnedPath } from '@opencontainers-ts/rootfs-rewriter';

import { decodeOctal } from '../mount-info.js';

/** More processes than any node runs: beyond it nobody can say in a reasonable time who uses a volume. */
const MOST_PROCESSES = 50_000;

/**
 * Whether a container of this node may be using the volume, now or in a moment: a process has it as its root, or
 * something is mounted beneath it in whichever mount namespace, as while a runtime prepares a root.
 *
 * Removing a file that is a mount point in another mount namespace takes the mount away there (Linux 3.19, commit
 * 8ed936b5671b), so this is asked before anything is removed. Other nodes are out of sight.
 */
export function isVolumeInUse(root: PinnedPath, proc = '/proc'): boolean {
  const processes = readdirSync(proc).filter((name) => /^[1-9]\d*$/.test(name));
  if (processes.length > MOST_PROCESSES) return true;
  const place = placeOf(root.path, parseMounts(readFileSync(`${proc}/self/mountinfo`, 'utf8')));
  const seen = new Set<string>();
  return processes.some((pid) => {
    try {
      return isUsedBy(`${proc}/${pid}`, root, place, seen);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (GONE.has(code)) return false;
      if (code === 'EACCES') return !isMorePowerful(`${proc}/${pid}`, `${proc}/self`);
      throw error;
    }
  });
}

/** Processes end while they are looked at; EINVAL comes from the mountinfo of one that has left its namespace. */
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ESRCH', 'EINVAL']);

/** @param seen - mount namespaces that were looked at already; this one is added */
function isUsedBy(
  folder: string,
  { dev, ino }: PinnedPath,
  place: Place | undefined,
  seen: Set<string>,
): boolean {
  const own = statSync(`${folder}/root`, { bigint: true });
  if (own.dev === dev && own.ino === ino) return true;
  const namespace = readlinkSync(`${folder}/ns/mnt`);
  if (place === undefined || seen.has(namespace)) return false;
  const mounts = parseMounts(readFileSync(`${folder}/mountinfo`, 'utf8'));
  seen.add(namespace);
  return hasMountBeneath(place, mounts);
}

/**
 * Whether a process that may not be looked into has capabilities that this one lacks (ptrace(2), "Ptrace access mode
 * checking"): then it is no container that a runtime started from here. Any other is not known.
 */
function isMorePowerful(folder: string, self: string): boolean {
  const [theirs, ours] = [folder, self].map((each) => {
    const status = readFileSync(`${each}/status`, 'latin1');
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
  const longest = Math.max(...above.map(({ mountPoint }) => mountPoint.length));
  // The last of several at one place hides the others.
  const mount = above.findLast(({ mountPoint }) => mountPoint.length === longest);
  return mount && { device: mount.device, path: inFileSystem(mount, path) };
}

function hasMountBeneath({ device, path }: Place, mounts: readonly Mounted[]): boolean {
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
