import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { declarativeRule, type RuleDefinition } from '@opencontainers-ts/rootfs-rewriter';
import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';

import { type CdiDevicesOptions, type ContainerEdits, cdiDevices, loadCdiRegistry } from '../../src/index.js';
import { cdiSpec, documentOf, machineWith, planFor } from './scene.js';

const EDITS: ContainerEdits = {
  env: ['NVIDIA_VISIBLE_DEVICES=void', 'D=1'],
  deviceNodes: [{ path: '/dev/null' }, { path: '/dev/q', type: 'p' }],
  mounts: [{ hostPath: '/lib', containerPath: '/x/y', options: ['rbind'] }],
  hooks: [{ hookName: 'createContainer', path: '/h' }],
  additionalGids: [7],
};
const HOST = machineWith({ 'v.json': cdiSpec({ d: EDITS }) }, { directories: ['/lib'] });
const ASKS = { annotations: { 'cdi.k8s.io/a': 'v.com/c=d' } };

describe('a second run changes nothing', () => {
  test.each<[title: string, spec: object, options: CdiDevicesOptions]>([
    ['asked by an annotation', ASKS, {}],
    [
      'asked by the configuration',
      { mounts: [{ destination: '/a/b' }, { destination: '/p' }] },
      { devices: ['v.com/c=d'] },
    ],
    ['asked by both', ASKS, { devices: ['v.com/c=d'] }],
  ])('%s', (_, spec, options) => {
    const first = planFor(spec, options, HOST);
    const second = planFor(Buffer.from(first.document.bytes).toString(), options, HOST);
    expect([first.decision, second.decision]).toEqual(['rewrite', 'pass']);
    expect(second.document.bytes).toEqual(first.document.bytes);
  });
});

test('what the engine has injected is recognised: the request goes, and nothing comes twice', () => {
  // As containerd leaves it: every edit is there, the hook without an environment, and the annotation stays.
  const { document } = planFor(ASKS, {}, HOST);
  const { hooks: _, ...rest } = document.spec;
  const byEngine = { ...rest, ...ASKS, hooks: { createContainer: [{ path: '/h' }] } };
  const plan = planFor(byEngine, {}, HOST);
  expect(plan.document.spec).toEqual(document.spec);
  expect(plan.patch.map(({ op, path }) => `${op} ${path}`)).toEqual([
    'remove /annotations/cdi.k8s.io~1a',
    'add /hooks/createContainer/0/env',
  ]);
});

test.each<[string, readonly string[], readonly string[]]>([
  [
    'an image from before NVIDIA_VISIBLE_DEVICES, which would get all of them',
    ['CUDA_VERSION=9.0'],
    ['CUDA_VERSION=9.0', 'G=1', 'NVIDIA_VISIBLE_DEVICES=void'],
  ],
  ['an image that names others', ['NVIDIA_VISIBLE_DEVICES=all'], ['NVIDIA_VISIBLE_DEVICES=void', 'G=1']],
  [
    'an image that asks for nothing',
    ['CUDA_VERSION=12', 'NVIDIA_REQUIRE_CUDA=cuda>=12'],
    ['CUDA_VERSION=12', 'NVIDIA_REQUIRE_CUDA=cuda>=12', 'G=1'],
  ],
])('one GPU for %s: the runtime behind gives it no other', (_, env, after) => {
  const host = machineWith({ 'n.json': cdiSpec({ g: { env: ['G=1'] } }, undefined, 'nvidia.com/gpu') });
  const spec = { annotations: { 'cdi.k8s.io/a': 'nvidia.com/gpu=g' }, process: { env } };
  expect(planFor(spec, {}, host).document.spec.process?.env).toEqual(after);
});

test("the prestart hook of NVIDIA goes where a GPU of NVIDIA's comes by CDI, and stays otherwise", () => {
  const nvidia = { path: '/usr/bin/nvidia-container-runtime-hook', args: ['x', 'prestart'] };
  const hooks = { prestart: [nvidia, { path: '/other' }] };
  const host = machineWith({
    'v.json': cdiSpec({ d: { env: ['D=1'] } }),
    'n.json': cdiSpec({ g: { env: ['G=1'] } }, undefined, 'k8s.device-plugin.nvidia.com/gpu'),
  });
  const left = (name: string, options: CdiDevicesOptions = {}, present: object = hooks) =>
    planFor({ hooks: present }, { devices: [name], ...options }, host).document.spec.hooks;
  expect(left('v.com/c=d')).toEqual(hooks);
  expect(left('v.com/c=d', { defaultKind: 'nvidia.com/gpu' })).toEqual({ prestart: [{ path: '/other' }] });
  expect(left('k8s.device-plugin.nvidia.com/gpu=g')).toEqual({ prestart: [{ path: '/other' }] });
  expect(left('k8s.device-plugin.nvidia.com/gpu=g', {}, { prestart: [nvidia] })).toEqual({});
});

