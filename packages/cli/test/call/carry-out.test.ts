import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type HostAction, type MountRoot, planRewrite, pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
import { errnoError } from '@opencontainers-ts/rootfs-rewriter/testing';
import { loadBundle } from '@opencontainers-ts/runtime-spec/bundle';

import { type CarryOutOptions, carryOut } from '../../src/call/carry-out.js';
import { bundleIn, machine, plainSpec, VOLUME_PATH, volumeSpec } from '../machine.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder();

function planned(name: string, spec = volumeSpec()) {
  const dir = bundleIn(folder, name, spec);
  const file = loadBundle(dir);
  const host = machine();
  const plan = planRewrite(file.document, [pvcRootfs()], { verb: 'create', bundle: dir }, host);
  return { dir, config: join(dir, 'config.json'), call: { file, plan }, host };
}

test('a rewrite is written, and nothing else is left in the bundle', () => {
  const { dir, config, call, host } = planned('rewritten');
  carryOut(call, host);
  expect(JSON.parse(readFileSync(config, 'utf8')).root.path).toBe(VOLUME_PATH);
  expect(readdirSync(dir)).toEqual(['config.json']);
});

test('what passes keeps inode and time', () => {
  const { config, call, host } = planned('passed', plainSpec());
  const before = statSync(config, { bigint: true });
  carryOut(call, host);
  const after = statSync(config, { bigint: true });
  expect([after.ino, after.mtimeNs, after.ctimeNs]).toEqual([before.ino, before.mtimeNs, before.ctimeNs]);
});

test('a call whose config.json was never opened needs nothing', () => {
  expect(() => carryOut({}, machine())).not.toThrow();
});

test.each([
  ['another file took its place', (path: string) => ({ ...machine().lstat(path), dev: 12345n })],
  ['it went away', () => undefined],
  [
    'it could no longer be looked at (ENOTCONN)',
    (path: string) => {
      throw errnoError('ENOTCONN', 'lstat', path);
    },
  ],
])('a volume that changed meanwhile stops the call: %s', (name, lstat) => {
  const { call } = planned(name.replaceAll(' ', '-'));
  const host = { lstat } as Parameters<typeof carryOut>[1];
  const message = name === 'another file took its place' ? 'was replaced' : name.slice('it '.length);
  expect(() => carryOut(call, host)).toThrow(
    expect.objectContaining({
      code: 'ERR_HOST_CHANGED',
      message: `"${VOLUME_PATH}" ${message} while the call was prepared`,
    }),
  );
});

describe('host actions', () => {
  const ACTION: HostAction = {
    kind: 'clean-residue',
    root: VOLUME_PATH,
    volume: 'pvc-1',
    creates: { mountPoints: [], links: [] },
  };
  const withAction = (name: string) => {
    const { call, ...rest } = planned(name);
    return { ...rest, call: { ...call, plan: { ...call.plan, actions: [ACTION] } } };
  };

  test('are done once the pins hold, before config.json is written; what they say is handed on', () => {
    const { config, call, host } = withAction('acts');
    const before = readFileSync(config, 'utf8');
    const seen: unknown[] = [];
    const act: CarryOutOptions['act'] = (plan) => {
      seen.push(plan.actions, plan.pins, readFileSync(config, 'utf8'));
      return { patch: [], notes: [{ level: 'warn', msg: 'could not' }] };
    };
    expect(carryOut(call, host, { act }).notes).toEqual([{ level: 'warn', msg: 'could not' }]);
    expect(seen).toEqual([[ACTION], call.plan.pins, before]);
    expect(JSON.parse(readFileSync(config, 'utf8')).root.path).toBe(VOLUME_PATH);
  });

  test('a volume that was replaced stops the call before anything is done', () => {
    const { config, call } = withAction('replaced');
    const before = readFileSync(config, 'utf8');
    const act = () => {
      throw new Error('done all the same');
    };
    expect(() => carryOut(call, { lstat: () => undefined }, { act })).toThrow(
      expect.objectContaining({ code: 'ERR_HOST_CHANGED' }),
    );
    expect(readFileSync(config, 'utf8')).toBe(before);
  });

  test('a volume that an action or somebody beside it replaces stops the call all the same', () => {
    const { call, host } = withAction('replaced-later');
    let replaced = false;
    const act = () => {
      replaced = true;
      return { patch: [], notes: [] };
    };
    const lstat: typeof host.lstat = (path) => (replaced ? undefined : host.lstat(path));
    expect(() => carryOut(call, { lstat }, { act })).toThrow(
      expect.objectContaining({ code: 'ERR_HOST_CHANGED' }),
    );
  });

  test('what an action says of the patch is written, though no rule changed anything', () => {
    const { config, call, host } = withAction('patched');
    const act = () =>
      ({ patch: [{ op: 'replace', path: '/root/path', value: '/run/elsewhere' }], notes: [] }) as const;
    const passed = { ...call, plan: { ...call.plan, decision: 'pass' } } as const;
    expect(carryOut(passed, host, { act })).toEqual({ notes: [], patch: act().patch });
    expect(JSON.parse(readFileSync(config, 'utf8')).root.path).toBe('/run/elsewhere');
  });

  test.each(['use-path', 'refuse'] as const)('a root to mount, nobody who mounts it: %s', (otherwise) => {
    const { config, call, host } = withAction(`unmounted-${otherwise}`);
    const mount = { kind: 'mount-root', otherwise } as MountRoot;
    const before = readFileSync(config, 'utf8');
    const unmounted = { ...call, plan: { ...call.plan, actions: [mount] } };
    if (otherwise === 'use-path') {
      expect(carryOut(unmounted, host)).toEqual({ notes: [], patch: call.plan.patch });
      expect(JSON.parse(readFileSync(config, 'utf8')).root.path).toBe(VOLUME_PATH);
    } else {
      expect(() => carryOut(unmounted, host)).toThrow(
        expect.objectContaining({ code: 'ERR_ROOT_NAMESPACE' }),
      );
      expect(readFileSync(config, 'utf8')).toBe(before);
    }
  });

  test('nobody who does them, or none to do: nothing is asked', () => {
    const { call, host } = withAction('nobody');
    expect(carryOut(call, host).notes).toEqual([]);
    const none = planned('none');
    const act = () => {
      throw new Error('asked all the same');
    };
    const plan = { ...none.call.plan, actions: [] };
    expect(carryOut({ ...none.call, plan }, none.host, { act }).notes).toEqual([]);
  });
});
