import { types } from 'node:util';
import { defineRule, type Rule } from '@opencontainers-ts/rootfs-rewriter';
import { type JsonValue, printable, quoted } from '@opencontainers-ts/runtime-spec';

import { readTrustedFile } from './config-files.js';

/** Where a rule is made that is written in JavaScript. */
export interface RuleModule {
  /** The file: a self-contained ECMAScript module. */
  readonly module: string;
  /** The name that it exports what makes the rule under. @defaultValue `default` */
  readonly export?: string;
  /** What the rule is made with. */
  readonly options?: Readonly<Record<string, JsonValue>>;
}

/** A module that waits for something that never comes must not hold the call: it would end without a word. */
const LIMIT_MS = 5000;

/** Gives the bytes of a file that may be believed; undefined when it is not there. */
export type ReadFile = (path: string) => Uint8Array | undefined;

/** Why a module gives no rule: one sentence. */
export class RuleModuleFault extends Error {
  override readonly name = 'RuleModuleFault';
}

/**
 * Loads a module, and makes its rule.
 *
 * The bytes that were checked are the bytes that run: they are imported as a `data:` URL, in which a relative import
 * or one of a package does not resolve, so that a module cannot lead to a file that nobody has looked at.
 *
 * @throws RuleModuleFault
 * @throws CliError `ERR_SETTINGS_UNREADABLE`, `ERR_SETTINGS_UNTRUSTED`
 */
export async function loadRuleModule(
  { module, export: name = 'default', options = {} }: RuleModule,
  read: ReadFile = readTrustedFile,
  limitMs: number = LIMIT_MS,
): Promise<Rule> {
  const bytes = read(module);
  if (bytes === undefined)
    throw new RuleModuleFault(
      `${quoted(module)} is not there (a relative path begins at the folder of the file that names it)`,
    );
  const exported: Readonly<Record<string, unknown>> = await attempt('cannot be loaded', module, () =>
    within(limitMs, import(dataUrl(module, bytes))),
  );
  const make = exported[name];
  if (typeof make !== 'function') {
    const names = Object.keys(exported).map(printable).join(', ') || 'nothing';
    throw new RuleModuleFault(
      `export ${quoted(name)} is no function that makes a rule; exported is ${names}`,
    );
  }
  const rule = await attempt('cannot make its rule', module, () => within(limitMs, make(options)));
  const fault = shapeFault(rule);
  if (fault !== undefined) throw new RuleModuleFault(`what ${quoted(name)} makes is no rule: ${fault}`);
  // Names, triggers and pointers that are empty or malformed, as for every other rule.
  return attempt('makes a rule that cannot be used', module, () => defineRule(() => rule as Rule)());
}

function dataUrl(path: string, bytes: Uint8Array): string {
  // So that a stack trace names the file.
  const named = Buffer.concat([bytes, Buffer.from(`\n//# sourceURL=${encodeURI(`file://${path}`)}\n`)]);
  return `data:text/javascript;base64,${named.toString('base64')}`;
}

async function within<T>(limitMs: number, value: T | Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([value, limit]);
  } finally {
    clearTimeout(timer);
  }
}

async function attempt<T>(what: string, module: string, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    const why = types.isNativeError(cause) ? `${cause.name}: ${cause.message}` : String(cause);
    const [said = ''] = why.split('\n');
    throw new RuleModuleFault(`${quoted(module)} ${what}: ${said.replaceAll(/data:text\S+/g, 'it')}`, {
      cause,
    });
  }
}

function shapeFault(rule: unknown): string | undefined {
  if (typeof rule !== 'object' || rule === null) return `it is ${rule === null ? 'null' : typeof rule}`;
  const { name, triggers, reads, claims, evaluate } = rule as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string') return '"name" is no text';
  if (triggers !== 'every-create' && !isTexts(triggers))
    return '"triggers" is neither texts nor "every-create"';
  if (!isTexts(reads)) return '"reads" is no array of texts';
  if (typeof claims !== 'function') return '"claims" is no function';
  return typeof evaluate === 'function' ? undefined : '"evaluate" is no function';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
