import { CONFIG_FILE } from '../config/config-files.js';
import { dirname, join } from '../system/paths.js';
import { readFile } from '../system/read-file.js';
import { answerOf, type Failure, isFailure, type System } from '../system/system.js';
import { textOf, wordOf } from '../system/text.js';
import { BIN_TARGET, binNames, currentTarget, type Layout, PROGRAM_NAME, WRAPPER_NAME } from './layout.js';
import { type Manifest, parseManifest } from './manifest.js';
import { checksumOf, hasName, isOwnProgram } from './own-program.js';
import { type FoundPlace, readPlace } from './read-place.js';
import { unsafeFolder } from './unsafe-folder.js';

/** A version below the prefix. */
export interface FoundVersion {
  readonly name: string;
  /** Of its program; undefined where it has none. */
  readonly checksum?: string;
  readonly isSound: boolean;
}

/** All that is there of an installation, as one value. */
export interface FoundInstallation {
  readonly layout: Layout;
  /** `other`: something that is not ours is in it. */
  readonly folder: 'missing' | 'ours' | 'other';
  /** Names in the prefix that are not ours. */
  readonly strangers: readonly string[];
  /** A folder above, or the prefix, that others may change. */
  readonly unsafe?: string;
  /** Those of the prefix, `versions` and `bin` that are there. */
  readonly folders: readonly string[];
  /** What calls and commands leave elsewhere: in memory, and in /var/lib. */
  readonly stateFolders: readonly string[];
  /** What the copy of `dist` had beside the program. */
  readonly copiedAlong: readonly string[];
  readonly hasConfigurationFolder: boolean;
  readonly manifest?: Manifest;
  readonly versions: readonly FoundVersion[];
  /** The name of the version that `current` leads to. */
  readonly current?: string;
  /** What is in `bin`: the targets of links, and nothing for what is none. */
  readonly bin: ReadonlyMap<string, string>;
  readonly places: readonly FoundPlace[];
  /** The checksum of the file that is the configuration. */
  readonly configuration?: string;
  /** What a killed command has left. */
  readonly leftovers: readonly string[];
}

/** Temporary files of replace-file.ts. */
const TEMPORARY = /^\.\d+-\d+$/;

const STATE_FOLDERS = ['/run/ociwrap', '/run/ociwrap-settings', '/var/lib/ociwrap'];

/** What stays of `dist` as it was installed by hand before there was a command for it. */
const COPIED_ALONG = ['LICENSE', 'THIRD-PARTY-LICENSES.txt'];

/**
 * Reads what is there.
 *
 * @param asked - paths whose place is to be taken, beyond those that the manifest has
 * @throws SystemError, CliError `ERR_INSTALLATION_MANIFEST`
 */
export function readInstallation(
  system: System,
  layout: Layout,
  asked: readonly string[] = [],
): FoundInstallation {
  const names = namesIn(system, layout.prefix);
  const manifest = readManifest(system, layout);
  const unsafe = unsafeFolder(system, layout.prefix);
  const inVersions = namesIn(system, layout.versions) ?? [];
  const inBin = namesIn(system, layout.bin) ?? [];
  const strangers = [
    ...(names ?? []).filter((name) => !isNameOfPrefix(name)),
    ...(names?.includes('bin') && manifest === undefined
      ? inBin.filter((name) => !isOurBin(system, layout, name)).map((name) => `bin/${name}`)
      : []),
  ];
  const current = linkIn(system, layout.current);
  const places = new Set([...(manifest?.places ?? []).map(({ path }) => path), ...asked]);
  const configuration = checksumAt(system, CONFIG_FILE);
  return {
    layout,
    folder:
      names === undefined ? 'missing' : manifest === undefined && strangers.length > 0 ? 'other' : 'ours',
    strangers,
    ...(unsafe === undefined ? {} : { unsafe }),
    folders: [layout.prefix, layout.versions, layout.bin].filter((path) => isThere(system, path)),
    copiedAlong: COPIED_ALONG.filter((name) => names?.includes(name) === true).map((name) =>
      join(layout.prefix, name),
    ),
    hasConfigurationFolder: isThere(system, dirname(CONFIG_FILE)),
    stateFolders: STATE_FOLDERS.filter((path) => isThere(system, path)),
    ...(manifest === undefined ? {} : { manifest }),
    versions: inVersions
      .filter((name) => !name.startsWith('.'))
      .map((name) => readVersion(system, layout, name)),
    ...(current?.startsWith(currentTarget('')) ? { current: current.slice(currentTarget('').length) } : {}),
    bin: new Map(inBin.filter(isBinName).map((name) => [name, linkIn(system, join(layout.bin, name)) ?? ''])),
    places: [...places].map((path) => readPlace(system, layout, path)),
    ...(configuration === undefined ? {} : { configuration }),
    leftovers: [
      ...leftIn(layout.prefix, names ?? []),
      ...leftIn(layout.versions, inVersions),
      ...leftIn(layout.bin, inBin),
      ...leftIn(dirname(CONFIG_FILE), (namesIn(system, dirname(CONFIG_FILE)) ?? []).filter(isTemporary)),
    ],
  };
}

