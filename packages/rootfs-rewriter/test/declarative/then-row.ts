import { expect, test } from '@jest/globals';
import {
  type Actions,
  type Condition,
  declarativeRule,
  type Host,
  type Plan,
  planRewrite,
  type Rule,
  type RuleDefinition,
} from '@opencontainers-ts/rootfs-rewriter';
import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import { SpecDocument } from '@opencontainers-ts/runtime-spec';
import { CALL } from '../scene.js';

/** One edit of one spec, both as JSON texts so that numbers are what they are in a file. */
export interface ThenRow {
  readonly title: string;
  readonly then: Actions;
  /** The spec without `ociVersion`. */
  readonly before: string;
  readonly after: string;
  /** The places that the patch names: no more than what changes. */
  readonly patched: readonly string[];
  readonly host?: Host;
}

export function parse(text: string): SpecDocument {
  return SpecDocument.parse(new TextEncoder().encode(text));
}

export function textOf(document: SpecDocument): string {
  return new TextDecoder().decode(document.bytes);
}

export function ruleOf(then: Actions, more: Partial<RuleDefinition> = {}): Rule {
  return declarativeRule({ name: 'tested', then, ...more });
}

export function plan(rules: readonly Rule[], text: string, host: Host = memoryHost()): Plan {
  return planRewrite(parse(text), rules, CALL, host);
}

/** Every row: the edit gives the expected text, at the expected places, and once more it changes nothing; and under a
 * condition that does not hold it does not act at all. */
export function testRows(rows: readonly ThenRow[]): void {
  test.each(rows)('$title', ({ then, before, after, patched, host }) => {
    const rule = ruleOf(then);
    const first = plan([rule], before, host);
    expect(first.refusal).toBeUndefined();
    expect(textOf(first.document)).toBe(after);
    expect(first.patch.map(({ op, path }) => `${op} ${path}`)).toEqual(patched);
    expect(first.decision).toBe(patched.length > 0 ? 'rewrite' : 'pass');

    const again = plan([rule], after, host);
    expect(again.decision).toBe('pass');
    expect(again.patch).toEqual([]);

    const never: Condition = { annotation: { key: 'example.org/never' } };
    expect(plan([ruleOf(then, { when: never })], before, host).decision).toBe('pass');
  });
}

export { memoryHost };
