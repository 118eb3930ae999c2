import { probablyMeant } from '@opencontainers-ts/rootfs-rewriter';

import { parsePointer, quoted } from '@opencontainers-ts/runtime-spec';

import * as generated from './generated/validate-config-file.js';
import type { KeyPath } from './settings/settings.js';

/** What ajv says of one violation, with `verbose` (https://ajv.js.org/api.html#error-objects). */
interface Violation {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly parentSchema: { readonly properties?: object; readonly type?: string | readonly string[] };
  readonly data: unknown;
}

interface Validator {
  (value: unknown): boolean;
  readonly errors?: readonly Violation[] | null;
}

const validateConfigFile = generated.validateConfigFile as unknown as Validator;

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text in quotes',
  boolean: 'true or false',
  integer: 'a whole number',
  array: 'an array',
  object: 'a table',
};

/** One place that the schema does not allow, and why. */
interface KeyFault {
  readonly path: KeyPath;
  readonly message: string;
}

/** All that the schema of the configuration says is wrong: one fault for each place. */
export function schemaFaults(table: object): readonly KeyFault[] {
  if (validateConfigFile(table)) return [];
  // `if` only says that one of the branches, which spoke for itself, was not kept.
  const violations = (validateConfigFile.errors ?? []).filter(({ keyword }) => keyword !== 'if');
  if (violations.length === 0) return [{ path: [], message: 'does not keep to the schema' }];
  const faults = new Map<string, KeyFault>();
  for (const violation of violations) {
    const fault = faultOf(violation, table);
    const place = JSON.stringify(fault.path);
    if (!faults.has(place)) faults.set(place, fault);
  }
  return [...faults.values()];
}

function faultOf(violation: Violation, table: object): KeyFault {
  const above = keyPath(violation.instancePath, table);
  const { additionalProperty, missingProperty } = violation.params;
  if (typeof additionalProperty === 'string') {
    return { path: [...above, additionalProperty], message: unknownKey(additionalProperty, violation) };
  }
  if (typeof missingProperty === 'string') {
    return { path: above, message: `lacks ${quoted(missingProperty)}` };
  }
  return { path: above, message: wrongValue(violation) };
}

/** A JSON pointer as keys; places in arrays become numbers. */
function keyPath(pointer: string, table: object): KeyPath {
  let value: unknown = table;
  return parsePointer(pointer).map((key) => {
    const part = Array.isArray(value) ? Number(key) : key;
    value = (value as Readonly<Record<string | number, unknown>>)[part];
    return part;
  });
}

function unknownKey(key: string, { parentSchema }: Violation): string {
  const known = Object.keys(parentSchema.properties ?? {});
  const meant = probablyMeant(key, known);
  if (meant !== undefined) return `no such key, did you mean ${quoted(meant)}?`;
  return known.length === 0 ? 'no such key' : `no such key; known are ${known.join(', ')}`;
}

function wrongValue({ keyword, params, data, parentSchema }: Violation): string {
  const shown = `, not ${shownValue(data)}`;
  switch (keyword) {
    case 'type': {
      const types = [parentSchema.type ?? []].flat().map((type) => TYPE_NAMES[type] ?? type);
      return `must be ${types.join(' or ')}${shown}`;
    }
    case 'enum': {
      const allowed = params['allowedValues'] as readonly string[];
      const meant = typeof data === 'string' ? probablyMeant(data, allowed) : undefined;
      const hint = meant === undefined ? '' : `; did you mean ${quoted(meant)}?`;
      return `must be one of ${allowed.map(quoted).join(', ')}${shown}${hint}`;
    }
    case 'pattern':
      return `${patternText(String(params['pattern']))}${shown}`;
    case 'minimum':
    case 'maximum':
      return `must be ${keyword === 'minimum' ? 'at least' : 'at most'} ${String(params['limit'])}${shown}`;
    case 'minItems':
    case 'minLength':
      return 'must not be empty';
    default:
      return `does not keep to "${keyword}" of the schema`;
  }
}

function shownValue(data: unknown): string {
  if (typeof data === 'string') return quoted(data);
  if (Array.isArray(data)) return 'an array';
  return typeof data === 'object' ? 'a table' : String(data);
}

/** What the patterns of the schema mean. */
function patternText(pattern: string): string {
  if (pattern.includes('KiB')) return 'must be a number of bytes, or a text such as "512KiB" or "10MiB"';
  if (pattern.startsWith('^/')) return 'must be an absolute path';
  return 'must be an absolute path or a name without a slash';
}
