import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { refusalLine, refusalOf } from '../../src/call/refusal.js';
import { CliError } from '../../src/cli-error.js';

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('refusalOf', () => {
  test('an error of ours keeps code and hint', () => {
    expect(refusalOf(new CliError('ERR_HOST_CHANGED', 'it moved'))).toEqual({
      code: 'ERR_HOST_CHANGED',
      message: 'it moved',
      hint: expect.stringContaining('start the container again'),
    });
  });

  test('a coded error without a hint keeps its code', () => {
    const error = Object.assign(new Error('m'), { code: 'ERR_MY_RULE', hint: undefined });
    expect(refusalOf(error)).toEqual({ code: 'ERR_MY_RULE', message: 'm' });
  });

  test.each<[string, unknown]>([
    ['an error of the file system', thrownBy(() => readFileSync('/no/such/file'))],
    ['a plain error', new TypeError('x is undefined')],
    ['a text', 'oops'],
    ['nothing', undefined],
    ['an object that only looks like one', { code: 'ERR_FORGED', hint: 'h', message: 'm' }],
  ])('%s is a defect, not a finding about the container', (_name, thrown) => {
    expect(refusalOf(thrown).code).toBe('ERR_UNEXPECTED');
  });

  test('the message becomes one printable line', () => {
    expect(refusalOf(new CliError('ERR_USAGE', 'a\nb\u001b[2J')).message).toBe('a\\u000ab\\u001b[2J');
  });
});

test("code and hint of another's error become printable, too, and so does the whole line", () => {
  const error = Object.assign(new Error('m'), { code: 'ERR_A\u202e', hint: 'h\u009b' });
  expect(refusalOf(error)).toEqual({ code: 'ERR_A\\u202e', message: 'm', hint: 'h\\u009b' });
  expect(refusalLine({ code: 'E\n', message: '\u2028', hint: '\u007f' })).toBe('\\u2028 [E\\u000a]: \\u007f');
});

test.each([
  ['with a hint', { code: 'ERR_A', message: 'm', hint: 'h' }, 'm [ERR_A]: h'],
  ['without', { code: 'ERR_A', message: 'm' }, 'm [ERR_A]'],
])('refusalLine %s', (_name, refusal, line) => {
  expect(refusalLine(refusal)).toBe(line);
});
