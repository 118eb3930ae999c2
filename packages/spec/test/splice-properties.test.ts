import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyPatch, formatPointer, type JsonValue, type Operation, parsePointer } from '../src/index.js';
import { documentOf, textOf } from './document-text.js';
import { jsonText, memberName, whitespace } from './json-text-arbitrary.js';

const patchValue: fc.Arbitrary<JsonValue> = jsonText
  .map((text) => JSON.parse(text))
  .filter((value) => {
    // Patches refuse integers that JSON.parse has rounded.
    return !/\d{16}/.test(JSON.stringify(value));
  });

/** What one operation does, its places as numbers that choose among those that the document has at that point. */
interface Recipe {
  readonly op: Operation['op'];
  readonly path: number;
  readonly from: number;
  readonly name: string;
  readonly value: JsonValue;
}

const recipe: fc.Arbitrary<Recipe> = fc.record({
  op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
  path: fc.nat(),
  from: fc.nat(),
  name: memberName,
  value: patchValue,
});

/** Pointers to every value. */
function placesOf(value: JsonValue, path: readonly string[] = []): string[] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [
    formatPointer(path),
    ...inner.flatMap(([name, child]) => placesOf(child as JsonValue, [...path, name])),
  ];
}

function operationOf({ op, path, from, name, value }: Recipe, current: JsonValue): Operation {
  const places = placesOf(current);
  const place = (choice: number): string => places[choice % places.length] ?? '';
  // A place that is there, or one below or beside it that need not be.
  const targets = [
    ...places,
    ...places.flatMap((pointer) => [`${pointer}${formatPointer([name])}`, `${pointer}/-`]),
  ];
  const target = targets[path % targets.length] ?? '';
  const existing = parsePointer(place(path)).reduce<unknown>(
    (at, step) => (at as Record<string, unknown>)[step],
    current,
  );
  switch (op) {
    case 'remove':
      return { op, path: target };
    case 'move':
    case 'copy':
      return { op, from: place(from), path: target };
    case 'test':
      return from % 2 === 0
        ? { op, path: place(path), value: existing as JsonValue }
        : { op, path: target, value };
    default:
      return { op, path: target, value };
  }
}

function outcomeOf<T>(work: () => T): { value: T } | { code: unknown } {
  try {
    return { value: work() };
  } catch (error) {
    return { code: (error as { code: unknown }).code };
  }
}

test('a patched document reads as the patched value, and fails where that fails', () => {
  const codes = new Set<unknown>();
  fc.assert(
    fc.property(jsonText, fc.array(recipe, { minLength: 1, maxLength: 6 }), (text, recipes) => {
      let current: JsonValue = JSON.parse(text);
      const patch: Operation[] = [];
      for (const each of recipes) {
        const operation = operationOf(each, current);
        patch.push(operation);
        const next = outcomeOf(() => applyPatch(current, [operation]));
        if ('code' in next) {
          codes.add(next.code);
          expect(outcomeOf(() => documentOf(text).apply(patch))).toStrictEqual(next);
          patch.pop();
        } else {
          current = next.value;
        }
      }
      const patched = documentOf(text).apply(patch);
      expect(JSON.stringify(JSON.parse(textOf(patched)))).toBe(JSON.stringify(current));
      expect(JSON.stringify(patched.spec)).toBe(JSON.stringify(current));
    }),
    { numRuns: 1500 },
  );
  expect(codes).toContain('ERR_PATCH_MISSING');
});

/** What is done to a list: an element goes, or one is put before the place or at the end. */
const listStep = fc.tuple(fc.constantFrom('remove', 'add', 'end'), fc.nat());

test('a long list is patched in many places', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 90 }),
      whitespace,
      fc.array(listStep, { maxLength: 60 }),
      (length, space, steps) => {
        let next = length;
        const current = Array.from({ length }, (_, i) => i);
        const patch = steps.map(([step, place]): Operation => {
          if (step === 'remove' && current.length > 0) {
            const index = place % current.length;
            current.splice(index, 1);
            return { op: 'remove', path: `/${index}` };
          }
          const index = step === 'end' ? current.length : place % (current.length + 1);
          next += 1;
          current.splice(index, 0, next);
          return { op: 'add', path: step === 'end' ? '/-' : `/${index}`, value: next };
        });
        const text = `[${Array.from({ length }, (_, i) => `${space}${i}${space}`).join(',')}]`;
        const patched = textOf(documentOf(text).apply(patch));
        expect(JSON.parse(patched)).toEqual(current);
        // What was there keeps the white space around it.
        for (const kept of current.filter((value) => value < length).slice(1, -1)) {
          expect(patched).toContain(`,${space}${kept}${space}`);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('an empty patch leaves the bytes, the very same', () => {
  fc.assert(
    fc.property(jsonText, (text) => {
      const document = documentOf(text);
      expect(document.apply([]).bytes).toBe(document.bytes);
    }),
  );
});

/** A context around a value: what stands before it, what stands after it, and the way in. */
const context = fc.oneof(
  fc.tuple(whitespace, whitespace, jsonText).map(([lead, trail, other]) => ({
    before: `[${lead}${other} ,${lead}`,
    after: `${trail},\n18446744073709551615${trail}]`,
    step: '1',
  })),
  fc.tuple(whitespace, whitespace, jsonText).map(([lead, trail, other]) => ({
    before: `{${lead}"\\u0078" :${other}${trail},"y":${lead}`,
    after: `${trail}, "z":1.0${trail}}`,
    step: 'y',
  })),
);

test('replacing a value changes the bytes of its token and no others', () => {
  fc.assert(
    fc.property(fc.array(context, { maxLength: 4 }), jsonText, patchValue, (contexts, token, value) => {
      const before = contexts.map((each) => each.before).join('');
      const after = contexts
        .map((each) => each.after)
        .reverse()
        .join('');
      const path = formatPointer(contexts.map(({ step }) => step));
      const patched = documentOf(before + token + after).apply([{ op: 'replace', path, value }]);
      expect(textOf(patched).startsWith(before)).toBe(true);
      expect(textOf(patched).endsWith(after)).toBe(true);
      const written = textOf(patched).slice(before.length, textOf(patched).length - after.length);
      expect(JSON.stringify(JSON.parse(written))).toBe(JSON.stringify(value));
    }),
  );
});

test('an addition inserts in one place, and its removal restores every byte', () => {
  fc.assert(
    fc.property(jsonText, fc.nat(), fc.nat(), patchValue, (text, choice, index, value) => {
      const document = documentOf(text);
      const parents = placesOf(JSON.parse(text)).filter((pointer) =>
        /^(\[\s*[^\]\s]|\{\s*[^}\s])/.test(document.source(pointer) ?? ''),
      );
      fc.pre(parents.length > 0);
      const parent = parents[choice % parents.length] ?? '';
      const length = Object.keys(JSON.parse(document.source(parent) ?? '')).length;
      const isArray = document.source(parent)?.startsWith('[');
      const path = `${parent}/${isArray ? index % (length + 1) : 'new'}`;
      const added = document.apply([{ op: 'add', path, value }]);
      const [old, grown] = [textOf(document), textOf(added)];
      let same = 0;
      while (old[same] === grown[same] && same < old.length) {
        same += 1;
      }
      expect(grown.endsWith(old.slice(same))).toBe(true);
      expect(textOf(added.apply([{ op: 'remove', path }]))).toBe(old);
    }),
  );
});
