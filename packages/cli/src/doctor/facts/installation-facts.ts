import { refusalLine, refusalOf } from '../../call/refusal.js';
import { installationFaults } from '../../installation/installation-faults.js';
import { binNames, DEFAULT_PREFIX, type Layout, layoutOf, PROGRAM_NAME } from '../../installation/layout.js';
import { type FoundInstallation, readInstallation } from '../../installation/read-installation.js';
import { basename, dirname, join } from '../../system/paths.js';
import { isFailure, type System } from '../../system/system.js';

/** What stands below the prefix of an installation (docs/adr/0004-installed-by-the-program.md). */
export interface InstallationFacts {
  readonly prefix: string;
  readonly isInstalled: boolean;
  /** The name of the version that calls get. */
  readonly current?: string;
  /** All that are kept. */
  readonly versions: readonly string[];
  /** Every name that engines call us by, and whether a program is at the end of it. */
  readonly programs: readonly { readonly path: string; readonly isThere: boolean }[];
  /** What `ociwrap status` tells, a sentence each, with the remedy. */
  readonly faults: readonly string[];
}

/** The prefix that a program was installed below, by its own path; the usual one for any other program. */
export function prefixOf(program: string): string {
  const versions = dirname(dirname(program));
  return basename(versions) === 'versions' ? dirname(versions) : DEFAULT_PREFIX;
}

/** Looks below a prefix, as `ociwrap status` does. */
export function installationFacts(system: System, prefix: string): InstallationFacts {
  const layout = layoutOf(prefix);
  let found: FoundInstallation;
  try {
    found = readInstallation(system, layout);
  } catch (error) {
    const faults = [refusalLine(refusalOf(error))];
    return { prefix, isInstalled: true, versions: [], programs: [], faults };
  }
  const { folder, manifest, current, versions } = found;
  const isInstalled = folder !== 'missing' && (manifest !== undefined || current !== undefined);
  return {
    prefix,
    isInstalled,
    ...(current === undefined ? {} : { current }),
    versions: versions.map(({ name }) => name),
    programs: isInstalled ? programsOf(system, layout, found) : [],
    faults: isInstalled ? installationFaults(found) : [],
  };
}

function programsOf(
  system: System,
  { bin }: Layout,
  { manifest, bin: links, places }: FoundInstallation,
): InstallationFacts['programs'] {
  const names = new Set([...binNames(manifest?.handlers ?? []), ...links.keys()]);
  names.delete(PROGRAM_NAME); // for people: no engine calls it
  const paths = [...[...names].map((name) => join(bin, name)), ...places.map(({ path }) => path)];
  return paths.map((path) => ({ path, isThere: isProgram(system, path) }));
}

function isProgram(system: System, path: string): boolean {
  const status = system.stat(path);
  return !isFailure(status) && status.type === 'file' && system.mayExecute(path);
}
