import { describe, expect, test } from '@jest/globals';
import {
  defineRule,
  type Host,
  type HostAction,
  type Outcome,
  planRewrite,
  pvcRootfs,
  RefusedError,
  RewriterError,
  type Rule,
} from '@opencontainers-ts/rootfs-rewriter';
import {
  documentOf,
  errnoError,
  makeSpec,
  memoryHost,
  withAnnotation,
} from '@opencontainers-ts/rootfs-rewriter/testing';
import { SpecDocument } from '@opencontainers-ts/runtime-spec';
import { SystemError } from '@opencontainers-ts/runtime-spec/bundle';
import { ask, CALL, TRIGGER } from '../scene.js';

const HOST = memoryHost();
const parse = (text: string) => SpecDocument.parse(new TextEncoder().encode(text));
const textOf = (document: SpecDocument) => new TextDecoder().decode(document.bytes);

function rule(
  name: string,
  evaluate: (document: SpecDocument, host: Host) => Outcome,
  more: Partial<Rule> = {},
): Rule {
  return {
    name,
    triggers: 'every-create',
    reads: ['/annotations'],
    claims: () => true,
    evaluate: (document, _, host) => evaluate(document, host),
    ...more,
  };
}
const note = (key: string, value: string): Outcome => ({
  kind: 'rewrite',
  note: 'noted',
  patch: [{ op: 'add', path: `/annotations/${key}`, value }],
  pins: [{ path: `/${key}`, dev: 1n, ino: 2n }],
  warnings: [`warned of ${key}`],
  facts: { [key]: value, last: key },
});
const thrower = (error: unknown) =>
  rule('thrower', () => {
    throw error;
  });

describe('planRewrite', () => {
  const document = documentOf(makeSpec(withAnnotation('a', 'b')));

  test('a later rule sees what an earlier one did, and the plan holds what both said', () => {
    const second = rule('second', (seen) => note('copy', seen.spec.annotations?.['first'] ?? 'nothing'));
    const plan = planRewrite(document, [rule('first', () => note('first', '1')), second], CALL, HOST);
    expect(plan.decision).toBe('rewrite');
    expect(plan.document.spec.annotations).toEqual({ a: 'b', first: '1', copy: '1' });
    expect(plan.patch).toHaveLength(2);
    expect(document.apply(plan.patch).bytes).toEqual(plan.document.bytes);
    expect(plan.pins.map(({ path }) => path)).toEqual(['/first', '/copy']);
    expect(plan.warnings).toEqual(['warned of first', 'warned of copy']);
    expect(plan.facts).toEqual({ first: '1', copy: '1', last: 'copy' });
    expect(plan.trace.map((step) => [step.rule, step.outcome.kind])).toEqual([
      ['first', 'rewrite'],
      ['second', 'rewrite'],
    ]);
  });

  test('a refusal ends it, and nothing of what came before is left', () => {
    const no = rule('no', () => ({ kind: 'refuse', code: 'ERR_MINE', message: 'no', hint: 'do not' }));
    const never = thrower(new Error('asked all the same'));
    const plan = planRewrite(document, [rule('first', () => note('first', '1')), no, never], CALL, HOST);
    expect(plan).toMatchObject({ decision: 'refuse', patch: [], pins: [], warnings: [], facts: {} });
    expect(plan.document).toBe(document);
    expect(plan.refusal).toEqual({
      kind: 'refuse',
      rule: 'no',
      code: 'ERR_MINE',
      message: 'no',
      hint: 'do not',
    });
    expect(plan.trace).toHaveLength(2);
  });

  test('pins of a rule that passes are kept', () => {
    const pin = { path: '/x', dev: 1n, ino: 2n };
    const plan = planRewrite(
      document,
      [rule('r', () => ({ kind: 'pass', reason: 'fine', pins: [pin] }))],
      CALL,
      HOST,
    );
    expect(plan).toMatchObject({ decision: 'pass', pins: [pin] });
    expect(plan.document).toBe(document);
  });

  test('actions of rules that pass and that rewrite are kept in order, and none of a call that is refused', () => {
    const clean = (volume: string): HostAction => ({
      kind: 'clean-residue',
      root: `/volumes/${volume}`,
      volume,
      creates: { mountPoints: [], links: [] },
    });
    const rules = [
      rule('passes', () => ({ kind: 'pass', reason: 'fine', actions: [clean('a')] })),
      rule('rewrites', () => ({ ...note('x', 'y'), actions: [clean('b'), clean('c')] }) as Outcome),
    ];
    expect(planRewrite(document, rules, CALL, HOST).actions).toEqual([clean('a'), clean('b'), clean('c')]);
    const no = rule('no', () => ({ kind: 'refuse', code: 'ERR_MINE', message: 'no' }));
    expect(planRewrite(document, [...rules, no], CALL, HOST).actions).toEqual([]);
    expect(planRewrite(document, [], CALL, HOST).actions).toEqual([]);
  });

  test.each<[string, Outcome & { kind: 'rewrite' }]>([
    ['an empty patch', { kind: 'rewrite', note: 'n', patch: [] }],
    [
      'a patch that changes nothing',
      { kind: 'rewrite', note: 'n', patch: [{ op: 'test', path: '/root/path', value: 'rootfs' }] },
    ],
  ])('%s is a pass with the same bytes', (_, outcome) => {
    const plan = planRewrite(document, [rule('r', () => outcome)], CALL, HOST);
    expect(plan).toMatchObject({ decision: 'pass', patch: [] });
    expect(plan.document).toBe(document);
  });

  test('a rule whose trigger text does not occur is not asked', () => {
    const shy = rule('shy', () => note('x', 'y'), {
      triggers: ['example.org/shy'],
      claims: () => {
        throw new Error('asked all the same');
      },
    });
    const plan = planRewrite(document, [shy], CALL, HOST);
    expect(plan.trace).toEqual([{ rule: 'shy', outcome: { kind: 'pass', reason: 'no trigger' } }]);
  });

  test('the text that an earlier rule wrote is a trigger too', () => {
    const second = rule('second', () => note('seen', 'yes'), { triggers: ['first'] });
    const first = rule('first', () => note('first', '1'));
    expect(planRewrite(document, [second, first], CALL, HOST).document.spec.annotations).not.toHaveProperty(
      'seen',
    );
    expect(planRewrite(document, [first, second], CALL, HOST).document.spec.annotations).toHaveProperty(
      'seen',
      'yes',
    );
  });

  test('a rule that does not claim the document is not evaluated, and ambiguity is none of its business', () => {
    const twice = parse('{"annotations":{"a":"1","a":"2"}}');
    const modest = { ...thrower(new Error('evaluated all the same')), claims: () => false };
    expect(planRewrite(twice, [modest], CALL, HOST).decision).toBe('pass');
  });

  test('no rules: a pass', () => {
    expect(planRewrite(document, [], CALL, HOST)).toMatchObject({ decision: 'pass', trace: [], patch: [] });
  });
});

