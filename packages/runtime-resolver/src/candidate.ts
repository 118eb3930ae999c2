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
 * What became of one candidate. `missing` is also said of a path that cannot be looked at (`detail` holds the errno
 * name), `untrusted-folder` of a `.real` in a folder in which another user than root could have put it,
 * `script-of-itself` of a `.real` that is a shell script and calls a program of its own name.
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

/** A verdict, with the file's identity and where its path leads when it was taken. */
export type Judgement = { readonly verdict: Verdict; readonly id?: FileId; readonly realPath?: string };

/** Looks at one candidate. */
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
  if (!stat.executable) return rejected('not-executable', 'not ours to execute');
  if (from === 'beside' && !isTrustedFolder(dirName(path), fs)) return rejected('untrusted-folder');
  if (isScriptOfItself(path, stat, fs)) return rejected('script-of-itself');
  return {
    verdict: { candidate: path, from, verdict: 'taken' },
    id: { dev: stat.dev, ino: stat.ino },
    ...(realPath === undefined ? {} : { realPath }),
  };
}

/**
 * Whether only root can put names into a folder: owned by root, no write bit for group or others. A sticky bit, which
 * makes a configuration that root has put there safe, is no help here: nobody has named this file. Where there is none yet
 * others can add one, and link(2) even one that belongs to root (where fs.protected_hardlinks is off).
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
