import { type JsonPatch, type JsonValue, SpecDocument } from '@opencontainers-ts/runtime-spec';

import { indentJson } from '../commands/indent-json.js';
import { CaseFault } from './case-fault.js';
import type { CaseFile } from './rule-case.js';

/** A file of a case as the document that it is, down to its digits. */
export function documentOf({ path, bytes }: CaseFile): SpecDocument {
  try {
    return SpecDocument.parse(bytes, path);
  } catch (error) {
    // It names the file.
    throw new CaseFault((error as Error).message, { cause: error });
  }
}

/** A small file of a case as plain data: an object that has these members only. */
export function objectOf<K extends string>(
  file: CaseFile | undefined,
  members: readonly K[],
): Partial<Readonly<Record<K, unknown>>> {
  if (file === undefined) return {};
  const value = documentOf(file).spec as unknown;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CaseFault(`${file.path}: not an object`);
  }
  const known = new Set<string>(members);
  const unknown = Object.keys(value).find((name) => !known.has(name));
  if (unknown !== undefined) {
    const why = `${JSON.stringify(unknown)} is none of ${members.map((name) => `"${name}"`).join(', ')}`;
    throw new CaseFault(`${file.path}: ${why}`);
  }
  return value;
}

/** A patch out of a file, with values whose integers keep every digit. */
export function patchOf(file: CaseFile): JsonPatch {
  const document = documentOf(file);
  const operations = document.spec as unknown;
  if (!Array.isArray(operations)) throw new CaseFault(`${file.path}: not an array of operations (RFC 6902)`);
  return exactValue(document, '') as unknown as JsonPatch;
}

/** The value at a pointer, with integers beyond 2^53 as bigint. */
function exactValue(document: SpecDocument, pointer: string): JsonValue {
  const source = document.source(pointer) ?? 'null';
  if (source.startsWith('{') || source.startsWith('[')) {
    const shallow = JSON.parse(source) as object;
    const items = Object.keys(shallow).map((key): [string, JsonValue] => {
      const step = key.replaceAll('~', '~0').replaceAll('/', '~1');
      return [key, exactValue(document, `${pointer}/${step}`)];
    });
    return Array.isArray(shallow) ? items.map(([, value]) => value) : Object.fromEntries(items);
  }
  const value = JSON.parse(source) as JsonValue;
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
    ? BigInt(source)
    : value;
}

/** A JSON value as indented text, integers with every digit. */
export function jsonText(value: unknown): string {
  return indentJson(compactJson(value));
}

function compactJson(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(compactJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${compactJson(member)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/** A patch as text that says the same for the same operations, whatever the order of members, which JSON has none of. */
export function patchText(patch: JsonPatch): string {
  return jsonText(
    patch.map((operation) => {
      const { op, path } = operation;
      const from = 'from' in operation ? { from: operation.from } : {};
      return { op, ...from, path, ...('value' in operation ? { value: sorted(operation.value) } : {}) };
    }),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}
