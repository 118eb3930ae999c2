import { errnoCode, type FileSystem, type PinnedPath } from './file-system.js';
import { absolutePath } from './path-text.js';
import { searchPathFor } from './search-path.js';
import { realPathOf, selfReason } from './self-check.js';

/**
 * The path by which the wrapper was called, without following symlinks: AT_EXECFN, which is what the kernel was given,
 * or else argv[0], in both cases only if it contains a slash. The caller looked up a bare name on PATH, so it is looked
 * up here too: the first entry that is this program. `undefined` if none of this leads to a path.
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
