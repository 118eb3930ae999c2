import { describe, expect, test } from '@jest/globals';
import {
  type Call,
  declarativeRule,
  type Host,
  isolatedRule,
  type Outcome,
  planRewrite,
  pvcRootfs,
  type Rule,
} from '@opencontainers-ts/rootfs-rewriter';
import { trustedRule } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
import {
  documentOf,
  makeSpec,
  memoryHost,
  withAnnotation,
  withMount,
} from '@opencontainers-ts/rootfs-rewriter/testing';
import type { SpecDocument } from '@opencontainers-ts/runtime-spec';
import { CALL } from '../scene.js';

const mount = (destination: string) => withMount({ destination, type: 'tmpfs', source: 'tmpfs' });
const document = () => documentOf(makeSpec(withAnnotation('a', 'b'), mount('/a'), mount('/secret')));
const HOST = memoryHost({
  files: { '/etc/names': 'one two' },
  directories: ['/srv/x'],
  devices: [{ path: '/dev/kvm', kind: 'character', major: 10, minor: 232 }],
  mounts: ['/srv'],
});
const PASS: Outcome = { kind: 'pass', reason: 'looked' };

function rule(name: string, evaluate: Rule['evaluate'], more: Partial<Rule> = {}): Rule {
  return { name, triggers: 'every-create', reads: [], claims: () => true, evaluate, ...more };
}
/** Takes the mount of /proc away, by the place at which it sees it. */
const remover = rule('remover', ({ spec }) => {
  const index = spec.mounts?.findIndex(({ destination }) => destination === '/proc');
  return { kind: 'rewrite', note: 'no /proc', patch: [{ op: 'remove', path: `/mounts/${index}` }] };
});
const declared = declarativeRule({ name: 'declared', then: { mounts: { remove: ['/proc'] } } });

type Meddle = (document: SpecDocument, call: Call, host: Host) => void;
const MEDDLERS: readonly [title: string, meddle: Meddle][] = [
  ['reverses a list', ({ spec }) => (spec.mounts as unknown[]).reverse()],
  ['sorts a list', ({ spec }) => (spec.mounts as unknown[]).sort()],
  ['pushes into a list', ({ spec }) => (spec.mounts as unknown[]).push({})],
  ['sets a member', ({ spec }) => Object.assign(spec, { mounts: [] })],
  ['sets a member deep inside', ({ spec }) => Object.assign(spec.mounts?.[0] ?? {}, { destination: '/x' })],
  ['deletes a member', ({ spec }) => Reflect.deleteProperty(spec, 'mounts')],
  ['writes into the bytes', ({ bytes }) => bytes.fill(0x20)],
  ['puts another spec before it', (seen) => Object.defineProperty(seen, 'spec', { value: { mounts: [] } })],
  ['puts other bytes before it', (seen) => Object.defineProperty(seen, 'bytes', { value: new Uint8Array() })],
  [
    'puts another apply before it',
    (seen) => Object.assign(seen, { apply: () => seen, structureFindings: () => [] }),
  ],
  ['changes the call', (_, call) => Object.assign(call, { verb: 'restore', bundle: '/elsewhere' })],
  ['changes the runtime of the call', (_, call) => Object.assign(call.runtime ?? {}, { path: '/bin/true' })],
  [
    'changes the host',
    (_, __, host) => Object.assign(host, { lstat: () => undefined, readFile: () => undefined }),
  ],
  ['changes what the host read', (_, __, host) => host.readFile('/etc/names')?.fill(0x20)],
  ['changes what the host listed', (_, __, host) => (host.readDirectory('/srv') as string[]).pop()],
  [
    'changes what the host found',
    (_, __, host) => Object.assign(host.lstat('/dev/kvm') ?? {}, { type: 'fifo' }),
  ],
  [
    'changes the numbers of a device',
    (_, __, host) => Object.assign(host.lstat('/dev/kvm')?.device ?? {}, { minor: 1 }),
  ],
  ['changes the mounts', (_, __, host) => (host.mountInfo() as unknown[]).pop()],
  [
    'changes the options of a mount',
    (_, __, host) => Object.assign(host.mountInfo()[0]?.options ?? [], { 0: 'rw' }),
  ],
];

