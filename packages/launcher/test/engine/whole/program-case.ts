import type { MemoryHostOptions } from '@opencontainers-ts/rootfs-rewriter/testing';

import { commandLine } from '../compare/command-case.js';
import { damaged } from '../compare/damage.js';
import { hostOptions } from '../compare/host-case.js';
import { ANNOTATION } from '../compare/names.js';
import { Random } from '../compare/random.js';
import { specBytes } from '../compare/spec-case.js';
import { tomlBytes } from '../compare/toml-case.js';

/** Rule modules: one that does what rules do, and some that do what rules must not. */
const MODULES = [
  `export default ({ annotation = '${ANNOTATION}' }) => ({
  name: 'own', triggers: [annotation], reads: ['/annotations', '/process'],
  claims: (document) => document.readings(['annotations', annotation]).length > 0,
  evaluate: (document, call, host) => host.lstat('/a') === undefined
    ? { kind: 'pass', reason: 'there is no /a' }
    : { kind: 'rewrite', note: 'own', patch: [{ op: 'add', path: '/hostname', value: call.bundle + '\\u00e9' }] },
});`,
  'export default () => ({ name: "loops", triggers: ["a"], evaluate() { for (;;) {} } });',
  'for (;;) {}',
  'export default () => { const grow = () => grow() + 1; return grow(); };',
  'const all = []; for (;;) all.push(new Uint8Array(1 << 20));',
  'export default () => { throw { toString() { throw 1; } }; };',
  'Object.prototype.toJSON = () => 7; export default () => ({ name: "x", triggers: [1, {}], evaluate: 3 });',
  'export default async () => { await new Promise(() => undefined); };',
  'import fs from "node:fs"; export default () => fs;',
  'export default ;',
];

const ENVIRONMENTS: readonly (readonly string[])[] = [
  ...[['PATH=:rel', 'SGS_RUNC_PATH=/usr/bin/runsc'], ['SGS_RUNC_PATH=x', 'PATH='], ['OCIWRAP_DEPTH=99']],
  ...[['OCIWRAP_CONFIG=/etc/ociwrap/config.toml'], ['OCIWRAP_PROFILE=guardian'], ['OCIWRAP_DEPTH=3']],
  ...[['SGS_RUNC_PATH=/usr/bin/crun'], ['OCIWRAP_LOG_FILE=/var/log/o.log', 'OCIWRAP_LOG_LEVEL=debug']],
];

/** errno(3), of those that a machine of the comparison fails with. */
const ERRNOS: Readonly<Record<string, number>> = { EACCES: 13, EIO: 5, ESTALE: 116, ENOTCONN: 107 };

const NAMES = ['crun', 'nvidia-container-runtime', 'guardian-runc-shim', 'x\xe9'] as const;
const WRAPPER = '/opt/ociwrap/bin/oci-runtime-wrapper';
const HOOK = '/usr/bin/nvidia-container-runtime-hook';

/** NAME_MAX and PATH_MAX, and what is longer. */
const LENGTHS = [256, 4094, 4095, 4096, 9000] as const;
const LONG_VARIABLES = ['PATH', 'SGS_RUNC_PATH', 'OCIWRAP_CONFIG', 'OCIWRAP_LOG_FILE'] as const;

const longPath = (random: Random): string => `/${'long/'.repeat(2000)}`.slice(0, random.pick(LENGTHS));

const STRATEGIES = ['replace', 'overlay', 'overlay', 'none'] as const;

const encoder = new TextEncoder();

/** The records of a case, as `read_case` of fuzz-program.cc reads them: a letter, a length, and as many bytes. */
class Records {
  readonly #pieces: Uint8Array[] = [];

  put(kind: string, content: string | Uint8Array | number): this {
    const bytes =
      typeof content === 'string'
        ? encoder.encode(content)
        : typeof content === 'number'
          ? new Uint8Array(new Uint32Array([content]).buffer)
          : content;
    this.#pieces.push(encoder.encode(kind), new Uint8Array(new Uint32Array([bytes.length]).buffer), bytes);
    return this;
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }
}

