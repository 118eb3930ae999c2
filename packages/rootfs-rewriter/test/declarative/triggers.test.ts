import { describe, expect, test } from '@jest/globals';
import { type Condition, declarativeRule, mayClaim, planRewrite } from '@opencontainers-ts/rootfs-rewriter';
import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import fc from 'fast-check';
import { CALL } from '../scene.js';
import { parse, ruleOf } from './then-row.js';

const then = { cwd: '/declared' };
const ruleWhen = (when?: Condition) => ruleOf(then, when === undefined ? {} : { when });

describe('triggers of a definition', () => {
  const key = 'example.org/kvm';
  const rows: readonly [Condition | undefined, readonly string[] | 'every-create'][] = [
    [undefined, 'every-create'],
    [{ verb: 'run' }, 'every-create'],
    [{ annotation: { key, equals: 'true' } }, [key]],
    [{ annotation: { key, present: false } }, 'every-create'],
    [{ not: { annotation: { key } } }, 'every-create'],
    [{ env: { name: 'CI', glob: '*' } }, ['CI']],
    [{ env: { name: 'CI', present: false } }, 'every-create'],
    [{ args: { glob: '*/bin/qemu-*' } }, ['/bin/qemu-']],
    [{ args: { glob: '*' } }, 'every-create'],
    [{ args: { at: 0, equals: '' } }, 'every-create'],
    [{ mount: { destination: '/var/run/docker.sock', type: 'b?nd' } }, ['docker.sock']],
    [{ containerType: 'sandbox' }, ['io.kubernetes.cri.container-type', 'io.kubernetes.cri-o.ContainerType']],
    [{ podNamespace: 'ci', annotation: { key } }, [key]],
    [{ all: [{ verb: 'run' }, { env: { name: 'CI' } }] }, ['CI']],
    [{ any: [{ env: { name: 'CI' } }, { annotation: { key } }] }, ['CI', key]],
    [{ any: [{ env: { name: 'CI' } }, { verb: 'run' }] }, 'every-create'],
  ];
  test.each(rows)('%j', (when, triggers) => {
    expect(ruleWhen(when).triggers).toEqual(triggers);
  });

  test('claims: an annotation in any reading; without one, whatever is there', () => {
    const rule = ruleWhen({ any: [{ annotation: { key } }, { annotation: { key: 'b' } }] });
    expect(rule.claims(parse('{"annotations":{"a":"b"}}'))).toBe(false);
    expect(rule.claims(parse('{"annotations":{"b":"a"}}'))).toBe(true);
    expect(rule.claims(parse(`{"Annotations":{"${key}":""},"annotations":{}}`))).toBe(true);
    expect(ruleWhen({ env: { name: 'CI' } }).claims(parse('{}'))).toBe(true);
  });

  test('what a rule reads must be readable in one way, and nothing else must', () => {
    const rule = ruleWhen({ annotation: { key } });
    const config = (more: string) => `{"annotations":{"${key}":""},"process":{"cwd":"/"},${more}}`;
    const planOf = (text: string) => planRewrite(parse(text), [rule], CALL, memoryHost());
    expect(planOf(config('"Mounts":[],"mounts":[]')).refusal?.code).toBe('ERR_SPEC_AMBIGUOUS');
    expect(planOf(config('"process":{"Cwd":"/x"}')).refusal?.code).toBe('ERR_SPEC_AMBIGUOUS');
    expect(planOf(config('"linux":{"Sysctl":{},"sysctl":{}}')).decision).toBe('rewrite');
  });

  test('a rule that makes an object reads the place above it', () => {
    const { reads } = declarativeRule({
      name: 'r',
      when: { all: [{ mount: { type: 'proc' } }, { not: { podNamespace: 'a' } }] },
      then: { sysctls: { set: { a: '1' } }, patch: [{ op: 'remove', path: '/hooks/poststop/0/env' }] },
    });
    expect(reads).toEqual(['/mounts', '/annotations', '/linux/sysctl', '/hooks/poststop']);
  });
});

