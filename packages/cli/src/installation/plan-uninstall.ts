import { CONFIG_FILE } from '../config/config-files.js';
import { dirname, join } from '../system/paths.js';
import { manifestText } from './manifest.js';
import type { OwnUser } from './own-users.js';
import { planRestore } from './plan-place.js';
import type { FoundInstallation } from './read-installation.js';
import type { Step } from './steps.js';

/** What is to go beyond the installation. */
export interface UninstallOptions {
  /** The configuration that others wrote, and the log. */
  readonly purge: boolean;
  /** The files of the log. */
  readonly logs: readonly string[];
}

/** In three parts, between which is looked who is still running. */
export interface UninstallPlan {
  /** Says that it goes, and closes what nobody uses. */
  readonly leave: readonly Step[];
  /** Takes the way in from new calls. */
  readonly close: readonly Step[];
  /** All that is left, the manifest last, so that a killed command is gone on with. */
  readonly remove: readonly Step[];
}

/** What is left to be done until nothing is there. */
export function planUninstall(
  found: FoundInstallation,
  users: readonly OwnUser[],
  { purge, logs }: UninstallOptions,
): UninstallPlan {
  const { layout, manifest } = found;
  const remove = (path: string): Step => ({ do: 'remove-file', path });
  const removeTree = (path: string): Step => ({ do: 'remove-tree', path });
  const { checksum } = manifest?.configuration ?? {};
  const isOurConfiguration = found.configuration !== undefined && found.configuration === checksum;
  return {
    leave: [...planLeaving(found, users), ...found.places.filter(isFree(users)).flatMap(planRestore)],
    close: [
      ...found.places.filter((place) => !isFree(users)(place)).flatMap(planRestore),
      ...[...found.bin.keys()].map((name) => remove(join(layout.bin, name))),
    ],
    remove: [
      ...found.leftovers.map(removeTree),
      ...(isOurConfiguration && !purge ? [remove(CONFIG_FILE)] : []),
      ...(manifest?.configuration !== undefined && found.hasConfigurationFolder && !purge
        ? [{ do: 'remove-folder', path: dirname(CONFIG_FILE) } as const]
        : []),
      ...(found.current === undefined ? [] : [remove(layout.current)]),
      ...[layout.versions, layout.bin].filter((path) => found.folders.includes(path)).map(removeTree),
      ...found.stateFolders.map(removeTree),
      ...(purge && found.hasConfigurationFolder ? [removeTree(dirname(CONFIG_FILE))] : []),
      ...(purge ? logs.map(removeTree) : []),
      ...found.copiedAlong.map(remove),
      ...(manifest === undefined ? [] : [remove(layout.manifest)]),
      ...(found.folders.includes(layout.prefix)
        ? [{ do: 'remove-folder', path: layout.prefix } as const]
        : []),
    ],
  };
}

/** What is to be given up of an installation that stays. */
export function planGivingUp(found: FoundInstallation, paths: readonly string[]): readonly Step[] {
  const { manifest, layout } = found;
  if (manifest === undefined) return [];
  const isGivenUp = ({ path }: { readonly path: string }) => paths.includes(path);
  const places = manifest.places.filter((place) => !isGivenUp(place));
  if (places.length === manifest.places.length) return [];
  return [
    ...found.places.filter(isGivenUp).flatMap(planRestore),
    { do: 'write-manifest', path: layout.manifest, manifest: { ...manifest, places } },
  ];
}

/** Only the version that is called stays, and those that containers call by their own paths. */
function planLeaving(
  { layout, manifest, versions }: FoundInstallation,
  users: readonly OwnUser[],
): readonly Step[] {
  if (manifest === undefined) return [];
  const isUsed = ({ name }: { readonly name: string }) => users.some(({ version }) => version === name);
  const kept = manifest.versions.filter((version, index) => index === 0 || isUsed(version));
  const leaving = { ...manifest, versions: kept, isLeaving: true };
  const isWritten = manifestText(leaving) === manifestText(manifest);
  return [
    ...(isWritten ? [] : [{ do: 'write-manifest', path: layout.manifest, manifest: leaving } as const]),
    ...versions
      .filter(({ name }) => !kept.some((version) => version.name === name))
      .map(({ name }): Step => ({ do: 'remove-tree', path: join(layout.versions, name) })),
  ];
}

function isFree(users: readonly OwnUser[]) {
  return ({ path }: { readonly path: string }): boolean => !users.some(({ place }) => place === path);
}
