import type { Rule } from '@opencontainers-ts/rootfs-rewriter';

import { builtInRules } from '../../call/built-in-rules.js';
import { refusalOf } from '../../call/refusal.js';
import type { System } from '../../system/system.js';
import { type ConfigFiles, mainFile, readConfigFiles } from '../config-files.js';
import { handlerOf } from '../handler-name.js';
import { type LastGood, readRecord, rememberGood, STATE_FOLDERS, type StateFolders } from '../last-good.js';
import { knownFiles, toKeep } from '../parsed-files.js';
import type { TellLine } from '../rules/module-output.js';
import { joinTriggers, refusingRule, triggersOfProfile } from '../rules/refusing-rule.js';
import { NO_CONFIG, type ResolvedSettings, resolveSettings } from './resolve-settings.js';
import type { Settings, SettingsInput } from './settings.js';

/** How settings are loaded. */
export interface LoadOptions {
  /** Keep what a good configuration says, for the day when it cannot be read: what the wrapper does. */
  readonly remember?: boolean;
  /**
   * What tells this program from any other, its next version among them: what it made of the files of a configuration is
   * kept as well, and taken for files of the same bytes. Undefined where it cannot be told: the files are read anew.
   *
   * @defaultValue the files are read anew each time
   */
  readonly program?: () => string | undefined;
  /** Where it is kept. @defaultValue `/var/lib/ociwrap/settings`, and `/run/ociwrap-settings` where that cannot be written */
  readonly stateFolders?: StateFolders;
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
  const { stateFolders = STATE_FOLDERS, remember = false, tell, program } = options;
  let files: ConfigFiles;
  try {
    files = readConfigFiles(system, input.env, handlerOf(input));
  } catch (error) {
    return faultySettings(system, input, error, stateFolders);
  }
  const plain = resolveSettings(NO_CONFIG, input);
  if (files.texts.length === 0 && plain.profile === 'sgs') {
    return sgsSettings(plain, files);
  }
  const memory = remember && files.texts.length > 0 ? { folders: stateFolders, program } : undefined;
  return configured(system, files, input, { tell, memory }).catch((error) =>
    faultySettings(system, input, error, stateFolders, files),
  );
}

function sgsSettings(resolved: ResolvedSettings, { watched, handler }: ConfigFiles): Settings {
  const rules = builtInRules();
  const ruleOrigins = rules.map(
    ({ name }) => ({ name, kind: 'built-in', origin: { from: 'default' } }) as const,
  );
  return {
    ...resolved,
    ...(handler && { handler: handler.name }),
    rules,
    ruleOrigins,
    watched: [...watched.values()],
  };
}

/** How a configuration is read. */
interface Reading {
  readonly tell: TellLine | undefined;
  /** Where and for which program it is kept; undefined where it is not. */
  readonly memory:
    | { readonly folders: StateFolders; readonly program: (() => string | undefined) | undefined }
    | undefined;
}

async function configured(
  system: System,
  files: ConfigFiles,
  input: SettingsInput,
  { tell, memory }: Reading,
): Promise<Settings> {
  // A module of its own: without a configuration, Node.js never loads it.
  const { configuredSettings } = await import('./configured-settings.js');
  const modules = tell === undefined ? {} : { tell };
  if (memory === undefined) return (await configuredSettings(system, files, input, modules)).settings;
  const { folders } = memory;
  const program = memory.program?.();
  const kept = readRecord(system, files, folders);
  const parsed = kept?.lastGood?.parsed;
  const known = program === undefined ? undefined : knownFiles(parsed, program, files.texts);
  const made = await configuredSettings(system, files, input, modules, known);
  const toBeKept = known !== undefined || program === undefined ? parsed : toKeep(program, made.files);
  rememberGood(system, files, { ...made.lastGood, ...(toBeKept && { parsed: toBeKept }) }, folders, kept);
  return made.settings;
}

function faultySettings(
  system: System,
  input: SettingsInput,
  error: unknown,
  stateFolders: StateFolders,
  files?: ConfigFiles,
): Settings {
  const fault = refusalOf(error);
  const handler = handlerOf(input);
  const whose = {
    main: mainFile(input.env),
    ...(handler === undefined ? {} : { handler: { name: handler } }),
  };
  const lastGood = readRecord(system, whose, stateFolders)?.lastGood;
  const resolved = resolveSettings(lastGood ?? NO_CONFIG, input);
  const triggers = triggersToRefuse(resolved, lastGood);
  const rules = triggers.length === 0 ? [] : [refusingRule(triggers, fault)];
  const ruleOrigins = rules.map(
    ({ name }) => ({ name, kind: 'built-in', origin: { from: 'default' } }) as const,
  );
  return { ...resolved, rules, ruleOrigins, fault, watched: [...(files?.watched.values() ?? [])] };
}

/** What was enforced, or may have been. */
function triggersToRefuse(
  { profile, mode, required }: ResolvedSettings,
  lastGood: LastGood | undefined,
): Rule['triggers'] {
  if (lastGood === undefined) return 'every-create';
  if (mode === 'audit') return [];
  if (required) return 'every-create';
  return joinTriggers([triggersOfProfile(profile, lastGood.tried), lastGood.triggers]);
}
