import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { indentJson } from '../../src/commands/indent-json.js';

test.each([
  ['an object', '{"a":1,"b":[true,null]}', '{\n  "a": 1,\n  "b": [\n    true,\n    null\n  ]\n}\n'],
  ['empty ones stay on their line', '{"a":{},"b":[ ]}', '{\n  "a": {},\n  "b": []\n}\n'],
  ['signs inside a text are text', '{"a{,:":"]\\"}"}', '{\n  "a{,:": "]\\"}"\n}\n'],
  ['a text that ends in a backslash', '["\\\\",1]', '[\n  "\\\\",\n  1\n]\n'],
  ['a long integer keeps its digits', '[18446744073709551615]', '[\n  18446744073709551615\n]\n'],
  ['duplicate keys stay', '{"a":1,"a":2}', '{\n  "a": 1,\n  "a": 2\n}\n'],
  ['a scalar', ' 1.0 ', '1.0\n'],
])('%s', (_name, text, expected) => {
  expect(indentJson(text)).toBe(expected);
});

test('gives what JSON.stringify gives, however the text was laid out before', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (json, space) => {
      const value = JSON.parse(json);
      expect(indentJson(JSON.stringify(value, null, space))).toBe(`${JSON.stringify(value, null, 2)}\n`);
    }),
  );
});
