import type { FieldShape } from '../findings/field-table.js';
import type { FieldNames } from './member-names.js';
import { decodeUtf8 } from './utf8.js';

/**
 * Whether a text is, to the byte, how `JSON.stringify` writes the value that was read from it. Then nothing was lost in
 * reading: no object names a member twice. Engines write their configurations this way, as far as no character is escaped.
 *
 * Texts with `\u` escapes are never plain: the name that such a text gives may be another one to other runtimes.
 */
export function isPlainlyWritten(text: Uint8Array, value: unknown): boolean {
  const written = decodeUtf8(text);
  return !written.includes('\\u') && stringified(value) === written;
}

function stringified(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    // It recurses, and a document may nest 100,000 brackets: that one is not plain.
    return undefined;
  }
}

/** Whether no member of a typed object has a name that merely folds to that of a field. */
export function isPlainlyNamed(value: unknown, shape: FieldShape | undefined, names: FieldNames): boolean {
  if (typeof value !== 'object' || value === null || shape === undefined || shape.kind === 'leaf') {
    return true;
  }
  if (Array.isArray(value)) {
    const element = names.shapeOf(shape, '');
    return element === undefined || element.kind === 'leaf'
      ? true
      : value.every((inner) => isPlainlyNamed(inner, element, names));
  }
  for (const name of Object.keys(value)) {
    const field = names.fieldFor(shape, name);
    if (field !== undefined && field !== name) return false;
    const inner = (value as Readonly<Record<string, unknown>>)[name];
    // Most members are scalars, about which the table need not be asked again.
    if (typeof inner === 'object' && !isPlainlyNamed(inner, names.shapeOf(shape, name), names)) return false;
  }
  return true;
}
