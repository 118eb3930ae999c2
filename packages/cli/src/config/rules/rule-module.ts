import type { Rule } from '@opencontainers-ts/rootfs-rewriter';
import { type JsonValue, printable, quoted } from '@opencontainers-ts/runtime-spec';

import type { ModuleHost } from '../../system/module-host.js';
import { ModuleOutput, type TellLine } from './module-output.js';
import { ModuleInRealm } from './module-rule.js';

/** Where a rule is made that is written in JavaScript. */
export interface RuleModule {
  /** The file: a self-contained ECMAScript module. */
  readonly module: string;
  /** The name that it exports what makes the rule under. @defaultValue `default` */
  readonly export?: string;
  /** What the rule is made with. */
  readonly options?: Readonly<Record<string, JsonValue>>;
}

/** Gives the bytes of a file that may be believed; undefined when it is not there. */
export type ReadFile = (path: string) => Uint8Array | undefined;

/** How rule modules are loaded, and asked. */
export interface ModuleSurroundings {
  readonly read: ReadFile;
  /** The engine that they run in. */
  readonly engine: ModuleHost;
  /** Seconds that a module may take to be loaded and to make its rule, and for each question that its rule is asked. */
  readonly seconds: number;
  /** Takes what the module writes. */
  readonly tell: TellLine;
}

/** Why a module gives no rule: one sentence. */
export class RuleModuleFault extends Error {
  override readonly name = 'RuleModuleFault';
}

/** The rule of a module, or why there is none. */
export type LoadedModule = { readonly rule: Rule } | { readonly error: unknown };

/**
 * Loads modules and makes their rules, one after the other, each in a realm of its own.
 *
 * The bytes that were checked are the bytes that run, and nothing else: a module that imports anything is refused, so that it
 * cannot lead to a file that nobody has looked at.
 *
 * A rule stands behind a wall: only data comes from it, it has so many seconds and so much memory, and there is nothing in its
 * realm by which it could reach the process.
 *
 * @returns one for each, in order; an `error` is a {@link RuleModuleFault}, or what `read` threw
 */
export async function loadRuleModules(
  modules: readonly RuleModule[],
  surroundings: ModuleSurroundings,
): Promise<readonly LoadedModule[]> {
  const loaded: LoadedModule[] = [];
  for (const module of modules) {
    try {
      loaded.push({ rule: await loadModule(module, surroundings) });
    } catch (error) {
      loaded.push({ error });
    }
  }
  return loaded;
}

async function loadModule(
  { module, export: name = 'default', options = {} }: RuleModule,
  { read, engine, seconds, tell }: ModuleSurroundings,
): Promise<Rule> {
  const bytes = read(module);
  if (bytes === undefined)
    throw new RuleModuleFault(
      `${quoted(module)} is not there (a relative path begins at the folder of the file that names it)`,
    );
  const realm = await ModuleInRealm.open(engine, seconds, new ModuleOutput(module, tell));
  const made = realm.load(module, bytes, { name, options });
  if ('rule' in made) return made.rule;
  // What the rule side says is not to be relied on: the module may have changed what it is made of.
  const fault = printable(made.fault);
  throw new RuleModuleFault(fault.startsWith('cannot ') ? `${quoted(module)} ${fault}` : fault);
}