describe('with other rules', () => {
  const rule = (then: RuleDefinition['then'], override = false) =>
    declarativeRule({ name: 'other', then, ...(override ? { override } : {}) });
  const bind = (destination: string) => ({ destination, source: '/lib', type: 'bind' });

  test('that mounts are moved is no conflict with the rule that put them', () => {
    const spec = { ...ASKS, mounts: [bind('/deep/er/est'), bind('/p')] };
    const plan = planFor(spec, {}, HOST, [rule({ mounts: { add: [bind('/a/b/c'), bind('/z')] } })]);
    expect(plan.refusal).toBeUndefined();
    expect(plan.document.spec.mounts?.map(({ destination }) => destination)).toEqual([
      '/p',
      '/z',
      '/x/y',
      '/deep/er/est',
      '/a/b/c',
    ]);
    expect(plan.patch.filter(({ op }) => op === 'move').length).toBeGreaterThan(0);
  });

  test('a request by another rule is served, and that it is taken away is no conflict', () => {
    const asking = rule({
      annotations: { set: { 'cdi.k8s.io/mine': 'v.com/c=d' } },
      env: { set: { NVIDIA_VISIBLE_DEVICES: 'v.com/c=d' } },
      mounts: {
        add: [{ destination: '/var/run//nvidia-container-devices/cdi/v.com/c/d/', source: '/dev/null' }],
      },
    });
    const plan = planFor({ mounts: [] }, {}, HOST, [asking]);
    expect(plan.refusal).toBeUndefined();
    expect(plan.document.spec).toMatchObject({
      annotations: {},
      process: { env: ['NVIDIA_VISIBLE_DEVICES=void', 'D=1'] },
    });
  });

  test("NVIDIA's hook that another rule puts into every container goes without a conflict", () => {
    const nvidia = { path: '/usr/bin/nvidia-container-runtime-hook', args: ['hook', 'prestart'] };
    const everywhere = rule({ hooks: { prestart: { append: [nvidia, { path: '/bin/other' }] } } });
    const plan = planFor(ASKS, { defaultKind: 'v.com/c' }, HOST, [everywhere]);
    expect(plan.refusal).toBeUndefined();
    expect(plan.document.spec.hooks?.prestart).toMatchObject([{ path: '/bin/other' }]);
  });

  test.each<[title: string, then: RuleDefinition['then'], path: string | undefined]>([
    ['the same variable', { env: { set: { D: '2' } } }, '/process/env/D'],
    ['the same variable to the same value', { env: { set: { D: '1' } } }, undefined],
    [
      'the same device',
      { devices: { add: [{ path: '/dev/q', type: 'c', major: 1, minor: 5 }] } },
      '/linux/devices/~1dev~1q',
    ],
    ['the same mount', { mounts: { add: [{ destination: '/x/y', source: '/etc' }] } }, '/mounts/~1x~1y'],
    ['another variable', { env: { set: { E: '2' } } }, undefined],
  ])('both set %s', (_, then, path) => {
    const { refusal } = planFor(ASKS, {}, HOST, [rule(then)]);
    expect({
      code: refusal?.code,
      path: String(refusal?.details?.['path'] ?? '').slice(0, path?.length),
    }).toEqual({
      code: path === undefined ? undefined : 'ERR_RULE_CONFLICT',
      path: path ?? '',
    });
  });
});

