import { MARKER_REACH, SELF_MARKER } from '@opencontainers-ts/runtime-resolver';

import { CliError } from '../cli-error.js';
import { readFile } from '../system/read-file.js';
import { answerOf, isFailure, type System } from '../system/system.js';
import { wordOf } from '../system/text.js';
import type { InstalledVersion } from './manifest.js';

/** The file that runs, read before anything is done: afterwards the root may be another one. */
export interface OwnProgram extends InstalledVersion {
  readonly bytes: Uint8Array;
}

/** How many digits of the checksum are in the name of a version. */
const NAMED_DIGITS = 12;

/**
 * Reads the program that runs.
 *
 * @throws CliError `ERR_INSTALLATION_PROGRAM` where it is not the packaged one, but Node.js with a script
 */
export function readOwnProgram(system: System, version: string): OwnProgram {
  const bytes = readFile(system, '/proc/self/exe');
  const program = isFailure(bytes) ? answerOf(readFile(system, system.exe().path), 'the program') : bytes;
  if (!isOwnProgram(program)) {
    throw new CliError('ERR_INSTALLATION_PROGRAM', 'this is not the packaged program, which is one file');
  }
  const checksum = checksumOf(system, program);
  return { name: versionName(version, checksum), checksum, bytes: program };
}

/** Whether it is this program, of whatever version. */
export function isOwnProgram(bytes: Uint8Array): boolean {
  return wordOf(bytes.subarray(0, MARKER_REACH)).includes(SELF_MARKER);
}

/** It tells files apart and finds what a disk has damaged; who may write there could as well write another one. */
export function checksumOf(system: System, bytes: Uint8Array): string {
  return system.fnv1a(bytes).toString(16).padStart(16, '0');
}

/** A version that is built anew has another name. */
export function versionName(version: string, checksum: string): string {
  return `${version}-${checksum.slice(0, NAMED_DIGITS)}`;
}

/** Whether a file is the one that the name of its version tells of. */
export function hasName(name: string, checksum: string): boolean {
  return name.endsWith(`-${checksum.slice(0, NAMED_DIGITS)}`);
}
