import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { readAll } from '../system/read-file.js';
import { answerOf, isFailure, OPEN, type System } from '../system/system.js';
import { bytesOf, wordOf } from '../system/text.js';
import { writeAll } from '../system/write-all.js';
import { inFolder, OUR_FOLDER, openBelow, STRICTLY } from './volume-folder.js';

/** Longer than any that we write; a container may have put anything there. */
const LONGEST_RECORD = 64n * 1024n;

/** Who uses an upper. The kernel says whether it is in use; this only says by whom. On a file system of several nodes it is a lease. */
export interface UseRecord {
  readonly version: 1;
  /** The id that the runtime was given. */
  readonly container: string;
  /** `namespace/pod/container`, as far as the engine says it. */
  readonly user: string;
  /** The name of the node, from `/proc/sys/kernel/hostname`. */
  readonly node: string;
  /** `/proc/sys/kernel/random/boot_id`: another one means that the machine was started anew. */
  readonly bootId: string;
  /** ISO 8601. */
  readonly since: string;
  readonly strategy: 'overlay';
}

/** Which image an upper lies above, or a volume was filled from. */
export interface ImageIdentity {
  /** As the engine calls it, if it does. */
  readonly name: string | null;
  /** Of its content; see image-identity.ts. */
  readonly fingerprint: string;
}

/** The records on a volume, by the names of their files. */
export type RecordName = 'use.json' | 'image.json' | 'seed.json' | 'reset.json';

/**
 * A record in the folder of ours on a volume, as the JSON value that it is. The caller checks its members.
 *
 * @param volume - the volume's top, open
 * @returns undefined where there is none
 * @throws CliError `ERR_VOLUME_RECORD` for what is no record: no regular file, too long, no JSON
 * @throws SystemError
 */
export function readRecord(system: System, volume: number, name: RecordName): unknown {
  const folder = openOurs(system, volume);
  if (folder === undefined) return undefined;
  try {
    return readIn(system, folder, name);
  } finally {
    system.close(folder);
  }
}

/** A container may have put anything there, and to open a device has effects: what is there is looked at first. */
function readIn(system: System, folder: number, name: string): unknown {
  const found = system.openat2(folder, name, 'path', STRICTLY);
  if (isFailure(found) && found.errno === 'ENOENT') return undefined;
  if (isFailure(found) && found.errno === 'ELOOP') throw noRecord(name, 'is no regular file');
  const place = answerOf(found, name);
  try {
    const { type, size } = answerOf(system.fstat(place), name);
    if (type !== 'file') throw noRecord(name, 'is no regular file');
    if (size > LONGEST_RECORD) throw noRecord(name, `has ${size} bytes`);
    const file = answerOf(system.open(`/proc/self/fd/${place}`, OPEN.read), name);
    try {
      return parsed(system, file, name);
    } finally {
      system.close(file);
    }
  } finally {
    system.close(place);
  }
}

function openOurs(system: System, volume: number): number | undefined {
  try {
    return openBelow(system, volume, OUR_FOLDER);
  } catch (cause) {
    const { code } = cause as { readonly code?: unknown };
    if (code !== 'ELOOP' && code !== 'ENOTDIR') throw cause;
    throw new CliError('ERR_VOLUME_RECORD', `${quoted(OUR_FOLDER)} at the top of the volume is no folder`, {
      cause,
    });
  }
}

function parsed(system: System, file: number, name: string): unknown {
  const text = wordOf(answerOf(readAll(system, file), name));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw noRecord(name, 'is not JSON', cause);
  }
}

function noRecord(name: string, what: string, cause?: unknown): CliError {
  return new CliError(
    'ERR_VOLUME_RECORD',
    `the record ${quoted(`${OUR_FOLDER}/${name}`)} on the volume ${what}`,
    {
      ...(cause === undefined ? {} : { cause }),
      details: { record: name },
    },
  );
}

/**
 * Writes a record whole: to a temporary file beside it, then renamed.
 *
 * @param flush - it must be whole after a crash of the machine, too
 * @throws SystemError
 */
export function writeRecord(
  system: System,
  volume: number,
  name: RecordName,
  value: object,
  { flush = false } = {},
): void {
  const folder = openOrMakeOurs(system, volume);
  try {
    const [path, fresh] = [inFolder(folder, name), inFolder(folder, `${name}.new`)];
    // Of a call that was killed. Whoever writes holds the lock of the volume.
    system.unlink(fresh);
    const file = answerOf(
      system.open(fresh, OPEN.write + OPEN.create + OPEN.exclusive + OPEN.noFollow, 0o600),
      name,
    );
    try {
      answerOf(writeAll(system, file, bytesOf(`${JSON.stringify(value)}\n`)), name);
      if (flush) answerOf(system.fsync(file), name);
    } finally {
      system.close(file);
    }
    answerOf(system.rename(fresh, path), name);
    if (flush) answerOf(system.fsync(folder), name);
  } finally {
    system.close(folder);
  }
}

/** Removes a record; one that is not there is none. */
export function removeRecord(system: System, volume: number, name: RecordName): void {
  const folder = openOurs(system, volume);
  if (folder === undefined) return;
  try {
    const failure = system.unlink(inFolder(folder, name));
    if (failure !== undefined && failure.errno !== 'ENOENT') answerOf(failure, name);
  } finally {
    system.close(folder);
  }
}

/** The folder of ours, for root alone. The umask is the caller's, and may take away what root itself needs. */
export function openOrMakeOurs(system: System, volume: number): number {
  const there = openOurs(system, volume);
  if (there !== undefined) return there;
  const made = system.mkdir(inFolder(volume, OUR_FOLDER), 0o700);
  if (made !== undefined && made.errno !== 'EEXIST') answerOf(made, OUR_FOLDER);
  const folder = openOurs(system, volume);
  if (folder === undefined)
    throw new CliError('ERR_HOST_CHANGED', `${quoted(OUR_FOLDER)} on the volume went away`);
  answerOf(system.fchmod(folder, 0o700), OUR_FOLDER);
  return folder;
}

/** The record of who uses an upper; undefined for none, and for what is none of ours: nothing depends on it. */
export function readUse(system: System, volume: number): UseRecord | undefined {
  let value: unknown;
  try {
    value = readRecord(system, volume, 'use.json');
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
  return isUse(value) ? value : undefined;
}

function isUse(value: unknown): value is UseRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { version, strategy, ...rest } = value as Record<string, unknown>;
  return (
    version === 1 &&
    strategy === 'overlay' &&
    ['container', 'user', 'node', 'bootId', 'since'].every((name) => typeof rest[name] === 'string')
  );
}

/** The image that an upper was made above; undefined for none, and for what is none of ours. */
export function readImage(system: System, volume: number): ImageIdentity | undefined {
  let value: unknown;
  try {
    value = readRecord(system, volume, 'image.json');
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { version, name, fingerprint } = value as Record<string, unknown>;
  const isName = name === null || typeof name === 'string';
  return version === 1 && isName && typeof fingerprint === 'string' ? { name, fingerprint } : undefined;
}
