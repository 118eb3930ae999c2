import { errnoCode, type FileId, type FileStat, type FileSystem, type PinnedPath } from './file-system.js';
import { dirName } from './path-text.js';
import { isScriptOfItself } from './script-of-itself.js';
import { realPathOf, selfReason } from './self-check.js';

/**
 * Where a candidate comes from: named by the operator in a variable or in the configuration, `<called name>.real`
 * beside the name we were called by, an entry of PATH, or the built-in list.
 */
export type CandidateOrigin =
  | 'GUARDIAN_RUNC_SHIM_BINARY'
  | 'SGS_RUNC_PATH'
  | 'configuration'
  | 'beside'
  | 'PATH'
  | 'built-in';

/** A path at which the real runtime may be. */
export interface Candidate {
  readonly path: string;
  readonly from: CandidateOrigin;
}

/**
 * The result for one candidate. `missing` includes a path that could not be examined (`detail` is the errno name).
 * `untrusted-folder` is a `.real` in a folder where a user other than root could have put it. `script-of-itself` is a
 * `.real` that is a shell script and calls a program of its own name.
 */
export interface Verdict {
  readonly candidate: string;
  readonly from: CandidateOrigin;
  readonly verdict:
    | 'taken'
    | 'missing'
    | 'not-executable'
    | 'is-self'
    | 'untrusted-folder'
    | 'script-of-itself';
  readonly detail?: string;
}

/** A verdict; for a candidate that was taken, with the identity of the file and the path without symlinks. */
export type Judgement = { readonly verdict: Verdict; readonly id?: FileId; readonly realPath?: string };

/** Examines one candidate. */
export function judgeCandidate(candidate: Candidate, self: PinnedPath, fs: FileSystem): Judgement {
  const { path, from } = candidate;
  const rejected = (verdict: Verdict['verdict'], detail?: string): Judgement => ({
    verdict: { candidate: path, from, verdict, ...(detail === undefined ? {} : { detail }) },
  });
  let stat: FileStat | undefined;
  try {
    stat = fs.stat(path);
  } catch (thrown) {
    return rejected('missing', errnoCode(thrown));
  }
  if (stat === undefined) return rejected('missing');
  if (stat.isDirectory) return rejected('not-executable', 'a folder');
  if (!stat.isFile) return rejected('not-executable', 'not a regular file');
  const realPath = realPathOf(path, fs);
  const reason = selfReason({ path, realPath }, stat, self, fs);
  if (reason !== undefined) return rejected('is-self', reason);
  if (!stat.executable) return rejected('not-executable', 'this user may not execute it');
  if (from === 'beside' && !isTrustedFolder(dirName(path), fs)) return rejected('untrusted-folder');
  if (isScriptOfItself(path, stat, fs)) return rejected('script-of-itself');
  return {
    verdict: { candidate: path, from, verdict: 'taken' },
    id: { dev: stat.dev, ino: stat.ino },
    ...(realPath === undefined ? {} : { realPath }),
  };
}

/**
 * Whether only root can create entries in a folder: it belongs to root and has no write bit for group or others. A sticky
 * bit protects a configuration that root put there, but not this file, which nobody has named: as long as there is none,
 * others can create one, or even link(2) one that belongs to root (if fs.protected_hardlinks is off).
 */
function isTrustedFolder(path: string, fs: FileSystem): boolean {
  try {
    const stat = fs.stat(path);
    return stat?.isDirectory === true && stat.uid === 0 && (stat.mode & 0o022) === 0;
  } catch (thrown) {
    errnoCode(thrown);
    return false;
  }
}
