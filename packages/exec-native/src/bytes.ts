import { isUint8Array } from 'node:util/types';

import { ArgumentError } from './exec-native-error.js';

/** Text, which is encoded as UTF-8, or bytes: on Linux, paths, arguments and variables need not be UTF-8. */
export type Bytes = string | Uint8Array;

/** The bytes of one argument, without a NUL, at which the kernel would silently cut it. */
export function toBytes(value: unknown, argument: string): Uint8Array {
  const bytes = typeof value === 'string' ? encode(value, argument) : value;
  if (!isUint8Array(bytes)) {
    throw new ArgumentError('ERR_INVALID_ARG_TYPE', argument, 'is neither a string nor a Uint8Array');
  }
  if (bytes.includes(0)) {
    throw new ArgumentError('ERR_INVALID_ARG_VALUE', argument, 'holds a NUL byte');
  }
  return bytes;
}

/** {@link toBytes} for each element of a list. */
export function toByteList(values: unknown, argument: string): readonly Uint8Array[] {
  if (!Array.isArray(values)) {
    throw new ArgumentError('ERR_INVALID_ARG_TYPE', argument, 'is not an array');
  }
  return Array.from(values, (value: unknown, index) => toBytes(value, `${argument}[${index}]`));
}

function encode(text: string, argument: string): Uint8Array {
  const bytes = Buffer.from(text);
  // An unpaired surrogate would become U+FFFD: another file than the one that was meant.
  if (bytes.includes('\ufffd') && bytes.toString() !== text) {
    throw new ArgumentError('ERR_INVALID_ARG_VALUE', argument, 'holds half a surrogate pair');
  }
  return bytes;
}

/**
 * A path for a message: quoted, on one line, without characters that control a terminal or a log reader, and without
 * invisible ones (Default_Ignorable_Code_Point, and blanks that look like the ordinary one).
 */
export function printablePath(path: Uint8Array): string {
  const text = Buffer.from(path).toString();
  return `"${text.replace(/(?! )[\p{C}\p{Z}\p{DI}\\"]/gu, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  if (character === '\\' || character === '"') {
    return `\\${character}`;
  }
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
