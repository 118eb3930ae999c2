import { type OwnedEntry, trustedPath } from '@opencontainers-ts/rootfs-rewriter';
import { quoted } from '@opencontainers-ts/runtime-spec';
import { CliError, type CliErrorCode } from '../cli-error.js';
import type { FileStamp, WatchedFile } from '../fast-path/fast-path-table.js';
import { basename, dirname, join, resolve } from '../system/paths.js';
import { readAll, readFile } from '../system/read-file.js';
import {
  type Failure,
  type FileStatus,
  isFailure,
  OPEN,
  type System,
  SystemError,
} from '../system/system.js';
import { textOf } from '../system/text.js';
import { isHandlerName } from './handler-name.js';

/** Where the configuration is when nothing else is said. */
export const CONFIG_FILE = '/etc/ociwrap/config.toml';

/** The variable that names another main file; its drop-ins are in `conf.d` beside it. */
export const CONFIG_VARIABLE = 'OCIWRAP_CONFIG';

/** The folder of drop-ins, beside the main file. */
const DROP_INS = 'conf.d';

/** The folder of what handlers have of their own, beside it: `NAME.toml`. */
const HANDLERS = 'handler.d';

/** One file of the configuration, as read. */
export interface ConfigText {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Every file, folder and symlink that was looked at, as it was before it was read: also those on the way, whose owner,
 * mode or target decides whether what lies behind is believed, and which file that is.
 */
export type Looks = Map<string, WatchedFile>;

/** The files that make the configuration, in the order in which they are merged. */
export interface ConfigFiles {
  readonly main: string;
  /** The handler that they are read for, and the file that is its own, whether it is there or not. */
  readonly handler?: { readonly name: string; readonly file: string };
  readonly texts: readonly ConfigText[];
  readonly watched: Looks;
}

/** The main file of a call. */
export function mainFile(env: Readonly<Record<string, string | undefined>>): string {
  return env[CONFIG_VARIABLE] || CONFIG_FILE;
}

/**
 * Reads the configuration, of a handler with what is its own. Where there is none, which is what most nodes have, that costs one system call.
 *
 * @returns no texts when there is no configuration
 * @throws CliError `ERR_SETTINGS_MISSING`, `ERR_SETTINGS_UNREADABLE`, `ERR_SETTINGS_UNTRUSTED`
 */
export function readConfigFiles(
  system: System,
  env: Readonly<Record<string, string | undefined>>,
  handler?: string,
): ConfigFiles {
  const main = mainFile(env);
  const isNamed = main !== CONFIG_FILE;
  if (!main.startsWith('/')) {
    throw new CliError(
      'ERR_SETTINGS_MISSING',
      `${CONFIG_VARIABLE} is not an absolute path: ${quoted(main)}`,
      {
        details: { path: main },
      },
    );
  }
  const folder = main.slice(0, main.lastIndexOf('/')) || '/';
  const dropIns = join(folder, DROP_INS);
  const own =
    handler === undefined ? undefined : { name: handler, file: join(folder, HANDLERS, `${handler}.toml`) };
  const watched: Looks = new Map();
  if (!isNamed && entryAt(system, folder, watched) === undefined) {
    return { main, ...(own && { handler: own }), texts: [], watched };
  }
  const text = readTrustedFile(system, main, watched);
  if (text === undefined) refuseLostLink(system, main);
  if (text === undefined && isNamed) {
    throw new CliError(
      'ERR_SETTINGS_MISSING',
      `${CONFIG_VARIABLE} names ${quoted(main)}, which is not there`,
      {
        details: { path: main },
      },
    );
  }
  const more = dropInNames(system, dropIns, watched).map((name) => `${dropIns}/${name}`);
  if (own !== undefined) more.push(own.file);
  const files = more.map((path) => ({ path, bytes: readTrustedFile(system, path, watched) }));
  for (const { path, bytes } of files) if (bytes === undefined) refuseLostLink(system, path);
  const texts = [{ path: main, bytes: text }, ...files].filter(
    (file): file is ConfigText => file.bytes !== undefined,
  );
  return { main, ...(own && { handler: own }), texts, watched };
}

/** The handlers that have a file of their own, in the order of their names. */
export function handlersWithFiles(system: System, main: string): readonly string[] {
  const names = dropInNames(system, join(dirname(main), HANDLERS), new Map());
  return names.map((name) => name.slice(0, -'.toml'.length)).filter(isHandlerName);
}

/**
 * The configuration as {@link readConfigFiles} reads it, or one file as if it were the whole of it, whoever owns that:
 * it is being written, not used.
 *
 * @param handler - the one that it is read for
 * @param given - the bytes of the file, where they were read already
 * @throws CliError as {@link readConfigFiles}
 */
export function checkedFiles(
  system: System,
  env: Readonly<Record<string, string | undefined>>,
  file?: string,
  given?: Uint8Array,
  handler?: string,
): ConfigFiles {
  if (file === undefined) return readConfigFiles(system, env, handler);
  const bytes = given ?? readFile(system, file);
  if (isFailure(bytes)) throw unreadable(file, bytes.errno, bytes);
  const texts = [{ path: file, bytes }];
  const whole = resolve(textOf(system.cwd() ?? new Uint8Array()), file);
  // A file in a folder of drop-ins is a drop-in, and one in that of handlers a handler's, also while it is being written.
  const folder = basename(dirname(whole));
  const above = join(dirname(dirname(whole)), basename(CONFIG_FILE));
  const name = basename(whole).replace(/\.toml$/, '');
  if (folder === HANDLERS && isHandlerName(name)) {
    return { main: above, handler: { name, file }, texts, watched: new Map() };
  }
  const own = handler === undefined ? {} : { handler: { name: handler, file: '' } };
  return { main: folder === DROP_INS ? above : file, ...own, texts, watched: new Map() };
}

/**
 * The bytes of a regular file that only root can change, symlinks on the way included.
 *
 * @param looks - takes in what the outcome depends on
 * @returns undefined when it is not there
 * @throws CliError `ERR_SETTINGS_UNREADABLE`, `ERR_SETTINGS_UNTRUSTED`
 */
export function readTrustedFile(system: System, path: string, looks?: Looks): Uint8Array | undefined {
  const found = trusted(system, path, looks);
  if (found === undefined) return undefined;
  if (found.entry.type !== 'file') throw unreadable(path, 'not a regular file');
  const flags = OPEN.read + OPEN.noFollow + OPEN.nonBlocking + OPEN.noControllingTerminal;
  const fd = unlessMissing(path, system.open(found.real, flags));
  if (fd === undefined) return undefined;
  try {
    const { uid, mode } = readable(path, system.fstat(fd));
    // Only root can have changed it since it was looked at; a look costs nothing.
    if (uid !== 0 || (mode & 0o022) !== 0) throw untrusted(path, `${quoted(path)} was replaced meanwhile`);
    return readable(path, readAll(system, fd));
  } finally {
    system.close(fd); // nothing was written that it could lose
  }
}

function dropInNames(system: System, folder: string, looks: Looks): readonly string[] {
  const found = trusted(system, folder, looks);
  if (found === undefined) {
    refuseLostLink(system, folder);
    return [];
  }
  if (found.entry.type !== 'directory') throw unreadable(folder, 'not a folder');
  const names = (unlessMissing(folder, system.readdir(found.real)) ?? []).map(textOf);
  // By bytes, so that the order is the same in every locale; hidden files are what editors leave.
  return names.filter((name) => name.endsWith('.toml') && !name.startsWith('.')).sort();
}

/** Of a path that leads to nothing: a symlink on it says that there is a configuration, and its rules must not be lost. */
function refuseLostLink(system: System, path: string): void {
  const there = unlessMissing(path, system.lstat(path));
  if (there === undefined) {
    if (path !== '/') refuseLostLink(system, dirname(path));
    return;
  }
  if (isFailure(system.stat(path))) throw unreadable(path, 'it is a symlink that leads nowhere');
}

function trusted(
  system: System,
  path: string,
  looks: Looks | undefined,
): { readonly real: string; readonly entry: OwnedEntry } | undefined {
  const found = trustedPath(path, (step) => entryAt(system, step, looks));
  if ('missing' in found) return undefined;
  if ('untrusted' in found) throw untrusted(path, `${quoted(found.untrusted)} ${found.why}`);
  return found;
}

function entryAt(system: System, path: string, looks: Looks | undefined): OwnedEntry | undefined {
  const status = unlessMissing(path, system.lstat(path));
  // Of several looks the first: what has changed since is not as it was.
  if (looks?.has(path) === false) looks.set(path, { path, ...(status && { stamp: stampOf(status) }) });
  if (status === undefined) return undefined;
  const { type, uid, mode } = status;
  if (type === 'symlink') {
    const target = readable(path, system.readlink(path));
    return { type, uid, mode, target: textOf(target) };
  }
  return { type: type === 'file' || type === 'directory' ? type : 'other', uid, mode };
}

function stampOf({ dev, ino, size, ctimeNs }: FileStatus): FileStamp {
  return { dev, ino, size, ctimeNs };
}

/** Gives undefined for what is not there. What cannot be looked at is there, for all we know. */
function unlessMissing<T>(path: string, answer: T | Failure): T | undefined {
  const isMissing = isFailure(answer) && (answer.errno === 'ENOENT' || answer.errno === 'ENOTDIR');
  return isMissing ? undefined : readable(path, answer);
}

function readable<T>(path: string, answer: T | Failure): T {
  if (isFailure(answer)) throw unreadable(path, answer.errno, answer);
  return answer;
}

function unreadable(path: string, why: string, failure?: Failure): CliError {
  const cause = failure && new SystemError(failure, path);
  return fault('ERR_SETTINGS_UNREADABLE', path, `cannot read ${quoted(path)}: ${why}`, cause);
}

function untrusted(path: string, why: string): CliError {
  const through = why.startsWith(`${quoted(path)} `) ? '' : `cannot use ${quoted(path)}: `;
  return fault('ERR_SETTINGS_UNTRUSTED', path, `${through}${why}`);
}

function fault(code: CliErrorCode, path: string, message: string, cause?: unknown): CliError {
  return new CliError(code, message, { details: { path }, ...(cause === undefined ? {} : { cause }) });
}
