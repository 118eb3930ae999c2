import type { JsonObject, JsonValue } from './json.js';
import { readContainer } from './json-items.js';
import { skipJsonValue } from './json-scan.js';
import { decodeUtf8 } from './utf8.js';

/** The JSON text of a value, without white space; integers keep all their digits. */
export function writeJson(value: JsonValue): string {
  // Most values are texts.
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? writeList(value) : writeObject(value as JsonObject);
  }
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}

function writeList(list: readonly JsonValue[]): string {
  const texts: string[] = [];
  for (let at = 0; at < list.length; at += 1) texts.push(writeJson(list[at] as JsonValue));
  return `[${texts.join(',')}]`;
}

function writeObject(object: JsonObject): string {
  const texts: string[] = [];
  for (const name of Object.keys(object)) {
    texts.push(`${JSON.stringify(name)}:${writeJson(object[name] as JsonValue)}`);
  }
  return `{${texts.join(',')}}`;
}

const NUMBER = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;

/** One spelling for all tokens of the same number: `1.0`, `1` and `10e-1` become `1e0`. */
function canonicalNumber(token: string): string | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(token) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  // Without `/0+$/`, which looks from every zero whether the rest is zeros.
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  const significant = digits.slice(0, end);
  if (significant === '') {
    return whole === '' ? undefined : '0';
  }
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}

/**
 * Whether the value at `start` equals `value` (RFC 6902 section 4.6). Numbers are compared by the digits written, not
 * as JavaScript would round them. An object that holds a name twice equals nothing.
 */
export function equalsJson(bytes: Uint8Array, start: number, value: JsonValue): boolean {
  const container = readContainer(bytes, start);
  if (container?.kind === 'array') {
    return (
      Array.isArray(value) &&
      value.length === container.length &&
      container.items.every((item, i) => equalsJson(bytes, item.value, value[i]))
    );
  }
  if (container !== undefined) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return false;
    }
    const members = new Map(Object.entries(value));
    return (
      container.length === members.size &&
      container.items.every(({ name = '', value: start }) => {
        const expected = members.get(name);
        return members.delete(name) && expected !== undefined && equalsJson(bytes, start, expected);
      })
    );
  }
  const token = decodeUtf8(bytes.subarray(start, skipJsonValue(bytes, start)));
  if (typeof value === 'number' || typeof value === 'bigint') {
    return canonicalNumber(token) === canonicalNumber(writeJson(value));
  }
  return canonicalNumber(token) === undefined && JSON.parse(token) === value;
}
