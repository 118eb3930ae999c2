import type { RuntimeVersion } from '@opencontainers-ts/rootfs-rewriter';

import { readTrustedFile } from '../config/config-files.js';
import { keepStateFile, STATE_FOLDER } from '../config/state-file.js';
import { join } from '../system/paths.js';
import type { FileStatus, System } from '../system/system.js';
import { textOf } from '../system/text.js';

/** What tells one state of a file from every other. */
export type FileIdentity = Pick<FileStatus, 'dev' | 'ino' | 'size' | 'ctimeNs'>;

/** A version, and the text that stands for the file that it is of. */
interface KeptVersion extends RuntimeVersion {
  readonly file: string;
}

const FORMAT = 1;

/** A node has few runtimes, and each of their updates is a file of its own. */
const MOST_KEPT = 8;

/**
 * The version that was kept for a file, if it is still the same file.
 *
 * @returns undefined also where what is kept is not to be believed: then the runtime is asked again
 */
export function keptVersion(
  system: System,
  file: FileIdentity,
  folder: string = STATE_FOLDER,
): RuntimeVersion | undefined {
  const wanted = textFor(file);
  const found = readKept(system, folder).find((each) => each.file === wanted);
  return found === undefined ? undefined : { name: found.name, version: found.version };
}

/** Keeps it, in the place of the oldest where there are many. That it cannot be kept costs the next call a start of the runtime. */
export function keepVersion(
  system: System,
  file: FileIdentity,
  { name, version }: RuntimeVersion,
  folder: string = STATE_FOLDER,
): void {
  const text = textFor(file);
  const others = readKept(system, folder).filter((each) => each.file !== text);
  const versions = [...others.slice(1 - MOST_KEPT), { file: text, name, version }];
  keepStateFile(system, pathIn(folder), JSON.stringify({ format: FORMAT, versions }));
}

function readKept(system: System, folder: string): readonly KeptVersion[] {
  try {
    const bytes = readTrustedFile(system, pathIn(folder));
    if (bytes === undefined) return [];
    const { format, versions } = JSON.parse(textOf(bytes));
    return format === FORMAT && Array.isArray(versions) ? versions.filter(isKept) : [];
  } catch {
    // Torn, or another's.
    return [];
  }
}

function isKept(value: unknown): value is KeptVersion {
  if (typeof value !== 'object' || value === null) return false;
  const { file, name, version } = value as Readonly<Record<string, unknown>>;
  return typeof file === 'string' && typeof name === 'string' && typeof version === 'string';
}

function textFor({ dev, ino, size, ctimeNs }: FileIdentity): string {
  return [dev, ino, size, ctimeNs].join(' ');
}

function pathIn(folder: string): string {
  return join(folder, 'runtime-versions');
}
