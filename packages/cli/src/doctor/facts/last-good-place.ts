import type { World } from '../../commands/world.js';
import { mainFile } from '../../config/config-files.js';
import { readRecord, type StateFolders } from '../../config/last-good.js';

/** Where what the last good configuration claims is kept. */
export type LastGoodPlace = 'on-disk' | 'in-memory' | 'none';

/** @param handler - of which; undefined: of calls under any other name */
export function whereLastGood(
  system: World['system'],
  env: World['env'],
  handler?: string,
  folders?: StateFolders,
): LastGoodPlace {
  const whose = handler === undefined ? {} : { handler: { name: handler } };
  const kept = readRecord(system, { main: mainFile(env), ...whose }, folders);
  if (kept?.lastGood === undefined) return 'none';
  return kept.isOnDisk ? 'on-disk' : 'in-memory';
}