describe('what a rule throws becomes a refusal', () => {
  const document = documentOf(makeSpec(withAnnotation('a', 'b')));
  test.each<[string, unknown, string]>([
    ['an errno error', errnoError('EACCES', 'lstat', '/x'), 'ERR_HOST_UNREADABLE'],
    [
      'what the host of the program throws',
      new SystemError({ errno: 'EMFILE', syscall: 'openat2' }, '/x'),
      'ERR_HOST_UNREADABLE',
    ],
    ['an error', new Error('boom'), 'ERR_RULE_CRASHED'],
    [
      'an error with a code of its own',
      Object.assign(new Error('boom'), { code: 'ERR_X' }),
      'ERR_RULE_CRASHED',
    ],
    [
      'an error with a code of its own, and a hint',
      Object.assign(new Error('boom'), { code: 'ERR_ADDON_MISSING', hint: 'build it' }),
      'ERR_ADDON_MISSING',
    ],
    ['a text', 'boom', 'ERR_RULE_CRASHED'],
    ['nothing', undefined, 'ERR_RULE_CRASHED'],
  ])('%s', (_, error, code) => {
    const plan = planRewrite(document, [thrower(error)], CALL, HOST);
    expect(plan.refusal).toMatchObject({ rule: 'thrower', code });
    expect(plan.refusal?.cause).toBe(error);
  });

  test('the refusal for the host names the call, the errno and the path', () => {
    const plan = planRewrite(document, [thrower(errnoError('EIO', 'open', '/dev/x'))], CALL, HOST);
    expect(plan.refusal?.message).toContain('open failed with EIO for "/dev/x"');
    expect(plan.refusal?.details).toEqual({ rule: 'thrower', errno: 'EIO', path: '/dev/x' });
  });

  test('so does what `claims` throws', () => {
    const broken = rule('broken', () => note('x', 'y'), {
      claims: () => {
        throw new Error('boom');
      },
    });
    expect(planRewrite(document, [broken], CALL, HOST).refusal?.code).toBe('ERR_RULE_CRASHED');
  });

  test('and a patch that cannot be applied', () => {
    const lost = rule('lost', () => ({
      kind: 'rewrite',
      note: 'n',
      patch: [{ op: 'remove', path: '/nothing' }],
    }));
    const plan = planRewrite(document, [lost], CALL, HOST);
    expect(plan.refusal).toMatchObject({ rule: 'lost', code: 'ERR_RULE_PATCH' });
    expect(plan.document).toBe(document);
  });
});

