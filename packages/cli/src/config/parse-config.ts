import type { JsonValue } from '@opencontainers-ts/runtime-spec';
import { parse, TomlDate } from 'smol-toml';

import { ConfigFault } from './config-fault.js';
import type { ConfigText } from './config-files.js';
import { schemaFaults } from './schema-fault.js';
import type { KeyPath } from './settings/settings.js';

/** A table of a configuration as plain data: integers that a JavaScript number holds are numbers, others bigint. */
export type ConfigTable = { readonly [key: string]: JsonValue };

/** One file of the configuration, checked. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
  readonly table: ConfigTable;
}

/**
 * Reads one file of the configuration.
 *
 * @throws ConfigFault `ERR_SETTINGS_SYNTAX`, `ERR_SETTINGS_INVALID` for what is no plain data
 */
export function readConfig({ path, bytes }: ConfigText): ConfigFile {
  const text = decode(path, bytes);
  return { path, text, table: plainTable(parseToml(path, text), path, []) };
}

/** What is wrong with a file, but for what a declarative rule says. */
export function configFaults({ path: file, table }: ConfigFile): readonly ConfigFault[] {
  return schemaFaults(table).map(
    ({ path, message }) => new ConfigFault('ERR_SETTINGS_INVALID', message, { file, path }),
  );
}

function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigFault('ERR_SETTINGS_SYNTAX', 'not UTF-8', { file }, { cause });
  }
}

function parseToml(file: string, text: string): object {
  try {
    // 64-bit integers (rlimits) must not be rounded.
    return parse(text, { integersAsBigInt: true });
  } catch (cause) {
    const { message, line } = cause as { readonly message: string; readonly line?: number };
    // The lines after the first draw a picture of the place.
    const [said = ''] = message.split('\n');
    const why = said.replace(/^Invalid TOML document: /, '');
    throw new ConfigFault('ERR_SETTINGS_SYNTAX', `not TOML: ${why}`, { file, line }, { cause });
  }
}

/** More than any key has; TOML's parser has a bound of its own for brackets, and none for dots. */
const DEEPEST = 64;

function plainTable(table: object, file: string, path: KeyPath): ConfigTable {
  if (path.length > DEEPEST) {
    const message = `tables are nested in more than ${DEEPEST} others`;
    throw new ConfigFault('ERR_SETTINGS_INVALID', message, { file, path: path.slice(0, 1) });
  }
  // Own properties, `__proto__` among them, stay own properties.
  return Object.fromEntries(
    Object.entries(table).map(([key, value]) => [key, plainValue(value, file, [...path, key])]),
  );
}

function plainValue(value: unknown, file: string, path: KeyPath): JsonValue {
  if (typeof value === 'bigint') {
    return BigInt(Number.MIN_SAFE_INTEGER) <= value && value <= BigInt(Number.MAX_SAFE_INTEGER)
      ? Number(value)
      : value;
  }
  if (Array.isArray(value)) return value.map((item, index) => plainValue(item, file, [...path, index]));
  if (value instanceof TomlDate) {
    throw new ConfigFault('ERR_SETTINGS_INVALID', 'no key takes a date: write it in quotes', { file, path });
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new ConfigFault('ERR_SETTINGS_INVALID', 'no key takes this number', { file, path });
  }
  return typeof value === 'object' && value !== null
    ? plainTable(value, file, path)
    : (value as string | number | boolean);
}
