import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import type { CdiSpec, ContainerEdits } from '../../src/index.js';
import { injectedNaively, type LooseSpec } from './naive-injection.js';
import { cdiSpec, machineWith, planFor } from './scene.js';

// Few names, so that what is asked for and what is there meet often.
const variable = fc
  .tuple(fc.constantFrom('A', 'B', 'C'), fc.constantFrom('1', '2', 'x=y', ''))
  .map(([name, value]) => `${name}=${value}`);
const path = fc.constantFrom('/a', '/a/b', '/a/b/c', '/b', '/a/', '//a/./b', '/c/../a');
const gid = fc.integer({ min: 0, max: 3 });
const edits: fc.Arbitrary<ContainerEdits> = fc
  .record(
    {
      env: fc.array(variable, { maxLength: 4 }),
      deviceNodes: fc.array(
        fc.record(
          {
            path: fc.constantFrom('/dev/null', '/dev/disk', '/dev/x'),
            hostPath: fc.constantFrom('/dev/null', '/dev/disk'),
            permissions: fc.constantFrom('r', 'rw', 'none'),
            fileMode: fc.constantFrom(0, 0o600),
            uid: gid,
          },
          { requiredKeys: ['path', 'hostPath'] },
        ),
        { maxLength: 3 },
      ),
      netDevices: fc.uniqueArray(
        fc.record({ hostInterfaceName: fc.constantFrom('e0', 'e1'), name: fc.constantFrom('n0', 'n1') }),
        {
          maxLength: 2,
          comparator: (one, other) =>
            one.hostInterfaceName === other.hostInterfaceName || one.name === other.name,
        },
      ),
      mounts: fc.array(
        fc.record(
          {
            hostPath: fc.constantFrom('/h', '/i'),
            containerPath: path,
            type: fc.constantFrom('bind', 'tmpfs'),
            options: fc.constantFrom(['rbind', 'ro'], ['bind'], ['ro']),
          },
          { requiredKeys: ['hostPath', 'containerPath'] },
        ),
        { maxLength: 4 },
      ),
      hooks: fc.array(
        fc.record(
          {
            hookName: fc.constantFrom('prestart', 'createContainer', 'startContainer'),
            path: fc.constantFrom('/h1', '/h2'),
            args: fc.constantFrom([], ['x']),
            env: fc.constantFrom([], ['E=1']),
            timeout: fc.constantFrom(0, 5),
          },
          { requiredKeys: ['hookName', 'path'] },
        ),
        { maxLength: 4 },
      ),
      intelRdt: fc.record({ closID: fc.constantFrom('', 'c') }),
      additionalGids: fc.array(gid, { maxLength: 3 }),
    },
    { requiredKeys: [] },
  )
  // A device without edits is no device.
  .map((made) => ({ ...made, env: [...(made.env ?? []), 'Z=1'] })) as fc.Arbitrary<ContainerEdits>;

const specs: fc.Arbitrary<Readonly<Record<string, CdiSpec>>> = fc
  .tuple(edits, edits, edits, fc.option(edits))
  .map(([d, e, f, common]) => ({
    'v.json': cdiSpec({ d, e }, common ?? undefined),
    'w.json': cdiSpec({ f }, undefined, 'w.com/c'),
  }));
const names = fc.array(fc.constantFrom('v.com/c=d', 'v.com/c=e', 'w.com/c=f'), {
  minLength: 1,
  maxLength: 4,
});

const ociSpec = fc.record(
  {
    process: fc.record(
      {
        env: fc.uniqueArray(variable, { selector: (each) => each.split('=', 1)[0], maxLength: 3 }),
        user: fc.record({ uid: gid, gid, additionalGids: fc.uniqueArray(gid) }),
      },
      { requiredKeys: [] },
    ),
    mounts: fc.uniqueArray(fc.record({ destination: path, source: fc.constantFrom('/h', '/i') }), {
      selector: ({ destination }) => destination,
    }),
    hooks: fc.record({ createContainer: fc.constant([{ path: '/first' }, { path: '/h1' }]) }),
    linux: fc.record(
      {
        namespaces: fc.constantFrom([], [{ type: 'user' }]),
        devices: fc.uniqueArray(
          fc.record({
            path: fc.constantFrom('/dev/null', '/dev/other'),
            type: fc.constant('c'),
            major: fc.constantFrom(1, 9),
            minor: fc.constant(3),
          }),
          { selector: (device) => device.path },
        ),
        intelRdt: fc.constant({ closID: 'old' }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<LooseSpec>;

const scene = fc.record({ spec: ociSpec, specs, devices: names });
const planOf = ({
  spec,
  specs: made,
  devices,
}: {
  spec: object;
  specs: Readonly<Record<string, CdiSpec>>;
  devices: readonly string[];
}) => planFor(spec, { devices, sources: [] }, machineWith(made, { directories: ['/h', '/i'] }));

describe('for any spec, any devices', () => {
  test('the patched bytes are what a simple program makes of the value', () => {
    fc.assert(
      fc.property(scene, (made) => {
        const { document, refusal } = planOf(made);
        expect(refusal).toBeUndefined();
        expect(document.spec).toEqual(injectedNaively(made.spec, made.specs, made.devices));
      }),
      { numRuns: 150 },
    );
  });

  test('a second run changes nothing, and nothing is there twice', () => {
    fc.assert(
      fc.property(scene, (made) => {
        const { document } = planOf(made);
        const { spec } = document;
        expect(planOf({ ...made, spec }).decision).toBe('pass');
        for (const keys of [
          spec.process?.env?.map((entry) => entry.split('=', 1)[0]),
          spec.mounts?.map(({ destination }) => destination),
          spec.linux?.devices?.map((device) => device.path),
          spec.linux?.resources?.devices?.map((rule) => JSON.stringify(rule)),
          spec.process?.user?.additionalGids,
          ...Object.values(spec.hooks ?? {}).map((hooks) =>
            (hooks as readonly object[]).map((hook) => JSON.stringify(hook)),
          ),
        ]) {
          expect(new Set<unknown>(keys).size).toBe(keys?.length ?? 0);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('no injected hook runs in the container without an environment', () => {
    fc.assert(
      fc.property(scene, (made) => {
        const { hooks = {} } = planOf(made).document.spec;
        for (const stage of ['createContainer', 'startContainer'] as const) {
          const bare = (hooks?.[stage] ?? []).filter(({ env }) => (env ?? []).length === 0);
          // The container came with these.
          expect(['/first', '/h1']).toEqual(expect.arrayContaining(bare.map((hook) => hook.path)));
          expect(bare.length).toBeLessThanOrEqual(made.spec.hooks?.['createContainer']?.length ?? 0);
        }
      }),
    );
  });

  test('one device that is not there, and nothing is changed', () => {
    fc.assert(
      fc.property(scene, fc.nat(4), (made, at) => {
        const devices = (made.devices as readonly string[]).toSpliced(at, 0, 'v.com/c=nowhere');
        const { document, refusal } = planOf({ ...made, devices });
        expect(refusal?.code).toBe('ERR_CDI_UNRESOLVABLE');
        expect(document.spec).toEqual(made.spec);
      }),
    );
  });
});
