import { describe, expect, test } from '@jest/globals';
import { type CdiDevicesOptions, type CdiHookName, cdiDevices } from '@opencontainers-ts/device-injector';
import { type Call, planRewrite } from '@opencontainers-ts/rootfs-rewriter';
import { documentOf, makeSpec, memoryHost, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';
import type { SpecDocument } from '@opencontainers-ts/runtime-spec';

const asking = documentOf(makeSpec(withAnnotation('cdi.k8s.io/x', 'example.org/gpu=0')));
const RUNSC = { path: '/usr/bin/runsc' };

interface Given extends CdiDevicesOptions {
  readonly document?: SpecDocument;
  /** What the runtime prints for `--version`. */
  readonly version?: string;
}

function plan(
  hookName: CdiHookName | undefined,
  runtime: Call['runtime'],
  { document = asking, version = 'runsc version release-20260519.0', ...options }: Given = {},
) {
  const hooks = hookName === undefined ? [] : [{ hookName, path: '/usr/bin/hook' }];
  const spec = {
    cdiVersion: '0.6.0',
    kind: 'example.org/gpu',
    devices: [{ name: '0', containerEdits: { env: ['GPU=0'], hooks } }],
  };
  const host = memoryHost({
    files: { '/etc/cdi/gpu.json': JSON.stringify(spec), '/usr/bin/hook': '' },
    runtimeVersions: { [runtime?.path ?? '']: version },
  });
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
    expect(refusal?.hint).toContain('release-20260520');
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
  ])('nothing is said of %s', (_, hookName, runtime, options) => {
    const { decision, warnings } = plan(hookName, runtime, options);
    expect(decision).toBe('rewrite');
    expect(warnings.filter((warning) => warning.includes('skips hooks'))).toEqual([]);
  });

  test.each<[string, CdiHookName, boolean, string]>([
    [
      'runsc version release-20260519.0\nspec: 1.2.0\n',
      'createContainer',
      false,
      'it is release-20260519.0;',
    ],
    ['runsc version release-20260520.0\nspec: 1.2.0\n', 'createContainer', true, ''],
    ['runsc version release-20270101.1', 'createContainer', true, ''],
    ['runsc version release-20270101.1', 'startContainer', false, 'no startContainer hooks'],
    ['runsc version 0.0~20240729.0', 'createContainer', false, 'it is 0.0~20240729.0;'],
    ['runsc version 0.0~20260601.0', 'createContainer', true, ''],
    ['runsc version VERSION_MISSING', 'createContainer', false, 'it is VERSION_MISSING;'],
    ['', 'createContainer', false, 'its version is unknown: it prints none;'],
    ['a runtime of our own', 'createContainer', false, 'its version is unknown: it prints none;'],
    // What is called runsc is another one.
    ['runc version 1.1.5', 'createContainer', true, ''],
    ['crun version 1.8.1', 'startContainer', true, ''],
    ['my-runsc version 20260601.0', 'createContainer', true, ''],
    ['my-runsc version 1.0', 'createContainer', false, 'it is 1.0;'],
  ])('what prints %j runs a %s hook: %s', (version, hookName, isRun, why) => {
    const { decision, refusal } = plan(hookName, RUNSC, { version });
    expect(decision).toBe(isRun ? 'rewrite' : 'refuse');
    expect(refusal?.message ?? '').toContain(why);
  });

  test('of several hooks those are named that it skips', () => {
    const spec = {
      cdiVersion: '0.6.0',
      kind: 'example.org/gpu',
      containerEdits: {
        hooks: [
          { hookName: 'createContainer', path: '/usr/bin/links' },
          { hookName: 'startContainer', path: '/usr/bin/cache' },
        ],
      },
      devices: [{ name: '0', containerEdits: { env: ['GPU=0'] } }],
    };
    const host = memoryHost({
      files: { '/etc/cdi/gpu.json': JSON.stringify(spec) },
      runtimeVersions: { [RUNSC.path]: 'runsc version release-20260520.0' },
    });
    const { refusal } = planRewrite(
      asking,
      [cdiDevices()],
      { verb: 'create', bundle: '/b', runtime: RUNSC },
      host,
    );
    expect(refusal).toMatchObject({
      code: 'ERR_CDI_HOOKS_SKIPPED',
      details: {
        version: 'release-20260520.0',
        hooks: [{ hookName: 'startContainer', path: '/usr/bin/cache' }],
      },
    });
  });

  test('a host that knows no versions: it is skipped, for all that is known', () => {
    const { runtimeVersion: _, ...host } = memoryHost({
      files: {
        '/etc/cdi/gpu.json': JSON.stringify({
          cdiVersion: '0.6.0',
          kind: 'example.org/gpu',
          devices: [
            {
              name: '0',
              containerEdits: { hooks: [{ hookName: 'createContainer', path: '/usr/bin/links' }] },
            },
          ],
        }),
      },
    });
    const call: Call = { verb: 'create', bundle: '/b', runtime: RUNSC };
    expect(planRewrite(asking, [cdiDevices()], call, host).refusal?.message).toContain(
      'its version is unknown',
    );
  });

  test.each<[string, CdiHookName | undefined, NonNullable<Call['runtime']>]>([
    ['runc', 'createContainer', { path: '/usr/bin/runc' }],
    ['runsc, without such a hook', 'createRuntime', RUNSC],
    ['runsc, without a hook', undefined, RUNSC],
  ])('%s is not asked for its version', (_, hookName, runtime) => {
    const hooks = hookName === undefined ? [] : [{ hookName, path: '/usr/bin/hook' }];
    const spec = {
      cdiVersion: '0.6.0',
      kind: 'example.org/gpu',
      devices: [{ name: '0', containerEdits: { env: ['GPU=0'], hooks } }],
    };
    const host = {
      ...memoryHost({ files: { '/etc/cdi/gpu.json': JSON.stringify(spec), '/usr/bin/hook': '' } }),
      runtimeVersion: () => {
        throw new Error('asked');
      },
    };
    const call: Call = { verb: 'create', bundle: '/b', runtime };
    expect(planRewrite(asking, [cdiDevices()], call, host).decision).toBe('rewrite');
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
