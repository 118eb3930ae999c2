import { checkExtent, SpecDocument } from '@opencontainers-ts/runtime-spec';
import { type BundleFile, readBundleConfig } from '@opencontainers-ts/runtime-spec/bundle';

import { basename, dirname, join, resolve } from '../system/paths.js';
import { bytesOf } from '../system/text.js';
import { readInputFile } from './read-input.js';
import { usageError } from './usage-error.js';
import type { World } from './world.js';

/** How a command line names a config.json. */
export interface NamedConfig {
  /** A file, the folder of a bundle, or `-` for standard input. */
  readonly file: string | undefined;
  /** The folder of a bundle. */
  readonly bundle: string | undefined;
}

export const FILE_POSITIONAL = {
  type: 'string',
  describe: 'config.json, bundle folder, record of a container, or - for standard input',
} as const;

export const BUNDLE_OPTION = {
  alias: 'b',
  type: 'string',
  requiresArg: true,
  describe: 'Bundle folder, in the place of FILE',
} as const;

/** The config.json that is meant: standard input, or a file in a folder. */
export type ConfigPlace = '-' | { readonly dir: string; readonly name: string; readonly path: string };

/**
 * Where the config.json stands that a command line names. All commands that look at one take the same ways to name it.
 *
 * @param otherwise - what is meant where nothing is named; left out, that is wrong usage
 * @throws CliError `ERR_USAGE`
 */
export function configPlace(
  { file, bundle }: NamedConfig,
  { cwd, host }: Pick<World, 'cwd' | 'host'>,
  otherwise?: '-',
): ConfigPlace {
  if (file !== undefined && bundle !== undefined) throw usageError('give FILE or --bundle DIR, not both');
  const named = file ?? bundle ?? otherwise;
  if (named === undefined) throw usageError('give a FILE, - for standard input, or --bundle DIR');
  // What a lone `-` is called here (withStandardInput).
  if (bundle === undefined && (named === '-' || named === '/dev/stdin')) return '-';
  const isFolder = bundle !== undefined || host.stat(resolve(cwd, named))?.isDirectory === true;
  const shown = isFolder ? join(named, 'config.json') : named;
  const whole = resolve(cwd, shown);
  return { dir: dirname(whole), name: basename(whole), path: shown };
}

/**
 * The bytes of that config.json, or of the one in a record around it.
 *
 * @throws CliError `ERR_INPUT_UNREADABLE`
 */
export function readConfigAt(place: ConfigPlace, world: Pick<World, 'readInput'>): Uint8Array {
  return configIn(readInputFile(place === '-' ? place : place.path, world));
}

/** The same as the file of a bundle; standard input is none, and is never written to. */
export function bundleFileAt(place: ConfigPlace, world: Pick<World, 'readInput' | 'system'>): BundleFile {
  if (place === '-') {
    const bytes = readConfigAt(place, world);
    return { dir: '/dev', name: 'stdin', bytes, id: { dev: 0n, ino: 0n }, mode: 0, uid: 0, gid: 0 };
  }
  const file = readBundleConfig(place.dir, place.name, world.system);
  return { ...file, bytes: configIn(file.bytes) };
}

/** Where records of engines have the spec that they make config.json of. */
const PLACES_IN_RECORDS = [
  // `ctr container info` (containerd, cmd/ctr/commands/containers: a container with its Spec decoded)
  '/Spec',
  // `crictl inspect`, for which containerd and CRI-O give it as verbose information (CRI, ContainerStatusResponse.info)
  '/info/runtimeSpec',
];

/**
 * A config.json, or the one that the record of a container has in it: of a container that was refused, the engine has removed
 * the bundle, and its record is all that is left. The spec keeps its bytes, its lines and its columns.
 */
function configIn(bytes: Uint8Array): Uint8Array {
  let document: SpecDocument;
  try {
    checkExtent(bytes, 'config.json');
    document = SpecDocument.parse(bytes);
  } catch {
    // What is no JSON, or too much of it, is for the reader of a config.json to tell.
    return bytes;
  }
  if (document.source('/ociVersion') !== undefined) return bytes;
  const place = PLACES_IN_RECORDS.find((pointer) => document.source(pointer)?.startsWith('{'));
  if (place === undefined) return bytes;
  const { line = 1, column = 1 } = document.position(place) ?? {};
  const before = '\n'.repeat(line - 1) + ' '.repeat(column - 1);
  return bytesOf(`${before}${document.source(place)}`);
}
