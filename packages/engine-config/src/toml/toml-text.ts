import type { TomlPath } from './toml-table.js';

/** A value as TOML has it; undefined for one that has no plain form (a date, a list of tables). */
export function tomlValue(value: unknown): string | undefined {
  if (typeof value === 'string') return tomlString(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) {
    return Number.isInteger(value) ? `${value}.0` : String(value);
  }
  if (!Array.isArray(value)) return undefined;
  const items = value.map(tomlValue);
  return items.includes(undefined) ? undefined : `[${items.join(', ')}]`;
}

/** JSON's escapes are TOML's, but for DEL, which TOML wants escaped. */
function tomlString(text: string): string {
  return JSON.stringify(text).replaceAll('\x7f', '\\u007f');
}

/** The header of a table: `[plugins."io.containerd.grpc.v1.cri".containerd]`. */
export function tomlHeader(place: TomlPath): string {
  return `[${place.map((name) => (/^[A-Za-z0-9_-]+$/.test(name) ? name : tomlString(name))).join('.')}]`;
}

/** A table with its header; an entry of undefined is left out. */
export function tomlTable(
  place: TomlPath,
  entries: readonly (readonly [string, unknown])[],
): readonly string[] {
  const lines = entries.flatMap(([key, value]) => {
    const text = tomlValue(value);
    return text === undefined ? [] : [`  ${key} = ${text}`];
  });
  return [tomlHeader(place), ...lines];
}