describe('a call is looked at', () => {
  const claims = (spec: object | string, options: CdiDevicesOptions = {}) =>
    cdiDevices(options).claims(documentOf(spec));

  test.each<[title: string, spec: object | string, claimed: boolean]>([
    ['that asks', ASKS, true],
    ['that asks in an escape', '{"annotations":{"cdi.k8s\\u002eio/a":"v.com/c=d"}}', true],
    ['that asks in one of two readings', '{"annotations":{"cdi.k8s.io/a":"x"},"annotations":{}}', true],
    ['that speaks of CDI elsewhere', { process: { args: ['cdi.k8s.io/'], env: ['A=1'] } }, false],
    ['that does not', {}, false],
  ])('%s', (_, spec, claimed) => {
    expect(claims(spec)).toBe(claimed);
  });

  test('each, where every container gets a device', () => {
    const rule = cdiDevices({ devices: ['v.com/c=d'] });
    expect([rule.triggers, rule.claims(documentOf({}))]).toEqual(['every-create', true]);
  });

  test.each([
    ['annotations', '{"annotations":{"cdi.k8s.io/a":"v.com/c=d","cdi.k8s.io/a":"v.com/c=e"}}'],
    [
      'the process',
      '{"annotations":{"cdi.k8s.io/a":"v.com/c=d"},"process":{"env":[]},"Process":{"env":["A=1"]}}',
    ],
    [
      'hooks',
      '{"annotations":{"cdi.k8s.io/a":"v.com/c=d"},"hooks":{"createContainer":[],"createcontainer":[]}}',
    ],
    [
      'a device',
      '{"annotations":{"cdi.k8s.io/a":"v.com/c=d"},"linux":{"devices":[{"path":"/a","path":"/b"}]}}',
    ],
    ['a mount', '{"annotations":{"cdi.k8s.io/a":"v.com/c=d"},"mounts":[{"source":"/a","Source":"/b"}]}'],
  ])('and refused where %s can be read in two ways', (_, text) => {
    expect(planFor(text, {}, HOST).refusal?.code).toBe('ERR_SPEC_AMBIGUOUS');
  });

  test.each<[options: CdiDevicesOptions, option: string]>([
    [{ devices: ['gpu'] }, 'devices'],
    [{ defaultKind: 'gpu' }, 'defaultKind'],
    [{ specDirs: ['cdi'] }, 'specDirs'],
  ])('never by a rule with %j', (options, option) => {
    expect(() => cdiDevices(options)).toThrow(
      expect.objectContaining({
        code: 'ERR_RULE_INVALID',
        details: expect.objectContaining({ option, fault: expect.stringMatching(/^must be /) }),
      }),
    );
  });
});

test('files that are gone are warned of once for each spec file, and only bind mounts have any', () => {
  const gone = (path: string, more: object = {}) => ({ hostPath: path, containerPath: path, ...more });
  const host = machineWith(
    {
      'v.json': cdiSpec(
        {
          d: {
            mounts: [
              gone('/lib/1'),
              gone('/lib/dangling'),
              gone('/lib/there'),
              gone('tmpfs', { type: 'tmpfs' }),
            ],
          },
          e: { mounts: ['/lib/1', '/2', '/3', '/4', '/5', '/6'].map((path) => gone(path)) },
        },
        { mounts: [gone('/g')] },
      ),
      'w.json': cdiSpec({ x: { mounts: [gone('/proc/x', { type: 'proc' })] } }, undefined, 'w.com/c'),
    },
    { files: { '/lib/there': '' }, symlinks: { '/lib/dangling': '/nowhere' }, failures: { '/2': 'EIO' } },
  );
  const { warnings, decision } = planFor({}, { devices: ['v.com/c=d', 'v.com/c=e', 'w.com/c=x'] }, host);
  expect(decision).toBe('rewrite');
  expect(warnings).toEqual([
    'driver files missing: regenerate the CDI spec "/etc/cdi/v.json", which mounts "/g", "/lib/1", "/lib/dangling", "/2", "/3" and 3 more',
  ]);
});

test('a spec of management containers, as NVIDIA makes them, is injected whole', () => {
  const text = readFileSync(new URL('../fixtures/cdi_sample_management.yaml', import.meta.url));
  const files = { '/etc/cdi/management.yaml': text };
  const registry = loadCdiRegistry(memoryHost({ files }));
  const [device] = registry.devices.values();
  const edits = [registry.files[0]?.spec.containerEdits ?? {}, device?.device.containerEdits ?? {}];
  const nodes = edits.flatMap(({ deviceNodes = [] }) => deviceNodes);
  const host = memoryHost({
    files,
    devices: nodes.map(({ path, hostPath = path }, minor) => ({
      path: hostPath,
      kind: 'character',
      major: 195,
      minor,
    })),
  });
  const spec = {
    mounts: [
      {
        source: '/dev/null',
        destination: `/var/run/nvidia-container-devices/cdi/${device?.name.replace('=', '/')}`,
      },
    ],
  };
  const { document, refusal, warnings } = planFor(spec, {}, host);
  expect(refusal).toBeUndefined();
  const { spec: result } = document;
  expect(result.linux?.devices).toHaveLength(nodes.length);
  expect(result.mounts).toHaveLength(
    new Set(edits.flatMap(({ mounts = [] }) => mounts.map((each) => each.containerPath))).size,
  );
  expect(result.hooks?.createContainer).toHaveLength(edits.flatMap(({ hooks = [] }) => hooks).length);
  expect(result.hooks?.createContainer?.every(({ env }) => (env?.length ?? 0) > 0)).toBe(true);
  expect(result.process?.env).toContain('NVIDIA_VISIBLE_DEVICES=void');
  expect(warnings).toEqual([expect.stringMatching(/^driver files missing: regenerate the CDI spec /)]);
});
