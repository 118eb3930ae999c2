import { type Call, type Plan, planRewrite } from '@opencontainers-ts/rootfs-rewriter';
import { type MemoryHostOptions, memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import type { SpecDocument } from '@opencontainers-ts/runtime-spec';

import { planOptions } from '../call/plan-call.js';
import type { TellLine } from '../config/rules/module-output.js';
import { configuredSettings } from '../config/settings/configured-settings.js';
import type { Settings } from '../config/settings/settings.js';
import { normalize } from '../system/paths.js';
import type { System } from '../system/system.js';
import { CaseFault, RulesFault } from './case-fault.js';
import { documentOf, objectOf, patchOf } from './case-json.js';
import type { FolderTree } from './folder-tree.js';
import type { CaseFile, RuleCase } from './rule-case.js';

const HOST_MEMBERS = [
  'directories',
  'files',
  'symlinks',
  'devices',
  'fifos',
  'others',
  'access',
  'mounts',
  'failures',
  'runtimeVersions',
] as const satisfies readonly (keyof MemoryHostOptions)[];

const CALL_MEMBERS = ['verb', 'bundle', 'runtime'] as const;

/** A case, and what its rules come to. */
export interface PlannedCase {
  /** The container before any rule. */
  readonly document: SpecDocument;
  readonly call: Call;
  readonly plan: Plan;
}

/**
 * What the rules of a case make of its container, on its host. Rule modules are read from the tree whoever owns them:
 * here they are tried by those who write them.
 *
 * @throws CaseFault when a file of the case is missing or cannot be used
 */
export async function planCase(
  system: System,
  ruleCase: RuleCase,
  tree: Pick<FolderTree, 'read'>,
  tell?: TellLine,
): Promise<PlannedCase> {
  const document = configOf(ruleCase);
  const settings = await settingsOf(system, ruleCase, tree, tell);
  const call = callOf(ruleCase.call);
  const plan = planRewrite(document, settings.rules, call, hostOf(ruleCase.host), planOptions(settings));
  // A test says what rules decide, also those that are only tried as yet: it holds on the day when they are enforced.
  return { document, call, plan: plan.audit ?? plan };
}

function configOf({ name, config }: RuleCase): SpecDocument {
  if (!('patch' in config)) return documentOf(config);
  if (config.base === undefined) {
    throw new CaseFault(
      `${name}: there is a patch.json, but no base.json here, nor in a folder above it up to the one that is tested`,
    );
  }
  const patch = patchOf(config.patch);
  try {
    return documentOf(config.base).apply(patch);
  } catch (error) {
    throw new CaseFault(`${config.patch.path}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * The rules of a configuration: `rules.toml` is its main file, or a drop-in of the main file `config.toml`. What holds in
 * the test holds on the node.
 */
async function settingsOf(
  system: System,
  { name, rules, node }: RuleCase,
  tree: Pick<FolderTree, 'read'>,
  tell: TellLine | undefined,
): Promise<Settings> {
  const texts = [node, rules].filter((file) => file !== undefined);
  const [main] = texts;
  if (main === undefined) {
    throw new CaseFault(
      `${name}: there is no rules.toml here, nor in a folder above it up to the one that is tested`,
    );
  }
  const files = { main: main.path, texts, watched: new Map() };
  try {
    const read = (path: string) => tree.read(normalize(path));
    const modules = { read, ...(tell === undefined ? {} : { tell }) };
    return (await configuredSettings(system, files, { env: {}, invokedAs: 'runc' }, modules)).settings;
  } catch (error) {
    throw new RulesFault((error as Error).message, rules?.path ?? main.path, { cause: error });
  }
}

function callOf(file: CaseFile | undefined): Call {
  const { verb = 'create', bundle = '/bundle', runtime } = objectOf(file, CALL_MEMBERS);
  const isCall =
    (verb === 'create' || verb === 'run' || verb === 'restore') &&
    typeof bundle === 'string' &&
    (runtime === undefined || isRuntime(runtime));
  if (!isCall) {
    const form = '{"verb": "create"|"run"|"restore", "bundle": "/path", "runtime": {"path": "/path"}}';
    throw new CaseFault(`${file?.path}: not of the form ${form}`);
  }
  return { verb, bundle, ...(runtime === undefined ? {} : { runtime }) };
}

function isRuntime(value: unknown): value is NonNullable<Call['runtime']> {
  if (typeof value !== 'object' || value === null) return false;
  const { path, realPath, ...more } = value as Readonly<Record<string, unknown>>;
  const isRealPath = realPath === undefined || typeof realPath === 'string';
  return typeof path === 'string' && isRealPath && Object.keys(more).length === 0;
}

function hostOf(file: CaseFile | undefined) {
  const options = objectOf(file, HOST_MEMBERS) as MemoryHostOptions;
  try {
    return memoryHost(options);
  } catch (error) {
    throw new CaseFault(`${file?.path}: ${(error as Error).message}`, { cause: error });
  }
}
