import { types } from 'node:util';
import { isolatedRule, type Rule, type RunStep } from '@opencontainers-ts/rootfs-rewriter';
import { type JsonValue, printable, quoted } from '@opencontainers-ts/runtime-spec';

import { heldProcess } from './held-process.js';
import { ModuleOutput, type TellLine } from './module-output.js';
import { ownTurn, type Settle } from './own-turn.js';
import { withinTime } from './time-limit.js';

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
 * Loads modules, and makes their rules, one after the other and all in one turn of the event loop: a timer that one of
 * them leaves behind does not come before the call is decided.
 *
 * The bytes that were checked are the bytes that run: they are imported as a `data:` URL, in which a relative import
 * or one of a package does not resolve, so that a module cannot lead to a file that nobody has looked at.
 *
 * A rule stands behind a wall (`isolatedRule`), is asked for so many seconds and no longer, and cannot end the process.
 *
 * @returns one for each, in order; an `error` is a {@link RuleModuleFault}, or what `read` threw
 */
export async function loadRuleModules(
  modules: readonly RuleModule[],
  surroundings: ModuleSurroundings,
): Promise<readonly LoadedModule[]> {
  const loaded: LoadedModule[] = [];
  while (loaded.length < modules.length) {
    try {
      await ownTurn((settle) => {
        for (const module of modules.slice(loaded.length)) {
          loaded.push({ rule: loadModule(module, surroundings, settle) });
        }
      });
    } catch (error) {
      // The turn is over; the modules behind this one have one of their own, to be told of their faults too.
      loaded.push({ error });
    }
  }
  return loaded;
}

function loadModule(
  { module, export: name = 'default', options = {} }: RuleModule,
  { read, seconds, tell }: ModuleSurroundings,
  settle: Settle,
): Rule {
  const bytes = read(module);
  if (bytes === undefined)
    throw new RuleModuleFault(
      `${quoted(module)} is not there (a relative path begins at the folder of the file that names it)`,
    );
  const output = new ModuleOutput(module, tell);
  const run: RunStep = (step) => {
    try {
      return heldProcess(
        (text) => output.write(text),
        () => withinTime(seconds, step),
      );
    } finally {
      output.flush();
    }
  };
  const exported: Readonly<Record<string, unknown>> = attempt('cannot be loaded', module, run, () =>
    settle(() => import(dataUrl(module, bytes))),
  );
  const make = exported[name];
  if (typeof make !== 'function') {
    const names = Object.keys(exported).map(printable).join(', ') || 'nothing';
    throw new RuleModuleFault(
      `export ${quoted(name)} is no function that makes a rule; exported is ${names}`,
    );
  }
  return attempt('cannot make its rule', module, run, () =>
    isolatedRule(
      settle(() => make(options)),
      run,
    ),
  );
}

function dataUrl(path: string, bytes: Uint8Array): string {
  // So that a stack trace names the file.
  const named = Buffer.concat([bytes, Buffer.from(`\n//# sourceURL=${encodeURI(`file://${path}`)}\n`)]);
  return `data:text/javascript;base64,${named.toString('base64')}`;
}

/** A look at what a module threw may run code of it, and belongs into the step too. */
function attempt<T>(what: string, module: string, run: RunStep, step: () => T): T {
  const fault = (cause: unknown) =>
    cause instanceof RuleModuleFault
      ? cause
      : new RuleModuleFault(`${quoted(module)} ${what}: ${whyOf(cause)}`, { cause });
  try {
    return run(() => {
      try {
        return step();
      } catch (cause) {
        throw fault(cause);
      }
    });
  } catch (cause) {
    throw fault(cause);
  }
}

/** What a module throws need not be an error, nor bear being looked at. */
function whyOf(cause: unknown): string {
  try {
    const isOwn = types.isNativeError(cause) && 'code' in cause && 'hint' in cause;
    const why =
      types.isNativeError(cause) && !isOwn
        ? `${cause.name}: ${cause.message}`
        : String(isOwn ? cause.message : cause);
    const [said = ''] = why.split('\n');
    return printable(said.replaceAll(/data:text\S+/g, 'it'));
  } catch {
    return 'what it threw cannot be read';
  }
}
