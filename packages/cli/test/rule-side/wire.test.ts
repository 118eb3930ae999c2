import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import { fromWire, toWire } from '../../src/rule-side/wire.js';

test('whatever is data comes back as it was', () => {
  const data = fc.letrec((tie) => ({
    value: fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.bigInt(),
      fc.boolean(),
      fc.constant(null),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.array(tie('value')),
      fc.dictionary(fc.string(), tie('value')),
    ),
  })).value;
  fc.assert(
    fc.property(data, (value) => {
      expect(fromWire(toWire(value))).toEqual(value);
    }),
  );
});

test.each([undefined, 'n1', 's', '', { __proto__: null, n: 'n1', s: 1n }, [1n, '1']])(
  '%p comes back',
  (value) => {
    expect(fromWire(toWire(value))).toEqual(value);
  },
);
