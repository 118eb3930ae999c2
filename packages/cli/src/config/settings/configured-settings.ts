import type { System } from '../../system/system.js';
import { textOf } from '../../system/text.js';
import { type ConfigFault, ConfigFaults, faultsIn, faultsOf, SettingsError } from '../config-fault.js';
import { type ConfigFiles, readTrustedFile } from '../config-files.js';
import type { LastGood } from '../last-good.js';
import { dropInFaults, nestedHandlers } from '../lint/drop-in-faults.js';
import { mergeConfig } from '../merge-config.js';
import { type ConfigFile, configFaults, readConfig } from '../parse-config.js';
import { configuredRules, definitionFaults } from '../rules/configured-rules.js';
import { joinTriggers } from '../rules/refusing-rule.js';
import type { ModuleSurroundings } from '../rules/rule-module.js';
import { type ConfigValues, resolveSettings } from './resolve-settings.js';
import type { Settings, SettingsInput } from './settings.js';

/** Settings that files decide, and what to keep of them. */
export interface ConfiguredSettings {
  readonly settings: Settings;
  readonly lastGood: LastGood;
  /** The files that the settings were made of. */
  readonly files: readonly ConfigFile[];
}

/**
 * Settings from the files of a configuration.
 *
 * @param modules - how a rule module is read, by default {@link readTrustedFile}; and who hears what it writes
 * @param known - what this function gave as `files` for the same bytes, in this or an earlier run of the program
 * @throws SettingsError `ERR_SETTINGS_SYNTAX`, `ERR_SETTINGS_INVALID`, `ERR_RULE_MODULE`, with file, line and key of each
 *   fault; what {@link readConfigFiles} throws, for rule modules
 */
export async function configuredSettings(
  system: System,
  files: ConfigFiles,
  input: SettingsInput,
  modules: Partial<Pick<ModuleSurroundings, 'read' | 'tell'>> = {},
  known?: readonly ConfigFile[],
): Promise<ConfiguredSettings> {
  try {
    const sound = known ?? soundFiles(files);
    const { table, origins, rules: written } = mergeConfig(sound, files.handler);
    const source = { table: table as ConfigValues, origins };
    const resolved = resolveSettings(source, input);
    const watched = new Map(files.watched);
    const ofNode = [files.main, files.handler?.file];
    const merged = { rules: written, origins, main: files.main, ofNode, areKnown: known !== undefined };
    const made = await configuredRules(merged, resolved, {
      read: (path) => readTrustedFile(system, absolute(system, path), watched),
      tell: () => undefined,
      engine: system.modules,
      ...modules,
      seconds: resolved.moduleTimeout,
    });
    const enforced = made.filter(({ rule }) => rule.audit !== true);
    const ofFiles = enforced
      .filter(({ from }) => from.origin.from === 'file')
      .map(({ rule }) => rule.triggers);
    const tried = made
      .filter(({ rule, from }) => rule.audit === true && from.kind === 'built-in')
      .map(({ rule }) => rule.name);
    return {
      settings: {
        ...resolved,
        ...(files.handler && { handler: files.handler.name }),
        rules: made.map(({ rule }) => rule),
        ruleOrigins: made.map(({ from }) => from),
        watched: [...watched.values()],
      },
      lastGood: { ...source, triggers: joinTriggers(ofFiles), ...(tried.length === 0 ? {} : { tried }) },
      files: sound,
    };
  } catch (error) {
    throw await settingsError(faultsIn(error), files);
  }
}

/** @throws ConfigFaults all that can be told of files of which one is at fault, whatever it is */
function soundFiles({ main, handler, texts }: ConfigFiles): readonly ConfigFile[] {
  const read = texts.map((text) => faultsOf(() => readConfig(text)));
  const files = read.flatMap((each) => ('value' in each ? [each.value] : []));
  const faults = [
    ...read.flatMap((each) => ('faults' in each ? each.faults : [])),
    ...files.flatMap(configFaults),
  ];
  if (faults.length > 0) throw new ConfigFaults([...faults, ...files.flatMap(definitionFaults)]);
  const others = files.filter(({ path }) => path !== main);
  const taken = others.flatMap((file) =>
    file.path === handler?.file ? nestedHandlers(file) : dropInFaults(file, main),
  );
  if (taken.length > 0) throw new ConfigFaults(taken);
  return files;
}

/** In the order of the files and their lines. */
async function settingsError(faults: readonly ConfigFault[], { texts }: ConfigFiles): Promise<SettingsError> {
  // TOML's parser keeps no places; another one, loaded only now, finds the lines.
  const { linesOfKeys } = await import('../lint/key-lines.js');
  const finders = new Map<string, (path: ConfigFault['path']) => number | undefined>();
  const lineOf = ({ file, path, line }: ConfigFault): number | undefined => {
    const text = texts.find((candidate) => candidate.path === file);
    if (line !== undefined || text === undefined || path.length === 0) return line;
    const finder = finders.get(file) ?? linesOfKeys(textOf(text.bytes));
    finders.set(file, finder);
    return finder(path);
  };
  const fileOf = ({ file }: ConfigFault) => texts.findIndex(({ path }) => path === file);
  const placed = faults.map((fault) => ({ fault, line: lineOf(fault) }));
  return new SettingsError(
    placed.sort(
      (one, other) => fileOf(one.fault) - fileOf(other.fault) || (one.line ?? 0) - (other.line ?? 0),
    ),
  );
}

/** `ociwrap config check FILE` takes a relative path. ".." stays: the check of the way follows symlinks first, as the kernel does. */
function absolute(system: System, path: string): string {
  return path.startsWith('/') ? path : `${textOf(system.cwd() ?? new Uint8Array())}/${path}`;
}
