import { describe, expect, test } from '@jest/globals';
import {
  annotationSlips,
  answerToSend,
  distantRule,
  isolatedRule,
  maySlip,
  type Outcome,
  planRewrite,
  type Rule,
} from '@opencontainers-ts/rootfs-rewriter';
import { documentOf, makeSpec, memoryHost, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';

import { CALL } from '../scene.js';

const ABOUT = { name: 'far', triggers: 'every-create', reads: [] };
const DOCUMENT = documentOf(makeSpec());
const planOf = (rule: Rule) => planRewrite(DOCUMENT, [rule], CALL, memoryHost());
const PASS = { value: { kind: 'pass', reason: 'r' } };

/** As what comes over a wire. */
const sent = (answer: unknown): unknown => JSON.parse(JSON.stringify(answer));

/** A rule that is asked here, with its answers sent. */
function far(rule: Partial<Rule>): Rule {
  const near = isolatedRule({
    ...ABOUT,
    claims: () => true,
    evaluate: () => PASS.value as Outcome,
    ...rule,
  });
  const { whyNot } = near;
  return distantRule(sent(near) as object, {
    claims: (document) => sent(answerToSend('far', () => near.claims(document))),
    ...(whyNot === undefined
      ? {}
      : { whyNot: (document, call) => sent(answerToSend('far', () => whyNot(document, call))) }),
    evaluate: (document, call, host) => sent(answerToSend('far', () => near.evaluate(document, call, host))),
  });
}

describe('a rule that runs elsewhere says what it would say here', () => {
  test.each<[title: string, rule: Partial<Rule>]>([
    ['a pass', {}],
    ['a refusal', { evaluate: () => ({ kind: 'refuse', code: 'E_NO', message: 'no', hint: 'h' }) }],
    [
      'a rewrite',
      { evaluate: () => ({ kind: 'rewrite', note: 'n', patch: [{ op: 'add', path: '/x', value: 1 }] }) },
    ],
    ['no claim', { claims: () => false }],
    ['no claim, and why', { claims: () => false, whyNot: () => ({ kind: 'pass', reason: 'not mine' }) }],
    ['no claim, and nothing', { claims: () => false, whyNot: () => undefined }],
    ['no outcome', { evaluate: () => ({}) as Outcome }],
    ['a claim that is none', { claims: () => 1 as never }],
    [
      'an error',
      {
        evaluate: () => {
          throw new Error('no');
        },
      },
    ],
    [
      'an error with a code',
      {
        claims: () => {
          throw Object.assign(new Error('no'), { code: 'E_MINE', hint: 'h' });
        },
      },
    ],
    [
      'an error that cannot be read',
      {
        evaluate: () => {
          throw new Proxy(
            {},
            {
              get: () => {
                throw new Error('no');
              },
            },
          );
        },
      },
    ],
  ])('%s', (_title, rule) => {
    const [there, here] = [
      far(rule),
      { ...ABOUT, claims: () => true, evaluate: () => PASS.value, ...rule },
    ].map((each) => {
      const { refusal, ...plan } = planOf(each as Rule);
      const { cause: _, ...told } = refusal ?? {};
      return { ...plan, document: plan.document.bytes, refusal: told };
    });
    expect(there).toEqual(here);
  });

  test('with the words of what it threw', () => {
    const evaluate = () => {
      throw new TypeError('no such thing');
    };
    expect(String(planOf(far({ evaluate })).refusal?.cause)).toContain('TypeError: no such thing');
  });
});

describe('what is no answer refuses', () => {
  test.each([
    undefined,
    null,
    1,
    'pass',
    {},
    [],
    { value: 1 },
    { value: { kind: 'pass' } },
    { refusal: 1 },
    { refusal: { kind: 'pass', reason: 'r' } },
    { refusal: { kind: 'refuse', message: 'no code' } },
  ])('%j', (answer) => {
    const evaluated = distantRule(ABOUT, { claims: () => ({ value: true }), evaluate: () => answer });
    expect(planOf(evaluated).refusal).toMatchObject({ rule: 'far', code: 'ERR_RULE_OUTCOME' });
    const claimed = distantRule(ABOUT, { claims: () => answer, evaluate: () => PASS });
    expect(planOf(claimed).refusal).toMatchObject({ rule: 'far', code: 'ERR_RULE_OUTCOME' });
  });

  test('and what is no rule is none', () => {
    const code = { claims: () => PASS, evaluate: () => PASS };
    for (const about of [{}, { ...ABOUT, name: 1 }, { ...ABOUT, triggers: [] }, { ...ABOUT, reads: ['x'] }]) {
      expect(() => distantRule(about, code)).toThrow(expect.objectContaining({ code: 'ERR_RULE_INVALID' }));
    }
  });
});

describe('a slip in an annotation that triggers a rule elsewhere', () => {
  const silent = { claims: () => false, evaluate: () => PASS.value as Outcome };
  const slipsOf = (key: string, triggers: readonly string[]) => {
    const rule = distantRule({ name: 'far', triggers, reads: [] }, silent);
    const document = documentOf(makeSpec(withAnnotation(key, 'x')));
    return [maySlip(document.bytes, [rule]), annotationSlips(document, [rule]).length];
  };

  test.each<[key: string, triggers: readonly string[], told: readonly [boolean, number]]>([
    ['example.org/mrak', ['example.org/mark'], [true, 1]],
    ['example.org/mark', ['example.org/mark'], [true, 0]],
    // A family of keys, which the rule sees itself.
    ['example.org/mark2', ['example.org/mark'], [true, 0]],
    ['example.org/mrak', ['MARK', 'mark'], [false, 0]],
  ])('%s for %j', (key, triggers, told) => {
    expect(slipsOf(key, triggers)).toEqual(told);
  });
});