const isTemporary = (name: string): boolean => TEMPORARY.test(name);

function leftIn(folder: string, names: readonly string[]): readonly string[] {
  return names
    .filter((name) => isTemporary(name) || (name.startsWith('.') && name.endsWith(`.${PROGRAM_NAME}`)))
    .map((name) => join(folder, name));
}

function isNameOfPrefix(name: string): boolean {
  return (
    ['versions', 'current', 'bin', 'manifest.json', '.lock', ...COPIED_ALONG].includes(name) ||
    leftIn('/', [name]).length > 0
  );
}

function isBinName(name: string): boolean {
  return name === PROGRAM_NAME || name === WRAPPER_NAME || name.startsWith(`${WRAPPER_NAME}-`);
}

/** A link of ours, of this layout or of the one before, or the program itself. */
function isOurBin(system: System, layout: Layout, name: string): boolean {
  if (leftIn('/', [name]).length > 0) return true;
  if (!isBinName(name)) return false;
  const target = linkIn(system, join(layout.bin, name));
  if (target !== undefined) return target === BIN_TARGET || target === WRAPPER_NAME;
  const bytes = readFile(system, join(layout.bin, name));
  return !isFailure(bytes) && isOwnProgram(bytes);
}

function readVersion(system: System, { versions }: Layout, name: string): FoundVersion {
  const path = join(versions, name, PROGRAM_NAME);
  const status = system.lstat(path);
  const checksum = isFailure(status) || status.type !== 'file' ? undefined : checksumAt(system, path);
  if (checksum === undefined || isFailure(status)) return { name, isSound: false };
  return { name, checksum, isSound: hasName(name, checksum) && (status.mode & 0o777) === 0o755 };
}

function readManifest(system: System, { manifest }: Layout): Manifest | undefined {
  const bytes = thereOf(readFile(system, manifest), manifest);
  return bytes === undefined ? undefined : parseManifest(textOf(bytes), manifest);
}

function checksumAt(system: System, path: string): string | undefined {
  const bytes = thereOf(readFile(system, path), path);
  return bytes === undefined ? undefined : checksumOf(system, bytes);
}

function isThere(system: System, path: string): boolean {
  return thereOf(system.lstat(path), path) !== undefined;
}

/** @returns undefined where there is no symlink */
function linkIn(system: System, path: string): string | undefined {
  const target = system.readlink(path);
  return isFailure(target) && target.errno === 'EINVAL'
    ? undefined
    : ((found) => (found === undefined ? undefined : wordOf(found)))(thereOf(target, path));
}

function namesIn(system: System, folder: string): readonly string[] | undefined {
  return thereOf(system.readdir(folder), folder)?.map(textOf);
}

/** @throws SystemError where it is there and cannot be read */
function thereOf<T>(answer: T | Failure, path: string): T | undefined {
  if (isFailure(answer) && (answer.errno === 'ENOENT' || answer.errno === 'ENOTDIR')) return undefined;
  return answerOf(answer, path);
}

/** The links that `bin` should have and has not, or has otherwise. */
export function missingLinks(
  { bin }: Pick<FoundInstallation, 'bin'>,
  handlers: readonly string[],
): readonly string[] {
  return binNames(handlers).filter((name) => bin.get(name) !== BIN_TARGET);
}
