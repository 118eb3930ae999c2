import { types } from 'node:util';
import {
  declarativeRule,
  guardianProfile,
  type PvcRootfsOptions,
  pvcRootfs,
  type Rule,
  type RuleDefinition,
} from '@opencontainers-ts/rootfs-rewriter';

import { ConfigFault } from './config-fault.js';
import type { MergedConfig, WrittenRule } from './merge-config.js';
import type { ConfigTable } from './parse-config.js';
import type { ResolvedSettings } from './resolve-settings.js';
import { loadRuleModule, type ReadFile, type RuleModule, RuleModuleFault } from './rule-module.js';
import type { KeyPath, ProfileName, RuleOrigin } from './settings.js';

/** A rule, and how it was asked for. */
export interface ConfiguredRule {
  readonly rule: Rule;
  readonly from: RuleOrigin;
}

type BuiltInName = 'pvc-rootfs' | 'guardian';

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
}

/**
 * The rules of a configuration in order: those of the profile that the files do not place themselves, then those of
 * the files.
 *
 * @throws ConfigFault `ERR_SETTINGS_INVALID`, `ERR_RULE_MODULE`
 */
export async function configuredRules(
  { rules: written, origins }: Pick<MergedConfig, 'rules' | 'origins'>,
  settings: ResolvedSettings,
  readModule?: ReadFile,
): Promise<readonly ConfiguredRule[]> {
  const placed = new Set(written.map(({ table }) => table['use']));
  const origin = settings.origins['profile'] ?? { from: 'default' };
  const made: ConfiguredRule[] = PROFILE_RULES[settings.profile]
    .filter((name) => !placed.has(name))
    .map((name) => ({
      rule: explained({}, origins, () => builtInRule(name, {}, settings)),
      from: { name, kind: 'built-in', origin },
    }));
  for (const one of written) {
    made.push(await writtenRule(one, origins, settings, readModule));
  }
  refuseTwins(made, written);
  return made;
}

async function writtenRule(
  { table, origin }: WrittenRule,
  origins: MergedConfig['origins'],
  settings: ResolvedSettings,
  readModule: ReadFile | undefined,
): Promise<ConfiguredRule> {
  const from = (rule: Rule, kind: RuleOrigin['kind']): ConfiguredRule => ({
    rule,
    from: { name: rule.name, kind, origin },
  });
  if ('use' in table) {
    const name = table['use'] as BuiltInName;
    const options = (table['options'] ?? {}) as WrittenPvcOptions;
    return from(
      explained({ table, origin }, origins, () => builtInRule(name, options, settings)),
      'built-in',
    );
  }
  if ('module' in table) {
    return from(await moduleRule({ table, origin }, readModule), 'module');
  }
  const definition = table as unknown as RuleDefinition;
  return from(
    explained({ table, origin }, origins, () => declarativeRule(definition)),
    'declarative',
  );
}

function builtInRule(name: BuiltInName, written: WrittenPvcOptions, settings: ResolvedSettings): Rule {
  if (name === 'guardian') return declarativeRule(guardianProfile);
  const { annotation } = written;
  const options: PvcRootfsOptions = {
    kubeletRoot: written['kubelet-root'] ?? settings.kubeletRoot,
    hostPathFolders: written['host-path-folders'] ?? settings.hostPathFolders,
    requireMountPoint: written['require-mount-point'] ?? settings.requireMountPoint,
    ...(annotation === undefined ? {} : { annotation }),
  };
  return pvcRootfs(options);
}

async function moduleRule({ table, origin }: WrittenRule, readModule: ReadFile | undefined): Promise<Rule> {
  try {
    return await loadRuleModule(table as unknown as RuleModule, readModule);
  } catch (cause) {
    if (!(cause instanceof RuleModuleFault)) throw cause;
    const place = { file: origin.file, path: [...origin.path, 'module'] };
    throw new ConfigFault('ERR_RULE_MODULE', cause.message, place, { cause });
  }
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
    if (!types.isNativeError(cause) || code !== 'ERR_RULE_INVALID') throw cause;
    const key = typeof details['option'] === 'string' ? kebabCase(details['option']) : undefined;
    const written = (table?.['options'] ?? {}) as ConfigTable;
    const shared = key === undefined || key in written ? undefined : origins[`volumes.${key}`];
    if (shared?.from === 'file') {
      throw new ConfigFault('ERR_SETTINGS_INVALID', message, shared, { cause });
    }
    if (origin === undefined) throw cause;
    const below: KeyPath = key === undefined ? pointerPath(details['pointer']) : ['options', key];
    const place = { file: origin.file, path: [...origin.path, ...below] };
    throw new ConfigFault('ERR_SETTINGS_INVALID', message, place, { cause });
  }
}

const kebabCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function pointerPath(pointer: unknown): KeyPath {
  const tokens = typeof pointer === 'string' ? pointer.split('/').slice(1) : [];
  return tokens.map((token) =>
    /^\d+$/.test(token) ? Number(token) : token.replaceAll('~1', '/').replaceAll('~0', '~'),
  );
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
    `another rule is called ${JSON.stringify(twin.rule.name)} too`,
    origin,
  );
}
