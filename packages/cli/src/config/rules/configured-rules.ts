import {
  auditedRule,
  type Condition,
  declarativeRule,
  guardianProfile,
  type PvcRootfsOptions,
  pvcRootfs,
  type Rule,
  type RuleDefinition,
  sgsProfile,
  type VolumeOptions,
  withCondition,
} from '@opencontainers-ts/rootfs-rewriter';
import { knownRule } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
import { quoted } from '@opencontainers-ts/runtime-spec';

import { isError } from '../../system/is-error.js';
import { ConfigFault, ConfigFaults, faultsIn, faultsOf, keyPathOf } from '../config-fault.js';
import type { ConfigFiles } from '../config-files.js';
import type { MergedConfig, WrittenRule } from '../merge-config.js';
import type { ConfigFile, ConfigTable } from '../parse-config.js';
import type { CdiValues, ResolvedSettings } from '../settings/resolve-settings.js';
import type { CdiRuleSettings, KeyPath, Origin, ProfileName, RuleOrigin } from '../settings/settings.js';
import {
  type LoadedModule,
  loadRuleModules,
  type ModuleSurroundings,
  type RuleModule,
  RuleModuleFault,
} from './rule-module.js';

/** A rule, and how it was asked for. */
export interface ConfiguredRule {
  readonly rule: Rule;
  readonly from: RuleOrigin;
}

type BuiltInName = 'pvc-rootfs' | 'guardian' | 'cdi-devices';

/** The rules that each profile starts with. */
const PROFILE_RULES: Readonly<Record<ProfileName, readonly BuiltInName[]>> = {
  sgs: ['pvc-rootfs'],
  guardian: ['guardian'],
  none: [],
};

/** Options of pvc-rootfs by their names in the file. */
interface WrittenPvcOptions {
  readonly annotation?: string;
  readonly 'kubelet-root'?: string;
  readonly 'host-path-folders'?: readonly string[];
  readonly 'require-mount-point'?: boolean;
  readonly 'without-mount'?: PvcRootfsOptions['withoutMount'];
  readonly strategy?: PvcRootfsOptions['strategy'];
  readonly 'image-change'?: PvcRootfsOptions['imageChange'];
  readonly 'volume-destination'?: string;
}

/** Options of cdi-devices by their names in the file. */
type WrittenCdiOptions = Omit<CdiValues, 'enabled'>;

/** What the files say about rules. */
interface RulesOfFiles extends Pick<MergedConfig, 'rules' | 'origins'>, Pick<ConfigFiles, 'main'> {
  /** Whether declarative rules have been made of them before, and so need no check. */
  readonly areKnown?: boolean;
  /** The files that decide about the node: the main file, and that of the handler. */
  readonly ofNode: readonly (string | undefined)[];
}

/**
 * The rules of a configuration in order: those of the profile that the files do not place themselves, then those of
 * the files. CDI comes last unless the files place it: then it sees what other rules ask for.
 *
 * @throws ConfigFaults `ERR_SETTINGS_INVALID`, `ERR_RULE_MODULE`
 */
