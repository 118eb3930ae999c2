import { describe, expect, test } from '@jest/globals';

import type { CdiDevicesOptions } from '../../src/index.js';
import { cdiSpec, machineWith, planFor } from './scene.js';

const GPUS = {
  'nv.json': cdiSpec(
    { 0: { env: ['GPU0=1'] }, 1: { env: ['GPU1=1'] }, all: { env: ['ALL=1'] } },
    undefined,
    'nvidia.com/gpu',
  ),
  'v.json': cdiSpec({ d: { env: ['D=1'] }, e: { env: ['E=1'] } }),
  'plugin.json': cdiSpec({ u: { env: ['PLUGINS=1'] } }, undefined, 'k8s.device-plugin.nvidia.com/gpu'),
};
const HOST = machineWith(GPUS);
const DEFAULT = { defaultKind: 'nvidia.com/gpu' };
const FOLDER = '/var/run/nvidia-container-devices';
const request = (name: string, source = '/dev/null') => ({ source, destination: `${FOLDER}/${name}` });
const env = (...values: readonly string[]) => ({ process: { env: values } });
const visible = (value: string) => env(`NVIDIA_VISIBLE_DEVICES=${value}`);

/** What was injected, and what is left of the requests. */
function outcomeFor(spec: object, options: CdiDevicesOptions = {}) {
  const { decision, document, refusal, warnings } = planFor(spec, options, HOST);
  const variables = document.spec.process?.env ?? [];
  return {
    decision: refusal?.code ?? decision,
    injected: variables.filter((each) => each.endsWith('=1')).map((each) => each.slice(0, -2)),
    visible: variables.find((each) => each.startsWith('NVIDIA_VISIBLE_DEVICES=')),
    annotations: Object.keys(document.spec.annotations ?? {}),
    mounts: (document.spec.mounts ?? []).map(({ destination }) => destination),
    warnings: warnings.length,
  };
}

const NOTHING = { injected: [], annotations: [], mounts: [], visible: undefined, warnings: 0 };
const VOID = 'NVIDIA_VISIBLE_DEVICES=void';

describe('requests are served, and taken away', () => {
  test.each<[title: string, spec: object, options: CdiDevicesOptions, expected: object]>([
    [
      'annotations, in the order of their keys; others stay',
      { annotations: { 'cdi.k8s.io/b': 'v.com/c=e', other: 'x', 'cdi.k8s.io/a': 'v.com/c=d,v.com/c=e' } },
      {},
      { injected: ['D', 'E'], annotations: ['other'] },
    ],
    [
      'mounts, in every spelling; others stay',
      {
        mounts: [
          request('cdi/v.com/c/d'),
          request('cdi/v.com/c=e', '/dev/../dev//null'),
          request('../nvidia-container-devices//cdi/v.com/c/d/'),
          { source: '/dev/null', destination: '/masked' },
          request('GPU-0'),
          request('imex/0'),
          request('cdi/v.com/c/d', '/dev/zero'),
          { source: '/dev/null', destination: '/var/run/nvidia-container-devicescdi/v.com/c/d' },
        ],
      },
      {},
      {
        injected: ['D', 'E'],
        mounts: [
          '/masked',
          `${FOLDER}/GPU-0`,
          `${FOLDER}/imex/0`,
          `${FOLDER}/cdi/v.com/c/d`,
          '/var/run/nvidia-container-devicescdi/v.com/c/d',
        ],
      },
    ],
    [
      'a list of qualified names',
      visible(' v.com/c=e, v.com/c=d ,,v.com/c=e'),
      {},
      { injected: ['E', 'D'], visible: VOID },
    ],
    [
      'annotations and mounts together, and the environment, which asks for another kind',
      {
        annotations: { 'cdi.k8s.io/a': 'v.com/c=d' },
        mounts: [request('cdi/v.com/c/e')],
        ...visible('nvidia.com/gpu=0'),
      },
      {},
      { injected: ['D', 'E', 'GPU0'], visible: VOID },
    ],
    [
      'the environment not, where an annotation asks for devices of that kind',
      { annotations: { 'cdi.k8s.io/a': 'v.com/c=d' }, ...visible('v.com/c=e') },
      {},
      { injected: ['D'], visible: VOID },
    ],
    [
      'the environment not, where a mount asks for a GPU, of whatever kind',
      { mounts: [request('cdi/k8s.device-plugin.nvidia.com/gpu/u')], ...visible('nvidia.com/gpu=0') },
      {},
      { injected: ['PLUGINS'], visible: VOID },
    ],
    [
      'what every container gets comes first',
      { annotations: { 'cdi.k8s.io/a': 'v.com/c=d' } },
      { devices: ['v.com/c=e'] },
      { injected: ['E', 'D'] },
    ],
    [
      'a GPU by an annotation: nobody behind may serve the environment',
      { annotations: { 'cdi.k8s.io/a': 'nvidia.com/gpu=0' }, ...visible('all') },
      {},
      { injected: ['GPU0'], visible: VOID },
    ],
    [
      'another device by an annotation: the GPU is for the hook behind',
      { annotations: { 'cdi.k8s.io/a': 'v.com/c=d' }, ...visible('all') },
      {},
      { injected: ['D'], visible: 'NVIDIA_VISIBLE_DEVICES=all' },
    ],
  ])('%s', (_, spec, options, expected) => {
    expect(outcomeFor(spec, options)).toEqual({ ...NOTHING, decision: 'rewrite', ...expected });
  });
});

