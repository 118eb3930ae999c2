import { describe, expect, test } from '@jest/globals';
import { applyPatch, type JsonObject, type JsonValue } from '@opencontainers-ts/runtime-spec';
import fc from 'fast-check';
import { diffSpecs } from '../../src/spec-edit/json-diff.js';
import { appended } from '../../src/spec-edit/keyed-list.js';
import { sameJson } from '../../src/spec-edit/same-json.js';
import { changedPlaces } from '../../src/spec-edit/spec-places.js';
import { plainDiff } from './plain-diff.js';

const env = fc.array(fc.constantFrom('A=1', 'A=2', 'B=1', 'B=2', 'C', 'D='), { maxLength: 6 });
const mounts = fc.array(
  fc.record({
    destination: fc.constantFrom('/a', '/a/', '/b', '/c'),
    options: fc.array(fc.constantFrom('ro', 'rw', 'nosuid', 'size=1', 'size=2'), { maxLength: 3 }),
  }),
  { maxLength: 5 },
);
const names = fc.array(fc.constantFrom('read', 'write', 'bpf'), { minLength: 1, maxLength: 3 });
const syscalls = fc.array(fc.record({ names, action: fc.constantFrom('SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO') }), {
  maxLength: 3,
});
const spec: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      process: fc.record({ env, args: fc.array(fc.constantFrom('a', 'b')) }, { requiredKeys: [] }),
      mounts,
      linux: fc.record({ seccomp: fc.record({ syscalls }) }),
      // Integers beyond 2^53 come as bigint; a patch refuses those that were rounded.
      other: fc
        .jsonValue({ maxDepth: 2 })
        .filter((value) => !/\d{16}|e\+/.test(JSON.stringify(value))) as fc.Arbitrary<JsonValue>,
      big: fc.bigInt(),
    },
    { requiredKeys: [] },
  )
  .map((value) => value as JsonObject);

describe('the difference of two specs', () => {
  test('as a patch it makes one of the other', () => {
    fc.assert(
      fc.property(spec, spec, (before, after) =>
        sameJson(applyPatch(before, diffSpecs(before, after)), after),
      ),
      { numRuns: 1000 },
    );
  });

  test('is that of a comparison of every element', () => {
    fc.assert(
      fc.property(spec, spec, (before, after) => {
        expect(diffSpecs(before, after)).toEqual(plainDiff(before, after));
      }),
      { numRuns: 1000 },
    );
    // A list that is known to be longer by some entries.
    fc.assert(
      fc.property(env, env, env, (olds, some, more) => {
        const before = { process: { env: olds } };
        const after = { process: { env: appended(appended(olds, some), more) } };
        expect(after.process.env).toEqual([...olds, ...some, ...more]);
        expect(diffSpecs(before, after)).toEqual(plainDiff(before, after));
      }),
    );
    // Values that two specs share, as a spec and what an edit makes of it do.
    fc.assert(
      fc.property(env, env, env, env, (front, olds, nexts, back) => {
        const [before, after] = [olds, nexts].map((some) => ({
          process: { env: [...front, ...some, ...back] },
        }));
        expect(diffSpecs(before ?? {}, after ?? {})).toEqual(plainDiff(before ?? {}, after ?? {}));
      }),
      { numRuns: 1000 },
    );
  });

  test('of a spec and itself is empty', () => {
    fc.assert(
      fc.property(spec, (each) => {
        expect(diffSpecs(each, structuredClone(each))).toEqual([]);
        expect(changedPlaces(each, structuredClone(each))).toEqual([]);
      }),
    );
  });

  test('lists that differ throughout, too long to be aligned', () => {
    const list = (letter: string) => Array.from({ length: 3000 }, (_, index) => `${letter}${index}`);
    const [before, after] = [{ x: list('a') }, { x: list('b') }];
    expect(applyPatch(before, diffSpecs(before, after))).toEqual(after);
  });
});
