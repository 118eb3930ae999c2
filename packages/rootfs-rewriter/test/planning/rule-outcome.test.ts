import { describe, expect, test } from '@jest/globals';
import { defineRule, isolatedRule, planRewrite, type Rule } from '@opencontainers-ts/rootfs-rewriter';
import { documentOf, makeSpec, memoryHost, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';
import { CALL } from '../scene.js';

const DOCUMENT = documentOf(makeSpec(withAnnotation('a', 'b')));
const REWRITE = { kind: 'rewrite', note: 'n', patch: [{ op: 'add', path: '/hostname', value: 'h' }] };
const PASS = { kind: 'pass', reason: 'r' };
const REFUSE = { kind: 'refuse', code: 'ERR_MINE', message: 'no' };
const PIN = { path: '/x', dev: 1n, ino: 2n };
const CLEAN = { kind: 'clean-residue', root: '/v', volume: 'v', creates: { mountPoints: [], links: [] } };

const MOUNT = {
  kind: 'mount-root',
  strategy: 'overlay',
  root: '/v',
  volume: 'v',
  target: '/run/ociwrap/root',
  image: '/image',
  imageName: 'x:1',
  imageChange: 'keep',
  readonly: false,
  program: { name: 'sh', cwd: '/', searchPath: '/bin', mountedAt: ['/proc'] },
  idMappings: { uid: [{ containerID: 0, hostID: 1, size: 2 }], gid: [] },
  user: 'ns/pod/main',
  onceMounted: [{ op: 'replace', path: '/root/path', value: '/run/ociwrap/root' }],
  otherwise: 'refuse',
};
const mounting = (changes: object) => ({ ...PASS, pins: [PIN], actions: [{ ...MOUNT, ...changes }] });

/** A rule in the hands of somebody whom no compiler helps. */
function ruleOf(members: object): Rule {
  return {
    name: 'mine',
    triggers: 'every-create',
    reads: [],
    claims: () => true,
    evaluate: () => PASS,
    ...members,
  } as unknown as Rule;
}
const planOf = (members: object) => planRewrite(DOCUMENT, [ruleOf(members)], CALL, memoryHost());
const saying = (said: unknown) => planOf({ evaluate: () => said });

/** A value that gives `first` at the first look at `name`, and `second` at all others. */
function twoFaced(value: object, name: string, first: unknown, second: unknown): object {
  let looks = 0;
  return Object.defineProperty({ ...value }, name, {
    enumerable: true,
    get: () => {
      looks += 1;
      return looks === 1 ? first : second;
    },
  });
}

describe('what is no outcome refuses', () => {
  test.each<[title: string, said: unknown, why: string]>([
    ['a promise of a refusal', Promise.resolve(REFUSE), 'it is a promise'],
    ['a promise that is rejected', Promise.reject(new Error('late')), 'it is a promise'],
    ['a thenable', { ...PASS, then: () => undefined }, 'it is a promise'],
    ['nothing', undefined, 'it is undefined'],
    ['null', null, 'it is null'],
    ['true', true, 'it is true'],
    ['a number', 1, 'it is 1'],
    ['text', 'refuse', 'it is the text "refuse"'],
    ['a list', [REFUSE], 'it is a list'],
    ['a function', () => REFUSE, 'it is a function'],
    ['an empty object', {}, 'it lacks the member "kind"'],
    [
      'an unknown kind',
      { ...REFUSE, kind: 'refused' },
      'its member "kind" is the text "refused", not "pass"',
    ],
    ['a kind in capitals', { ...REFUSE, kind: 'Refuse' }, 'its member "kind" is the text "Refuse"'],
    ['a kind that every object has', { ...PASS, kind: 'constructor' }, 'its member "kind" is the text'],
    ['a kind that is a list', { ...REFUSE, kind: ['refuse'] }, 'its member "kind" is a list'],
    [
      'a kind that cannot be read',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('no');
          },
        },
      ),
      'cannot be read',
    ],
    ['a refusal without a code', { kind: 'refuse', message: 'no' }, 'it lacks the member "code"'],
    ['an empty code', { ...REFUSE, code: '' }, 'its member "code" is the text "", not a code'],
    [
      'a code of two lines',
      { ...REFUSE, code: 'ERR\nMINE' },
      'its member "code" is the text "ERR\\u000aMINE"',
    ],
    ['a code that is a number', { ...REFUSE, code: 13 }, 'its member "code" is 13, not a code'],
    ['a refusal without a message', { kind: 'refuse', code: 'ERR_X' }, 'it lacks the member "message"'],
    ['an empty message', { ...REFUSE, message: ' ' }, 'its member "message" is the text " "'],
    ['a hint that is a list', { ...REFUSE, hint: [] }, 'its member "hint" is a list'],
    ['a hint that is null', { ...REFUSE, hint: null }, 'its member "hint" is null'],
    ['details that are text', { ...REFUSE, details: 'x' }, 'its member "details" is the text "x"'],
    [
      'details with a function',
      { ...REFUSE, details: { f: () => 1 } },
      'its member "details/f" is a function',
    ],
    [
      'details with a date',
      { ...REFUSE, details: { d: new Date(0) } },
      'its member "details/d" is an object',
    ],
    ['a misspelt member', { ...REFUSE, detail: {} }, 'it has the member "detail", which is none'],
    ['a pass without a reason', { kind: 'pass' }, 'it lacks the member "reason"'],
    ['a reason that is a number', { kind: 'pass', reason: 1 }, 'its member "reason" is 1, not a text'],
    ['a pass with a patch', { ...PASS, patch: REWRITE.patch }, 'it has the member "patch", which is none'],
    ['a pass with a code', { ...PASS, code: 'ERR_X' }, 'it has the member "code", which is none'],
    ['because that is text', { ...PASS, because: 'x' }, 'its member "because" is the text "x"'],
    [
      'because without what was found',
      { ...PASS, because: { kind: 'failed-condition', condition: '/a', expected: 1 } },
      'it lacks the member "because/found"',
    ],
    ['holds that are text', { ...PASS, holds: '/a' }, 'its member "holds" is the text "/a", not a list'],
    ['holds with a number', { ...PASS, holds: ['/a', 1] }, 'its member "holds/1" is 1'],
    [
      'a pin with numbers',
      { ...PASS, pins: [{ path: '/x', dev: 1, ino: 2 }] },
      'its member "pins/0/dev" is 1, not a bigint',
    ],
    [
      'a pin without an inode',
      { ...PASS, pins: [PIN, { path: '/x', dev: 1n }] },
      'it lacks the member "pins/1/ino"',
    ],
    [
      'a pin that is relative',
      { ...PASS, pins: [{ ...PIN, path: 'x' }] },
      'its member "pins/0/path" is the text "x"',
    ],
    ['pins that are no list', { ...PASS, pins: PIN }, 'its member "pins" is an object'],
    [
      'an unknown action',
      { ...PASS, actions: [{ ...CLEAN, kind: 'mount' }] },
      'its member "actions/0/kind" is the text "mount", not "clean-residue" or "mount-root"',
    ],
    [
      'an action without a root',
      { ...PASS, actions: [{ ...CLEAN, root: undefined }] },
      'it lacks the member "actions/0/root"',
    ],
    [
      'an action that creates a link to nothing',
      { ...PASS, actions: [{ ...CLEAN, creates: { mountPoints: [], links: [{ path: 'a' }] } }] },
      'it lacks the member "actions/0/creates/links/0/target"',
    ],
    [
      'a root by an unknown strategy',
      mounting({ strategy: 'merge' }),
      'actions/0/strategy" is the text "merge"',
    ],
    ['a root at a relative place', mounting({ target: 'root' }), 'actions/0/target" is the text "root"'],
    ['a root without an image', mounting({ image: undefined }), 'it lacks the member "actions/0/image"'],
    [
      'a flag that is a text',
      mounting({ readonly: 'no' }),
      'actions/0/readonly" is the text "no", not true or false',
    ],
    [
      'an id that is none',
      mounting({ idMappings: { uid: [{ containerID: 0.5, hostID: 1, size: 2 }], gid: [] } }),
      'actions/0/idMappings/uid/0/containerID" is 0.5, not an integer from 0 to 4294967295',
    ],
    [
      'operations that are none',
      mounting({ onceMounted: [{ op: 'set' }] }),
      'actions/0/onceMounted/0/op" is the text "set"',
    ],
    [
      'a root with a member that is none',
      mounting({ creates: {} }),
      'it has the member "actions/0/creates", which is none',
    ],
    [
      'what becomes of it otherwise',
      mounting({ otherwise: 'ask' }),
      'actions/0/otherwise" is the text "ask"',
    ],
    ['a rewrite without a note', { ...REWRITE, note: undefined }, 'it lacks the member "note"'],
    ['a rewrite without a patch', { kind: 'rewrite', note: 'n' }, 'it lacks the member "patch"'],
    ['a patch that is an object', { ...REWRITE, patch: REWRITE.patch[0] }, 'its member "patch" is an object'],
    ['a patch that is text', { ...REWRITE, patch: '[]' }, 'its member "patch" is the text "[]"'],
    [
      'a patch without end',
      { ...REWRITE, patch: new Proxy([], { get: (_, name) => (name === 'length' ? 2 ** 40 : {}) }) },
      'has more than 1000000 elements',
    ],
    [
      'a value with half a surrogate pair',
      { ...REWRITE, patch: [{ op: 'add', path: '/a', value: ['\ud800'] }] },
      'its member "patch/0/value/0" is the text "\\ud800", not well-formed Unicode',
    ],
    [
      'a key with half a surrogate pair',
      { ...REWRITE, patch: [{ op: 'add', path: '/a', value: { '\udfff': 1 } }] },
      'not well-formed Unicode',
    ],
    [
      'a path with half a surrogate pair',
      { ...REWRITE, patch: [{ op: 'add', path: '/\ud800', value: 1 }] },
      'not well-formed Unicode',
    ],
    ['an operation that is null', { ...REWRITE, patch: [null] }, 'its member "patch/0" is null'],
    [
      'an unknown operation',
      { ...REWRITE, patch: [{ op: 'delete', path: '/a' }] },
      'its member "patch/0/op" is the text "delete"',
    ],
    [
      'an operation without a path',
      { ...REWRITE, patch: [{ op: 'remove' }] },
      'its member "patch/0/path" is undefined',
    ],
    [
      'a path that is a list',
      { ...REWRITE, patch: [{ op: 'remove', path: ['a'] }] },
      'its member "patch/0/path" is a list',
    ],
    [
      'a move from nowhere',
      { ...REWRITE, patch: [{ op: 'move', path: '/a' }] },
      'its member "patch/0/from" is undefined',
    ],
    [
      'an addition of nothing',
      { ...REWRITE, patch: [{ op: 'add', path: '/a' }] },
      'its member "patch/0/value" is undefined',
    ],
    [
      'an addition of NaN',
      { ...REWRITE, patch: [{ op: 'add', path: '/a', value: [Number.NaN] }] },
      'its member "patch/0/value/0" is NaN',
    ],
    ['warnings that are text', { ...REWRITE, warnings: 'w' }, 'its member "warnings" is the text "w"'],
    ['facts that are a list', { ...REWRITE, facts: ['f'] }, 'its member "facts" is a list'],
    ['a fact that is a number', { ...REWRITE, facts: { f: 1 } }, 'its member "facts/f" is 1'],
    [
      'a fact that passes for the level',
      { ...REWRITE, facts: { level: 'debug' } },
      'its member "facts" has the key "level"',
    ],
    ['a fact with a line end in its name', { ...REWRITE, facts: { 'a\nb': '' } }, 'has the key "a\\u000ab"'],
    ['consumes that are null', { ...REWRITE, consumes: null }, 'its member "consumes" is null'],
    [
      'a kind that changes',
      twoFaced(PASS, 'kind', 'pass', 'refuse'),
      'its member "kind" is the text "refuse"',
    ],
    [
      'a member that throws',
      Object.defineProperty({ ...PASS }, 'reason', {
        get: () => {
          throw new Error('no');
        },
      }),
      'its member "reason" cannot be read',
    ],
    [
      'members that cannot be listed',
      new Proxy(
        { ...PASS },
        {
          ownKeys: () => {
            throw new Error('no');
          },
        },
      ),
      'its members cannot be listed',
    ],
  ])('%s', (_title, said, why) => {
    const plan = saying(said);
    expect(plan).toMatchObject({
      decision: 'refuse',
      patch: [],
      refusal: { rule: 'mine', code: 'ERR_RULE_OUTCOME', hint: expect.stringContaining('bug in the rule') },
    });
    expect(plan.refusal?.message).toContain(why);
    expect(plan.refusal?.message).toMatch(/^[ -~]+$/);
    expect(plan.document).toBe(DOCUMENT);
  });

  test('a value that holds itself', () => {
    const value: unknown[] = [];
    value.push(value);
    const plan = saying({ ...REWRITE, patch: [{ op: 'add', path: '/a', value }] });
    expect(plan.refusal?.code).toBe('ERR_RULE_OUTCOME');
  });

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'undefined'],
    ['a promise', Promise.resolve(false), 'a promise'],
    ['a text', 'yes', 'the text "yes"'],
    ['a list', [], 'a list'],
    ['a number', 0, '0'],
    ['null', null, 'null'],
  ])('neither does "claims" that gives %s', (_title, said, what) => {
    const plan = planOf({ claims: () => said });
    expect(plan.refusal).toMatchObject({ rule: 'mine', code: 'ERR_RULE_OUTCOME' });
    expect(plan.refusal?.message).toContain(`"claims" gave ${what}, neither true nor false`);
  });
});

