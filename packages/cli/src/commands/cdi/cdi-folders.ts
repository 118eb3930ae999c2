import type { CdiProblem, CdiRegistry } from '@opencontainers-ts/device-injector';

import { printable } from '@opencontainers-ts/runtime-spec';

import { resolve } from '../../system/paths.js';
import type { World } from '../world.js';

export type CdiWorld = Pick<World, 'cwd' | 'host' | 'paint' | 'readInput' | 'settings' | 'userId'>;

export interface FolderOptions {
  /** Folders of specs, later ones win; the configured ones if there is none. */
  readonly specDir: readonly string[];
}

/**
 * Loads the specs that a command is about. A folder that the caller names may be the caller's own: nothing that the
 * commands print is carried out.
 */
export async function loadFolders(
  { specDir }: FolderOptions,
  { cwd, host, settings, userId }: CdiWorld,
): Promise<CdiRegistry> {
  // Needed by few commands, and the YAML library is the larger half of it.
  const { loadCdiRegistry } = await import('@opencontainers-ts/device-injector');
  return specDir.length === 0
    ? loadCdiRegistry(host, settings.cdi.specDirs)
    : loadCdiRegistry(
        host,
        specDir.map((folder) => resolve(cwd, folder)),
        { owners: [...new Set([0, userId])] },
      );
}

/** One line about one problem, with as much of its place as is known: what editors make a link of. */
export function problemLine({ path, message, pointer, line, column }: CdiProblem): string {
  const place = line === undefined ? '' : `:${line}:${column ?? 1}`;
  const where = pointer === undefined ? '' : ` ${printable(pointer)}:`;
  // A message of the YAML library may have several lines.
  return `${printable(path)}${place}:${where} ${printable(message.replace(/\n\s*/g, ' '))}\n`;
}
