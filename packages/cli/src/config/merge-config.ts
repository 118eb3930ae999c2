import type { JsonValue } from '@opencontainers-ts/runtime-spec';

import { keyText } from './config-fault.js';
import type { ConfigFiles } from './config-files.js';
import type { ConfigFile, ConfigTable } from './parse-config.js';
import type { KeyPath, Origin } from './settings/settings.js';

/** A rule as it is written, and where. */
export interface WrittenRule {
  readonly table: ConfigTable;
  readonly origin: Extract<Origin, { readonly from: 'file' }>;
}

/** All files of a configuration as one. */
export interface MergedConfig {
  /** Every key but `rule`. */
  readonly table: ConfigTable;
  /** Where each value of `table` that is no table itself comes from, by its key. */
  readonly origins: Readonly<Record<string, Origin>>;
  readonly rules: readonly WrittenRule[];
}

/** What one file says, or a table of a handler in it. */
interface Layer extends Pick<ConfigFile, 'path' | 'table'> {
  /** The way to the table in the file. */
  readonly above: KeyPath;
  /** That it is a handler's own. */
  readonly isOfHandler: boolean;
}

/**
 * Merges tables key by key, the later file wins; rules are appended in order. What a handler has of its own comes last, and a
 * rule that comes with ociwrap, and that it places, stands there in the place of the one before.
 */
export function mergeConfig(files: readonly ConfigFile[], handler?: ConfigFiles['handler']): MergedConfig {
  let table: ConfigTable = {};
  const origins: Record<string, Origin> = {};
  let rules: readonly WrittenRule[] = [];
  for (const { path: file, table: added, above, isOfHandler } of layersOf(files, handler)) {
    const { rule = [], handler: _, ...settings } = added;
    table = mergeTables(table, settings);
    for (const path of valuePaths(settings)) {
      origins[keyText(path)] = { from: 'file', file, path: [...above, ...path] };
    }
    const own = (rule as readonly ConfigTable[]).map(
      (written, index): WrittenRule => ({
        table: written,
        origin: { from: 'file', file, path: [...above, 'rule', index] },
      }),
    );
    const placed = isOfHandler ? own.flatMap(({ table: { use } }) => use ?? []) : [];
    rules = [...rules.filter(({ table: { use } }) => use === undefined || !placed.includes(use)), ...own];
  }
  return { table, origins, rules };
}

function layersOf(files: readonly ConfigFile[], handler: ConfigFiles['handler']): readonly Layer[] {
  const whole = files.map(
    (file): Layer => ({ ...file, above: [], isOfHandler: file.path === handler?.file }),
  );
  const tables = whole.flatMap(({ path, table, isOfHandler }): Layer[] => {
    const own = handler === undefined || isOfHandler ? undefined : handlerTable(table, handler.name);
    return own === undefined
      ? []
      : [{ path, table: own, above: ['handler', handler?.name ?? ''], isOfHandler: true }];
  });
  return [
    ...whole.filter(({ isOfHandler }) => !isOfHandler),
    ...tables,
    ...whole.filter((each) => each.isOfHandler),
  ];
}

function handlerTable({ handler }: ConfigTable, name: string): ConfigTable | undefined {
  const own = isTable(handler) && Object.hasOwn(handler, name) ? handler[name] : undefined;
  return isTable(own) ? own : undefined;
}

/** The handlers that a file has tables for. */
export function handlersIn({ table: { handler } }: Pick<ConfigFile, 'table'>): readonly string[] {
  return isTable(handler) ? Object.keys(handler) : [];
}

function mergeTables(base: ConfigTable, added: ConfigTable): ConfigTable {
  const merged = Object.entries(added).map(([key, value]): [string, JsonValue] => {
    const before = base[key];
    return [key, isTable(before) && isTable(value) ? mergeTables(before, value) : value];
  });
  return { ...base, ...Object.fromEntries(merged) };
}

/** Where each value stands that is no table itself. */
export function valuePaths(table: ConfigTable, above: KeyPath = []): readonly KeyPath[] {
  return Object.entries(table).flatMap(([key, value]) =>
    isTable(value) ? valuePaths(value, [...above, key]) : [[...above, key]],
  );
}

function isTable(value: JsonValue | undefined): value is ConfigTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
