import type { ConfigFiles } from '../../src/config/config-files.js';
import type { TellLine } from '../../src/config/rules/module-output.js';
import type { ReadFile } from '../../src/config/rules/rule-module.js';
import { configuredSettings } from '../../src/config/settings/configured-settings.js';
import type { SettingsInput } from '../../src/config/settings/settings.js';
import { nodeSystem } from '../../src/system/node-system.js';

export const FILE = '/etc/ociwrap/config.toml';

/** Files of a configuration that were never on a disk. */
export function configFiles(texts: Readonly<Record<string, string | Uint8Array>>): ConfigFiles {
  return {
    main: FILE,
    texts: Object.entries(texts).map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
    watched: new Map(),
  };
}

/** The settings that one text, or several files, give. */
export async function settingsOf(
  texts: string | Readonly<Record<string, string | Uint8Array>>,
  input: Partial<SettingsInput> = {},
  readModule?: ReadFile,
  more: { readonly tell?: TellLine } = {},
) {
  const files = configFiles(typeof texts === 'string' ? { [FILE]: texts } : texts);
  const modules = { ...(readModule === undefined ? {} : { read: readModule }), ...more };
  return configuredSettings(nodeSystem(), files, { env: {}, invokedAs: 'runc', ...input }, modules);
}
