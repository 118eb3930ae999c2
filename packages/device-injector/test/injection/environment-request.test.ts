import { expect, test } from '@jest/globals';
import type { JsonObject } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
import fc from 'fast-check';

import { setVariables } from '../../src/edits/env.js';
import { environmentOf } from '../../src/injection/environment-request.js';

const entry = fc.constantFrom('A=1', 'A=', 'A', 'AB=2', 'AB', 'B==', 'B', '', '=', '=x', 'A=B=3');
const entries = fc.array(entry, { maxLength: 8 });
const specWith = (env: readonly string[]): JsonObject => ({ process: { env } });
const nameOf = (each: string) => each.split('=', 1)[0] ?? '';

test('property: a variable has the value that a map of all of them has', () => {
  fc.assert(
    fc.property(entries, (env) => {
      const map = new Map(env.map((each) => [nameOf(each), each.slice(nameOf(each).length + 1)]));
      const environment = environmentOf(specWith(env));
      for (const name of ['A', 'AB', 'B', 'C', '']) expect(environment.get(name)).toBe(map.get(name));
    }),
  );
});

test('property: few variables and many are set alike', () => {
  fc.assert(
    fc.property(entries, fc.array(entry, { maxLength: 10 }), (env, variables) => {
      const oneByOne = variables.reduce((spec, each) => setVariables(spec, [each]), specWith(env));
      expect(setVariables(specWith(env), variables)).toEqual(oneByOne);
    }),
  );
});
