import { describe, expect, test } from '@jest/globals';
import {
  auditedRule,
  declarativeRule,
  type Plan,
  type PlanOptions,
  planRewrite,
  pvcRootfs,
  type Rule,
  type RuleDefinition,
} from '@opencontainers-ts/rootfs-rewriter';
import { documentOf, makeSpec, memoryHost, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';
import { SpecDocument } from '@opencontainers-ts/runtime-spec';
import { ask, CALL, GOOD, TRIGGER } from '../scene.js';

const HOST = memoryHost();
const KEY = 'example.org/mark';
const marked = documentOf(makeSpec(withAnnotation(KEY, 'yes')));
const plain = documentOf(makeSpec());

/** A rule that gives each container with the annotation a variable. */
const mark = (name: string, value: string, more: Partial<RuleDefinition> = {}): Rule =>
  declarativeRule({
    name,
    when: { annotation: { key: KEY } },
    then: { env: { set: { [name]: value } } },
    ...more,
  });
const planOf = (document: SpecDocument, rules: readonly Rule[], options?: PlanOptions): Plan =>
  planRewrite(document, rules, CALL, HOST, options);
const envOf = ({ document }: Pick<Plan, 'document'>) => document.spec.process?.env;

describe('a rule that is only tried', () => {
  test('changes nothing, and the plan says what it would have changed', () => {
    const plan = planOf(marked, [mark('A', '1', { mode: 'audit' })]);
    expect(plan).toMatchObject({ decision: 'pass', patch: [], pins: [], actions: [], facts: {} });
    expect(plan.document).toBe(marked);
    expect(plan.audit?.decision).toBe('rewrite');
    expect(plan.audit && envOf(plan.audit)).toEqual(['A=1']);
    expect(plan.trace).toMatchObject([{ rule: 'A', audit: true, outcome: { kind: 'rewrite' } }]);
    expect(planOf(marked, [mark('A', '1', { mode: 'enforce' })])).toMatchObject({ decision: 'rewrite' });
  });

  test('leaves the others as they are, which see nothing of it', () => {
    const seen: unknown[] = [];
    const looks: Rule = {
      name: 'looks',
      triggers: 'every-create',
      reads: [],
      claims: () => true,
      evaluate: (document) => {
        seen.push(document.spec.process?.env);
        return { kind: 'rewrite', note: 'looked', patch: [{ op: 'add', path: '/hostname', value: 'h' }] };
      },
    };
    const plan = planOf(marked, [auditedRule(mark('A', '1')), looks]);
    expect(seen).toEqual([undefined, ['A=1']]);
    expect(plan.patch).toEqual([{ op: 'add', path: '/hostname', value: 'h' }]);
    expect(plan.audit?.patch).toHaveLength(2);
    expect(plan.trace.map(({ rule, audit }) => [rule, audit])).toEqual([
      ['A', true],
      ['looks', undefined],
    ]);
  });

  test('refuses nothing, neither by itself nor by a conflict nor by what it throws', () => {
    const crashes: Rule = {
      ...mark('A', '1'),
      evaluate: () => {
        throw new Error('no');
      },
    };
    const cases: readonly (readonly [code: string, rules: readonly Rule[], document: SpecDocument])[] = [
      ['ERR_VOLUME_NOT_FOUND', [pvcRootfs()], documentOf(makeSpec(withAnnotation(TRIGGER, 'pvc-1')))],
      [
        'ERR_RULE_CONFLICT',
        [mark('B', '1', { then: { cwd: '/b' } }), mark('C', '1', { then: { cwd: '/c' } })],
        marked,
      ],
      ['ERR_RULE_CRASHED', [crashes], marked],
      [
        'ERR_SPEC_AMBIGUOUS',
        [mark('A', '1')],
        SpecDocument.parse(
          new TextEncoder().encode(`{"annotations":{"${KEY}":"a"},"process":{"env":[]},"process":{}}`),
        ),
      ],
    ];
    for (const [code, rules, document] of cases) {
      const tried = planOf(document, rules.map(auditedRule));
      expect([tried.decision, tried.audit?.refusal?.code]).toEqual(['pass', code]);
      expect(planOf(document, rules)).toMatchObject({ decision: 'refuse', refusal: { code } });
    }
  });

  test('has a place in the trace, also where nobody came to ask it', () => {
    const refuses: Rule = {
      ...mark('B', '1'),
      evaluate: () => ({ kind: 'refuse', code: 'ERR_B', message: 'no' }),
    };
    const tried = [mark('A', '1'), mark('C', '1')].map(auditedRule) as [Rule, Rule];
    const behind = planOf(marked, [tried[0], auditedRule(refuses), tried[1], mark('D', '1')]);
    expect(behind.decision).toBe('rewrite');
    expect(behind.trace.map(({ rule, outcome }) => [rule, outcome.kind])).toEqual([
      ['A', 'rewrite'],
      ['B', 'refuse'],
      ['C', 'pass'],
      ['D', 'rewrite'],
    ]);
    const before = planOf(marked, [tried[0], refuses, tried[1]]);
    expect(before).toMatchObject({ decision: 'refuse', refusal: { rule: 'B' } });
    expect(before.trace.map(({ rule }) => rule)).toEqual(['A', 'B']);
  });

  test('costs nothing where its trigger does not stand', () => {
    const plan = planOf(plain, [auditedRule(mark('A', '1')), mark('B', '1')]);
    expect(plan.audit).toBeUndefined();
    expect(plan.trace).toMatchObject([{ rule: 'A', audit: true, outcome: { kind: 'pass' } }, { rule: 'B' }]);
  });

  test('keeps its warnings', () => {
    const warns: Rule = {
      ...mark('A', '1'),
      evaluate: () => ({ kind: 'pass', reason: 'looked', warnings: ['look out'] }),
    };
    expect(planOf(marked, [auditedRule(warns)]).warnings).toEqual(['look out']);
  });
});

describe('where a rule has to act', () => {
  const required: PlanOptions = { required: 'enforce' };
  const codeOf = ({ refusal }: Plan) => refusal?.code;

  test('a container that none acts on is refused, and the message says what may have been meant', () => {
    const misspelt = documentOf(makeSpec(withAnnotation('example.org/makr', 'yes')));
    const { refusal, trace } = planOf(misspelt, [mark('A', '1')], required);
    expect(refusal).toMatchObject({ code: 'ERR_NO_RULE_CLAIMS', rule: 'required' });
    expect(refusal?.message).toBe(
      'no rule acts on the container, and one is required; the annotation "example.org/makr" asks for nothing; did you mean "example.org/mark" (rule "A")?; rule "A" passes: annotation "example.org/mark" is not there, wanted is "*"',
    );
    expect(trace.at(-1)).toMatchObject({ rule: 'required', outcome: { kind: 'refuse' } });
    expect(codeOf(planOf(plain, [], required))).toBe('ERR_NO_RULE_CLAIMS');
    expect(planOf(plain, []).decision).toBe('pass');
  });

  test('one that a rule rewrites starts, and so does one that was rewritten before', () => {
    const first = planOf(marked, [mark('A', '1')], required);
    expect(first.decision).toBe('rewrite');
    expect(planOf(first.document, [mark('A', '1')], required)).toMatchObject({ decision: 'pass' });
    const root = ask({});
    const again = planRewrite(root.document, [pvcRootfs()], CALL, memoryHost(GOOD.host), required);
    expect([root.decision, again.decision]).toEqual(['rewrite', 'pass']);
  });

  test.each([
    ['io.kubernetes.cri.container-type', 'sandbox', undefined],
    ['io.kubernetes.cri.container-type', 'container', 'ERR_NO_RULE_CLAIMS'],
    ['io.kubernetes.cri.container-type', 'pause', 'ERR_NO_RULE_CLAIMS'],
  ])('a %s of %s: %s', (key, value, code) => {
    const document = documentOf(makeSpec(withAnnotation(key, value)));
    expect(codeOf(planOf(document, [mark('A', '1')], required))).toBe(code);
  });

  test("CRI-O's sandbox starts; annotations that can be read in two ways tell of none", () => {
    const text = (type: string) =>
      `{"annotations":{"io.container.manager":"cri-o","io.kubernetes.cri-o.ContainerType":"${type}"}`;
    const parse = (json: string) => SpecDocument.parse(new TextEncoder().encode(json));
    expect(codeOf(planOf(parse(`${text('sandbox')}}`), [], required))).toBeUndefined();
    expect(codeOf(planOf(parse(`${text('sandbox')},${text('container').slice(1)}}`), [], required))).toBe(
      'ERR_NO_RULE_CLAIMS',
    );
  });

  test('a rule that is only tried does not count, and the message says that it is', () => {
    const plan = planOf(marked, [auditedRule(mark('A', '1'))], required);
    expect(plan.refusal?.message).toBe('no rule acts on the container, and one is required; only tried: "A"');
    expect(plan.audit?.decision).toBe('rewrite');
  });

  test('with audit the refusal is only told', () => {
    const plan = planOf(plain, [mark('A', '1')], { required: 'audit' });
    expect([plan.decision, plan.audit?.refusal?.code]).toEqual(['pass', 'ERR_NO_RULE_CLAIMS']);
    expect(planOf(marked, [mark('A', '1')], { required: 'audit' })).toMatchObject({
      decision: 'rewrite',
      audit: { decision: 'rewrite' },
    });
  });
});