describe('what a rule does to what it is handed reaches no other', () => {
  /** What the second rule sees. */
  const seenBy = (rules: (witness: Rule) => readonly Rule[]) => {
    const seen: unknown[] = [];
    const witness = rule('witness', ({ spec, bytes }, call, host) => {
      seen.push(spec, [...bytes], { ...call }, host.readFile('/etc/names'), host.readDirectory('/srv'));
      seen.push(host.lstat('/dev/kvm'), host.mountInfo());
      return PASS;
    });
    const before = document();
    const call = { ...CALL, runtime: { path: '/usr/bin/runc' } };
    const plan = planRewrite(before, rules(witness), call, HOST);
    expect(before.bytes).toEqual(document().bytes);
    expect(before.spec).toEqual(document().spec);
    return { seen, plan };
  };
  const { seen: unharmed } = seenBy((witness) => [witness]);

  test.each(MEDDLERS)('it %s', (_title, meddle) => {
    for (const given of [undefined, trustedRule]) {
      // A rule that catches what the frozen value throws goes on.
      const meddler = rule('meddler', (...handed) => {
        try {
          meddle(...handed);
        } catch (error) {
          if (!(error instanceof TypeError)) throw error;
        }
        return PASS;
      });
      const { seen, plan } = seenBy((witness) => [meddler, given === undefined ? witness : given(witness)]);
      expect(seen).toEqual(unharmed);
      expect(plan.trace.map(({ outcome }) => outcome.kind)).toEqual(['pass', 'pass']);
    }
  });

  test.each<[string, Rule]>([
    ['a function', remover],
    ['data', declared],
  ])('a rule behind it that is %s takes the mount away that it means', (_title, second) => {
    const meddler = rule('meddler', (seen) => {
      seen.bytes.reverse();
      return PASS;
    });
    const plan = planRewrite(document(), [meddler, second], CALL, HOST);
    expect(plan.document.spec.mounts?.map(({ destination }) => destination)).toEqual(['/a', '/secret']);
  });

  test('not even its own patch: what it sees in `evaluate` is the document', () => {
    const own = { ...remover, claims: ({ bytes }: SpecDocument) => bytes.fill(0x20) !== undefined };
    const plan = planRewrite(document(), [own], CALL, HOST);
    expect(plan.document.spec.mounts?.map(({ destination }) => destination)).toEqual(['/a', '/secret']);
  });

  test('a rule that changes its spec hears of it', () => {
    const plan = planRewrite(
      document(),
      [
        rule('sorter', ({ spec }) => {
          (spec.mounts as unknown[]).reverse();
          return PASS;
        }),
      ],
      CALL,
      HOST,
    );
    expect(plan.refusal).toMatchObject({ rule: 'sorter', code: 'ERR_RULE_CRASHED' });
  });

  test('neither does what it does while it says why it does not act', () => {
    const idle = rule('idle', () => PASS, {
      claims: () => false,
      whyNot: ({ bytes }) => ({ kind: 'pass', reason: String(bytes.fill(0x20).length) }),
    });
    const plan = planRewrite(document(), [idle, remover], CALL, HOST);
    expect(plan.document.spec.mounts?.map(({ destination }) => destination)).toEqual(['/a', '/secret']);
  });
});

describe('what is vouched for', () => {
  test('shares the document, as the rules of this package do', () => {
    const seen: SpecDocument[] = [];
    const vouched = trustedRule(
      rule('vouched', (handed) => {
        seen.push(handed);
        return PASS;
      }),
    );
    const given = document();
    planRewrite(given, [vouched], CALL, HOST);
    expect(seen).toEqual([given]);
    expect(seen[0]).toBe(given);
  });

  test.each<[string, Rule]>([
    ['pvcRootfs', pvcRootfs()],
    ['declarativeRule', declared],
    ['isolatedRule', isolatedRule(remover)],
  ])('is what %s makes; a copy of it with another member is not', (_title, made) => {
    const handed: unknown[] = [];
    const evaluate = (seen: SpecDocument) => {
      handed.push(seen);
      return PASS;
    };
    const given = document();
    const act = { triggers: 'every-create', claims: () => true, evaluate } as const;
    planRewrite(given, [{ ...made, ...act }], CALL, HOST);
    expect(handed[0]).not.toBe(given);
  });
});

describe('the caller runs the code of a rule', () => {
  /** Notes what happens within the steps. */
  const watched = () => {
    const steps: string[] = [];
    let depth = 0;
    const run = <T>(step: () => T): T => {
      depth += 1;
      try {
        return step();
      } finally {
        depth -= 1;
        steps.push(depth === 0 ? 'step' : 'nested');
      }
    };
    const within = () => depth > 0;
    return { steps, run, within };
  };

  test('all of it, also a look at what it gives and what it throws', () => {
    const { steps, run, within } = watched();
    const looks: boolean[] = [];
    const noting = (value: object): object =>
      new Proxy(value, {
        get: (...of) => {
          looks.push(within());
          return Reflect.get(...of);
        },
      });
    const answers: unknown[] = [noting({ kind: 'pass', reason: 'r' }), noting({ kind: 'refuse' })];
    for (const said of answers) {
      planRewrite(
        document(),
        [
          isolatedRule(
            rule('r', () => said as Outcome),
            run,
          ),
        ],
        CALL,
        HOST,
      );
    }
    const thrower = rule('t', () => {
      throw noting(new Error('boom'));
    });
    planRewrite(document(), [isolatedRule(thrower, run)], CALL, HOST);
    expect(looks.length).toBeGreaterThan(5);
    expect(looks).not.toContain(false);
    // `claims` and `evaluate` of each of the three.
    expect(steps).toEqual(Array(6).fill('step'));
  });

  test('and may end it with a reason of its own', () => {
    const late = Object.assign(new Error('not done after 1 s'), {
      code: 'ERR_RULE_TIMEOUT',
      hint: 'be quick',
    });
    const run = () => {
      throw late;
    };
    const plan = planRewrite(document(), [isolatedRule(remover, run)], CALL, HOST);
    expect(plan.refusal).toMatchObject({
      code: 'ERR_RULE_TIMEOUT',
      message: 'rule "remover" failed: "not done after 1 s"',
      hint: 'be quick',
    });
    expect(plan.refusal?.cause).toBe(late);
  });
});