describe('what is an outcome is taken', () => {
  test.each<[title: string, said: unknown, outcome: object]>([
    ['a pass', PASS, PASS],
    [
      'a pass with everything',
      {
        ...PASS,
        because: { kind: 'failed-condition', condition: '/a', expected: null, found: ['x', 1n] },
        holds: ['/a'],
        pins: [PIN],
        actions: [CLEAN],
      },
      {},
    ],
    ['a pass that mounts a root', mounting({}), { actions: [MOUNT] }],
    ['a refusal', REFUSE, REFUSE],
    [
      'a refusal with everything',
      { ...REFUSE, hint: 'h', details: { a: [1, { b: null }] } },
      { details: { a: [1, { b: null }] } },
    ],
    ['a rewrite', REWRITE, REWRITE],
    [
      'a rewrite with everything',
      {
        ...REWRITE,
        holds: [],
        consumes: ['/a'],
        pins: [PIN],
        actions: [CLEAN],
        warnings: ['w'],
        facts: { newRoot: '/r' },
      },
      {},
    ],
    ['members that are undefined', { ...PASS, pins: undefined, because: undefined }, PASS],
    [
      'an operation with members of its own',
      { ...REWRITE, patch: [{ op: 'add', path: '/hostname', value: 'h', comment: 'c' }] },
      REWRITE,
    ],
    ['an object without a prototype', Object.assign(Object.create(null), PASS), PASS],
    [
      'an object of a class',
      new (class {
        kind = 'pass';
        reason = 'r';
      })(),
      PASS,
    ],
  ])('%s', (_title, said, outcome) => {
    const plan = saying(said);
    const [step] = plan.trace;
    expect(plan.refusal?.code).not.toBe('ERR_RULE_OUTCOME');
    expect(step?.outcome).toMatchObject(outcome);
    expect(step?.outcome).not.toBe(said);
  });

  test('text in it is printable, and nothing that is kept can be changed by the rule', () => {
    const said = {
      ...REWRITE,
      note: 'two\nlines',
      patch: [{ op: 'add', path: '/hostname', value: { a: ['b'] } }],
    };
    const plan = saying(said);
    said.patch[0] = { op: 'add', path: '/other', value: { a: [] } };
    expect(plan.trace[0]?.outcome).toMatchObject({ note: 'two\\u000alines' });
    expect(plan.patch).toEqual([{ op: 'add', path: '/hostname', value: { a: ['b'] } }]);
  });

  test('a pin that has two faces is the one that was looked at', () => {
    const plan = saying({ ...PASS, pins: [twoFaced(PIN, 'path', '/first', '/second')] });
    expect(plan.pins).toEqual([{ ...PIN, path: '/first' }]);
  });
});

