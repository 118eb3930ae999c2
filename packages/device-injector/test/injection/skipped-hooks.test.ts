import { describe, expect, test } from '@jest/globals';
import { type CdiDevicesOptions, type CdiHookName, cdiDevices } from '@opencontainers-ts/device-injector';
import { type Call, planRewrite } from '@opencontainers-ts/rootfs-rewriter';
import { documentOf, makeSpec, memoryHost, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';
import type { SpecDocument } from '@opencontainers-ts/runtime-spec';

const asking = documentOf(makeSpec(withAnnotation('cdi.k8s.io/x', 'example.org/gpu=0')));
const RUNSC = { path: '/usr/bin/runsc' };

function plan(
  hookName: CdiHookName | undefined,
  runtime: Call['runtime'],
  { document = asking, ...options }: CdiDevicesOptions & { readonly document?: SpecDocument } = {},
) {
  const hooks = hookName === undefined ? [] : [{ hookName, path: '/usr/bin/hook' }];
  const spec = {
    cdiVersion: '0.6.0',
    kind: 'example.org/gpu',
    devices: [{ name: '0', containerEdits: { env: ['GPU=0'], hooks } }],
  };
  const host = memoryHost({ files: { '/etc/cdi/gpu.json': JSON.stringify(spec), '/usr/bin/hook': '' } });
  const call: Call = { verb: 'create', bundle: '/b', ...(runtime === undefined ? {} : { runtime }) };
  return planRewrite(document, [cdiDevices(options)], call, host);
}

describe('a runtime that skips hooks', () => {
  test.each<[CdiHookName, NonNullable<Call['runtime']>]>([
    ['createContainer', RUNSC],
    ['startContainer', RUNSC],
    ['createContainer', { path: '/usr/bin/runc', realPath: '/opt/gvisor/runsc-2025' }],
  ])('is refused a container whose devices rely on %s: %o', (hookName, runtime) => {
    const { decision, refusal } = plan(hookName, runtime);
    expect(decision).toBe('refuse');
    expect(refusal).toMatchObject({
      code: 'ERR_CDI_HOOKS_SKIPPED',
      details: { runtime: runtime.path, hooks: [{ hookName, path: '/usr/bin/hook' }] },
    });
    expect(refusal?.message).toContain('"/usr/bin/hook"');
    expect(refusal?.hint).toContain('gvisor-runs-hooks');
  });

  test.each<[string, CdiHookName | undefined, Call['runtime'], CdiDevicesOptions]>([
    ['runc', 'createContainer', { path: '/usr/bin/runc' }, {}],
    ['crun', 'createContainer', { path: '/usr/bin/crun' }, {}],
    [
      'a name of runsc that leads to runc',
      'createContainer',
      { path: '/x/runsc', realPath: '/usr/bin/runc' },
      {},
    ],
    ['no runtime, as in ociwrap rewrite', 'createContainer', undefined, {}],
    ["hooks of the host's namespaces", 'createRuntime', RUNSC, {}],
    ['a device without hooks', undefined, RUNSC, {}],
    ['a runsc that runs them', 'createContainer', RUNSC, { gvisorRunsHooks: true }],
  ])('nothing is said of %s', (_, hookName, runtime, options) => {
    const { decision, warnings } = plan(hookName, runtime, options);
    expect(decision).toBe('rewrite');
    expect(warnings.filter((warning) => warning.includes('skips hooks'))).toEqual([]);
  });

  test('hooksSkipped: warn starts it and says so, also where the devices are there already', () => {
    const first = plan('createContainer', RUNSC, { hooksSkipped: 'warn' });
    expect(first.decision).toBe('rewrite');
    expect(first.document.spec.hooks?.createContainer).toHaveLength(1);
    const { decision, warnings } = plan('createContainer', RUNSC, {
      hooksSkipped: 'warn',
      devices: ['example.org/gpu=0'],
      document: first.document,
    });
    expect(decision).toBe('pass');
    for (const each of [first.warnings, warnings]) {
      expect(each).toContainEqual(expect.stringContaining('skips hooks that the CDI devices rely on'));
    }
  });
});
