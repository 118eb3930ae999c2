import { describe, expect, test } from '@jest/globals';
import { type Actions, planRewrite } from '@opencontainers-ts/rootfs-rewriter';
import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import type { JsonValue } from '@opencontainers-ts/runtime-spec';
import fc from 'fast-check';
import { CALL } from '../scene.js';
import { map, spec, then, word } from './any-edit.js';
import { parse, ruleOf, textOf } from './then-row.js';

const planOf = (edit: Actions, text: string) => planRewrite(parse(text), [ruleOf(edit)], CALL, memoryHost());

/** The whole value with its numbers as they are written. */
const vendorTexts = (text: string): string[] => {
  const found: string[] = [];
  const document = parse(text);
  const visit = (value: JsonValue, pointer: string) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key.startsWith('x-')) found.push(`${key}=${document.source(`${pointer}/${key}`)}`);
      else visit(inner, `${pointer}/${key}`);
    }
  };
  visit(document.spec as unknown as JsonValue, '');
  return found.sort();
};

describe('properties of every edit', () => {
  test('a second application changes nothing', () => {
    let changed = 0;
    fc.assert(
      fc.property(then, spec, (edit, text) => {
        const first = planOf(edit, text);
        expect(first.refusal).toBeUndefined();
        if (first.decision === 'rewrite') changed += 1;
        const result = textOf(first.document);
        expect([edit, text, planOf(edit, result).patch]).toEqual([edit, text, []]);
      }),
      { numRuns: 300 },
    );
    expect(changed).toBeGreaterThan(200);
  });

  test('fields that nobody knows survive, to the last digit, where their entry does', () => {
    // What goes with its entry is gone: mounts and devices are replaced whole, and rlimits.
    const kept = then.map(({ mounts: _, devices: __, rlimits: ___, ...edit }) => edit as Actions);
    fc.assert(
      fc.property(kept, spec, (edit, text) => {
        fc.pre(Object.keys(edit).length > 0);
        expect(vendorTexts(textOf(planOf(edit, text).document))).toEqual(vendorTexts(text));
      }),
      { numRuns: 150 },
    );
  });

  test('the order of what stays does not change', () => {
    fc.assert(
      fc.property(then, spec, (edit, text) => {
        const [before, after] = [parse(text).spec, planOf(edit, text).document.spec];
        for (const namesOf of [
          (each: typeof before) => each.process?.env?.map((entry) => entry.split('=')[0] ?? '') ?? [],
          (each: typeof before) => each.linux?.namespaces?.map(({ type }) => String(type)) ?? [],
        ]) {
          const olds = [...new Set(namesOf(before))];
          const nexts = namesOf(after);
          const stayed = olds.filter((name) => nexts.includes(name));
          const places = stayed.map((name) => nexts.indexOf(name));
          expect([edit, text, places]).toEqual([edit, text, [...places].sort((a, b) => a - b)]);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('no key stands twice where the edit puts it', () => {
    fc.assert(
      fc.property(map(word), spec, (env, text) => {
        const { document } = planOf({ env }, text);
        const names = document.spec.process?.env?.map((entry) => entry.split('=')[0] ?? '') ?? [];
        const twice = Object.keys(env.set).filter(
          (name) => names.filter((each) => each === name).length !== 1,
        );
        expect(twice).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('the same input gives the same output', () => {
    fc.assert(
      fc.property(then, spec, (edit, text) => {
        expect(textOf(planOf(edit, text).document)).toBe(
          textOf(planOf(structuredClone(edit), text).document),
        );
      }),
      { numRuns: 50 },
    );
  });
});
