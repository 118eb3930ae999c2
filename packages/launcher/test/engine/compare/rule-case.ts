import {
  declarativeRule,
  defineRule,
  guardian,
  pvcRootfs,
  type Rule,
  type RuleDefinition,
} from '@opencontainers-ts/rootfs-rewriter';
import { cdiDevices } from '../../../../device-injector/src/index.js';

import {
  ANNOTATION,
  CAPABILITIES,
  CONTAINERS,
  DEVICES,
  HOOKS,
  MOUNT_OPTIONS,
  NAMESPACES,
  PATHS,
  RLIMITS,
  SYSCTLS,
  SYSTEM_CALLS,
  WORDS,
} from './names.js';
import type { Random } from './random.js';
import { misspelt, withOddCharacter } from './texts.js';

/** A value of a rule or a configuration. */
export type Plain =
  | string
  | number
  | bigint
  | boolean
  | readonly Plain[]
  | { readonly [name: string]: Plain };

/** Values of rules: few oddities, each of which would only end as one more rule that cannot be made. */
class RuleMaker {
  readonly random: Random;
  readonly #rarity: number;

  constructor(random: Random) {
    this.random = random;
    this.#rarity = random.pick([1e9, 1e9, 1e9, 1e9, 1e9, 80, 25]);
  }