/** The case of a seed with this number: a call, the machine it is made on, and what the kernel of that machine lies. */
export function programCase(seed: number, index: number): Uint8Array {
  const random = new Random(seed, index);
  const records = new Records();
  const options = hostOptions(random);
  putMachine(records, options);
  putRoots(records, random, options);
  if (!random.oneIn(8)) records.put('f', '/usr/bin/runc').put('m', 0o755).put('c', '\x7fELF');
  putBundle(records, random.oneIn(2) ? request(random, options) : specBytes(random), random);
  if (random.oneIn(4)) putConfiguration(records, random);
  putCall(records, random);
  const variables = random.oneIn(4) ? random.pick(ENVIRONMENTS) : ['PATH=/usr/local/bin:/usr/bin:/bin'];
  for (const variable of variables ?? []) records.put('e', variable);
  if (random.oneIn(12)) records.put('e', `${random.pick(LONG_VARIABLES)}=${longPath(random)}`);
  if (random.oneIn(50)) records.put('p', random.pick([0, 16_384, 65_536]));
  if (!random.oneIn(3)) records.put('k', liesOf(random));
  return records.bytes();
}

function putMachine(records: Records, options: MemoryHostOptions): void {
  const {
    files = {},
    directories = [],
    symlinks = {},
    devices = [],
    mounts = [],
    access = {},
    failures = {},
  } = options;
  const about = (path: string): void => {
    const { mode } = access[path] ?? {};
    if (mode !== undefined) records.put('m', mode);
    const errno = ERRNOS[failures[path] ?? ''];
    if (errno !== undefined) records.put('E', errno);
  };
  records.put('f', WRAPPER).put('m', 0o755).put('c', '\x7fELF ociwrap:self:oci-runtime-wrapper');
  records.put('l', '/usr/local/bin/runc').put('t', WRAPPER);
  records.put('l', '/opt/ociwrap/bin/ociwrap').put('t', 'oci-runtime-wrapper');
  records.put('l', HOOK).put('t', WRAPPER);
  records.put('d', '/data').put('d', '/a/b').put('d', '/mnt').put('d', '/run').put('d', '/tmp');
  for (const path of directories) {
    records.put('d', path);
    about(path);
  }
  const lines = ['1 1 8:1 / / rw,relatime - ext4 /dev/root rw'];
  for (const [index, mount] of mounts.entries()) {
    const { options: given = ['rw'] } = typeof mount === 'string' ? {} : mount;
    const mountPoint = mountPointOf(mount);
    records.put('d', mountPoint).put('M', '');
    about(mountPoint);
    lines.push(`${index + 30} 1 8:${index + 2} / ${mountPoint} ${given.join()} shared:1 - ext4 /dev/x rw`);
  }
  for (const [path, content] of Object.entries(files)) {
    records.put('f', path).put('c', content);
    about(path);
  }
  for (const device of devices) {
    if (typeof device === 'string') continue;
    records.put(device.kind === 'character' ? 'v' : 'V', device.path);
    records.put('n', (device.major << 16) | device.minor);
  }
  for (const [path, target] of Object.entries(symlinks)) records.put('l', path).put('t', target);
  records.put('f', '/proc/sys/kernel/hostname').put('c', 'n\n');
  records.put('f', '/proc/sys/kernel/random/boot_id').put('c', 'b\n');
  records.put('f', '/proc/self/mountinfo').put('c', `${lines.join('\n')}\n`);
}

/** What lies on a volume: its kind as a record's letter, its path there, its content. */
type OnVolume = readonly [kind: string, path: string, content?: string];

/** What a container finds on its root. */
const ON_A_ROOT: readonly OnVolume[] = [
  ['d', '/etc'],
  ['d', '/dev'],
  ['d', '/proc'],
  ['f', '/bin/sh', '\x7fELF'],
  ['f', '/etc/os-release', 'ID=debian\n'],
];

