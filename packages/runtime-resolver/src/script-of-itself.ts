import { errnoCode, type FileId, type FileSystem } from './file-system.js';
import { baseName } from './path-text.js';
import { MARKER_REACH } from './self-check.js';

/**
 * Whether a `.real` is a shell script that calls a program of its own name, and so itself for ever. The GPU operator's
 * toolkit leaves such a script as `X`, which sets the environment and calls `X.real`; one that is moved over `X.real` forks
 * until the node is out of processes, and nothing in it passes the wrapper, which would count.
 *
 * A word of the script counts that ends in that name: by a path that leads back to the script, or that a variable is part
 * of, or looked up on PATH, on which such a script puts its own folder. A path to another file does not, nor does a comment.
 */
export function isScriptOfItself(path: string, id: FileId, fs: FileSystem): boolean {
  const name = baseName(path);
  if (!name.endsWith('.real')) return false;
  const [first = '', ...lines] = headOf(path, fs).split('\n');
  if (!first.startsWith('#!')) return false;
  return lines
    .filter((line) => !/^[ \t]*#/.test(line))
    .flatMap((line) => line.split(/[^A-Za-z0-9._+/-]+/))
    .some((word) => baseName(word) === name && leadsTo(word, id, fs));
}

/** What is no UTF-8 is part of no word that is looked for. */
function headOf(path: string, fs: FileSystem): string {
  try {
    const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
    return utf8.decode(fs.head(path, MARKER_REACH).subarray(0, MARKER_REACH));
  } catch (thrown) {
    errnoCode(thrown);
    return '';
  }
}

function leadsTo(word: string, id: FileId, fs: FileSystem): boolean {
  if (!word.startsWith('/')) return true;
  try {
    const found = fs.stat(word);
    return found === undefined || (found.dev === id.dev && found.ino === id.ino);
  } catch (thrown) {
    errnoCode(thrown);
    return true;
  }
}
