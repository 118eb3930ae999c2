import { expect, test } from '@jest/globals';
import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import type { JsonValue } from '@opencontainers-ts/runtime-spec';
import fc from 'fast-check';
import { editsOf } from '../../src/declarative/edits.js';
import { readDefinition } from '../../src/declarative/read-definition.js';
import { diffSpecs } from '../../src/spec-edit/json-diff.js';
import { orRefusal } from '../../src/spec-edit/spec-fields.js';
import { exactSpec } from '../../src/spec-edit/spec-tree.js';
import { CALL } from '../scene.js';
import { spec, then } from './any-edit.js';
import { parse, ruleOf } from './then-row.js';

// A rule reads the parts of a spec that its edits look at. What it says is held to what the edits make of all of the spec.

/** Where a value of a wrong type may stand. */
const place = fc.constantFrom(
  ...['/annotations', '/hooks', '/hooks/poststart', '/hooks/poststop', '/linux', '/linux/resources'],
  ...[
    '/linux/resources/hugepageLimits',
    '/linux/resources/unified',
    '/linux/sysctl',
    '/linux/seccomp',
    '/mounts',
  ],
  ...[
    '/linux/devices',
    '/process',
    '/process/env',
    '/process/args',
    '/process/user',
    '/process/capabilities',
  ],
);
const wrong = fc.option(
  fc.record({ path: place, value: fc.constantFrom<JsonValue>(1, 'a', [1], [[1]], [null], { a: 1 }, null) }),
  { nil: undefined },
);

test('a rule says of parts of a spec what its edits say of all of it', () => {
  let refused = 0;
  fc.assert(
    fc.property(spec, then, wrong, (text, edit, fault) => {
      const document = withFault(text, fault);
      const host = memoryHost();
      const plain = orRefusal(() => {
        const whole = exactSpec(document);
        const edits = editsOf(readDefinition({ name: 'tested', then: edit }).then);
        const prepared = edits.reduce((before, { prepare }) => prepare(before), whole);
        return {
          patch: diffSpecs(
            whole,
            edits.reduce((before, { apply }) => apply(before, host), prepared),
          ),
        };
      });
      const outcome = ruleOf(edit).evaluate(document, CALL, host);
      if (outcome.kind === 'refuse') {
        refused += 1;
        expect({ ...outcome, message: outcome.message.replace('rule "tested": ', '') }).toEqual(plain);
      } else {
        expect({ patch: outcome.kind === 'rewrite' ? outcome.patch : [] }).toEqual(plain);
      }
    }),
    { numRuns: 400 },
  );
  expect(refused).toBeGreaterThan(20);
});

function withFault(text: string, fault: { readonly path: string; readonly value: JsonValue } | undefined) {
  const document = parse(text);
  if (fault === undefined) return document;
  try {
    return document.apply([{ op: 'add', ...fault }]);
  } catch {
    // The spec has nothing for it to be in.
    return document;
  }
}
