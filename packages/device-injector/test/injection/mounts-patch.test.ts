import { describe, expect, test } from '@jest/globals';
import { applyPatch, type JsonValue } from '@opencontainers-ts/runtime-spec';
import fc from 'fast-check';

import { mountsPatch } from '../../src/injection/mounts-patch.js';
import { documentOf } from './scene.js';

const mountsOf = (names: readonly number[]) => names.map((name) => ({ destination: `/${name}` }));

/** As few elements as can be moved: all but a longest run that is in order, found the slow way. */
function fewestMoves(before: readonly JsonValue[], after: readonly JsonValue[]): number {
  const places = after.filter((mount) => before.includes(mount)).map((mount) => before.indexOf(mount));
  const runs: number[] = [];
  for (const [index, place] of places.entries()) {
    const shorter = runs.filter((_, at) => (places[at] ?? 0) < place);
    runs[index] = 1 + Math.max(0, ...shorter);
  }
  return places.length - Math.max(0, ...runs);
}

const lists = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 14 }),
    fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 14 }),
  )
  .map(([before, after]) => {
    const known = new Map(mountsOf(before).map((mount) => [mount.destination, mount]));
    return {
      before: [...known.values()],
      after: mountsOf(after).map((mount) => known.get(mount.destination) ?? mount),
    };
  });

describe('one list of mounts becomes the other', () => {
  test('whatever is removed, added and moved, with as few moves as can be', () => {
    fc.assert(
      fc.property(lists, ({ before, after }) => {
        const patch = mountsPatch(before, after);
        expect(applyPatch({ mounts: before }, patch)).toEqual({ mounts: after });
        const count = (op: string) => patch.filter((operation) => operation.op === op).length;
        expect(count('move')).toBe(fewestMoves(before, after));
        expect(count('remove')).toBe(before.filter((mount) => !after.includes(mount)).length);
        expect(count('add')).toBe(after.filter((mount) => !before.includes(mount)).length);
      }),
      { numRuns: 500 },
    );
  });

  test('the bytes of a document too, and equal mounts are told apart', () => {
    const [one, two, three] = [{ a: 1 }, { a: 1 }, { a: 2 }];
    const patch = mountsPatch([one, two, three], [three, two]);
    expect(patch).toEqual([
      { op: 'remove', path: '/mounts/0' },
      { op: 'move', from: '/mounts/1', path: '/mounts/0' },
    ]);
    const document = documentOf({ mounts: [one, two, three] }).apply(patch);
    expect(Buffer.from(document.bytes).toString()).toBe('{"mounts":[{"a":2},{"a":1}]}');
  });

  test('thousands of them', () => {
    const before = mountsOf(Array.from({ length: 4000 }, (_, index) => index));
    const after = before.toReversed();
    const patch = mountsPatch(before, after);
    expect(patch).toHaveLength(3999);
    expect(documentOf({ mounts: before }).apply(patch).spec.mounts).toEqual(after);
  });
});
