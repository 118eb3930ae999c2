import { type LoadOptions, loadSettings as settingsOf } from '../config/settings/load-settings.js';
import type { Settings, SettingsInput } from '../config/settings/settings.js';
import { nodeSystem } from '../system/node-system.js';

/**
 * Loads the settings of a call. Never fails: a configuration that cannot be used gives settings with a `fault`, whose
 * one rule refuses what the last good configuration might have rewritten, and everything else as that said it.
 *
 * Without a configuration there is nothing to wait for, and no promise.
 *
 * @example
 * ```ts
 * import { loadSettings } from '@opencontainers-ts/cli';
 *
 * const { profile, fault } = await loadSettings({ env: { OCIWRAP_CONFIG: '/nowhere/c.toml' }, invokedAs: 'runc' });
 * console.log(profile, fault?.code); // sgs ERR_SETTINGS_MISSING
 * ```
 */
export function loadSettings(input: SettingsInput, options: LoadOptions = {}): Settings | Promise<Settings> {
  return settingsOf(nodeSystem(), input, options);
}
