import { ArgumentError } from './exec-native-error.js';

/** A whole number that a descriptor can be; whether it is open is for the kernel to say. */
export function toDescriptor(value: unknown, argument: string): number {
  return toWholeNumber(value, argument, 0, 0x7fffffff, 'is not a descriptor number');
}

/** A whole number from `least` to `most`. */
export function toWholeNumber(
  value: unknown,
  argument: string,
  least: number,
  most: number,
  problem = `is not a whole number from ${least} to ${most}`,
): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new ArgumentError('ERR_INVALID_ARG_TYPE', argument, problem);
  }
  return value;
}
