import { describe, expect, test } from '@jest/globals';
import { type Actions, planRewrite } from '@opencontainers-ts/rootfs-rewriter';
import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import type { JsonValue } from '@opencontainers-ts/runtime-spec';
import fc from 'fast-check';
import { CALL } from '../scene.js';
import { parse, ruleOf, textOf } from './then-row.js';

const some = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 3 });
const word = fc.constantFrom('a', 'b', 'c', 'd');
const path = fc.constantFrom('/a', '/a/', '/a/b', '/b', '/c', '/');
const number = fc.oneof(fc.nat(9), fc.constantFrom(18446744073709551615n, 9007199254740993n));
const map = (value: fc.Arbitrary<string>) =>
  fc.record(
    { set: fc.dictionary(word, value, { minKeys: 1, maxKeys: 3 }), remove: some(word) },
    { requiredKeys: ['set'] },
  );
const capability = fc.constantFrom('CAP_KILL', 'CAP_CHOWN', 'CAP_FOWNER');
const systemCall = fc.constantFrom('bpf', 'mount', 'read');
const capabilities = fc.record({
  add: some(capability),
  drop: some(fc.oneof(capability, fc.constant('ALL'))),
});
const option = fc.constantFrom(
  'ro',
  'rw',
  'rbind',
  'bind',
  'nosuid',
  'suid',
  'size=1',
  'size=2',
  'rprivate',
  'rslave',
);
const device = fc.record({
  path,
  type: fc.constantFrom('c', 'b', 'p'),
  major: fc.nat(2),
  minor: fc.nat(2),
  access: fc.constantFrom('rwm', 'r', ''),
});
const deviceRule = fc.record(
  {
    allow: fc.boolean(),
    type: fc.constantFrom('a', 'c', 'b'),
    major: fc.nat(2),
    access: fc.constantFrom('rwm', 'r'),
  },
  { requiredKeys: ['allow'] },
);
const hook = fc.record(
  { path, args: some(word), timeout: fc.integer({ min: 1, max: 3 }) },
  { requiredKeys: ['path'] },
);
const hooks = fc.record(
  { prepend: some(hook), append: some(hook), remove: some(path) },
  { requiredKeys: ['append'] },
);
const paths = fc.record({ add: some(path), remove: some(path) }, { requiredKeys: ['add'] });
const namespace = fc.constantFrom('pid', 'network', 'ipc');

/** Any edit with every verb that does not need the host, and without the raw patch. */
const then = fc
  .record(
    {
      annotations: map(word),
      args: fc.record({ prepend: some(word), append: some(word) }),
      env: map(word),
      cwd: path,
      user: fc.record({
        uid: fc.nat(9),
        additionalGids: fc.record({ add: some(fc.nat(4)), remove: some(fc.nat(4)) }),
      }),
      capabilities: fc.record({ add: some(capability), drop: some(capability), bounding: capabilities }),
      rlimits: fc.record({
        set: fc.dictionary(
          fc.constantFrom('RLIMIT_AS', 'RLIMIT_CPU'),
          fc.record({ soft: number, hard: number }),
          { minKeys: 1 },
        ),
      }),
      mounts: fc.record({
        add: some(fc.record({ destination: path, options: some(option) })),
        remove: some(path),
        options: fc.uniqueArray(fc.record({ destination: path, add: some(option), remove: some(option) }), {
          minLength: 1,
          maxLength: 3,
          selector: ({ destination }) => destination.replace(/(.)\/$/, '$1'),
        }),
      }),
      namespaces: fc.record({ set: some(fc.record({ type: namespace })), remove: some(namespace) }),
      sysctls: map(word),
      maskedPaths: paths,
      seccomp: fc.record({ deny: some(systemCall), allow: some(systemCall) }),
      resources: fc.record({ memory: fc.record({ limit: fc.nat(9) }), unified: map(word) }),
      deviceRules: fc.record({ set: some(deviceRule), add: some(deviceRule) }, { requiredKeys: ['add'] }),
      devices: fc.record({ add: some(device), remove: some(path) }, { requiredKeys: ['add'] }),
      hooks: fc.record({ createContainer: hooks, poststop: hooks }),
    },
    { requiredKeys: [] },
  )
  .filter((edit) => Object.keys(edit).length > 0)
  .map((edit) => edit as unknown as Actions);

const vendor = fc.record({ 'x-vendor': fc.jsonValue({ maxDepth: 1 }) }, { requiredKeys: [] });
const list = <T>(value: fc.Arbitrary<T>) => fc.option(fc.array(value, { maxLength: 4 }), { nil: null });
const withVendor = (value: fc.Arbitrary<object>) =>
  fc.tuple(value, vendor).map(([own, more]) => ({ ...own, ...more }));