describe('why a rule does not act is never a reason to refuse', () => {
  const idle = (whyNot: () => unknown) => planOf({ claims: () => false, whyNot });
  test.each<[string, () => unknown, string]>([
    ['a pass', () => ({ ...PASS, reason: 'not today', pins: [PIN] }), 'not today'],
    ['nothing', () => undefined, 'no trigger'],
    ['a refusal', () => REFUSE, 'no trigger; "whyNot" said "refuse"'],
    ['a rewrite', () => REWRITE, 'no trigger; "whyNot" said "rewrite"'],
    ['a promise', async () => PASS, 'no trigger; "whyNot": rule "mine" gave no answer'],
    [
      'an error',
      () => {
        throw new Error('boom');
      },
      'no trigger; "whyNot": rule "mine" failed: "boom"',
    ],
  ])('%s', (_title, whyNot, reason) => {
    const plan = idle(whyNot);
    expect(plan).toMatchObject({ decision: 'pass', pins: [], patch: [] });
    expect(plan.trace[0]?.outcome).toMatchObject({ kind: 'pass', reason: expect.stringContaining(reason) });
  });
});

describe('what is no rule', () => {
  test.each<[title: string, rule: unknown, why: string]>([
    ['nothing', undefined, 'the rule is undefined, which is not a rule'],
    ['a promise of one', Promise.resolve(ruleOf({})), 'the rule is a promise, which is not a rule'],
    ['a function', () => ruleOf({}), 'the rule is a function'],
    ['no name', ruleOf({ name: undefined }), 'the rule has a name that is undefined'],
    ['an empty name', ruleOf({ name: '' }), 'the rule has no name'],
    ['a name that is a number', ruleOf({ name: 1 }), 'the rule has a name that is 1'],
    ['no triggers', ruleOf({ triggers: undefined }), 'rule "mine" has "triggers" that are neither'],
    [
      'one text as triggers',
      ruleOf({ triggers: 'example.org/t' }),
      'rule "mine" has "triggers" that are neither',
    ],
    [
      'a trigger that is a number',
      ruleOf({ triggers: ['a', 1] }),
      'rule "mine" has "triggers" that are neither',
    ],
    ['an empty list of triggers', ruleOf({ triggers: [] }), 'has no trigger, so that it would never act'],
    ['an empty trigger', ruleOf({ triggers: [''] }), 'has an empty trigger'],
    ['no reads', ruleOf({ reads: undefined }), 'has "reads" that are not a list'],
    [
      'a pointer without a slash',
      ruleOf({ reads: ['annotations'] }),
      'reads "annotations", which is not a JSON pointer',
    ],
    ['a pointer with a bad escape', ruleOf({ reads: ['/a~2'] }), 'reads "/a~2", which is not a JSON pointer'],
    ['override that is text', ruleOf({ override: 'no' }), 'has "override" that is the text "no"'],
    ['claims that is a value', ruleOf({ claims: true }), 'has "claims" that is true, not a function'],
    ['no evaluate', ruleOf({ evaluate: undefined }), 'has "evaluate" that is undefined, not a function'],
    ['whyNot that is text', ruleOf({ whyNot: 'so' }), 'has "whyNot" that is the text "so", not a function'],
    [
      'a member that throws',
      Object.defineProperty(ruleOf({}), 'reads', {
        get: () => {
          throw new Error('no');
        },
      }),
      'has a member "reads" that cannot be read',
    ],
  ])('%s: is not made, and refuses every container where it was', (_title, rule, why) => {
    expect(() => isolatedRule(rule)).toThrow(
      expect.objectContaining({ code: 'ERR_RULE_INVALID', message: expect.stringContaining(why) }),
    );
    expect(() => defineRule(() => rule as Rule)()).toThrow(
      expect.objectContaining({ code: 'ERR_RULE_INVALID' }),
    );
    const { refusal } = planRewrite(DOCUMENT, [rule as Rule], CALL, memoryHost());
    expect(refusal).toMatchObject({
      code: 'ERR_RULE_INVALID',
      message: expect.stringContaining(why),
    });
  });

  test('a rule that changes while it is asked is the one that was made', () => {
    const rule = ruleOf({ evaluate: () => REFUSE });
    const made = isolatedRule(rule);
    Object.assign(rule, { evaluate: () => PASS, claims: () => false });
    expect(planRewrite(DOCUMENT, [made], CALL, memoryHost()).refusal?.code).toBe('ERR_MINE');
  });
});

test('what is thrown and cannot be read refuses all the same', () => {
  const trap = () => {
    throw new Error('no');
  };
  for (const thrown of [
    new Proxy({}, { get: trap, getPrototypeOf: trap }),
    Object.create(null),
    Symbol('s'),
    { code: 'E\n', hint: 'h' },
  ]) {
    const plan = planOf({
      evaluate: () => {
        throw thrown;
      },
    });
    expect(plan.refusal?.code).toBe('ERR_RULE_CRASHED');
    expect(plan.refusal?.message).toMatch(/^[ -~]+$/);
  }
});
