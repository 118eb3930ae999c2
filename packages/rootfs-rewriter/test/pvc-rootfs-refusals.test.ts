import { describe, expect, test } from '@jest/globals';
import { type Host, REWRITER_ERROR_CODES } from '@opencontainers-ts/rootfs-rewriter';
import { memoryHost, pvcMount } from '@opencontainers-ts/rootfs-rewriter/testing';
import type { Mount } from '@opencontainers-ts/runtime-spec';
import { REFUSED_SPECS } from './refused-specs.js';
import { REFUSED_VOLUMES } from './refused-volumes.js';
import { ask, askAbout, GOOD, specOf, VOLUME_PATH } from './scene.js';

const table = [...REFUSED_SPECS, ...REFUSED_VOLUMES];
const emptyDir = { podUid: 'u1', volume: 'tmp', plugin: 'empty-dir' };
const from = (source: string): Mount => ({ destination: '/mnt', type: 'bind', source, options: ['rbind'] });

describe('refusals of pvc-rootfs', () => {
  test.each(table)('%s: %s', (code, _, wrong, right = {}) => {
    const refused = ask(wrong);
    expect(refused.refusal?.code).toBe(code);
    expect(refused).toMatchObject({ decision: 'refuse', patch: [], pins: [] });
    expect(refused.refusal?.hint).toBe(REWRITER_ERROR_CODES[code].hint);
    const accepted = ask(right);
    expect(accepted.refusal).toBeUndefined();
    expect(accepted.decision).toBe('rewrite');
  });

  test('every code of the rule stands in the table', () => {
    // These belong to the engine and to the making of a rule, and are tested there.
    const elsewhereTested = ['ERR_SPEC_AMBIGUOUS', 'ERR_RULE_INVALID', 'ERR_RULE_CRASHED', 'ERR_RULE_PATCH'];
    const ofDefinitions = [
      'ERR_RULE_CONFLICT',
      'ERR_RULE_DEVICE_MISSING',
      'ERR_RULE_HOOK_MISSING',
      'ERR_RULE_SECCOMP_PROFILE',
    ];
    const codes = new Set([...table.map(([code]) => code), ...elsewhereTested, ...ofDefinitions]);
    expect([...codes].sort()).toEqual(Object.keys(REWRITER_ERROR_CODES).sort());
  });

  test.each(table)('%s: %s: the message is one plain line', (_, __, wrong) => {
    const message = ask(wrong).refusal?.message ?? '';
    expect(message).toMatch(/^[^A-Z\n\r].*[^.]$/u);
    // podman turns these phrases, wherever they stand, into exit statuses of its own.
    expect(message).not.toMatch(
      /permission denied|operation not permitted|no such file or directory|not found/i,
    );
  });
});

describe('the message for a volume that is not there', () => {
  const mounts = [...GOOD.mounts, pvcMount({ ...emptyDir, destination: '/tmp' })];

  test('names what is mounted and can be chosen', () => {
    const { refusal } = ask({ value: 'boot-pvc', mounts });
    expect(refusal?.details).toEqual({ mounted: [{ volume: 'pvc-1', destination: '/mnt' }] });
    expect(refusal?.message).toContain('"boot-pvc"');
    expect(refusal?.message).toContain('"pvc-1" at "/mnt"');
    expect(refusal?.message).toContain('claim name');
    expect(refusal?.message).not.toContain('"tmp"');
  });

  test('text from the spec cannot break the line', () => {
    const { refusal } = ask({ value: 'a\nb\u001b[31m\u202e', mounts });
    expect(refusal?.code).toBe('ERR_VOLUME_NOT_FOUND');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect(refusal?.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  });

  test('stays short when much is mounted', () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      pvcMount({ podUid: 'u1', volume: `pvc-${index}`, destination: `/mnt/${index}` }),
    );
    const { refusal } = ask({ value: 'none', mounts: many });
    expect(refusal?.message).toContain('and 4980 more');
    expect(refusal?.message.length).toBeLessThan(2000);
  });
});

test('only mounts that may be volumes are looked up on the host', () => {
  const looked: string[] = [];
  const real = memoryHost(GOOD.host);
  const others = Array.from({ length: 1000 }, (_, index) => from(`/srv/${index}`)).map((mount, index) => ({
    ...mount,
    destination: `/srv/${index}`,
  }));
  const plan = askAbout(specOf({ mounts: [...others, ...GOOD.mounts] }), {
    ...real,
    realpath: (path) => {
      looked.push(path);
      return real.realpath(path);
    },
  });
  expect(plan.decision).toBe('rewrite');
  expect(new Set(looked)).toEqual(new Set(['/var/lib/kubelet', VOLUME_PATH]));
});

describe('whether a mount begins at the volume', () => {
  const mounted = memoryHost(GOOD.host);
  const plain = memoryHost({ directories: [VOLUME_PATH] });
  const answering = (host: Host, isMountRoot: boolean | undefined): Host => ({
    ...host,
    resolveBeneath: (root, path) => {
      const { isMountRoot: _, ...pin } = host.resolveBeneath(root, path);
      return isMountRoot === undefined ? pin : { ...pin, isMountRoot };
    },
  });
  test.each([
    ['the kernel says so', answering(plain, true), 'rewrite'],
    [
      'the kernel says no: the line of the mount table is of a mount that another one hides',
      answering(mounted, false),
      'refuse',
    ],
    ['the kernel does not say, the mount table has it', answering(mounted, undefined), 'rewrite'],
    ['the kernel does not say, the mount table lacks it', answering(plain, undefined), 'refuse'],
  ])('%s', (_, host, decision) => {
    const plan = askAbout(specOf({}), host);
    expect(plan.decision).toBe(decision);
    expect(plan.refusal?.code).toBe(decision === 'refuse' ? 'ERR_VOLUME_NOT_MOUNTED' : undefined);
    expect(plan.pins.every((pin) => !('isMountRoot' in pin))).toBe(true);
  });
});
