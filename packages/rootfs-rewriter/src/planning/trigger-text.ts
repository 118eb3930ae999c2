import { findBytes } from '@opencontainers-ts/runtime-spec';

import type { Rule } from './rule.js';

// Short escapes of JSON (RFC 8259, section 7) and what they stand for.
const SHORT_ESCAPES = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

const encoder = new TextEncoder();

/**
 * Whether one of the rules might act on this `config.json`: a search in the text, much faster than any parser. `false` proves
 * that none does; `true` proves nothing.
 *
 * A rule might act if one of its trigger texts occurs, or an escape that could stand for one of its characters. Other
 * escapes hide nothing: those that Go's encoder writes into any file (`\u0026`, `\u003c`, `\u003e`, `\u2028`, `\u2029`) do
 * not count unless the trigger contains such a character; `\/` counts for a trigger with a slash.
 *
 * @param bytes - a `config.json`, valid or not
 *
 * @example
 * ```ts
 * import { mayClaim, pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
 *
 * const config = new TextEncoder().encode('{"annotations":{"a":"b"}}');
 * console.log(mayClaim(config, [pvcRootfs()])); // false
 * ```
 */
export function mayClaim(bytes: Uint8Array, rules: readonly Rule[]): boolean {
  return rules.some(({ triggers }) => triggers === 'every-create' || mayHold(bytes, triggers));
}

/**
 * Whether the text of this `config.json` may contain a misspelt trigger of one of the rules. Escapes are not decoded, since
 * engines write these characters as they are.
 *
 * @param bytes - a `config.json`, valid or not
 *
 * @example
 * ```ts
 * import { maySlip, pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
 *
 * const config = new TextEncoder().encode('{"annotations":{"sgs.snucse.org/osvolume":"/mnt"}}');
 * console.log(maySlip(config, [pvcRootfs()])); // true
 * ```
 */
export function maySlip(bytes: Uint8Array, rules: readonly Pick<Rule, 'slipTexts'>[]): boolean {
  return rules.some(({ slipTexts = [] }) => slipTexts.some((text) => holds(bytes, text)));
}

function mayHold(bytes: Uint8Array, triggers: readonly string[]): boolean {
  if (triggers.some((trigger) => holds(bytes, trigger))) return true;
  const characters = new Set(triggers.flatMap((trigger) => trigger.split('')));
  // Go's encoding/json reads each invalid byte and each lone surrogate as this character.
  if (characters.has('\ufffd')) return true;
  // A backslash takes the next character with it: in `\\u0073` nothing but the backslash is escaped.
  for (let at = bytes.indexOf(BACKSLASH); at >= 0; at = bytes.indexOf(BACKSLASH, at + 2)) {
    const written = String.fromCharCode(...bytes.subarray(at + 1, at + 6));
    if (characters.has(escapedAt(written, 0))) return true;
  }
  return false;
}

const BACKSLASH = 0x5c;

/** Searched for as bytes: in UTF-8 no character begins within another one. */
function holds(bytes: Uint8Array, text: string): boolean {
  return text === '' || findBytes(bytes, encoder.encode(text)) !== -1;
}

/** The UTF-16 unit that the escape stands for, or the empty string where it is none. */
function escapedAt(text: string, at: number): string {
  if (text[at] !== 'u') return SHORT_ESCAPES.get(text[at] ?? '') ?? '';
  const digits = text.slice(at + 1, at + 5);
  return /^[0-9a-fA-F]{4}$/.test(digits) ? String.fromCharCode(Number.parseInt(digits, 16)) : '';
}
