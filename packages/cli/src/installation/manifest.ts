import { printable } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';

/** Of the file; another one is not read. */
const FORMAT = 1;

/** An installed version. */
export interface InstalledVersion {
  /** The name of its folder: the version and the first digits of the checksum. */
  readonly name: string;
  readonly checksum: string;
}

/** A program whose place was taken. */
export interface TakenPlace {
  readonly path: string;
  /** Where it is now. */
  readonly original: string;
}

/** A file of which only its content is known. */
export interface PutFile {
  readonly path: string;
  readonly checksum: string;
}

/** What was installed, and what was changed elsewhere. It is written before the changes that it tells of. */
export interface Manifest {
  /** The one that is called, then those that are kept. */
  readonly versions: readonly InstalledVersion[];
  readonly handlers: readonly string[];
  readonly places: readonly TakenPlace[];
  /** The configuration, where it came with the installation. */
  readonly configuration?: PutFile;
  /** An uninstallation was begun, and containers were still running. */
  readonly isLeaving: boolean;
}

/** The file. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify({ format: FORMAT, ...manifest }, null, 2)}\n`;
}

/**
 * Reads the file.
 *
 * @throws CliError `ERR_INSTALLATION_MANIFEST`
 */
export function parseManifest(text: string, path: string): Manifest {
  const value = objectOf(parsed(text, path), path);
  if (value['format'] !== FORMAT) {
    const message = `${printable(path)} has the format ${printable(JSON.stringify(value['format']) ?? 'none')}, and not ${FORMAT}`;
    throw new CliError('ERR_INSTALLATION_MANIFEST', message, {
      hint: 'call the newer program that has written it (`bin/ociwrap` beside it)',
    });
  }
  const texts = (member: Record<string, unknown>, name: string) => textOf(member[name], path);
  const { configuration } = value;
  return {
    versions: listOf(value['versions'], path).map((each) => ({
      name: nameOf(texts(each, 'name'), path),
      checksum: texts(each, 'checksum'),
    })),
    handlers: arrayOf(value['handlers'], path).map((each) => nameOf(textOf(each, path), path)),
    places: listOf(value['places'], path).map((each) => ({
      path: absolute(texts(each, 'path'), path),
      original: absolute(texts(each, 'original'), path),
    })),
    ...(configuration === undefined ? {} : { configuration: putFile(objectOf(configuration, path), path) }),
    isLeaving: value['isLeaving'] === true,
  };
}

function putFile(value: Record<string, unknown>, path: string): PutFile {
  return { path: absolute(textOf(value['path'], path), path), checksum: textOf(value['checksum'], path) };
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse(path);
  }
}

function objectOf(value: unknown, path: string): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : refuse(path);
}

function arrayOf(value: unknown, path: string): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(path);
}

function listOf(value: unknown, path: string): readonly Record<string, unknown>[] {
  return arrayOf(value, path).map((each) => objectOf(each, path));
}

function textOf(value: unknown, path: string): string {
  return typeof value === 'string' && value !== '' && !value.includes('\0') ? value : refuse(path);
}

/** What becomes a name in a folder of ours must not lead out of it. */
function nameOf(name: string, path: string): string {
  return /^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(name) ? name : refuse(path);
}

function absolute(value: string, path: string): string {
  return value.startsWith('/') ? value : refuse(path);
}

function refuse(path: string): never {
  throw new CliError('ERR_INSTALLATION_MANIFEST', `${printable(path)} is not one that ociwrap has written`);
}