// Few words, so that conditions often hold; some of them need escapes in JSON, or hide behind them.
const word = fc.constantFrom('a', 'b/c', 'k"', 'é', '\n', 'a&b', 'true', '');
const name = fc.constantFrom('A', 'B', 'a/b', 'é');
const glob = fc.constantFrom('*', 'a', '*a*', 'b/?', '?', 'true', '/a/*', '*"', 'é*');
const textTest = fc.oneof(
  fc.constant({}),
  fc.record({ present: fc.boolean() }),
  fc.record({ equals: word }),
  fc.record({ glob }),
);
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.tuple(name, textTest).map(([key, test]) => ({ annotation: { key, ...test } })),
    fc.tuple(name, textTest).map(([each, test]) => ({ env: { name: each, ...test } })),
    fc.record({
      args: fc.oneof(fc.record({ equals: word }), fc.record({ glob }), fc.record({ at: fc.nat(2) })),
    }),
    fc.record({ mount: fc.record({ destination: glob }) }),
    fc.record({ mount: fc.record({ source: glob, type: glob }) }),
    fc.constantFrom<Condition>(
      { verb: 'create' },
      { containerType: 'container' },
      { podNamespace: 'a*' },
      { containerName: 'é' },
      { imageName: '*' },
    ),
    fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('condition') }),
  ) as fc.Arbitrary<Condition>,
}));

const entry = fc.tuple(name, word).map(([key, value]) => `${key}=${value}`);
const engine = fc.constantFrom(
  {},
  { 'io.kubernetes.cri.container-type': 'container', 'io.kubernetes.cri.sandbox-namespace': 'a1' },
  {
    'io.container.manager': 'cri-o',
    'io.kubernetes.cri-o.ContainerType': 'container',
    'io.kubernetes.cri-o.Labels': '{"io.kubernetes.container.name":"\\u00e9"}',
    'io.kubernetes.cri-o.ImageName': 'x',
  },
);
const spec = fc.record({
  annotations: fc.tuple(fc.dictionary(name, word), engine).map(([own, engines]) => ({ ...own, ...engines })),
  process: fc.record({ env: fc.array(entry, { maxLength: 3 }), args: fc.array(word, { maxLength: 3 }) }),
  mounts: fc.array(
    fc.record({
      destination: fc.constantFrom('/a', '//a/', '/a/./b', '/b'),
      source: fc.constantFrom('b/c', '//a//x', 'é'),
      type: word,
    }),
    { maxLength: 2 },
  ),
});

/** The same JSON with some characters of its strings escaped, as no engine but an attacker writes them. */
function escaped(json: string, seed: number): string {
  let at = seed;
  return json.replace(/[A-Za-zé/]/g, (letter) => {
    at = (at * 1103515245 + 12345) % 2147483648;
    return at % 7 === 0 ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter;
  });
}

test('whenever a rule acts, its triggers occur and it claims the document', () => {
  let acted = 0;
  let filtered = 0;
  fc.assert(
    fc.property(condition, spec, fc.nat(), fc.boolean(), (when, config, seed, escapes) => {
      const rule = ruleWhen(when);
      const plain = JSON.stringify(config);
      // `true` and the like stand outside of strings nowhere in these specs, so that every letter may be escaped.
      const document = parse(escapes ? escaped(plain, seed) : plain);
      if (!mayClaim(document.bytes, [rule]) || !rule.claims(document)) filtered += 1;
      if (rule.evaluate(document, CALL, memoryHost()).kind !== 'rewrite') return;
      acted += 1;
      expect([when, plain, mayClaim(document.bytes, [rule]), rule.claims(document)]).toEqual([
        when,
        plain,
        true,
        true,
      ]);
    }),
    { numRuns: 2000 },
  );
  expect([acted > 200, filtered > 50]).toEqual([true, true]);
});
