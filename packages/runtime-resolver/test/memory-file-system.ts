import type { FileStat, FileSystem, PinnedPath } from '../src/index.js';
import { SELF_MARKER } from '../src/index.js';

/** One name in a {@link memoryFileSystem}. Two files with the same `ino` are two names of one file. */
export type Entry =
  | { readonly kind: 'file'; readonly content?: string; readonly mode?: number; readonly ino?: number }
  | { readonly kind: 'link'; readonly to: string }
  | { readonly kind: 'folder'; readonly mode?: number; readonly uid?: number }
  | { readonly kind: 'device' }
  /** stat answers with this errno name. */
  | { readonly kind: 'error'; readonly code: string }
  /** May be executed, not read. */
  | { readonly kind: 'unreadable'; readonly mode?: number; readonly ino?: number };

export type Tree = Readonly<Record<string, Entry>>;

export const SELF_PATH = '/opt/ociwrap/bin/oci-runtime-wrapper';
const SELF_INO = 42;
/** The wrapper, as the tables place it: at {@link SELF_PATH}, by another name, as a copy. */
export const SELF: PinnedPath = { path: SELF_PATH, dev: 1n, ino: BigInt(SELF_INO) };
export const selfFile: Entry = { kind: 'file', content: `\x7fELF${SELF_MARKER}`, ino: SELF_INO };
export const selfCopy: Entry = { kind: 'file', content: `\x7fELF\xff\x00${SELF_MARKER}\x00` };
export const program: Entry = { kind: 'file', content: '\x7fELF real' };

/** A file system of whole paths. Folders need no entry: the parents of an entry are root's, mode 0755. */
export function memoryFileSystem(tree: Tree): FileSystem {
  const paths = Object.keys(tree);
  const isParent = (path: string) => path === '/' || paths.some((known) => known.startsWith(`${path}/`));

  function realpath(path: string, hops = 0): string | undefined {
    if (hops > 8) throw errno('ELOOP');
    let at = '';
    const names = path.split('/').filter((name) => name !== '' && name !== '.');
    for (const [index, name] of names.entries()) {
      at = name === '..' ? at.slice(0, at.lastIndexOf('/')) : `${at}/${name}`;
      const entry = tree[at];
      const last = index === names.length - 1;
      if (entry?.kind === 'link') {
        const target = entry.to.startsWith('/')
          ? entry.to
          : `${at.slice(0, at.lastIndexOf('/'))}/${entry.to}`;
        return realpath([target, ...names.slice(index + 1)].join('/'), hops + 1);
      }
      if (entry === undefined && !isParent(at)) return undefined;
      if (!last && entry !== undefined && entry.kind !== 'folder') return undefined;
    }
    return path.endsWith('/') && tree[at]?.kind === 'file' ? undefined : at || '/';
  }

  return {
    realpath: (path) => realpath(path),
    stat(path): FileStat | undefined {
      const real = realpath(path);
      if (real === undefined) return undefined;
      const entry = tree[real] ?? { kind: 'folder' };
      if (entry.kind === 'error') throw errno(entry.code);
      const isFile = entry.kind === 'file' || entry.kind === 'unreadable';
      const mode = 'mode' in entry ? (entry.mode ?? 0o755) : 0o755;
      const ino = 'ino' in entry ? entry.ino : undefined;
      return {
        dev: 1n,
        ino: BigInt(ino ?? 1000 + paths.indexOf(real)),
        isFile,
        isDirectory: entry.kind === 'folder',
        executable: (mode & 0o111) !== 0,
        uid: 'uid' in entry ? (entry.uid ?? 0) : 0,
        mode,
      };
    },
    head(path, bytes) {
      const entry = tree[realpath(path) ?? ''];
      if (entry?.kind !== 'file') throw errno('EACCES');
      return Uint8Array.from(entry.content ?? '', (character) => character.charCodeAt(0)).subarray(0, bytes);
    },
  };
}

function errno(code: string): Error {
  return Object.assign(new Error(code), { code });
}
