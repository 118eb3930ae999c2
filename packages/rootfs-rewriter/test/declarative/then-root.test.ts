import { describe, expect, test } from '@jest/globals';
import {
  declarativeRule,
  type Plan,
  planRewrite,
  pvcRootfs,
  type Rule,
  type RuleDefinition,
  sgsProfile,
  withCondition,
} from '@opencontainers-ts/rootfs-rewriter';
import {
  documentOf,
  makeSpec,
  memoryHost,
  pvcMount,
  pvcPath,
  type SpecOption,
  withAnnotation,
  withMount,
} from '@opencontainers-ts/rootfs-rewriter/testing';
import type { SpecDocument } from '@opencontainers-ts/runtime-spec';
import { REFUSED_ROOTS, ROOT_FOLDER, withUsers } from '../refused-roots.js';
import { REFUSED_VOLUMES } from '../refused-volumes.js';
import { ask, CALL, GOOD, specOf, TRIGGER, VOLUME, VOLUME_PATH } from '../scene.js';

const KEY = 'example.org/desktop';
type Root = NonNullable<RuleDefinition['then']['root']>;
const rule = (
  root: Root,
  more: Partial<RuleDefinition> = {},
  then: Omit<RuleDefinition['then'], 'root'> = {},
) =>
  declarativeRule({ name: 'desktops', when: { annotation: { key: KEY } }, ...more, then: { root, ...then } });
const asked = (...options: readonly SpecOption[]) =>
  makeSpec(withAnnotation(KEY, 'true'), ...GOOD.mounts.map(withMount), ...options);
const planOf = (document: SpecDocument, ...rules: readonly Rule[]): Plan =>
  planRewrite(document, rules, CALL, memoryHost(GOOD.host));
const onSpec = (spec: ReturnType<typeof makeSpec>, ...rules: readonly Rule[]) =>
  planOf(documentOf(spec), ...rules);