export async function configuredRules(
  { rules: written, origins, main, ofNode, areKnown = false }: RulesOfFiles,
  settings: ResolvedSettings,
  surroundings: ModuleSurroundings,
): Promise<readonly ConfiguredRule[]> {
  refuseReplaced(
    written.filter(({ origin }) => !ofNode.includes(origin.file)),
    settings,
    main,
  );
  const placed = new Set(written.map(({ table }) => table['use']));
  const origin = settings.origins['profile'] ?? { from: 'default' };
  const made: ConfiguredRule[] = [];
  const faults: ConfigFault[] = [];
  const add = async (make: () => Promise<ConfiguredRule>) => {
    try {
      made.push(await make());
    } catch (error) {
      faults.push(...faultsIn(error));
    }
  };
  for (const name of PROFILE_RULES[settings.profile].filter((each) => !placed.has(each))) {
    await add(async () => {
      const rule = await builtInRule(name, {}, settings, origins);
      return { rule: inMode(settings.mode, rule), from: { name, kind: 'built-in', origin } };
    });
  }
  const modules = await modulesOf(written, surroundings);
  for (const one of written) {
    await add(() => writtenRule(one, { origins, settings, modules, areKnown }));
  }
  if (faults.length > 0) throw new ConfigFaults(faults);
  refuseTwins(made, written);
  refuseDisorder(made);
  if (settings.cdi.enabled && !placed.has('cdi-devices')) {
    const rule = await builtInRule('cdi-devices', {}, settings, origins);
    const asked = settings.origins['cdi.enabled'] ?? { from: 'default' };
    const twin = made.find((each) => each.rule.name === rule.name)?.from.origin;
    if (twin?.from === 'file') {
      throw new ConfigFault('ERR_SETTINGS_INVALID', `another rule is called ${quoted(rule.name)} too`, twin);
    }
    const from: RuleOrigin = { name: rule.name, kind: 'built-in', origin: asked };
    made.push({ rule: inMode(settings.mode, rule), from });
  }
  return made;
}

/** What is wrong with the declarative rules of a file that need not keep to the schema otherwise. */
export function definitionFaults({ path: file, table }: ConfigFile): readonly ConfigFault[] {
  const { rule } = table;
  return (Array.isArray(rule) ? rule : []).flatMap((each, index) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each) || 'use' in each || 'module' in each)
      return [];
    const written = { table: each, origin: { from: 'file', file, path: ['rule', index] } } as const;
    const made = faultsOf(() =>
      explained(written, {}, () => declarativeRule(each as unknown as RuleDefinition)),
    );
    return 'faults' in made ? made.faults : [];
  });
}

/** What rules are made with. */
interface RuleSurroundings extends Required<Pick<RulesOfFiles, 'origins' | 'areKnown'>> {
  readonly settings: ResolvedSettings;
  readonly modules: ReadonlyMap<WrittenRule, LoadedModule>;
}

async function writtenRule(
  written: WrittenRule,
  { origins, settings, modules, areKnown }: RuleSurroundings,
): Promise<ConfiguredRule> {
  const { table, origin } = written;
  // Where all rules are only tried, none says otherwise of itself.
  const mode = settings.mode === 'audit' ? settings.mode : table['mode'];
  const from = (rule: Rule, kind: RuleOrigin['kind']): ConfiguredRule => ({
    rule: inMode(mode, rule),
    from: { name: rule.name, kind, origin },
  });
  const conditioned = (rule: Rule): Rule =>
    'when' in table
      ? explained({ table, origin }, origins, () => withCondition(rule, table['when'] as Condition))
      : rule;
  if ('use' in table) {
    const name = table['use'] as BuiltInName;
    return from(conditioned(await builtInRule(name, { table, origin }, settings, origins)), 'built-in');
  }
  const module = modules.get(written);
  if (module !== undefined) return from(conditioned(moduleRule(written, module)), 'module');
  const definition = table as unknown as RuleDefinition;
  return from(
    explained({ table, origin }, origins, () =>
      (areKnown ? knownRule : declarativeRule)(definition, volumesOf(settings)),
    ),
    'declarative',
  );
}

function inMode(mode: unknown, rule: Rule): Rule {
  return mode === 'audit' && rule.audit !== true ? auditedRule(rule) : rule;
}

/** A rule that comes with ociwrap; of CDI, what a call without it need not load is loaded now. */
async function builtInRule(
  name: BuiltInName,
  written: Partial<WrittenRule>,
  settings: ResolvedSettings,
  origins: MergedConfig['origins'],
): Promise<Rule> {
  const options = (written.table?.['options'] ?? {}) as object;
  switch (name) {
    case 'guardian':
      return declarativeRule(guardianProfile);
    case 'pvc-rootfs':
      return explained(written, origins, () => pvcRule(options, settings));
    case 'cdi-devices': {
      const { cdiRule } = await import('./cdi-rule.js');
      return explained(written, origins, () => cdiRule(cdiSettings(options, settings)));
    }
  }
}

