import type { World } from '../../commands/world.js';
import { readConfigFiles } from '../../config/config-files.js';
import { handlerOf } from '../../config/handler-name.js';
import type { Settings } from '../../config/settings/settings.js';
import { WRAPPER_NAME } from '../../installation/layout.js';
import { type LastGoodPlace, whereLastGood } from './last-good-place.js';

/** A handler, and what its calls are told. */
export interface HandlerSettings {
  readonly handler: string;
  readonly settings: Settings;
  readonly lastGood: LastGoodPlace;
}

/**
 * The settings of each handler: of those that the configuration has something of its own for, and of those that calls are named after.
 *
 * @param names - by which engines call us
 */
export async function handlerSettings(
  world: Pick<World, 'system' | 'env' | 'settingsFor'>,
  names: readonly string[],
): Promise<readonly HandlerSettings[]> {
  const { system, env, settingsFor } = world;
  const called = names.flatMap((name) => handlerOf({ invokedAs: name }) ?? []);
  const handlers = [...new Set([...(await ownHandlers(world)), ...called])];
  return Promise.all(
    handlers.map(async (handler) => ({
      handler,
      settings: await settingsFor(`${WRAPPER_NAME}-${handler}`),
      lastGood: whereLastGood(system, env, handler),
    })),
  );
}

async function ownHandlers({ system, env }: Pick<World, 'system' | 'env'>): Promise<readonly string[]> {
  try {
    const files = readConfigFiles(system, env);
    if (files.texts.length === 0) return [];
    // A module of its own: whoever has no configuration never loads it.
    const { configuredHandlers } = await import('../../config/configured-handlers.js');
    return configuredHandlers(system, files);
  } catch {
    // What keeps the files from being read is the fault of the settings, and told as that.
    return [];
  }
}