/** What a pod, or a start that was killed, may have left on a volume. */
const LEFT_THERE: readonly [OnVolume, ...OnVolume[]] = [
  ['d', '/upper'],
  ['d', '/work'],
  ['d', '/merged'],
  ['d', '/.ociwrap'],
  ['d', '/.ociwrap/upper.new'],
  [
    'f',
    '/.ociwrap/use.json',
    '{"version":1,"container":"c0","user":"u","node":"n","bootId":"b","since":"s","strategy":"overlay"}\n',
  ],
  ['f', '/.ociwrap/image.json', '{"version":1,"name":null,"fingerprint":"0"}\n'],
  ['f', '/.ociwrap/image.json.new', '{"ver'],
  ['f', '/.ociwrap/use.json', '{"version":'],
  ['d', '/.ociwrap/use.json'],
  ['l', '/.ociwrap', '/etc'],
  ['l', '/upper', '/'],
  ['f', '/work', ''],
  ['l', '/dev', '/etc'],
  ['f', '/proc', ''],
  ['d', '/lost+found'],
];

function putRoots(records: Records, random: Random, { mounts = [] }: MemoryHostOptions): void {
  const put = (folder: string, [kind, path, content]: OnVolume): void => {
    records.put(kind, folder + path);
    if (content !== undefined) records.put(kind === 'l' ? 't' : 'c', content);
    if (kind === 'f') records.put('m', 0o755);
  };
  for (const folder of [...mounts.map(mountPointOf), '/b/rootfs']) {
    const holdsRoot = folder === '/b/rootfs' || !random.oneIn(3);
    if (holdsRoot) for (const entry of ON_A_ROOT) if (!random.oneIn(20)) put(folder, entry);
    while (random.oneIn(3)) put(folder, random.pick(LEFT_THERE));
  }
}

const mountPointOf = (mount: string | { readonly mountPoint: string }): string =>
  typeof mount === 'string' ? mount : mount.mountPoint;

/** What a pod asks for that means it, with a volume that is mounted. */
function request(random: Random, { mounts = [] }: MemoryHostOptions): Uint8Array {
  const mount = random.pick(mounts) ?? '/data';
  const source = mountPointOf(mount);
  const spec = {
    ociVersion: '1.2.0',
    process: { args: ['sh'], cwd: '/', env: ['PATH=/bin', 'A=\xe9'], user: { uid: 0, gid: 0 } },
    root: { path: 'rootfs', readonly: random.oneIn(2) },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/mnt', type: 'bind', source, options: ['rbind', 'rw', 'rslave'] },
    ],
    annotations: {
      'io.kubernetes.cri.container-type': 'container',
      'io.kubernetes.cri.container-name': 'main',
      'io.kubernetes.cri.sandbox-uid': /\/pods\/([^/]+)/.exec(source)?.[1] ?? 'u1',
      [ANNOTATION]: '/mnt',
      ...(random.oneIn(2) ? { [`${ANNOTATION}-strategy`]: random.pick(STRATEGIES) } : {}),
      ...(random.oneIn(4) ? { 'cdi.k8s.io/x': 'v.com/c=d' } : {}),
      ...(random.oneIn(4) ? { 'example.org/a': 'on' } : {}),
    },
    linux: { namespaces: [{ type: 'mount' }, { type: 'pid' }], maskedPaths: ['/proc/kcore'] },
    // As long as real ones are, and longer than what is read at once.
    'x-filling': random.oneIn(4) ? 'x'.repeat(random.below(200_000)) : '',
  };
  return encoder.encode(JSON.stringify(spec, undefined, random.oneIn(2) ? 2 : 0));
}

function putBundle(records: Records, spec: Uint8Array, random: Random): void {
  if (random.oneIn(30)) {
    records
      .put('l', '/b/config.json')
      .put('t', random.pick(['/b/other.json', 'nowhere', 'config.json', longPath(random)]));
    records.put('f', '/b/other.json');
  } else {
    records.put(random.oneIn(60) ? 'd' : 'f', '/b/config.json');
  }
  records.put('c', random.oneIn(6) ? damaged(spec, random) : spec);
  if (random.oneIn(2)) records.put('d', '/b/rootfs');
  // What a call leaves that is killed while it writes.
  if (random.oneIn(20)) records.put('f', '/b/.config.json.ociwrap-123-1').put('c', spec.subarray(0, 100));
}