function cdiSettings(written: WrittenCdiOptions, { cdi }: ResolvedSettings): CdiRuleSettings {
  const { enabled: _, ...shared } = cdi;
  const defaultKind = written['default-kind'] ?? shared.defaultKind;
  return {
    ...shared,
    specDirs: written['spec-dirs'] ?? shared.specDirs,
    sources: written.sources ?? shared.sources,
    devices: written.devices ?? shared.devices,
    acceptEnvWhenUnprivileged: written['accept-env-when-unprivileged'] ?? shared.acceptEnvWhenUnprivileged,
    residue: written.residue ?? shared.residue,
    runTmpfs: written['run-tmpfs'] ?? shared.runTmpfs,
    hooksSkipped: written['hooks-skipped'] ?? shared.hooksSkipped,
    ...(defaultKind === undefined ? {} : { defaultKind }),
  };
}

/** What every rule that makes a volume the root is told, where it says nothing else. */
function volumesOf(settings: ResolvedSettings): Required<VolumeOptions> {
  const { kubeletRoot, hostPathFolders, requireMountPoint, rootStrategy: strategy, imageChange } = settings;
  return { kubeletRoot, hostPathFolders, requireMountPoint, strategy, imageChange };
}

function pvcRule(written: WrittenPvcOptions, settings: ResolvedSettings): Rule {
  const { annotation, 'volume-destination': volumeDestination } = written;
  const shared = volumesOf(settings);
  const options: PvcRootfsOptions = {
    ...(settings.profile === 'sgs' ? sgsProfile : {}),
    kubeletRoot: written['kubelet-root'] ?? shared.kubeletRoot,
    hostPathFolders: written['host-path-folders'] ?? shared.hostPathFolders,
    requireMountPoint: written['require-mount-point'] ?? shared.requireMountPoint,
    strategy: written.strategy ?? shared.strategy,
    imageChange: written['image-change'] ?? shared.imageChange,
    withoutMount: written['without-mount'] ?? settings.withoutMount,
    ...(annotation === undefined ? {} : { annotation }),
    ...(volumeDestination === undefined ? {} : { volumeDestination }),
  };
  return pvcRootfs(options);
}

async function modulesOf(
  written: readonly WrittenRule[],
  surroundings: ModuleSurroundings,
): Promise<ReadonlyMap<WrittenRule, LoadedModule>> {
  const named = written.filter(({ table }) => 'module' in table);
  const modules = named.map(({ table, origin }) => {
    const rule = table as unknown as RuleModule;
    return { ...rule, module: fromFolderOf(origin.file, rule.module) };
  });
  const loaded = await loadRuleModules(modules, surroundings);
  return new Map(loaded.map((module, index) => [named[index] as WrittenRule, module]));
}

function moduleRule({ origin }: WrittenRule, loaded: LoadedModule): Rule {
  if ('rule' in loaded) return loaded.rule;
  const { error } = loaded;
  if (!(error instanceof RuleModuleFault)) throw error;
  const place = { file: origin.file, path: [...origin.path, 'module'] };
  throw new ConfigFault('ERR_RULE_MODULE', error.message, place, { cause: error });
}

/** A relative path begins where the file is that names it, so that rules and their tests can move together. */
function fromFolderOf(file: string, path: string): string {
  return path.startsWith('/') ? path : `${file.slice(0, file.lastIndexOf('/') + 1)}${path}`;
}

