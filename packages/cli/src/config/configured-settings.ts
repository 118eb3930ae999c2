import { resolve } from 'node:path';

import { ConfigFault, settingsError } from './config-fault.js';
import { type ConfigFiles, readTrustedFile } from './config-files.js';
import { configuredRules } from './configured-rules.js';
import type { LastGood } from './last-good.js';
import { mergeConfig } from './merge-config.js';
import { parseConfig } from './parse-config.js';
import { joinTriggers } from './refusing-rule.js';
import { type ConfigValues, resolveSettings } from './resolve-settings.js';
import type { ReadFile } from './rule-module.js';
import type { Settings, SettingsInput } from './settings.js';

/** Settings that files decide, and what to keep of them. */
export interface ConfiguredSettings {
  readonly settings: Settings;
  readonly lastGood: LastGood;
}

/**
 * Settings from the files of a configuration.
 *
 * @param readModule - how a rule module is read; by default {@link readTrustedFile}
 * @throws CliError `ERR_SETTINGS_SYNTAX`, `ERR_SETTINGS_INVALID`, `ERR_RULE_MODULE`, with file, line and key; what
 *   {@link readConfigFiles} throws, for rule modules
 */
export async function configuredSettings(
  files: ConfigFiles,
  input: SettingsInput,
  readModule?: ReadFile,
): Promise<ConfiguredSettings> {
  try {
    const { table, origins, rules: written } = mergeConfig(files.texts.map(parseConfig));
    const source = { table: table as ConfigValues, origins };
    const resolved = resolveSettings(source, input);
    const watched = new Map(files.watched);
    const read = readModule ?? ((path: string) => readTrustedFile(absolute(path), watched));
    const made = await configuredRules({ rules: written, origins }, resolved, read);
    const ofFiles = made.filter(({ from }) => from.origin.from === 'file').map(({ rule }) => rule.triggers);
    return {
      settings: {
        ...resolved,
        rules: made.map(({ rule }) => rule),
        ruleOrigins: made.map(({ from }) => from),
        watched: [...watched.values()],
      },
      lastGood: { ...source, triggers: joinTriggers(ofFiles) },
    };
  } catch (error) {
    throw error instanceof ConfigFault ? settingsError(error, await lineOf(error, files)) : error;
  }
}

/** TOML's parser keeps no places; another one, loaded only now, finds the line. */
async function lineOf(
  { file, path, line }: ConfigFault,
  { texts }: ConfigFiles,
): Promise<number | undefined> {
  const text = texts.find((candidate) => candidate.path === file);
  if (line !== undefined || text === undefined || path.length === 0) return line;
  const { lineOfKey } = await import('./key-lines.js');
  return lineOfKey(Buffer.from(text.bytes).toString(), path);
}

/** `ociwrap config check FILE` takes a relative path. ".." stays: the check of the way follows symlinks first, as the kernel does. */
function absolute(path: string): string {
  return path.startsWith('/') ? path : `${resolve('.')}/${path}`;
}