describe('a document that can be read in two ways', () => {
  const good = `{"ociVersion":"1.2.0","root":{"path":"rootfs"},"mounts":[],"annotations":{"${TRIGGER}":"x"}}`;
  test.each<[string, string]>([
    ['the trigger twice', good.replace('"annotations":{', `"annotations":{"${TRIGGER}":"y",`)],
    ['two roots', good.replace('"mounts"', '"root":{"path":"other"},"mounts"')],
    ['a Root beside the root', good.replace('"mounts"', '"Root":{"path":"other"},"mounts"')],
    ['a Path in the root', good.replace('"path":"rootfs"', '"path":"rootfs","Path":"other"')],
    ['two paths in the root', good.replace('"path":"rootfs"', '"path":"rootfs","path":"other"')],
    ['mounts in capitals', good.replace('"mounts"', '"MOUNTS":[],"mounts"')],
    ['a folded member of a mount', good.replace('[]', '[{"destination":"/x","Source":"/y"}]')],
    ['the trigger in a folded map only', good.replace('"annotations"', '"Annotations"')],
    ['the trigger in the first of two maps', `${good.slice(0, -1)},"annotations":{}}`],
    ['mounts folded with a long s', good.replace('"mounts"', '"mount\u017f":[],"mounts"')],
  ])('%s', (_, text) => {
    const plan = planRewrite(parse(text), [pvcRootfs()], CALL, HOST);
    expect(plan.refusal?.code).toBe('ERR_SPEC_AMBIGUOUS');
    expect(plan.refusal?.message).toMatch(/line \d+/);
  });

  test('the same document without the fault reaches the rule', () => {
    expect(planRewrite(parse(good), [pvcRootfs()], CALL, HOST).refusal?.code).toBe('ERR_VOLUME_NOT_FOUND');
  });

  test.each<[string, string]>([
    [
      'a map key in other letters',
      good.replace('"annotations":{', `"annotations":{"${TRIGGER.toUpperCase()}":"y",`),
    ],
    [
      'a part that the rule does not read',
      good.replace('"mounts"', '"hooks":{"prestart":[],"prestart":[]},"mounts"'),
    ],
  ])('is none: %s', (_, text) => {
    expect(planRewrite(parse(text), [pvcRootfs()], CALL, HOST).refusal?.code).toBe('ERR_VOLUME_NOT_FOUND');
  });

  test('without the trigger it is passed on as it is', () => {
    const text = good.replace(TRIGGER, 'other').replace('"mounts"', '"Root":{"path":"other"},"mounts"');
    const plan = planRewrite(parse(text), [pvcRootfs()], CALL, HOST);
    expect(plan.decision).toBe('pass');
    expect(textOf(plan.document)).toBe(text);
  });

  test('a place that the patch writes and the rule did not say it reads', () => {
    const writer = rule('writer', () => ({
      kind: 'rewrite',
      note: 'n',
      patch: [{ op: 'replace', path: '/process/cwd', value: '/x' }],
    }));
    const text = '{"process":{"cwd":"/","Cwd":"/y"},"annotations":{}}';
    expect(planRewrite(parse(text), [writer], CALL, HOST).refusal?.code).toBe('ERR_SPEC_AMBIGUOUS');
    expect(planRewrite(parse(text.replace(',"Cwd":"/y"', '')), [writer], CALL, HOST).decision).toBe(
      'rewrite',
    );
  });
});

describe('defineRule and pvcRootfs', () => {
  const base = rule('r', () => note('x', 'y'));
  test.each<[string, Partial<Rule>]>([
    ['no name', { name: '' }],
    ['no triggers', { triggers: [] }],
    ['an empty trigger', { triggers: ['a', ''] }],
    ['a read that is no pointer', { reads: ['annotations'] }],
  ])('refuses %s', (_, fault) => {
    expect(() => defineRule(() => ({ ...base, ...fault }))()).toThrow(
      expect.objectContaining({ code: 'ERR_RULE_INVALID' }),
    );
  });

  test('accepts the same without the fault', () => {
    const named = defineRule((options: { name: string } = { name: 'unnamed' }) => ({
      ...base,
      ...options,
      triggers: ['a'],
      reads: ['', '/x'],
    }));
    expect([named({ name: 'named' }).name, named().name]).toEqual(['named', 'unnamed']);
  });

  test.each(['', 'relative', '/', '//', '/a/../b'])(
    'pvcRootfs refuses the kubelet root "%s"',
    (kubeletRoot) => {
      expect(() => pvcRootfs({ kubeletRoot })).toThrow(expect.objectContaining({ code: 'ERR_RULE_INVALID' }));
      expect(() => pvcRootfs({ hostPathFolders: [kubeletRoot] })).toThrow(RewriterError);
    },
  );

  test('pvcRootfs refuses an empty annotation', () => {
    expect(() => pvcRootfs({ annotation: '' })).toThrow(
      expect.objectContaining({ code: 'ERR_RULE_INVALID' }),
    );
  });
});

describe('RefusedError', () => {
  test('carries the plan', () => {
    const plan = ask({ value: '' });
    const error = new RefusedError(plan);
    expect(error).toMatchObject({
      name: 'RefusedError',
      code: 'ERR_VOLUME_SELECTOR',
      message: plan.refusal?.message,
    });
    expect(error.plan).toBe(plan);
    expect(error.hint).toBe(plan.refusal?.hint);
  });

  test('is made of a refusal only', () => {
    expect(() => new RefusedError(ask({}))).toThrow(TypeError);
  });
});