describe('a volume as the root, by a rule as data', () => {
  test.each<[string, Root]>([
    ['by its name', { volume: 'pvc-1', strategy: 'overlay' }],
    ['by its place', { volume: '/mnt/', strategy: 'overlay' }],
  ])('%s: as pvc-rootfs does it', (_, root) => {
    const plan = onSpec(asked(), rule(root));
    const builtIn = ask({ options: { strategy: 'overlay' } });
    const plain = ({ path }: { readonly path: string }) => !path.endsWith('boot-volume-rule');
    expect(plan.patch.filter(plain)).toEqual(builtIn.patch.filter(plain));
    expect(plan.document.spec.annotations?.['sgs.snucse.org/boot-volume-rule']).toBe('desktops');
    const { actions, pins, warnings, facts } = builtIn;
    expect(plan).toMatchObject({ decision: 'rewrite', actions, pins, warnings, facts });
  });

  test('what the rule says comes before what the configuration says', () => {
    const volumes = { strategy: 'seed', imageChange: 'refuse' } as const;
    const then = (root: Root) => declarativeRule({ name: 'r', then: { root } }, volumes);
    const said = (root: Root) => onSpec(asked(), then(root)).actions[0];
    expect(said({ volume: 'pvc-1' })).toMatchObject(volumes);
    expect(said({ volume: 'pvc-1', strategy: 'replace', imageChange: 'keep' })).toMatchObject({
      strategy: 'replace',
      imageChange: 'keep',
    });
  });

  test('where volumes lie is told apart', () => {
    const kubeletRoot = '/var/lib/k0s/kubelet';
    const volume = { ...VOLUME, kubeletRoot };
    const spec = makeSpec(withMount(pvcMount({ ...volume, destination: '/mnt' })));
    const then = { root: { volume: '/mnt' } };
    const host = memoryHost({ mounts: [pvcPath(volume)] });
    const ask = (options: object) =>
      planRewrite(documentOf(spec), [declarativeRule({ name: 'r', then }, options)], CALL, host);
    expect(ask({ kubeletRoot }).refusal).toBeUndefined();
    expect(ask({}).refusal?.code).toBe('ERR_VOLUME_OUTSIDE_KUBELET');
    expect(() => declarativeRule({ name: 'r', then }, { kubeletRoot: 'x' })).toThrow(
      /r: kubeletRoot must be/,
    );
  });

  test('other edits see the root as it is then', () => {
    const patch = [{ op: 'test', path: '/root/path', value: ROOT_FOLDER }] as const;
    const more = { env: { set: { container: 'volume' } }, mounts: { remove: ['/proc'] }, patch: [...patch] };
    const plan = onSpec(asked(), rule({ volume: 'pvc-1', strategy: 'overlay' }, {}, more));
    expect(plan.refusal).toBeUndefined();
    expect(plan.document.spec.mounts).toEqual([]);
    expect(plan.document.spec.process?.env).toEqual(['container=volume']);
    expect(plan.actions).toHaveLength(1);
    expect(plan.trace[0]?.outcome).toMatchObject({
      note: expect.stringMatching(/^root is an overlay .*; changed /),
    });
  });

  test('what other edits refuse is refused', () => {
    const devices = {
      add: [{ path: '/dev/nowhere', type: 'c', major: 1, minor: 2, require: true }],
    } as const;
    const plan = onSpec(asked(), rule({ volume: 'pvc-1' }, {}, { devices: { add: [...devices.add] } }));
    expect(plan.refusal).toMatchObject({ code: 'ERR_RULE_DEVICE_MISSING', rule: 'desktops' });
  });

  test.each<[string, ReturnType<typeof makeSpec>, string]>([
    ['no such volume', makeSpec(withAnnotation(KEY, 'true')), 'ERR_VOLUME_NOT_FOUND'],
    [
      'a user namespace to join',
      asked(withUsers(null, null, '/proc/1/ns/user')),
      'ERR_USER_NAMESPACE_UNMAPPED',
    ],
    ['of another pod', asked(withAnnotation('io.kubernetes.cri.sandbox-uid', 'u2')), 'ERR_VOLUME_OTHER_POD'],
  ])('refuses, and says which rule: %s', (_, spec, code) => {
    expect(onSpec(spec, rule({ volume: 'pvc-1' })).refusal).toMatchObject({
      code,
      message: expect.stringMatching(/^rule "desktops": /),
    });
  });

  const ofVolumes = [...REFUSED_VOLUMES, ...REFUSED_ROOTS].filter(
    ([code, , { value, options, call, spec = [] }]) =>
      value === undefined &&
      options === undefined &&
      call === undefined &&
      spec.length === 0 &&
      code !== 'ERR_VOLUME_NOT_FOUND',
  );
  test.each(ofVolumes)('%s: %s: the same checks', (code, _, scene) => {
    const plan = planRewrite(
      documentOf(specOf(scene)),
      [declarativeRule({ name: 'r', then: { root: { volume: 'pvc-1' } } })],
      CALL,
      memoryHost(scene.host ?? GOOD.host),
    );
    expect(plan.refusal?.code).toBe(code);
  });

  test('there are some', () => expect(ofVolumes.length).toBeGreaterThan(10));

  test('a sandbox is left alone, and what else the rule does is done', () => {
    const sandbox = asked(withAnnotation('io.kubernetes.cri.container-type', 'sandbox'));
    expect(onSpec(sandbox, rule({ volume: 'pvc-1' })).decision).toBe('pass');
    expect(onSpec(sandbox, rule({ volume: 'pvc-1' }, {}, { cwd: '/x' })).patch).toHaveLength(1);
  });
});

describe('its triggers', () => {
  test('are those of the condition, and the folder of roots', () => {
    expect(rule({ volume: 'pvc-1' }).triggers).toEqual([KEY, ROOT_FOLDER]);
    expect(declarativeRule({ name: 'r', then: { root: { volume: 'x' } } }).triggers).toBe('every-create');
    expect(rule({ volume: 'x' }, { when: { mount: { destination: '/os' } } }).triggers).toEqual([
      'os',
      ROOT_FOLDER,
    ]);
    expect(
      declarativeRule({ name: 'r', when: { annotation: { key: KEY } }, then: { cwd: '/' } }).triggers,
    ).toEqual([KEY]);
  });
});

