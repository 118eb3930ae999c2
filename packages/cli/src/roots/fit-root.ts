import type { MountRoot, RootProgram } from '@opencontainers-ts/rootfs-rewriter';
import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { MOUNT } from '../system/mount-calls.js';
import { normalize } from '../system/paths.js';
import { answerOf, isFailure, type System } from '../system/system.js';
import { contentOf, inFolder } from './volume-folder.js';

/**
 * What every runtime mounts on. A container that has root's rights can put a link there, and runtimes before their fixes follow it
 * (CVE-2026-41579: runc before 1.3.6, 1.4.3 and 1.5.1; CVE-2026-47766: crun before 1.28).
 */
const MOUNTED_ON = ['dev', 'proc', 'sys'];

/** ST_RDONLY of statfs(2). */
const READ_ONLY = 1;

/**
 * Looks at a root as the runtime will, before it does: on the mount itself, so that nothing can be swapped afterwards.
 *
 * @param root - the root, open: a detached mount or a folder
 * @returns what the operator should know although the container starts
 * @throws CliError `ERR_ROOT_UNSAFE`, `ERR_VOLUME_EMPTY`, `ERR_ROOT_UNFIT`, `ERR_ROOT_NO_PROGRAM`
 */
export function checkFitness(system: System, root: number, action: MountRoot): readonly string[] {
  for (const name of MOUNTED_ON) checkFolder(system, root, name, action);
  if (action.strategy === 'replace') checkContent(system, root, action);
  if (action.program !== undefined) checkProgram(system, root, action.program, action);
  return spaceWarnings(system, root, action);
}

function checkFolder(system: System, root: number, name: string, { volume, root: path }: MountRoot): void {
  const found = system.lstat(inFolder(root, name));
  if (isFailure(found) && found.errno === 'ENOENT') return;
  const { type } = answerOf(found, name);
  if (type === 'directory') return;
  const what = type === 'symlink' ? 'a symbolic link' : `no folder (${type})`;
  throw new CliError('ERR_ROOT_UNSAFE', `"/${name}" on the volume ${quoted(volume)} is ${what}`, {
    details: { path, name, type },
  });
}

function checkContent(system: System, root: number, { volume, root: path }: MountRoot): void {
  if (contentOf(system, root).length === 0) {
    throw new CliError('ERR_VOLUME_EMPTY', `the volume ${quoted(volume)} is empty`, { details: { path } });
  }
  const etc = system.lstat(inFolder(root, 'etc'));
  if (isFailure(etc) && etc.errno === 'ENOENT') {
    throw new CliError(
      'ERR_ROOT_UNFIT',
      `the volume ${quoted(volume)} holds no root file system: there is no "/etc" on it`,
      {
        details: { path },
      },
    );
  }
}

function checkProgram(
  system: System,
  root: number,
  program: RootProgram,
  { volume, root: path }: MountRoot,
): void {
  const candidates = candidatesOf(program);
  if (candidates === undefined) return;
  const faults: string[] = [];
  for (const candidate of candidates) {
    if (program.mountedAt.some((mounted) => isBelow(candidate, mounted))) return;
    const fault = programFault(system, root, candidate);
    if (fault === undefined) return;
    faults.push(`${quoted(candidate)} ${fault}`);
  }
  throw new CliError(
    'ERR_ROOT_NO_PROGRAM',
    `the program ${quoted(program.name)} cannot be started from the volume ${quoted(volume)}: ${faults.join(', ')}`,
    { details: { path, program: program.name } },
  );
}

/** Where runtimes look for a program; undefined where nobody can say. */
function candidatesOf({ name, cwd, searchPath }: RootProgram): readonly string[] | undefined {
  // As they are written: ".." behind a link leads elsewhere than it seems.
  if (name.includes('/')) return [name.startsWith('/') ? name : `${cwd}/${name}`];
  const folders = searchPath?.split(':') ?? [];
  const areAbsolute = folders.every((folder) => folder.startsWith('/'));
  return folders.length > 0 && areAbsolute && name !== ''
    ? folders.map((folder) => `${folder}/${name}`)
    : undefined;
}

function isBelow(path: string, folder: string): boolean {
  const [inner, outer] = [path, folder].map((each) => `${normalize(each)}/`.replace(/\/+$/, '/'));
  return inner?.startsWith(outer ?? '') === true;
}

/** What openat2(2) says where the program is not there, within the root. */
const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EXDEV']);

const ANY_EXECUTE = 0o111;

function programFault(system: System, root: number, path: string): string | undefined {
  const within = MOUNT.resolveInRoot | MOUNT.resolveNoMagicLinks;
  const fd = system.openat2(root, path, 'path', within);
  if (isFailure(fd)) return NOT_THERE.has(fd.errno) ? 'is not there' : undefined;
  try {
    const { type, mode } = answerOf(system.fstat(fd), path);
    if (type !== 'file') return 'is no file';
    return (mode & ANY_EXECUTE) === 0 ? 'cannot be executed' : undefined;
  } finally {
    system.close(fd);
  }
}

/** Bytes. ext4 keeps some blocks for itself, so that a full volume rarely has none. */
const LEAST_SPACE = 65_536n;

/** A full volume starts: somebody has to remove something from it. */
function spaceWarnings(system: System, root: number, { volume, readonly }: MountRoot): readonly string[] {
  const found = system.statfs(inFolder(root, '.'));
  if (readonly || isFailure(found) || (found.flags & READ_ONLY) !== 0) return [];
  const full = `the volume ${quoted(volume)} has no`;
  if (found.blocks > 0n && found.freeBlocks * found.blockSize < LEAST_SPACE) return [`${full} space left`];
  return found.inodes > 0n && found.freeInodes === 0n ? [`${full} inodes left`] : [];
}