// NVIDIA-ISAAC-ROS/isaac_ros_common#163
describe("a device of NVIDIA's that is no GPU takes no GPU away", () => {
  const prestart = [{ path: '/usr/bin/nvidia-container-runtime-hook', args: ['hook', 'prestart'] }];
  const kinds: Readonly<Record<string, object>> = {
    'nvidia.com/pva': { env: ['IT=1'] },
    'nvidia.com/mofed': { env: ['IT=1'], deviceNodes: [{ path: '/dev/null' }] },
    'nvidia.com/imex-channel': { env: ['IT=1'] },
    'nvidia.com/gds': { env: ['IT=1'] },
    'k8s.device-plugin.nvidia.com/imex-channel': { env: ['IT=1'] },
    'nvidia.com/gpu-fan': { env: ['IT=1'] },
    'example.com/gpu': { env: ['IT=1'] },
  };
  const gpus: Readonly<Record<string, object>> = {
    'nvidia.com/gpu': { env: ['IT=1'] },
    'management.nvidia.com/gpu': { env: ['IT=1'] },
    'k8s.device-plugin.nvidia.com/gpu': { env: ['IT=1'] },
    'nvidia.com/mig-1g.5gb': { env: ['IT=1'] },
    // `nvidia-ctk cdi generate --class a100`
    'nvidia.com/a100': { env: ['IT=1'], deviceNodes: [{ path: '/dev/nvidia3', hostPath: '/dev/null' }] },
  };

  function outcomeOf(kind: string, edits: object, by: 'devices' | 'annotation', value = 'all') {
    const host = machineWith({ 'x.json': cdiSpec({ x: edits }, undefined, kind) });
    const annotations = by === 'annotation' ? { 'cdi.k8s.io/a': `${kind}=x` } : {};
    const spec = { ...visible(value), annotations, hooks: { prestart } };
    const plan = planFor(spec, by === 'devices' ? { devices: [`${kind}=x`] } : {}, host);
    const { process, hooks } = plan.document.spec;
    return { decision: plan.decision, env: process?.env, hook: (hooks?.prestart ?? []).length };
  }

  test.each(Object.entries(kinds))('%s', (kind, edits) => {
    for (const by of ['devices', 'annotation'] as const) {
      const env = ['NVIDIA_VISIBLE_DEVICES=all', 'IT=1'];
      expect(outcomeOf(kind, edits, by)).toEqual({ decision: 'rewrite', env, hook: 1 });
    }
  });

  test.each(Object.entries(gpus))('but %s is one', (kind, edits) => {
    for (const by of ['devices', 'annotation'] as const) {
      expect(outcomeOf(kind, edits, by)).toEqual({ decision: 'rewrite', env: [VOID, 'IT=1'], hook: 0 });
    }
  });

  test('with a default kind, CDI serves the GPU that the environment asks for beside it', () => {
    const host = machineWith({
      ...GPUS,
      'p.json': cdiSpec({ p: { env: ['PVA=1'] } }, undefined, 'nvidia.com/pva'),
    });
    const spec = { ...visible('1'), annotations: { 'cdi.k8s.io/a': 'nvidia.com/pva=p' } };
    const { document } = planFor(spec, DEFAULT, host);
    expect(document.spec.process?.env).toEqual([VOID, 'PVA=1', 'GPU1=1']);
  });
});

describe('with a default kind, names that say none are CDI too', () => {
  test.each<[title: string, spec: object, expected: object]>([
    ['all', visible('all'), { injected: ['ALL'], visible: VOID }],
    ['all among others', visible('0,all'), { injected: ['ALL'], visible: VOID }],
    ['numbers', visible('1,0'), { injected: ['GPU1', 'GPU0'], visible: VOID }],
    ['twice the same', visible('0,0'), { injected: ['GPU0'], visible: VOID }],
    ['mixed', visible('v.com/c=d,1'), { injected: ['D', 'GPU1'], visible: VOID }],
    ['none is no device', visible('none'), { visible: VOID }],
    [
      'the last of two variables',
      env('NVIDIA_VISIBLE_DEVICES=x', 'NVIDIA_VISIBLE_DEVICES=0'),
      {
        injected: ['GPU0'],
        visible: 'NVIDIA_VISIBLE_DEVICES=x',
      },
    ],
    ['a CUDA image without the variable', env('CUDA_VERSION=11.0'), { injected: ['ALL'], visible: VOID }],
    ['a mount', { mounts: [request('1')] }, { injected: ['GPU1'] }],
    ['an annotation', { annotations: { 'cdi.k8s.io/a': '1' } }, { injected: ['GPU1'] }],
  ])('%s', (_, spec, expected) => {
    expect(outcomeFor(spec, DEFAULT)).toEqual({ ...NOTHING, decision: 'rewrite', ...expected });
  });
});

