import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { at, formatPointer, parsePointer, quoted } from '../src/index.js';

describe('parsePointer', () => {
  test.each([
    ['', []],
    ['/', ['']],
    ['/a~1b/m~0n', ['a/b', 'm~n']],
    ['/~01', ['~1']],
    ['/mounts/0', ['mounts', '0']],
  ])('splits %j', (pointer, path) => {
    expect(parsePointer(pointer)).toStrictEqual(path);
  });

  test.each(['a', 'a/b', '/~', '/a~2', '#/a'])('refuses %j', (pointer) => {
    expect(() => parsePointer(pointer)).toThrow(expect.objectContaining({ code: 'ERR_POINTER_SYNTAX' }));
  });

  test('takes back what formatPointer makes', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (path) => {
        expect(parsePointer(formatPointer(path))).toStrictEqual(path);
      }),
    );
  });
});

test('at joins the steps', () => {
  expect(at('linux', 'resources', 'memory', 'limit')).toBe('/linux/resources/memory/limit');
  expect(at('mounts', '-')).toBe('/mounts/-');
  // Compiles: what is for other systems is described too.
  expect(at('freebsd', 'jail', 'vnet')).toBe('/freebsd/jail/vnet');
  expect(at('windows', 'resources', 'cpu', 'count')).toBe('/windows/resources/cpu/count');
});

describe('quoted', () => {
  test.each([
    ['plain é', '"plain é"'],
    ['a\nb\u001b[31m', '"a\\u000ab\\u001b[31m"'],
    ['say "hi" \\', '"say \\"hi\\" \\\\"'],
    ['\u202etxt\u2028', '"\\u202etxt\\u2028"'],
    ['\ud800', '"\\ud800"'],
    ['\u{e0001}', '"\\u{e0001}"'],
  ])('makes %j safe to print', (text, printed) => {
    expect(quoted(text)).toBe(printed);
  });

  test('shortens what is long', () => {
    expect(quoted('x'.repeat(1000))).toBe(`"${'x'.repeat(300)}…"`);
  });
});
