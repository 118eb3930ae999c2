import { printable } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { CONFIG_FILE } from '../config/config-files.js';
import { join } from '../system/paths.js';
import { BIN_TARGET, binNames, currentTarget } from './layout.js';
import { type InstalledVersion, type Manifest, manifestText } from './manifest.js';
import { planPlace } from './plan-place.js';
import { type FoundInstallation, missingLinks } from './read-installation.js';
import { wrapperPath } from './read-place.js';
import { refuseFolder } from './refuse-folder.js';
import type { Step } from './steps.js';

/** What is to be there. */
export interface WantedInstallation {
  readonly version: InstalledVersion;
  /** Beyond those that are there already. */
  readonly places: readonly string[];
  readonly handlers: readonly string[];
  /** The checksum of the configuration that is to be put there. */
  readonly configuration?: string;
  /** Names of versions that containers still call by a path of their own. */
  readonly inUse: readonly string[];
}

/** The current one, and the one before. */
const KEPT_VERSIONS = 2;

/**
 * What is left to be done until a version is installed; nothing where it is.
 *
 * @throws CliError where it would change what is not ours
 */
export function planInstall(found: FoundInstallation, wanted: WantedInstallation): readonly Step[] {
  refuseFolder(found);
  const manifest = manifestOf(found, wanted);
  return [
    ...stepsTo(found, manifest),
    ...(wanted.configuration === undefined ? [] : planConfiguration(found, wanted.configuration)),
  ];
}

/**
 * What is left to be done until all is as a manifest says, whose first version is there, or is the program that runs. The link
 * `current` is flipped after all that it leads to is there; what nobody needs any more goes last.
 */
export function stepsTo(found: FoundInstallation, manifest: Manifest): readonly Step[] {
  const { layout } = found;
  const [current] = manifest.versions;
  if (current === undefined) return [];
  const isThere = found.versions.some(({ name, isSound }) => name === current.name && isSound);
  const isWritten = found.manifest !== undefined && manifestText(found.manifest) === manifestText(manifest);
  const kept = manifest.versions.map(({ name }) => name);
  const wantedNames = binNames(manifest.handlers);
  return [
    ...found.leftovers.map((path): Step => ({ do: 'remove-tree', path })),
    ...[layout.prefix, layout.versions, layout.bin]
      .filter((path) => !found.folders.includes(path))
      .map((path): Step => ({ do: 'make-folder', path })),
    ...(isThere
      ? []
      : [{ do: 'write-version', path: join(layout.versions, current.name), version: current } as const]),
    ...(isWritten ? [] : [{ do: 'write-manifest', path: layout.manifest, manifest } as const]),
    ...(found.current === current.name
      ? []
      : [{ do: 'link', path: layout.current, target: currentTarget(current.name) } as const]),
    ...missingLinks(found, manifest.handlers).map(
      (name): Step => ({ do: 'link', path: join(layout.bin, name), target: BIN_TARGET }),
    ),
    ...found.places.flatMap((place) => {
      const isOurs = found.manifest?.places.some(({ path }) => path === place.path) === true;
      return planPlace(place, { target: wrapperPath(layout), isOurs });
    }),
    ...[...found.bin.keys()]
      .filter((name) => !wantedNames.includes(name))
      .map((name): Step => ({ do: 'remove-file', path: join(layout.bin, name) })),
    ...found.versions
      .filter(({ name }) => !kept.includes(name))
      .map(({ name }): Step => ({ do: 'remove-tree', path: join(layout.versions, name) })),
  ];
}

function manifestOf(
  { manifest, versions, current }: FoundInstallation,
  { version, places, handlers, configuration, inUse }: WantedInstallation,
): Manifest {
  const known = new Map(
    versions.flatMap(({ name, checksum, isSound }) =>
      checksum === undefined || !isSound ? [] : [[name, { name, checksum }] as const],
    ),
  );
  const before = [current, ...(manifest?.versions ?? []).map(({ name }) => name)].filter(
    (name): name is string => name !== undefined && name !== version.name && known.has(name),
  );
  const kept = new Set([...before.slice(0, KEPT_VERSIONS - 1), ...inUse.filter((name) => known.has(name))]);
  kept.delete(version.name);
  const allPlaces = new Set([...(manifest?.places ?? []).map(({ path }) => path), ...places]);
  const file =
    configuration === undefined ? manifest?.configuration : { path: CONFIG_FILE, checksum: configuration };
  return {
    versions: [
      { name: version.name, checksum: version.checksum },
      ...[...kept].flatMap((name) => known.get(name) ?? []),
    ],
    handlers: [...new Set([...(manifest?.handlers ?? []), ...handlers])].sort(),
    places: [...allPlaces].map((path) => ({ path, original: `${path}.real` })),
    ...(file === undefined ? {} : { configuration: file }),
    isLeaving: false,
  };
}

/** A configuration that somebody has written or changed stays as it is. */
function planConfiguration({ manifest, configuration }: FoundInstallation, wanted: string): readonly Step[] {
  if (configuration === wanted) return [];
  if (configuration !== undefined && configuration !== manifest?.configuration?.checksum) {
    const message = `${printable(CONFIG_FILE)} is there, and is not as an installation has put it there`;
    throw new CliError('ERR_INSTALLATION_CONFIGURATION', message, { details: { path: CONFIG_FILE } });
  }
  return [{ do: 'write-configuration', path: CONFIG_FILE, checksum: wanted }];
}
