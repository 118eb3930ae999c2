import { dirname } from '../system/paths.js';
import { answerOf, isFailure, type System } from '../system/system.js';
import { textOf } from '../system/text.js';

const GROUP_MAY_WRITE = 0o020;
const OTHERS_MAY_WRITE = 0o002;
/** Only who owns an entry may rename or remove it (inode(7), S_ISVTX). */
const STICKY = 0o1000;

/**
 * The first folder from the root down to a path, or to what is there of it, in which somebody else than root could put another program
 * in the place of ours: engines run it as root.
 */
export function unsafeFolder(system: System, path: string): string | undefined {
  const real = system.realpath(path);
  if (isFailure(real)) {
    return path === '/' || (real.errno !== 'ENOENT' && real.errno !== 'ENOTDIR')
      ? path
      : unsafeFolder(system, dirname(path));
  }
  return chainOf(textOf(real)).find((folder) => {
    const { uid, gid, mode } = answerOf(system.stat(folder), folder);
    const isOpen = (mode & OTHERS_MAY_WRITE) !== 0 || ((mode & GROUP_MAY_WRITE) !== 0 && gid !== 0);
    return (uid !== 0 && uid !== system.geteuid()) || (isOpen && (mode & STICKY) === 0);
  });
}

function chainOf(path: string): readonly string[] {
  return path === '/' ? ['/'] : [...chainOf(dirname(path)), path];
}
