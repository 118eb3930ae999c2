import { parse } from 'smol-toml';

import { EngineConfigError } from '../engine-config-error.js';
import { withoutMark } from '../text/file-text.js';

/** A table of a TOML text: what the engine would read, whatever the text looks like. */
export type TomlTable = { readonly [key: string]: unknown };

/** Where a value stands: the names from the top. */
export type TomlPath = readonly string[];

/**
 * Reads a TOML text.
 *
 * @throws EngineConfigError `ERR_ENGINE_FILE_BROKEN`, with the line
 */
export function parseToml(text: string, path: string): TomlTable {
  try {
    return parse(withoutMark(text).text, { integersAsBigInt: true });
  } catch (cause) {
    const { message, line } = cause as { readonly message: string; readonly line?: number };
    // The lines after the first draw a picture of the place.
    const [said = ''] = message.split('\n');
    const why = said.replace(/^Invalid TOML document: /, '');
    throw new EngineConfigError('ERR_ENGINE_FILE_BROKEN', `it is not TOML: ${why}`, {
      path,
      line,
      cause,
    });
  }
}

/** What stands at a place; undefined for nothing. */
export function valueAt(table: TomlTable, place: TomlPath): unknown {
  let value: unknown = table;
  for (const name of place) {
    if (!isTable(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** The table at a place; an empty one for none. */
export function tableAt(table: TomlTable, place: TomlPath): TomlTable {
  const value = valueAt(table, place);
  return isTable(value) ? value : {};
}

/** The text at a place. */
export function textAt(table: TomlTable, place: TomlPath): string | undefined {
  const value = valueAt(table, place);
  return typeof value === 'string' ? value : undefined;
}

/** The texts of a list at a place. */
export function textsAt(table: TomlTable, place: TomlPath): readonly string[] {
  const value = valueAt(table, place);
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** Whether a value is a table, and not a list or a date. */
export function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Two tables as an engine merges them: tables by their keys, anything else replaced by the later one. */
export function merged(one: TomlTable, later: TomlTable): TomlTable {
  const result: Record<string, unknown> = Object.assign(Object.create(null), one);
  for (const [key, value] of Object.entries(later)) {
    const before = result[key];
    result[key] = isTable(before) && isTable(value) ? merged(before, value) : value;
  }
  return result;
}