describe('a bundle that the rule has rewritten', () => {
  const when = { mount: { destination: '/mnt' } };
  test.each<[string, Rule]>([
    [
      'a rule as data',
      declarativeRule({ name: 'desktops', when, then: { root: { volume: '/mnt', strategy: 'overlay' } } }),
    ],
    ['pvc-rootfs with a condition', withCondition(pvcRootfs({ strategy: 'overlay' }), when)],
  ])('is its own although the mount of its condition is gone: %s', (_, made) => {
    const first = onSpec(asked(withAnnotation(TRIGGER, 'pvc-1')), made);
    expect(first.decision).toBe('rewrite');
    const again = planOf(first.document, made);
    expect(again.refusal).toBeUndefined();
    expect(again).toMatchObject({ decision: 'pass', actions: first.actions });
  });

  test('and nobody else’s: without that rule, its root is empty', () => {
    const first = onSpec(asked(), rule({ volume: 'pvc-1', strategy: 'overlay' }));
    for (const others of [
      [pvcRootfs(sgsProfile)],
      [rule({ volume: 'pvc-1' }, { name: 'other', when: { verb: 'create' } })],
    ]) {
      expect(planOf(first.document, ...others).decision).toBe('refuse');
    }
    expect(planOf(first.document, pvcRootfs(), rule({ volume: 'pvc-1' })).decision).toBe('pass');
  });
});

describe('two rules, one root', () => {
  const own = rule({ volume: 'pvc-1', strategy: 'overlay' });
  const builtIn = (strategy: 'replace' | 'overlay') => pvcRootfs({ strategy });
  const other = pvcMount({ ...VOLUME, volume: 'pvc-2', destination: '/other' });
  test.each<[string, readonly Rule[], readonly SpecOption[]]>([
    ['the same, first the built-in one', [builtIn('overlay'), own], []],
    ['the same, first the other', [own, builtIn('overlay')], []],
    ['two strategies', [builtIn('replace'), own], []],
    ['two volumes', [builtIn('overlay'), rule({ volume: 'pvc-2', strategy: 'overlay' })], [withMount(other)]],
    ['two volumes, each by its path', [builtIn('replace'), rule({ volume: 'pvc-2' })], [withMount(other)]],
  ])('is a conflict: %s', (_, rules, more) => {
    const host = memoryHost({ mounts: [VOLUME_PATH, pvcPath({ ...VOLUME, volume: 'pvc-2' })] });
    const spec = asked(withAnnotation(TRIGGER, 'pvc-1'), ...more);
    const plan = planRewrite(documentOf(spec), rules, CALL, host);
    expect(plan.refusal?.code).toBe('ERR_RULE_CONFLICT');
    expect(planRewrite(documentOf(spec), rules.slice(0, 1), CALL, host).decision).toBe('rewrite');
  });

  test('two actions of rules of others', () => {
    const [action] = ask({}).actions;
    const asks = (name: string): Rule => ({
      name,
      triggers: 'every-create',
      reads: [],
      claims: () => true,
      evaluate: () => ({ kind: 'pass', reason: 'so', actions: action === undefined ? [] : [action] }),
    });
    expect(onSpec(makeSpec(), asks('a')).actions).toEqual([action]);
    expect(onSpec(makeSpec(), asks('a'), asks('b')).refusal?.code).toBe('ERR_RULE_CONFLICT');
  });
});

test.each<[unknown, string]>([
  [{}, '/then/root'],
  [{ volume: '' }, '/then/root/volume'],
  [{ volume: ' x' }, '/then/root/volume'],
  [{ volume: 'x', strategy: 'merge' }, '/then/root/strategy'],
  [{ volume: 'x', imageChange: 'ask' }, '/then/root/imageChange'],
  [{ volume: 'x', 'image-change': 'keep' }, '/then/root'],
])('a definition that is none: %j', (root, pointer) => {
  const make = () => declarativeRule({ name: 'r', then: { root } } as RuleDefinition);
  expect(make).toThrow(expect.objectContaining({ code: 'ERR_RULE_INVALID' }));
  try {
    make();
  } catch (error) {
    expect((error as { details: { pointer: string } }).details.pointer).toContain(pointer);
  }
});