const spec = fc
  .record(
    {
      process: withVendor(
        fc.record(
          {
            env: list(fc.tuple(word, word).map(([name, value]) => `${name}=${value}`)),
            args: list(word),
            capabilities: fc.record({ bounding: list(capability), ambient: list(capability) }),
            rlimits: fc.constantFrom(null, [{ type: 'RLIMIT_AS', hard: 'BIG', soft: 1, 'x-vendor': 'BIG' }]),
            user: fc.record({ additionalGids: list(fc.nat(4)) }),
          },
          { requiredKeys: [] },
        ),
      ),
      mounts: list(withVendor(fc.record({ destination: path, options: list(option) }))),
      annotations: fc.option(fc.dictionary(word, word), { nil: null }),
      linux: withVendor(
        fc.record(
          {
            namespaces: list(fc.record({ type: namespace })),
            devices: list(withVendor(fc.record({ path, type: fc.constant('c') }))),
            resources: fc.record({
              devices: list(deviceRule),
              memory: fc.constantFrom(null, { limit: 'BIG' }),
            }),
            maskedPaths: list(path),
            seccomp: fc.option(
              fc.record({
                defaultAction: fc.constantFrom('SCMP_ACT_ERRNO', 'SCMP_ACT_ALLOW', 'SCMP_ACT_LOG'),
                syscalls: list(
                  fc.record({
                    names: some(systemCall),
                    action: fc.constantFrom('SCMP_ACT_ERRNO', 'SCMP_ACT_ALLOW'),
                  }),
                ),
              }),
              { nil: null },
            ),
          },
          { requiredKeys: [] },
        ),
      ),
      hooks: fc.option(fc.record({ poststop: list(hook), createContainer: list(hook) }), { nil: null }),
      'x-top': fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  .map((value) => JSON.stringify(value).replaceAll('"BIG"', '18446744073709551615'));

const planOf = (edit: Actions, text: string) => planRewrite(parse(text), [ruleOf(edit)], CALL, memoryHost());

/** The whole value with its numbers as they are written. */
const vendorTexts = (text: string): string[] => {
  const found: string[] = [];
  const document = parse(text);
  const visit = (value: JsonValue, pointer: string) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key.startsWith('x-')) found.push(`${key}=${document.source(`${pointer}/${key}`)}`);
      else visit(inner, `${pointer}/${key}`);
    }
  };
  visit(document.spec as unknown as JsonValue, '');
  return found.sort();
};

describe('properties of every edit', () => {
  test('a second application changes nothing', () => {
    let changed = 0;
    fc.assert(
      fc.property(then, spec, (edit, text) => {
        const first = planOf(edit, text);
        expect(first.refusal).toBeUndefined();
        if (first.decision === 'rewrite') changed += 1;
        const result = textOf(first.document);
        expect([edit, text, planOf(edit, result).patch]).toEqual([edit, text, []]);
      }),
      { numRuns: 300 },
    );
    expect(changed).toBeGreaterThan(200);
  });

  test('fields that nobody knows survive, to the last digit, where their entry does', () => {
    // What goes with its entry is gone: mounts and devices are replaced whole, and rlimits.
    const kept = then.map(({ mounts: _, devices: __, rlimits: ___, ...edit }) => edit as Actions);
    fc.assert(
      fc.property(kept, spec, (edit, text) => {
        fc.pre(Object.keys(edit).length > 0);
        expect(vendorTexts(textOf(planOf(edit, text).document))).toEqual(vendorTexts(text));
      }),
      { numRuns: 150 },
    );
  });

  test('the order of what stays does not change', () => {
    fc.assert(
      fc.property(then, spec, (edit, text) => {
        const [before, after] = [parse(text).spec, planOf(edit, text).document.spec];
        for (const namesOf of [
          (each: typeof before) => each.process?.env?.map((entry) => entry.split('=')[0] ?? '') ?? [],
          (each: typeof before) => each.linux?.namespaces?.map(({ type }) => String(type)) ?? [],
        ]) {
          const olds = [...new Set(namesOf(before))];
          const nexts = namesOf(after);
          const stayed = olds.filter((name) => nexts.includes(name));
          const places = stayed.map((name) => nexts.indexOf(name));
          expect([edit, text, places]).toEqual([edit, text, [...places].sort((a, b) => a - b)]);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('no key stands twice where the edit puts it', () => {
    fc.assert(
      fc.property(map(word), spec, (env, text) => {
        const { document } = planOf({ env }, text);
        const names = document.spec.process?.env?.map((entry) => entry.split('=')[0] ?? '') ?? [];
        const twice = Object.keys(env.set).filter(
          (name) => names.filter((each) => each === name).length !== 1,
        );
        expect(twice).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('the same input gives the same output', () => {
    fc.assert(
      fc.property(then, spec, (edit, text) => {
        expect(textOf(planOf(edit, text).document)).toBe(
          textOf(planOf(structuredClone(edit), text).document),
        );
      }),
      { numRuns: 50 },
    );
  });
});
