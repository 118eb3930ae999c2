import { describe, expect, test } from '@jest/globals';
import {
  type Actions,
  planRewrite,
  pvcRootfs,
  type RuleDefinition,
} from '@opencontainers-ts/rootfs-rewriter';
import { documentOf, memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import { CALL, GOOD, specOf } from '../scene.js';
import { plan, ruleOf } from './then-row.js';

const rule = (name: string, then: Actions, more: Partial<RuleDefinition> = {}) =>
  ruleOf(then, { name, ...more });

const fuse = (minor: number, more: object = {}) => ({
  devices: { add: [{ path: '/dev/fuse', type: 'c', major: 10, minor, access: '', ...more } as const] },
});
const hook = (timeout: number, path = '/h') => ({
  hooks: { poststop: { append: [{ path, timeout }] } },
});

/** Two edits of one place, the place, and edits of two places beside each other. */
const rows: readonly [one: Actions, other: Actions, place: string, beside: Actions][] = [
  [{ cwd: '/a' }, { cwd: '/b' }, '/process/cwd', { oomScoreAdj: 1 }],
  [
    { env: { set: { A: '1' } } },
    { env: { set: { A: '2' } } },
    '/process/env/A',
    { env: { set: { B: '2' } } },
  ],
  [{ env: { remove: ['A'] } }, { env: { set: { A: '2' } } }, '/process/env/A', { env: { remove: ['B'] } }],
  [
    { annotations: { set: { 'a/b': '1' } } },
    { annotations: { remove: ['a/b'] } },
    '/annotations/a~1b',
    { annotations: { set: { c: '1' } } },
  ],
  [
    { mounts: { options: [{ destination: '/sys', add: ['ro'] }] } },
    { mounts: { options: [{ destination: '/sys/', add: ['rw'] }] } },
    '/mounts/~1sys/options/ro',
    { mounts: { options: [{ destination: '/sys', add: ['noexec'] }] } },
  ],
  [
    { mounts: { add: [{ destination: '/data', source: '/a' }] } },
    { mounts: { add: [{ destination: '/data', source: '/b' }] } },
    '/mounts/~1data/source',
    { mounts: { add: [{ destination: '/data/x', source: '/b' }] } },
  ],
  [fuse(229), fuse(228), '/linux/devices/~1dev~1fuse/minor', fuse(228, { path: '/dev/other' })],
  [hook(1), hook(2), '/hooks/poststop/~1h/timeout', hook(2, '/other')],
  [
    { capabilities: { add: ['CAP_KILL'] } },
    { capabilities: { bounding: { drop: ['CAP_KILL'] } } },
    '/process/capabilities/bounding/CAP_KILL',
    { capabilities: { add: ['CAP_CHOWN'] } },
  ],
  [
    { rlimits: { set: { RLIMIT_CORE: { soft: 'unlimited', hard: 'unlimited' } } } },
    { rlimits: { set: { RLIMIT_CORE: { soft: 18446744073709551614n, hard: 'unlimited' } } } },
    '/process/rlimits/RLIMIT_CORE/soft',
    { rlimits: { set: { RLIMIT_AS: { soft: 1, hard: 1 } } } },
  ],
  [
    { namespaces: { set: [{ type: 'network', path: '/a' }] } },
    { namespaces: { remove: ['network'] } },
    '/linux/namespaces/network/type',
    { namespaces: { set: [{ type: 'pid' }] } },
  ],
  [
    { seccomp: { deny: ['bpf'] } },
    { seccomp: { allow: ['bpf'] } },
    '/linux/seccomp/syscalls/bpf',
    { seccomp: { allow: ['mount'] } },
  ],
  [
    { resources: { memory: { limit: 1 } } },
    { resources: { memory: { limit: 2 } } },
    '/linux/resources/memory/limit',
    { resources: { memory: { swap: 2 } } },
  ],
  [{ args: { prepend: ['a'] } }, { args: { append: ['b'] } }, '/process/args', { cwd: '/b' }],
  [
    { hooks: { poststop: { append: [{ path: '/h' }] } } },
    { patch: [{ op: 'replace', path: '/hooks', value: {} }] },
    '/hooks/poststop/~1h/path',
    { patch: [{ op: 'add', path: '/hooks/poststart', value: [{ path: '/h' }] }] },
  ],
];

const BASE =
  '{"process":{"args":["sh"],"env":["A=0"]},"mounts":[{"destination":"/sys","options":["nosuid"]}],"linux":{"seccomp":{"defaultAction":"SCMP_ACT_LOG","syscalls":[]}}}';

describe('two rules that set one place', () => {
  test.each(rows)('%j and %j: %s', (one, other, place, beside) => {
    const [first, second] = [rule('one', one), rule('other', other)];
    expect(plan([first, second], BASE).refusal).toMatchObject({
      code: 'ERR_RULE_CONFLICT',
      details: { rules: ['one', 'other'], path: place },
      rule: 'other',
      message: expect.stringMatching(/"one".*"other"/),
    });
    expect(plan([first, rule('other', other, { override: true })], BASE)).toMatchObject({
      decision: 'rewrite',
    });
    expect(plan([first, rule('beside', beside)], BASE)).toMatchObject({ decision: 'rewrite' });
    // The same value from both is no conflict, and neither is a rule that does not act.
    expect(plan([first, rule('same', one)], BASE).decision).toBe('rewrite');
    expect(plan([first, rule('other', other, { when: { verb: 'run' } })], BASE).decision).toBe('rewrite');
  });

  test('a rule that finds its value there holds it against the next', () => {
    const [first, second] = [rule('one', { cwd: '/a' }), rule('other', { cwd: '/b' })];
    const { refusal, trace } = plan([first, second], '{"process":{"cwd":"/a"}}');
    expect(refusal?.code).toBe('ERR_RULE_CONFLICT');
    expect(trace.map(({ outcome }) => outcome.kind)).toEqual(['pass', 'refuse']);
  });

  test('the rule that overrides must stand last: one before it says so', () => {
    const [first, second] = [rule('one', { cwd: '/a' }, { override: true }), rule('other', { cwd: '/b' })];
    expect(plan([first, second], '{}').refusal).toMatchObject({
      code: 'ERR_RULE_CONFLICT',
      message: expect.stringContaining('"one" overrides'),
    });
    expect(plan([second, first], '{}').document.spec.process?.cwd).toBe('/a');
  });

  test('an override holds against a third rule', () => {
    const rules = [
      rule('a', { cwd: '/a' }),
      rule('b', { cwd: '/b' }, { override: true }),
      rule('c', { cwd: '/a' }),
    ];
    expect(plan(rules, '{}').refusal).toMatchObject({ details: { path: '/process/cwd' }, rule: 'c' });
  });

  test('rules of other makers count as well', () => {
    const swap = rule('swap', { mounts: { options: [{ destination: '/mnt', add: ['ro'] }] } });
    const other = rule('other', { mounts: { options: [{ destination: '/proc', add: ['ro'] }] } });
    const planOf = (...rules: (typeof swap)[]) =>
      planRewrite(documentOf(specOf({})), rules, CALL, memoryHost(GOOD.host));
    expect(planOf(swap, pvcRootfs()).refusal).toMatchObject({
      code: 'ERR_RULE_CONFLICT',
      details: { rules: ['swap', 'pvc-rootfs'], path: '/mounts/~1mnt/options/ro' },
    });
    expect(planOf(other, pvcRootfs()).decision).toBe('rewrite');
  });

  test('the trace has the operations of each rule', () => {
    const { trace, patch } = plan(
      [rule('one', { cwd: '/a' }), rule('other', { oomScoreAdj: 1 })],
      '{"process":{}}',
    );
    const origins = trace.flatMap(({ rule: name, outcome }) =>
      outcome.kind === 'rewrite' ? outcome.patch.map(({ path }) => [name, path]) : [],
    );
    expect(origins).toEqual([
      ['one', '/process/cwd'],
      ['other', '/process/oomScoreAdj'],
    ]);
    expect(patch).toHaveLength(2);
  });
});
