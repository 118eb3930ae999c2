import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { exitOfWaitStatus, exitStatusOf, signalNumber } from '../../src/exit/exit-status.js';
import { parseProcessStat } from '../../src/exit/process-stat.js';

const line = (name: string, state = 'S', startTime = '123456', waitStatus = '0') =>
  `42 (${name}) ${state} ${'1 '.repeat(18)}${startTime} ${'2 '.repeat(29)}${waitStatus}\n`;

describe('parseProcessStat', () => {
  test.each([['sh'], ['a b'], ['a) Z 1 2 (b'], ['((('], [') '], ['']])(
    'a program that is called %j',
    (name) => {
      expect(parseProcessStat(line(name))).toEqual({ state: 'S', startTime: 123456n, waitStatus: 0 });
    },
  );

  test('the values of a zombie', () => {
    expect(parseProcessStat(line('sh', 'Z', '18446744073709551615', '768'))).toEqual({
      state: 'Z',
      startTime: 18446744073709551615n,
      waitStatus: 768,
    });
  });

  test('the line of this kernel', () => {
    const text = readFileSync('/proc/self/stat', 'latin1');
    const startTime = BigInt(String(text.split(') ')[1]?.split(' ')[19]));
    expect(parseProcessStat(text)).toEqual({ state: 'R', startTime, waitStatus: 0 });
  });

  test.each([
    [''],
    ['42 (sh'],
    ['42 sh S 1'],
    ['42 (sh) S 1 2 3'],
    [line('sh', 'SS')],
    [line('sh', 'S', 'x')],
  ])('no such line: %j', (text) => expect(parseProcessStat(text)).toBeUndefined());
});

describe('exit statuses', () => {
  test.each([
    [0, { exitCode: 0 }],
    [0x0300, { exitCode: 3 }],
    [0xff00, { exitCode: 255 }],
    [9, { signal: 9 }],
    [0x80 | 11, { signal: 11 }],
  ])('of waitpid(2): %d', (status, expected) => expect(exitOfWaitStatus(status)).toEqual(expected));

  test.each([
    [{ exitCode: 7 }, { exitCode: 7 }],
    [{ signal: 6 }, { signal: 'SIGABRT' }],
    [{ signal: 29 }, { signal: 'SIGIO' }],
    [{ signal: 40 }, { unknown: expect.stringContaining('signal 40') }],
    [{ unknown: 'not-kept' } as const, { unknown: expect.stringContaining('6.15') }],
    [{ unknown: 'not-reaped' } as const, { unknown: expect.stringContaining('not collected') }],
  ])('%j', (exit, expected) => expect(exitStatusOf(exit)).toEqual(expected));

  test.each([
    ['SIGKILL', 9],
    [0, 0],
    [64, 64],
    [65, undefined],
    [-1, undefined],
    [1.5, undefined],
    ['KILL', undefined],
    ['toString', undefined],
    [undefined, undefined],
  ])('the number of %j', (signal, expected) => expect(signalNumber(signal)).toBe(expected));
});
