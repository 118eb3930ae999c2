import { describe, expect, test } from '@jest/globals';
import {
  type Condition,
  declarativeRule,
  guardian,
  planRewrite,
  pvcRootfs,
  ROOT_FOLDER,
  type Rule,
  withCondition,
} from '@opencontainers-ts/rootfs-rewriter';
import {
  documentOf,
  makeSpec,
  memoryHost,
  withAnnotation,
  withMount,
} from '@opencontainers-ts/rootfs-rewriter/testing';
import { CALL, GOOD, POD, TRIGGER } from '../scene.js';
import { parse } from './then-row.js';

const KEY = 'example.org/kvm';

describe('a condition on a rule of any make', () => {
  const specOf = (containerName: string) =>
    documentOf(
      makeSpec(
        withAnnotation(TRIGGER, 'pvc-1'),
        withAnnotation('io.kubernetes.cri.sandbox-uid', POD),
        withAnnotation('io.kubernetes.cri.container-name', containerName),
        ...GOOD.mounts.map(withMount),
      ),
    );
  const planOf = (name: string, when: Condition) =>
    planRewrite(specOf(name), [withCondition(pvcRootfs(), when)], CALL, memoryHost(GOOD.host));

  test('pvc-rootfs acts where it holds', () => {
    expect(planOf('main', { containerName: 'ma*' }).decision).toBe('rewrite');
    const other = planOf('backup', { containerName: 'ma*' });
    expect(other).toMatchObject({ decision: 'pass', trace: [{ rule: 'pvc-rootfs' }] });
    expect(other.trace[0]?.outcome).toMatchObject({
      reason: 'the name of the container is "backup", wanted is "ma*"',
      because: { condition: '/when/containerName', expected: 'ma*', found: 'backup' },
    });
  });

  test('it says the same of a container as the same condition on a rule as data', () => {
    const then = { cwd: '/x' };
    const conditions: readonly Condition[] = [
      { containerName: 'main' },
      { not: { containerName: 'main' } },
      { any: [{ annotation: { key: KEY } }, { verb: 'create' }] },
      { all: [{ containerType: 'container' }] },
      { annotation: { key: TRIGGER, equals: 'pvc-1' } },
    ];
    for (const when of conditions) {
      const outcomes = [
        declarativeRule({ name: 'a', when, then }),
        withCondition(declarativeRule({ name: 'a', then }), when),
      ].map((rule) => planRewrite(specOf('main'), [rule], CALL, memoryHost()).trace);
      expect(outcomes[1]).toEqual(outcomes[0]);
    }
  });

  test.each<[string, Rule, Condition, Rule['triggers']]>([
    ['of the rule, where it has some', pvcRootfs(), { annotation: { key: KEY } }, [TRIGGER, ROOT_FOLDER]],
    ['of the condition, where it has none', guardian(), { annotation: { key: KEY } }, [KEY]],
    ['none, where neither has', guardian(), { verb: 'run' }, 'every-create'],
  ])('its triggers are those %s', (_, rule, when, triggers) => {
    expect(withCondition(rule, when).triggers).toEqual(triggers);
  });

  test('what the condition reads must be readable in one way', () => {
    const rule = withCondition(pvcRootfs(), { env: { name: 'CI' } });
    const text = `{"annotations":{"${TRIGGER}":"pvc-1"},"process":{"env":["CI=1"],"env":[]}}`;
    expect(planRewrite(parse(text), [rule], CALL, memoryHost()).refusal?.code).toBe('ERR_SPEC_AMBIGUOUS');
    expect(planRewrite(parse(text), [pvcRootfs()], CALL, memoryHost()).refusal?.code).toBe(
      'ERR_ROOT_MISSING',
    );
  });

  test('an annotation of any reading claims', () => {
    const rule = withCondition(guardian(), { annotation: { key: KEY } });
    expect(rule.claims(parse(`{"Annotations":{"${KEY}":""},"annotations":{}}`))).toBe(true);
    expect(rule.claims(parse('{"annotations":{"a":""}}'))).toBe(false);
  });

  test.each<[unknown, string, string]>([
    [{ containername: 'a' }, '/when/containername', 'containerName'],
    [{ all: [{ verb: 'exec' }] }, '/when/all/0/verb', 'create'],
    [{ annotation: { key: 'a', equals: 'b', glob: 'c' } }, '/when/annotation', 'equals and glob'],
    ['main', '/when', ''],
  ])('%j cannot be one', (when, pointer, says) => {
    const make = () => withCondition(pvcRootfs(), when as Condition);
    expect(make).toThrow(says);
    expect(make).toThrow(
      expect.objectContaining({
        code: 'ERR_RULE_INVALID',
        details: expect.objectContaining({ pointer, rule: 'pvc-rootfs' }),
      }),
    );
  });
});
