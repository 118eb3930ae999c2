import { expect, test } from '@jest/globals';
import type { Pass, Rewrite, Rule } from '@opencontainers-ts/rootfs-rewriter';
import type { JsonObject, JsonPatch, JsonValue, Operation } from '@opencontainers-ts/runtime-spec';
import { applyPatch } from '@opencontainers-ts/runtime-spec';
import fc from 'fast-check';
import { type Doing, findConflict } from '../../src/planning/rule-conflicts.js';
import { changedPlaces } from '../../src/spec-edit/spec-places.js';
import { spec, then } from './any-edit.js';
import { plainChangedPlaces, plainConflict } from './plain-conflicts.js';
import { parse, plan, ruleOf } from './then-row.js';

// Conflicts are looked for only where patches lead. Both here are held to what comparing whole documents says.

const pointer = fc.constantFrom(
  '',
  '/annotations',
  '/annotations/a',
  '/annotations/1',
  '/annotations/-',
  '/annotations/a~1b',
  '/linux',
  '/linux/seccomp',
  '/linux/seccomp/syscalls/0/names/0',
  '/linux/namespaces/0',
  '/mounts',
  '/mounts/-',
  '/mounts/0',
  '/mounts/0/options/0',
  '/mounts/1/destination',
  '/process/args/0',
  '/process/env',
  '/process/env/-',
  '/process/env/0',
  '/process/env/1',
  '/process/rlimits/0/soft',
);
const value: fc.Arbitrary<JsonValue> = fc.constantFrom<JsonValue>(
  ...[null, 1, 'a', 'a=b', 'a (2)=c', 18446744073709551615n],
  ...[[], ['a=1', 'b=2', 'a=3', 'a (2)=4'], {}, { a: '1' }, { destination: '/a', options: ['ro', 'rw'] }],
);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ op: fc.constantFrom('add' as const, 'replace' as const), path: pointer, value }),
  fc.record({ op: fc.constant('remove' as const), path: pointer }),
  fc.record({ op: fc.constantFrom('move' as const, 'copy' as const), from: pointer, path: pointer }),
);
const place = fc.constantFrom(
  '/annotations/a',
  '/linux',
  '/process/env/a',
  '/process/env/a (2)',
  '/mounts/~1a/options/ro',
);
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;
const deed = fc.record({
  operations: fc.array(operation, { maxLength: 3 }),
  holds: fc.option(fc.array(place, { maxLength: 2 }), { nil: undefined }),
  consumes: fc.array(place, { maxLength: 1 }),
  override: fc.boolean(),
});

/** What a rule does with a document: as many of the operations as can be carried out, or a pass. */
function doingOf(
  name: string,
  before: Doing['before'],
  { operations, holds, consumes, override }: Deed,
): Doing {
  let after = before;
  const patch: Operation[] = [];
  for (const each of operations) {
    try {
      after = after.apply([each]);
      patch.push(each);
    } catch {
      // The document has no such place.
    }
  }
  return {
    rule: { name, override } as Partial<Rule> as Rule,
    outcome: outcomeOf(patch, consumes, holds),
    before,
    after,
  };
}

function outcomeOf(
  patch: JsonPatch,
  consumes: readonly string[],
  holds: readonly string[] | undefined,
): Pass | Rewrite {
  const held = holds === undefined ? {} : { holds };
  return patch.length === 0
    ? { kind: 'pass', reason: 'nothing to do', ...held }
    : { kind: 'rewrite', note: 'changed', patch, consumes, ...held };
}

test('a conflict is found where whole documents tell one', () => {
  let found = 0;
  fc.assert(
    fc.property(spec, fc.array(deed, { minLength: 2, maxLength: 4 }), (text, deeds) => {
      const doings: Doing[] = [];
      for (const [index, each] of deeds.entries()) {
        const doing = doingOf(`rule ${index}`, doings.at(-1)?.after ?? parse(text), each);
        const conflict = plainConflict(doings, doing);
        expect(findConflict(doings, doing)?.details).toEqual(conflict);
        if (conflict !== undefined) found += 1;
        doings.push(doing);
      }
    }),
    { numRuns: 500 },
  );
  expect(found).toBeGreaterThan(30);
});

test('rules as data conflict where whole documents tell so', () => {
  let found = 0;
  fc.assert(
    fc.property(spec, then, then, (text, one, other) => {
      const rules = [ruleOf(one, { name: 'one' }), ruleOf(other, { name: 'other' })] as const;
      const first = plan([rules[0]], text);
      const both = plan(rules, text);
      const free = plan([rules[0], { ...rules[1], override: true }], text);
      expect([first.refusal, free.refusal]).toEqual([undefined, undefined]);
      const doing = (index: 0 | 1): Doing => ({
        rule: rules[index],
        outcome: free.trace[index]?.outcome as Pass | Rewrite,
        before: index === 0 ? parse(text) : first.document,
        after: index === 0 ? first.document : free.document,
      });
      const conflict = plainConflict([doing(0)], doing(1));
      expect(both.refusal?.details).toEqual(conflict);
      if (conflict !== undefined) found += 1;
    }),
    { numRuns: 100 },
  );
  expect(found).toBeGreaterThan(30);
});

test('the places that changed are those that whole lists tell', () => {
  fc.assert(
    fc.property(spec, fc.array(operation, { maxLength: 4 }), (text, operations) => {
      const before = parse(text).spec as unknown as JsonObject;
      let after: JsonValue = before;
      for (const each of operations) {
        try {
          after = applyPatch(after, [each]);
        } catch {
          // The spec has no such place.
        }
      }
      expect(changedPlaces(before, after as JsonObject)).toEqual(
        plainChangedPlaces(before, after as JsonObject),
      );
    }),
    { numRuns: 500 },
  );
});