  isOdd(): boolean {
    return this.random.oneIn(this.#rarity);
  }

  text(...usual: readonly string[]): Plain {
    if (this.isOdd()) return this.random.pick<Plain>([3, true, [], {}, '', '\ud800', 18446744073709551616n]);
    const text = this.random.pick(usual) ?? '';
    return this.isOdd() || this.random.oneIn(80) ? withOddCharacter(text, this.random) : text;
  }

  number(...usual: readonly (number | bigint)[]): Plain {
    return this.isOdd()
      ? this.random.pick<Plain>(['1', 1.5, -1, 2 ** 53, 18446744073709551616n, true])
      : (this.random.pick(usual) ?? 0);
  }

  few(make: () => Plain): Plain {
    return this.random.few(3, make);
  }

  /** Some of the members, at least one. */
  object(table: Readonly<Record<string, () => Plain>>, ...needed: readonly string[]): Plain {
    const { random } = this;
    const names = Object.keys(table);
    const sure = random.pick(names);
    const members = names
      .filter((name) => name === sure || needed.includes(name) || random.oneIn(3))
      .map((name): [string, Plain] => [
        this.isOdd() ? misspelt(name, random) : name,
        this.isOdd() ? this.text('x') : (table[name] ?? (() => ''))(),
      ]);
    return Object.fromEntries(members);
  }

  map(names: readonly string[], make: () => Plain): Plain {
    return Object.fromEntries(this.random.few(3, () => [String(this.text(...names)), make()]));
  }
}

const KNOWN_CAPABILITIES = CAPABILITIES.slice(0, 4);

/** The definition of a declarative rule. */
export function definitionOf(random: Random, index: number): Plain {
  const make = new RuleMaker(random);
  return {
    name: index === 0 || random.oneIn(3) ? `rule-${index}` : String(make.text('limits', 'mounts', 'kvm')),
    ...(random.oneIn(6) ? { description: make.text('what it is for') } : {}),
    ...(random.oneIn(3) ? {} : { when: conditionOf(make, 2) }),
    ...(random.oneIn(8) ? { override: random.oneIn(2) } : {}),
    then: actionsOf(make),
  };
}

/** Of one rule among others. */
export function conditionFor(random: Random): Plain {
  return conditionOf(new RuleMaker(random), 1);
}

function conditionOf(make: RuleMaker, depth: number): Plain {
  const inner = () => conditionOf(make, depth - 1);
  const tested = (name: string, names: readonly string[], values: readonly string[]) => () => ({
    [name]: make.text(...names),
    ...(make.random.oneIn(4)
      ? {}
      : (make.random.pick([
          { present: make.random.oneIn(2) },
          { equals: make.text(...values) },
          { glob: make.text('*', 'o?', 'tr*', '**', '[a-c]', 'm*n', '\\*', '') },
        ]) ?? {})),
  });
  return make.object({
    annotation: tested('key', ['example.org/a', 'example.org/b', ANNOTATION], ['on', 'true', '']),
    env: tested('name', ['A', 'B', 'PATH'], ['1', '', 'all']),
    args: () =>
      make.object({ at: () => make.number(0, 1, 2), equals: () => make.text('sh', '-c') }, 'equals'),
    containerType: () => make.text('container', 'sandbox'),
    containerName: () => make.text(...CONTAINERS, 'm*'),
    imageName: () => make.text('docker.io/*', '*'),
    podNamespace: () => make.text('default', '*'),
    mount: () =>
      make.object({
        destination: () => make.text(...PATHS),
        type: () => make.text('bind', 'proc'),
        option: () => make.text('ro'),
      }),
    verb: () => (make.random.oneIn(2) ? make.text('create', 'run') : ['create', 'run']),
    ...(depth === 0 ? {} : { all: () => make.few(inner), any: () => make.few(inner), not: inner }),
  });
}

function actionsOf(make: RuleMaker): Plain {
  const { random } = make;
  const texts = (...usual: readonly string[]) => make.few(() => make.text(...usual));
  const addRemove =
    (...usual: readonly string[]) =>
    () =>
      make.object({ add: () => texts(...usual), remove: () => texts(...usual) });
  const setRemove =
    (names: readonly string[], ...values: readonly string[]) =>
    () =>
      make.object({ set: () => make.map(names, () => make.text(...values)), remove: () => texts(...names) });
  const caps = () =>
    make.object({ add: () => texts(...KNOWN_CAPABILITIES), drop: () => texts(...KNOWN_CAPABILITIES, 'ALL') });
  const numbers =
    (...names: readonly string[]) =>
    () =>
      make.object(
        Object.fromEntries(names.map((name) => [name, () => make.number(0, 1, 1024, 9007199254740993n)])),
      );
  const rlimit = () => make.object({ soft: limit, hard: limit }, 'soft', 'hard');
  const limit = () => (random.oneIn(4) ? 'unlimited' : make.number(1, 1024, 9007199254740993n));
  const hook = (stage: string) => () =>
    make.object(
      {
        path: () => make.text('/bin/hook', '/bin/none', '/a/b'),
        args: () => texts(...WORDS),
        env: () => make.map(['A'], () => make.text('1')),
        timeout: () => make.number(1, 30),
        ...(stage === 'startContainer' ? {} : { require: () => random.oneIn(2) }),
      },
      'path',
    );
  const hooks = (stage: string) => () =>
    make.object({
      prepend: () => make.few(hook(stage)),
      append: () => make.few(hook(stage)),
      remove: () => texts('/bin/hook', '/a'),
    });
  const deviceRule = () =>
    make.object(
      {
        allow: () => random.oneIn(2),
        type: () => make.text('a', 'c', 'b'),
        major: () => make.number(1),
        access: () => make.text('rwm', 'r'),
      },
      'allow',
    );
  return make.object({
    annotations: setRemove(['example.org/a', 'example.org/c', 'x'], 'on', 'off', ''),
    args: () =>
      make.object({
        set: () => texts(...WORDS),
        prepend: () => texts(...WORDS),
        append: () => texts(...WORDS),
      }),
    env: setRemove(['A', 'B', 'PATH', 'C'], '1', '', 'x=y', '/bin'),
    cwd: () => make.text('/', '/a'),
    user: () =>
      make.object({
        uid: () => make.number(0, 1000),
        gid: () => make.number(0, 1000),
        umask: () => make.number(18),
        additionalGids: () =>
          make.object({
            add: () => make.few(() => make.number(0, 1)),
            remove: () => make.few(() => make.number(0, 1)),
          }),
      }),
    capabilities: () =>
      random.oneIn(2) ? caps() : make.object({ bounding: caps, effective: caps, ambient: caps }),
    noNewPrivileges: () => random.oneIn(2),
    apparmorProfile: () => make.text('unconfined'),
    selinuxLabel: () => make.text('x'),
    oomScoreAdj: () => make.number(0, 1000, -1000),
    rlimits: () =>
      make.object({
        set: () => make.map(RLIMITS.slice(0, 3), rlimit),
        remove: () => texts(...RLIMITS.slice(0, 3)),
      }),
    mounts: () =>
      make.object({
        remove: () => texts(...PATHS.slice(0, -1)),
        add: () =>
          make.few(() =>
            make.object(
              {
                destination: () => make.text('/a', '/b', '/new'),
                type: () => make.text('bind', 'tmpfs'),
                source: () => make.text('/a', 'tmpfs'),
                options: () => texts(...MOUNT_OPTIONS),
              },
              'destination',
            ),
          ),
        options: () => [
          make.object(
            {
              destination: () => make.text('/sys', '/a', '/proc'),
              add: () => texts(...MOUNT_OPTIONS),
              remove: () => texts(...MOUNT_OPTIONS),
            },
            'destination',
            'add',
          ),
        ],
      }),
    namespaces: () =>
      make.object({
        set: () =>
          make.few(() =>
            make.object(
              { type: () => make.text(...NAMESPACES.slice(0, 8)), path: () => make.text('/proc/1/ns/x') },
              'type',
            ),
          ),
        remove: () => texts(...NAMESPACES.slice(0, 8)),
      }),
    sysctls: setRemove(SYSCTLS, '0', '1'),
    maskedPaths: addRemove('/proc/kcore', '/a'),
    readonlyPaths: addRemove('/proc/sys', '/a'),
    seccomp: () =>
      make.object(
        {
          profile: () => make.text('/etc/seccomp.json', '/etc/none.json'),
          deny: () => texts(...SYSTEM_CALLS.slice(0, -1)),
          allow: () => texts(...SYSTEM_CALLS.slice(0, -1)),
        },
        'deny',
      ),
    cgroupsPath: () => make.text('/a', 'x.slice:a:b'),
    resources: () =>
      make.object({
        cpu: numbers('shares', 'quota', 'period'),
        memory: numbers('limit', 'swap', 'reservation'),
        pids: () => ({ limit: make.number(1, 100) }),
        hugepages: () => make.object({ set: () => make.map(['2MB', '1GB'], () => make.number(1)) }),
        unified: setRemove(['memory.high', 'cpu.max'], 'max'),
      }),
    devices: () =>
      make.object({
        add: () =>
          make.few(() =>
            make.object(
              {
                path: () => make.text('/dev/kvm', '/dev/null', '/dev/none'),
                hostPath: () => make.text('/dev/null', '/dev/disk'),
                type: () => make.text('c', 'b', 'p'),
                major: () => make.number(1, 10),
                minor: () => make.number(3, 232),
                fileMode: () => make.number(438),
                uid: () => make.number(0),
                access: () => make.text('rwm', 'r', ''),
                require: () => random.oneIn(2),
              },
              'path',
            ),
          ),
        remove: () => texts('/dev/null', '/dev/x'),
      }),
    deviceRules: () => make.object({ set: () => make.few(deviceRule), add: () => make.few(deviceRule) }),
    hooks: () => make.object(Object.fromEntries(HOOKS.map((name) => [name, hooks(name)]))),
    patch: () =>
      make.few(() =>
        make.object(
          {
            op: () => make.text('add', 'remove', 'replace', 'test', 'copy', 'move'),
            path: () =>
              make.text('/annotations/x', '/process/env/-', '/hostname', '/linux', '/a~1b', '/mounts/0'),
            from: () => make.text('/hostname', '/root', '/process/args/0'),
            value: () =>
              random.pick<Plain>(['x', 1, true, [], ['a', 1], { a: { b: 18446744073709551615n } }]),
          },
          'op',
          'path',
          'value',
          'from',
        ),
      ),
  });
}

/** A rule that nobody vouches for. */
const strange = defineRule(
  ({ outcome }: { readonly outcome: unknown }): Rule => ({
    name: 'strange',
    triggers: ['example.org/a'],
    reads: ['/annotations', '/process'],
    claims: () => true,
    evaluate: (document) => {
      if (outcome === 'text') throw new TypeError(`no, ${typeof document.spec}`);
      if (outcome === 'value') throw { toString: () => 'its own' };
      return outcome as ReturnType<Rule['evaluate']>;
    },
  }),
);

function strangeRule(random: Random): Rule {
  return strange({
    outcome: random.pick<unknown>([
      ...['text', 'value', undefined, 3, Promise.resolve(), { kind: 'pass', reason: 'for a reason \u202e' }],
      ...[
        { kind: 'pass' },
        { kind: 'refuse', code: 'ERR_OWN', message: 'no\n', hint: 'why\0' },
        { kind: 'refuse', code: 'no' },
      ],
      {
        kind: 'rewrite',
        note: 'n',
        patch: [{ op: 'add', path: '/hostname', value: 'new' }],
        facts: { volume: 'v\u2028' },
      },
      { kind: 'rewrite', note: 'n', patch: [{ op: 'replace', path: '/nowhere/x', value: 1 }] },
      {
        kind: 'rewrite',
        note: 'n',
        patch: [{ op: 'add', path: '/x-big', value: 123456789012345678901234567890n }],
      },
      { kind: 'rewrite', note: 'n', patch: [{ op: 'add', path: '/x', value: Number.NaN }] },
      {
        kind: 'rewrite',
        note: 'n',
        patch: [{ op: 'add', path: '/hostname', value: '\ud800' }],
        warnings: ['w\ud800'],
      },
      { kind: 'pass', reason: 'r', unknown: 1 },
    ]),
  });
}

/** The rules of a node, and how they came to be: where one cannot be made, why. */
export interface Rules {
  readonly rules: readonly Rule[];
  readonly made: readonly unknown[];
}

/** Rules for some cases. */
export function rulesOf(random: Random): Rules {
  const makers: [unknown, () => Rule][] = [];
  if (!random.oneIn(4)) {
    const options = random.oneIn(3)
      ? {
          withoutMount: random.pick(['refuse', 'pass'] as const),
          requireMountPoint: random.oneIn(2),
          strategy: random.pick(['replace', 'overlay', 'seed'] as const),
          ...(random.oneIn(2) ? { volumeDestination: random.pick(['/mnt', '/data', '/sgs-os-volume']) } : {}),
          ...(random.oneIn(8)
            ? { annotation: random.pick(['example.org/a', 'example.org/b', 'x\xe9/y', 'no/', '']) }
            : {}),
          ...(random.oneIn(4) ? { hostPathFolders: ['/data', random.oneIn(8) ? 'rel' : '/a'] } : {}),
        }
      : {};
    makers.push([{ 'pvc-rootfs': options }, () => pvcRootfs(options)]);
  }
  if (random.oneIn(8)) makers.push(['guardian', guardian]);
  if (random.oneIn(12)) makers.push(['strange', () => strangeRule(random)]);
  for (let left = random.below(3); left > 0; left -= 1) {
    const definition = definitionOf(random, left);
    makers.push([definition, () => declarativeRule(definition as unknown as RuleDefinition)]);
  }
  if (random.oneIn(3)) {
    const options = {
      ...(random.oneIn(3)
        ? { devices: random.some(2, () => (random.oneIn(20) ? random.pick(DEVICES) : 'v.com/c=d') ?? '') }
        : {}),
      ...(random.oneIn(4)
        ? { defaultKind: random.oneIn(8) ? 'gpu' : random.pick(['nvidia.com/gpu', 'v.com/c']) }
        : {}),
      ...(random.oneIn(4)
        ? { sources: random.some(2, () => random.pick(['annotations', 'mounts', 'env'] as const)) }
        : {}),
      acceptEnvWhenUnprivileged: !random.oneIn(3),
      residue: random.pick(['keep', 'clean'] as const),
      runTmpfs: random.oneIn(2),
      hooksSkipped: random.pick(['refuse', 'warn'] as const),
    };
    makers.push([{ 'cdi-devices': options }, () => cdiDevices(options)]);
  }
  const rules: Rule[] = [];
  const made = makers.map(([from, make]) => {
    try {
      rules.push(make());
      return { from };
    } catch (error) {
      return { from, error };
    }
  });
  return { rules, made };
}
