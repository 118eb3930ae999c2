import type { Rule } from '@opencontainers-ts/rootfs-rewriter';

import { builtInRules } from '../call/built-in-rules.js';
import { refusalOf } from '../call/refusal.js';
import type { System } from '../system/system.js';
import { type ConfigFiles, mainFile, readConfigFiles } from './config-files.js';
import { readLastGood, rememberGood, STATE_FOLDER } from './last-good.js';
import type { TellLine } from './module-output.js';
import { joinTriggers, refusingRule, triggersOfProfile } from './refusing-rule.js';
import { NO_CONFIG, type ResolvedSettings, resolveSettings } from './resolve-settings.js';
import type { Settings, SettingsInput } from './settings.js';

/** How settings are loaded. */
export interface LoadOptions {
  /** Keep what a good configuration says, for the day when it cannot be read: what the wrapper does. */
  readonly remember?: boolean;
  /** Where it is kept. */
  readonly stateFolder?: string;
  /** Takes what rule modules write to stdout and stderr, which reaches neither. @defaultValue nobody hears it */
  readonly tell?: TellLine;
}

/**
 * Loads the settings of a call. Never fails: a configuration that cannot be used gives settings with a `fault`, whose
 * one rule refuses what the last good configuration might have rewritten, and everything else as that said it.
 *
 * Without a configuration there is nothing to wait for, and no promise.
 */
export function loadSettings(
  system: System,
  input: SettingsInput,
  options: LoadOptions = {},
): Settings | Promise<Settings> {
  const { stateFolder = STATE_FOLDER, remember = false, tell } = options;
  let files: ConfigFiles;
  try {
    files = readConfigFiles(system, input.env);
  } catch (error) {
    return faultySettings(system, input, error, stateFolder);
  }
  const plain = resolveSettings(NO_CONFIG, input);
  if (files.texts.length === 0 && plain.profile === 'sgs') {
    return sgsSettings(plain, files);
  }
  return configured(system, files, input, { tell, rememberIn: remember ? stateFolder : undefined }).catch(
    (error) => faultySettings(system, input, error, stateFolder, files),
  );
}

function sgsSettings(resolved: ResolvedSettings, { watched }: ConfigFiles): Settings {
  const rules = builtInRules();
  const ruleOrigins = rules.map(
    ({ name }) => ({ name, kind: 'built-in', origin: { from: 'default' } }) as const,
  );
  return { ...resolved, rules, ruleOrigins, watched: [...watched.values()] };
}

async function configured(
  system: System,
  files: ConfigFiles,
  input: SettingsInput,
  { tell, rememberIn }: { readonly tell: TellLine | undefined; readonly rememberIn: string | undefined },
): Promise<Settings> {
  // A module of its own: without a configuration, Node.js never loads it.
  const { configuredSettings } = await import('./configured-settings.js');
  const { settings, lastGood } = await configuredSettings(
    system,
    files,
    input,
    tell === undefined ? {} : { tell },
  );
  if (rememberIn !== undefined && files.texts.length > 0) {
    rememberGood(system, files.main, lastGood, rememberIn);
  }
  return settings;
}

function faultySettings(
  system: System,
  input: SettingsInput,
  error: unknown,
  stateFolder: string,
  files?: ConfigFiles,
): Settings {
  const fault = refusalOf(error);
  const lastGood = readLastGood(system, mainFile(input.env), stateFolder);
  const resolved = resolveSettings(lastGood ?? NO_CONFIG, input);
  const triggers: Rule['triggers'] =
    lastGood === undefined
      ? 'every-create'
      : joinTriggers([triggersOfProfile(resolved.profile), lastGood.triggers]);
  const rules = triggers.length === 0 ? [] : [refusingRule(triggers, fault)];
  const ruleOrigins = rules.map(
    ({ name }) => ({ name, kind: 'built-in', origin: { from: 'default' } }) as const,
  );
  return { ...resolved, rules, ruleOrigins, fault, watched: [...(files?.watched.values() ?? [])] };
}