describe('nothing is asked of CDI', () => {
  test.each<[title: string, spec: object, options: CdiDevicesOptions]>([
    ['by an empty spec', {}, {}],
    ['by a GPU for the hook', visible('all'), {}],
    ['by a list that is not all qualified', visible('v.com/c=d,0'), {}],
    ['by an empty variable', visible(''), DEFAULT],
    ['by commas', visible(' , '), DEFAULT],
    ['by void', visible('0,void'), DEFAULT],
    [
      'by a CUDA image that says what it needs',
      env('CUDA_VERSION=11', 'NVIDIA_REQUIRE_CUDA=cuda>=11'),
      DEFAULT,
    ],
    ['by a CUDA image without a default kind', env('CUDA_VERSION=11'), {}],
    ['by a variable of another name', env('XNVIDIA_VISIBLE_DEVICES=v.com/c=d'), {}],
    [
      'by an annotation where only mounts count',
      { annotations: { 'cdi.k8s.io/a': 'x' } },
      { sources: ['mounts'] },
    ],
    [
      'by a mount where only annotations count',
      { mounts: [request('cdi/v.com/c/d')] },
      { sources: ['annotations'] },
    ],
    [
      'by the environment where it does not count',
      visible('v.com/c=d'),
      { sources: ['annotations', 'mounts'] },
    ],
    ['where nobody may ask', visible('v.com/c=d'), { sources: [] }],
    [
      'by the environment of a container without privilege, where that does not count',
      { process: { ...visible('v.com/c=d').process, capabilities: { effective: ['CAP_SYS_ADMIN'] } } },
      { acceptEnvWhenUnprivileged: false },
    ],
    [
      'by a sandbox',
      {
        annotations: { 'cdi.k8s.io/a': 'v.com/c=d', 'io.kubernetes.cri.container-type': 'sandbox' },
      },
      { devices: ['v.com/c=e'] },
    ],
    ['but of the runtime behind', visible('runtime.nvidia.com/gpu=all'), {}],
  ])('%s', (_, spec, options) => {
    const { decision, document } = planFor(spec, options, HOST);
    expect({ decision, spec: document.spec }).toEqual({ decision: 'pass', spec });
  });

  test.each([
    ['of today', { bounding: ['CAP_SYS_ADMIN'] }],
    ['of runtimes before 1.0.0-rc5', ['CAP_SYS_ADMIN']],
  ])('but a privileged container is heard, by capabilities %s', (_, capabilities) => {
    const spec = { process: { ...visible('v.com/c=d').process, capabilities } };
    expect(outcomeFor(spec, { acceptEnvWhenUnprivileged: false })).toMatchObject({
      injected: ['D'],
      visible: VOID,
    });
  });
});

