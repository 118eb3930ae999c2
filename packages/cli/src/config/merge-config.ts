import type { JsonValue } from '@opencontainers-ts/runtime-spec';

import { keyText } from './config-fault.js';
import type { ConfigFile, ConfigTable } from './parse-config.js';
import type { KeyPath, Origin } from './settings.js';

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

/** Merges tables key by key, the later file wins; rules are appended in order. */
export function mergeConfig(files: readonly ConfigFile[]): MergedConfig {
  let table: ConfigTable = {};
  const origins: Record<string, Origin> = {};
  const rules: WrittenRule[] = [];
  for (const { path: file, table: added } of files) {
    const { rule = [], ...settings } = added;
    table = mergeTables(table, settings);
    for (const path of valuePaths(settings)) {
      origins[keyText(path)] = { from: 'file', file, path };
    }
    for (const [index, written] of (rule as readonly ConfigTable[]).entries()) {
      rules.push({ table: written, origin: { from: 'file', file, path: ['rule', index] } });
    }
  }
  return { table, origins, rules };
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
