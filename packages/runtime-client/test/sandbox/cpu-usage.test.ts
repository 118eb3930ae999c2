import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sandboxCpuUsage } from '../../src/index.js';

const counted = (...times: readonly bigint[]) => new Map(times.map((time, at) => [`c${at}`, time]));
const shares = (times: readonly bigint[], whole?: bigint) => [
  ...sandboxCpuUsage(counted(...times), whole).values(),
];

describe('the CPU time of containers', () => {
  test.each<[string, readonly bigint[], bigint | undefined, readonly bigint[]]>([
    ['in proportion', [1n, 3n], 8n, [2n, 6n]],
    ['less than was counted', [6n, 2n], 4n, [3n, 1n]],
    ['one that used nothing', [0n, 5n], 7n, [0n, 7n]],
    ['nothing counted', [0n, 0n, 0n], 10n, [3n, 3n, 3n]],
    ['no cgroup', [4n, 5n], undefined, [4n, 5n]],
    ['a cgroup that counted nothing', [4n, 5n], 0n, [4n, 5n]],
    ['no containers', [], 10n, []],
    // The product has more than 64 bits, and doubles would give 2^64.
    ['no overflow', [2n ** 64n - 1n], 2n ** 64n - 1n, [2n ** 64n - 1n]],
  ])('%s', (_name, times, whole, wanted) => {
    expect(shares(times, whole)).toEqual(wanted);
  });

  test('the shares are the whole, but for what rounding takes', () => {
    const time = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(fc.array(time, { minLength: 1, maxLength: 20 }), time, (times, whole) => {
        fc.pre(whole > 0n);
        const missing = whole - shares(times, whole).reduce((sum, share) => sum + share, 0n);
        expect(missing >= 0n && missing < BigInt(times.length)).toBe(true);
      }),
    );
  });

  test('a time below 0 is an error', () => {
    const error = expect.objectContaining({ code: 'ERR_RUNTIME_OPTION' });
    expect(() => shares([1n, -1n], 5n)).toThrow(error);
    expect(() => shares([1n], -5n)).toThrow(error);
  });
});