describe('a container is refused that asks', () => {
  test.each<[title: string, spec: object, options: CdiDevicesOptions, code: string, said: string]>([
    [
      'for what is not there',
      visible('v.com/c=x'),
      {},
      'ERR_CDI_UNRESOLVABLE',
      'unresolvable CDI devices v.com/c=x',
    ],
    [
      'for one of two that is not there',
      visible('v.com/c=d,v.com/c=x'),
      {},
      'ERR_CDI_UNRESOLVABLE',
      'devices v.com/c=x;',
    ],
    [
      'with spaces',
      { annotations: { 'cdi.k8s.io/a': 'v.com/c=d, v.com/c=e' } },
      {},
      'ERR_CDI_REQUEST',
      '" v.com/c=e"',
    ],
    [
      'for nothing',
      { annotations: { 'cdi.k8s.io/a': '' } },
      {},
      'ERR_CDI_REQUEST',
      '"cdi.k8s.io/a" asks for ""',
    ],
    [
      'for a name without a kind',
      { annotations: { 'cdi.k8s.io/a': '0' } },
      {},
      'ERR_CDI_REQUEST',
      'asks for "0"',
    ],
    [
      'with spaces, and a default kind',
      { annotations: { 'cdi.k8s.io/a': 'nvidia.com/gpu=0, nvidia.com/gpu=1' } },
      DEFAULT,
      'ERR_CDI_UNRESOLVABLE',
      'unresolvable CDI devices nvidia.com/gpu= nvidia.com/gpu=1',
    ],
    [
      "for NVIDIA's own and another",
      visible('runtime.nvidia.com/gpu=0,v.com/c=d'),
      {},
      'ERR_CDI_REQUEST',
      "vendor 'runtime.nvidia.com' is not supported when requesting other CDI devices",
    ],
    [
      "for NVIDIA's own where CDI is alone",
      visible('runtime.nvidia.com/gpu=0'),
      DEFAULT,
      'ERR_CDI_UNRESOLVABLE',
      'runtime.nvidia.com/gpu=0',
    ],
    [
      'with text that acts on a terminal',
      { annotations: { 'cdi.k8s.io/a\u001b[2J': '\u202ex' } },
      {},
      'ERR_CDI_REQUEST',
      '\\u202ex',
    ],
    [
      'in more annotations than anybody has',
      {
        annotations: Object.fromEntries(
          Array.from({ length: 501 }, (_, index) => [`cdi.k8s.io/${index}`, 'v.com/c=d']),
        ),
      },
      {},
      'ERR_CDI_REQUEST',
      '501 annotations',
    ],
    [
      'with a name of 256 KiB',
      { annotations: { [`cdi.k8s.io/${'k'.repeat(5000)}`]: 'v'.repeat(256 * 1024) } },
      {},
      'ERR_CDI_REQUEST',
      `${'v'.repeat(500)}…"`,
    ],
    ['in a way that is no text', { annotations: { 'cdi.k8s.io/a': 1 } }, {}, 'ERR_SPEC_FIELD', 'annotations'],
  ])('%s', (_, spec, options, code, said) => {
    const { refusal, document } = planFor(spec, options, HOST);
    expect(refusal).toMatchObject({ code, message: expect.stringContaining(said) });
    expect(refusal?.message).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(refusal?.message.length).toBeLessThan(2000);
    expect(document.spec).toEqual(spec);
  });
});

test('an unresolvable device: the folders, what is wrong in them, and what was probably meant', () => {
  const host = machineWith(
    { ...GPUS, '/cdi/late.json': cdiSpec({ GPU: { env: ['X=1'] } }, undefined, 'vendor.com/gpu') },
    {
      files: {
        '/etc/cdi/bad.json': '{',
        '/cdi/odd.yaml': 'cdiVersion: 0.5.0\nkind: "v.com/x\\e"',
        '/cdi/worse.yaml': 'kind: [',
      },
    },
  );
  const { refusal } = planFor(
    visible('nvidia.com/gpu=O,vendor.com/cpu=GPU'),
    { specDirs: ['/etc/cdi', '/cdi'] },
    host,
  );
  const { message = '', details = {} } = refusal ?? {};
  expect(message).toMatch(/^unresolvable CDI devices nvidia\.com\/gpu=O, vendor\.com\/cpu=GPU; /);
  for (const part of [
    'searched /etc/cdi, /cdi',
    '/etc/cdi/bad.json: ',
    // Escaped once, as in the message of that file alone.
    '"x\\x1b"',
    '/cdi/worse.yaml: ',
    'nvidia.com/gpu=0',
    'vendor.com/gpu=GPU?',
  ]) {
    expect(message).toContain(part);
  }
  expect(message).not.toContain('\n');
  expect(details).toMatchObject({
    devices: ['nvidia.com/gpu=O', 'vendor.com/cpu=GPU'],
    directories: ['/etc/cdi', '/cdi'],
    problems: [{ path: '/etc/cdi/bad.json' }, { path: '/cdi/odd.yaml' }, { path: '/cdi/worse.yaml' }],
  });
});

test('a mount that asks for no CDI device is warned of, and stays', () => {
  const spec = { mounts: [request('cdi/foo'), request('cdi/v.com/c/d')] };
  const { document, warnings } = planFor(spec, {}, HOST);
  expect(warnings).toEqual([expect.stringContaining('cdi/foo')]);
  expect(document.spec.mounts).toEqual([request('cdi/foo')]);
});

test('a container that asks for very many, and for very long names, makes no message without end', () => {
  const names = [
    ...Array.from({ length: 5000 }, (_, index) => `v.com/c=x${index}`),
    `v.com/c=${'y'.repeat(100_000)}`,
  ];
  const { refusal } = planFor({ annotations: { 'cdi.k8s.io/a': names.join() } }, {}, HOST);
  expect(refusal?.code).toBe('ERR_CDI_UNRESOLVABLE');
  expect(refusal?.message.length).toBeLessThan(5000);
  expect(refusal?.message).toContain('and 4951 more');
  expect(refusal?.details).toMatchObject({ devices: names });
});
