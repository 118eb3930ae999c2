import { basename, dirname, join } from '../system/paths.js';
import { isFailure, type System } from '../system/system.js';
import { textOf } from '../system/text.js';

/** Where the program is when nothing else is said (docs/adr/0004-installed-by-the-program.md). */
export const PREFIX = '/opt/ociwrap';

/** What engines call, and people. */
const PROGRAMS = ['oci-runtime-wrapper', 'ociwrap'] as const;

/** What stands below the prefix of an installation. */
export interface InstallationFacts {
  readonly prefix: string;
  /** The name of the version that calls get; undefined where nothing is installed. */
  readonly current?: string;
  /** All that are kept. */
  readonly versions: readonly string[];
  readonly hasManifest: boolean;
  /** Every name below `bin`, and whether a program is at the end of it. */
  readonly programs: readonly { readonly path: string; readonly isThere: boolean }[];
}

/** The prefix that a program was installed below, by its own path; the usual one for any other program. */
export function prefixOf(program: string): string {
  const versions = dirname(dirname(program));
  return basename(versions) === 'versions' ? dirname(versions) : PREFIX;
}

/** Looks below a prefix. */
export function installationFacts(system: System, prefix: string): InstallationFacts {
  const current = system.readlink(join(prefix, 'current'));
  const bin = join(prefix, 'bin');
  const names = new Set([...(isFailure(current) ? [] : PROGRAMS), ...listed(system, bin)]);
  return {
    prefix,
    ...(isFailure(current) ? {} : { current: basename(textOf(current)) }),
    versions: listed(system, join(prefix, 'versions')),
    hasManifest: !isFailure(system.lstat(join(prefix, 'manifest.json'))),
    programs: [...names].map((name) => ({
      path: join(bin, name),
      isThere: isProgram(system, join(bin, name)),
    })),
  };
}

function isProgram(system: System, path: string): boolean {
  const status = system.stat(path);
  return !isFailure(status) && status.type === 'file' && system.mayExecute(path);
}

function listed(system: System, folder: string): readonly string[] {
  const names = system.readdir(folder);
  return isFailure(names) ? [] : names.map(textOf).sort();
}