/** What the rewriter says of a rule that it cannot make, at its place in the file. */
function explained(
  { table, origin }: Partial<WrittenRule>,
  origins: MergedConfig['origins'],
  make: () => Rule,
): Rule {
  try {
    return make();
  } catch (cause) {
    const {
      code,
      message,
      details = {},
    } = cause as {
      readonly code?: string;
      readonly message: string;
      readonly details?: Readonly<Record<string, unknown>>;
    };
    if (!isError(cause) || code !== 'ERR_RULE_INVALID') throw cause;
    // What is wrong, without the names that a library has for the place: the file has its own.
    const said = typeof details['fault'] === 'string' ? details['fault'] : message;
    const key = typeof details['option'] === 'string' ? kebabCase(details['option']) : undefined;
    const written = (table?.['options'] ?? {}) as ConfigTable;
    const isShared = key !== undefined && !(key in written);
    const shared = isShared ? (origins[`volumes.${key}`] ?? origins[`cdi.${key}`]) : undefined;
    if (shared?.from === 'file') {
      throw new ConfigFault('ERR_SETTINGS_INVALID', said, shared, { cause });
    }
    if (origin === undefined) throw cause;
    const { file, path } = origin;
    const fault = (what: string, below: KeyPath) =>
      new ConfigFault('ERR_SETTINGS_INVALID', what, { file, path: [...path, ...below] }, { cause });
    throw Array.isArray(details['faults'])
      ? new ConfigFaults(
          details['faults'].map((each: DefinitionFault) => fault(each.message, keyPathOf(each.pointer))),
        )
      : fault(said, key === undefined ? [] : ['options', key]);
  }
}

/** One of `details.faults` of a definition that cannot work. */
interface DefinitionFault {
  readonly pointer: string;
  readonly message: string;
}

const kebabCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A drop-in may add a rule, but not stand in for one that is there without it: with another annotation, or a condition. */
function refuseReplaced(
  ofDropIns: readonly WrittenRule[],
  { profile, cdi, origins }: ResolvedSettings,
  main: string,
): void {
  const asked = origins['cdi.enabled'];
  const faults = ofDropIns.flatMap(({ table, origin }) => {
    const name = table['use'];
    const isOfProfile = PROFILE_RULES[profile].some((each) => each === name) && !isByCall(origins['profile']);
    const isAsked =
      name === 'cdi-devices' && cdi.enabled && !(asked?.from === 'file' && asked.file === origin.file);
    if (!isOfProfile && !isAsked) return [];
    const by = isOfProfile ? `the profile ${quoted(profile)}` : 'cdi.enabled';
    const message = `the rule is there by ${by}, and only the main file, ${main}, may place it elsewhere, with options or a condition`;
    return [
      new ConfigFault('ERR_SETTINGS_INVALID', message, { file: origin.file, path: [...origin.path, 'use'] }),
    ];
  });
  if (faults.length > 0) throw new ConfigFaults(faults);
}

function isByCall(origin: Origin | undefined): boolean {
  return origin?.from === 'call' || origin?.from === 'environment';
}

/** Hooks of CDI read `root.path` from the bundle, and what they write belongs into the root that the container gets. */
function refuseDisorder(made: readonly ConfiguredRule[]): void {
  const places = new Map(made.map(({ from }, index) => [from.kind === 'built-in' ? from.name : '', index]));
  const [root, cdi] = [places.get('pvc-rootfs'), places.get('cdi-devices')];
  if (root === undefined || cdi === undefined || root < cdi) return;
  const origin = made[cdi]?.from.origin;
  if (origin?.from === 'file') {
    throw new ConfigFault('ERR_SETTINGS_INVALID', 'cdi-devices must stand behind pvc-rootfs', origin);
  }
}

/** Messages and the trace tell rules apart by their names. */
function refuseTwins(made: readonly ConfiguredRule[], written: readonly WrittenRule[]): void {
  const names = made.map(({ rule }) => rule.name);
  const index = names.findIndex((name, place) => names.indexOf(name) !== place);
  const twin = made[index];
  if (twin === undefined) return;
  const { origin } = written[index - (made.length - written.length)] ?? {};
  if (origin === undefined) return;
  throw new ConfigFault(
    'ERR_SETTINGS_INVALID',
    `another rule is called ${quoted(twin.rule.name)} too`,
    origin,
  );
}
