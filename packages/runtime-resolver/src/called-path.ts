import { errnoCode, type FileSystem, type PinnedPath } from './file-system.js';
import { absolutePath } from './path-text.js';
import { searchPathFor } from './search-path.js';
import { realPathOf, selfReason } from './self-check.js';

/**
 * The path by which the wrapper was called, symlinks not followed: AT_EXECFN, what the kernel was given; else
 * argv[0]; each only with a slash in it. A bare name was looked up on PATH by the caller, and so it is here: the
 * first entry that is this program. `undefined` when nothing of this leads to a path.
 */
export function calledPath(
  query: {
    readonly invokedAs: string;
    readonly execFn?: string;
    readonly cwd: string;
    readonly self: PinnedPath;
    readonly env: Readonly<Record<string, string | undefined>>;
  },
  fs: FileSystem,
): string | undefined {
  const names = [query.execFn ?? '', query.invokedAs];
  const path = names.find((name) => name.includes('/'));
  if (path !== undefined) return absolutePath(path, query.cwd);
  const name = names.find((text) => text !== '');
  if (name === undefined) return undefined;
  return searchPathFor(name, query.env).find((found) => isSelf(found, query.self, fs));
}

function isSelf(path: string, self: PinnedPath, fs: FileSystem): boolean {
  try {
    const stat = fs.stat(path);
    return (
      stat?.isFile === true &&
      selfReason({ path, realPath: realPathOf(path, fs) }, stat, self, fs) !== undefined
    );
  } catch (thrown) {
    errnoCode(thrown);
    return false;
  }
}