function putConfiguration(records: Records, random: Random): void {
  records.put('f', '/etc/ociwrap/config.toml').put('c', tomlBytes(random));
  if (random.oneIn(30)) records.put('m', 0o666);
  if (random.oneIn(4)) records.put('f', '/etc/ociwrap/conf.d/x y.toml').put('c', tomlBytes(random));
  // The first of them most of the time: the others take as long as a rule may.
  const module = random.oneIn(8) ? random.pick(MODULES) : MODULES[0];
  records.put('f', '/etc/ociwrap/rule.mjs').put('c', module ?? '');
}

function putCall(records: Records, random: Random): void {
  records.put('w', random.pick(['/', '/b', '/nowhere']));
  const kind = random.below(24);
  if (kind === 0) putHook(records, random);
  else if (kind < 3) putCommand(records, random);
  else putRuntimeCall(records, random);
}

/** A call that an engine makes. */
function putRuntimeCall(records: Records, random: Random): void {
  const execFn = random.pick(['/usr/local/bin/runc', '/usr/local/bin/runc', WRAPPER, 'runc', '']);
  records.put('x', random.oneIn(40) ? longPath(random) : execFn);
  records.put('l', '/proc/self/exe').put('t', random.oneIn(40) ? longPath(random) : WRAPPER);
  records.put('a', random.oneIn(6) ? random.pick(NAMES) : 'runc');
  const usual = [
    '--root',
    '/run/x',
    '--log',
    '/log.json',
    '--log-format',
    'json',
    'create',
    '--bundle',
    '/b',
    'c1',
  ];
  const words = random.oneIn(4) ? commandLine(random) : usual.slice(random.oneIn(2) ? 0 : 6);
  for (const word of words) records.put('a', random.oneIn(60) ? longPath(random) : word);
}

/** A command that people give. */
function putCommand(records: Records, random: Random): void {
  records
    .put('x', '/opt/ociwrap/bin/ociwrap')
    .put('l', '/proc/self/exe')
    .put('t', WRAPPER)
    .put('a', 'ociwrap');
  const words = random.pick([
    ['explain', '/b'],
    ['explain', '/b', '--json'],
    ['explain', '/b', '--', 'run', '-b', '/b', 'c1'],
    ['explain', '-'],
    ['rewrite', '--bundle', '/b'],
    ['rewrite', '--bundle', '/b', '--dry-run'],
    ['validate', '/b/config.json'],
    ['validate', '/b', '--json'],
    ['validate', '-', '--runtime', 'crun'],
    ['config', 'check'],
    ['config', 'dump', '--json'],
    ['cdi', 'list'],
    ['cdi', 'validate'],
    ['cdi', 'inspect', 'v.com/c=d'],
    ['cdi', 'inject', '--device', 'v.com/c=d'],
    ['nvidia', 'config', '--bundle', '/b'],
    ['test', '/b'],
    ['--help'],
    ['explane'],
  ]);
  for (const word of words) records.put('a', random.oneIn(40) ? '' : word);
  records.put('i', specBytes(random));
}

/** NVIDIA's hook, which a runtime tells of the container on its stdin. */
function putHook(records: Records, random: Random): void {
  records.put('x', HOOK).put('l', '/proc/self/exe').put('t', WRAPPER).put('a', HOOK);
  records.put('a', random.pick(['prestart', 'prestart', 'createRuntime', 'x']));
  const state = encoder.encode(
    JSON.stringify({
      ociVersion: '1.0.2',
      id: 'c1',
      status: 'creating',
      pid: random.pick([1, 99, -1]),
      bundle: '/b',
    }),
  );
  records.put('i', random.oneIn(3) ? damaged(state, random) : state);
}

/**
 * The first byte says of what kind they are, the second how rare, and each that follows decides something: `start_lies` of lies.cc.
 * Where they end the kernel is honest again.
 */
function liesOf(random: Random): Uint8Array {
  const lies = new Uint8Array(2 + random.below(random.pick([100, 1000, 4000])));
  for (let at = 0; at < lies.length; at += 1) lies[at] = random.below(256);
  return lies;
}
