import type { IntegerFormat } from './field-table.js';

/** Smallest and largest value of each integer format. */
export const INTEGER_RANGES: Readonly<Record<IntegerFormat, readonly [bigint, bigint]>> = {
  uint8: [0n, 0xffn],
  uint16: [0n, 0xffffn],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 0xffff_ffffn],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

/** More digits than any format has: such a token is out of range whatever it holds. */
const MOST_DIGITS = 20;

/** Whether the integer token, an optional `-` and digits, fits the format as Go's strconv reads it. */
export function fitsInteger(token: string, format: IntegerFormat): boolean {
  const [smallest, largest] = INTEGER_RANGES[format];
  // ParseUint takes no sign at all, so that -0 is refused too.
  if (token.startsWith('-') && smallest === 0n) return false;
  if (token.length > MOST_DIGITS) return false;
  const value = BigInt(token);
  return smallest <= value && value <= largest;
}
