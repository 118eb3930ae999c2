import { format } from 'node:util';

import { expect, test } from '@jest/globals';

import { consoleText } from '../../src/rule-side/console-text.js';

const circle: Record<string, unknown> = { a: 1 };
circle['self'] = circle;

test.each<[title: string, args: readonly unknown[]]>([
  ['nothing', []],
  ['texts', ['one', 'two', '']],
  ['numbers', [1, -0, Number.NaN, 1n, 1.5]],
  ['what is not there', [null, undefined]],
  ['truth', [true, false]],
  ['a symbol', [Symbol('s')]],
  ['an object', ['one', { two: 2 }]],
  ['texts in an object', [{ a: 'b', 'c d': ['e'], f: { g: null } }]],
  ['empty ones', [{}, [], new Map(), new Set()]],
  ['a list', [[1, 'two', [3]]]],
  ['depth', [{ a: { b: { c: { d: 1 } } } }, [[[[1]]]]]],
  [
    'functions',
    [
      function named() {
        return 1;
      },
      () => 1,
    ],
  ],
  ['maps and sets', [new Map([['a', 1]]), new Set(['a'])]],
  [
    'a class',
    [
      new (class Thing {
        readonly a = 1;
      })(),
    ],
  ],
  ['bytes', [new Uint8Array([1, 2])]],
  ['a pattern', [/a+/g]],
  ['directives', ['%s is %d and %i, %j %%', 'a', 1.5, 1.5, { b: 1 }, 'rest', 2]],
  ['directives without values', ['%s %d']],
  ['directives that are none', ['100% %x', 1]],
  ['%s of other values', ['%s %s %s', 1n, null, undefined]],
])('%s: as util.format of Node', (_title, args) => {
  expect(consoleText(args)).toBe(format(...args));
});

test.each<[title: string, args: readonly unknown[], text: string]>([
  ['an object in itself', [circle], '{ a: 1, self: [Circular] }'],
  [
    'a getter that throws',
    [
      {
        get a() {
          throw new Error('no');
        },
      },
    ],
    '[it cannot be looked at]',
  ],
  [
    'a Proxy that throws',
    [
      new Proxy(
        {},
        {
          get() {
            throw new Error('no');
          },
        },
      ),
    ],
    '[it cannot be looked at]',
  ],
  ['a long list', [Array.from({ length: 102 }, () => 0)], `[ ${'0, '.repeat(100)}... 2 more items ]`],
  ['a value that JSON has not', ['%j', circle], '[it cannot be looked at]'],
])('%s', (_title, args, text) => {
  expect(consoleText(args)).toBe(text);
});

test('an error is told with its place', () => {
  expect(consoleText([new TypeError('no')])).toMatch(/^TypeError: no\n/);
});
