import type { Actions } from '@opencontainers-ts/rootfs-rewriter';
import fc from 'fast-check';

const some = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 3 });
export const word = fc.constantFrom('a', 'b', 'c', 'd');
const path = fc.constantFrom('/a', '/a/', '/a/b', '/b', '/c', '/');
const number = fc.oneof(fc.nat(9), fc.constantFrom(18446744073709551615n, 9007199254740993n));
export const map = (value: fc.Arbitrary<string>) =>
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
export const then = fc
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
/** The text of a spec in which many of these edits find something. */
export const spec = fc
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
