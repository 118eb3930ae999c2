import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROOT_FOLDER } from '@opencontainers-ts/rootfs-rewriter';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { mountOf, specOf, TRIGGER, withPvcRoot } from './bundle.js';
import { type KubeletVolume, kubeletVolume } from './kubelet-volume.js';
import { forgetTables } from './own-package.js';
import { describeWith, launcherFolder } from './programs.js';
import { type Recorder, recorderAt } from './recorded-calls.js';
import { scratchFolder } from './scratch.js';

const SNAPSHOT = join(launcherFolder, '../engine/snapshot/snapshot.bin');
const emulator = join(launcherFolder, 'qemu-aarch64-static');

/** The emulator has none of the calls that mount a root: a file where it would be mounted keeps both from it. */
function noPlaceForRoots(): void {
  mkdirSync(dirname(ROOT_FOLDER), { recursive: true, mode: 0o700 });
  rmSync(ROOT_FOLDER, { recursive: true, force: true });
  writeFileSync(ROOT_FOLDER, '');
}

/** `larger pages`: as on a kernel whose pages are of 64 KiB, where parts of the program file cannot be moved. */
type Machine = 'amd64' | 'arm64' | 'arm64, larger pages';

interface Call {
  readonly title: string;
  /** The name of the program, `runc` where there is none. */
  readonly as?: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Of the bundle, which is `@` in arguments, variables and texts. Bytes as they are, or latin1 text. */
  readonly config?: Spec | string;
  /** Files by their paths below /etc/ociwrap. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What the runtime exits with. */
  readonly exits?: number;
  readonly before?: (bundle: string) => void;
}

/** The runtime, the log and the temporary files are the same, at the same paths, for each program. */
interface Place {
  readonly folder: string;
  readonly bundle: string;
  readonly settings: string;
  readonly recorder: Recorder;
  readonly volume: KubeletVolume;
}

/** What may differ between two calls of one program: the clock, the process, and how long it took. */
function withoutTimes(log: string): string {
  return log
    .replace(/"time":"[^"]*"/g, '"time":""')
    .replace(/"pid":\d+/g, '"pid":0')
    .replace(/"durationMs":[\d.]+/g, '"durationMs":0')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, '');
}

/**
 * What the runtime was started with, but for what is another for each process: its id, its pipes and the mount namespace that
 * the call was made in. QEMU turns the order of the environment round.
 */
function startOf(call: object): unknown {
  const text = JSON.stringify(call, (name, value) => (name === 'env' ? [...value].sort() : value))
    .replace(/"pid":\d+/g, '"pid":0')
    .replace(/"ino":"\d+"/g, '"ino":""')
    .replace(/socket:\[\d+\]/g, 'socket')
    .replace(/"mnt:\[\d+\]"/g, '"mnt"');
  return JSON.parse(text);
}

/** Every file of the folder: its mode, and what it holds. */
function filesOf(folder: string): Record<string, readonly [string, string]> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names.map((name) => {
      const path = join(folder, name);
      const status = lstatSync(path);
      const content = status.isSymbolicLink()
        ? readlinkSync(path)
        : status.isFile()
          ? readFileSync(path, 'latin1')
          : '';
      return [name, [status.mode.toString(8), withoutTimes(content)] as const];
    }),
  );
}

const needed = ['ociwrap-arm64', 'engine-only-wrapper-arm64'].map((name) => join(launcherFolder, name));

// On arm64 all other tests run this program.
const describeHere =
  process.arch === 'arm64' ? describe.skip : describeWith.bind(null, ['busybox', emulator, ...needed]);

describeHere('the program for arm64, beside the one for amd64', () => {
  let place: Place;
  let home: string;

  afterAll(() => rmSync(ROOT_FOLDER));
  beforeAll(() => {
    home = scratchFolder('arm64');
    const folder = join(home, 'bin');
    mkdirSync(folder);
    mkdirSync(join(home, 'config'));
    for (const name of ['runc', 'crun', 'ociwrap', 'nvidia-container-runtime-hook']) {
      symlinkSync('oci-runtime-wrapper', join(folder, name));
    }
    mkdirSync('/run/ociwrap-settings', { recursive: true, mode: 0o755 });
    place = {
      folder,
      bundle: join(home, 'bundle'),
      settings: join(home, 'config'),
      recorder: recorderAt(join(folder, 'runc.real')),
      volume: kubeletVolume(),
    };
  });

  /** The call by one program, from the same state of everything. */
  function observe(call: Call, machine: Machine, program: string): unknown {
    const { folder, bundle, settings, recorder } = place;
    const own = join(folder, 'oci-runtime-wrapper');
    const suffix = machine === 'amd64' ? '' : '-arm64';
    for (const path of [own, bundle, settings, join(home, 'log'), `${recorder.path}.record.json`]) {
      rmSync(path, { recursive: true, force: true });
    }
    forgetTables();
    noPlaceForRoots();
    copyFileSync(join(launcherFolder, `${program}${suffix}`), own);
    const filled = (text: string) => text.replaceAll('@', bundle);
    mkdirSync(join(bundle, 'rootfs'), { recursive: true });
    if (call.config !== undefined) {
      const text = typeof call.config === 'string' ? call.config : JSON.stringify(call.config);
      writeFileSync(join(bundle, 'config.json'), text, { encoding: 'latin1', mode: 0o644 });
    }
    call.before?.(bundle);
    mkdirSync(settings, { mode: 0o755 });
    for (const [name, text] of Object.entries(call.settings ?? {})) {
      const path = join(settings, name);
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
      writeFileSync(path, text, { mode: 0o644 });
    }
    writeFileSync(`${recorder.path}.exit`, String(call.exits ?? 0));
    const path = join(folder, call.as ?? 'runc');
    const pages = machine === 'arm64, larger pages' ? ['-p', '65536'] : [];
    const start = machine === 'amd64' ? [path] : [emulator, ...pages, path];
    const inPlace = `mount -n --bind "$1" /etc/ociwrap && shift && exec "$@"`;
    const { status, signal, stdout, stderr } = spawnSync(
      'unshare',
      [
        ...['--mount', '--propagation', 'private', 'sh', '-c', inPlace, 'sh', settings],
        ...[...start, ...call.args.map(filled)],
      ],
      {
        encoding: 'latin1',
        cwd: home,
        input: '',
        env: {
          PATH: '/usr/bin:/bin',
          OCIWRAP_LOG_FILE: join(home, 'log'),
          ...Object.fromEntries(Object.entries(call.env ?? {}).map(([name, value]) => [name, filled(value)])),
        },
        timeout: 60_000,
      },
    );
    const log = join(home, 'log');
    return {
      ended: { status, signal, stdout, stderr: withoutTimes(stderr) },
      calls: recorder.calls().map(startOf),
      log: existsSync(log) ? withoutTimes(readFileSync(log, 'latin1')) : undefined,
      bundle: filesOf(bundle),
    };
  }

  const create: Pick<Call, 'args'> = { args: ['create', '--bundle', '@', 'c1'] };
  const triggered = (more: Partial<Spec> = {}, value?: string) =>
    withPvcRoot(specOf('true', more), place.volume, value);

  const calls = (): readonly Call[] => {
    const text = JSON.stringify(triggered(), undefined, 2);
    const big = Array.from({ length: 3000 }, (_, at) => `VARIABLE_${at}=${'x'.repeat(at % 61)}é\u2028`);
    const rule = `
[[rule]]
name = "mark"
when.annotation = { key = "example.org/mark" }
then.env.set = { MARK = "1" }
`;
    const marked = specOf('true', { annotations: { 'example.org/mark': 'yes' } });
    const module = `export default ({ value }) => ({
  name: 'mark', triggers: ['example.org/mark'], reads: ['/hostname'],
  claims: (document) => document.readings(['annotations', 'example.org/mark']).length > 0,
  evaluate: () => ({ kind: 'rewrite', note: 'marked', patch: [{ op: 'add', path: '/hostname', value: value + Math.sqrt(2) }] }),
});
`;
    const requesting = specOf('true', { annotations: { 'cdi.k8s.io/test': 'example.org/gpu=0' } });
    const cdi = {
      'config.toml': '[cdi]\nenabled = true\nspec-dirs = ["/etc/ociwrap/cdi"]\n',
      'cdi/gpu.yaml': `cdiVersion: "0.6.0"
kind: example.org/gpu
devices:
  - name: "0"
    containerEdits: { env: [ "GPU=0", 'ÜMLAUT=é' ], deviceNodes: [ { path: /dev/gpu0, hostPath: /dev/null } ] }
containerEdits:
  mounts:
    - { hostPath: /usr/share, containerPath: /usr/share, options: [ro, rbind] }
`,
    };
    return [
      { title: 'a claim becomes the root', ...create, config: triggered() },
      { title: 'a claim becomes the root, in a spec of many lines', ...create, config: text },
      {
        title: 'by run, with all flags',
        args: ['--debug', '--log=@/rt.log', '--root', '/r', 'run', '-b', '@', '-d', 'c1'],
        config: triggered(),
      },
      { title: 'by the destination of its mount', ...create, config: triggered({}, '/mnt/boot') },
      {
        title: 'in a spec with odd numbers',
        ...create,
        config: text.replace(
          '{',
          '{"linux":{"resources":{"cpu":{"shares":1E400,"quota":-0.0e-7}}},"x":12345678901234567890123,',
        ),
      },
      {
        title: 'in a spec of 200 KB',
        ...create,
        config: { ...triggered(), process: { ...triggered().process, env: big } } as Spec,
      },
      { title: 'in a spec with what is no UTF-8', ...create, config: text.replace('true', 'a\xff\xc3(\xe9') },
      { title: 'with a byte order mark', ...create, config: `\xef\xbb\xbf${text}` },
      { title: 'nothing to rewrite', ...create, config: specOf('true') },
      { title: 'nothing to rewrite, and the runtime fails', ...create, config: specOf('true'), exits: 7 },
      { title: 'the name of the trigger as a value', ...create, config: specOf(`echo ${TRIGGER}`) },
      {
        title: 'the trigger by escapes',
        ...create,
        config: text.replace(TRIGGER, TRIGGER.replace('s', '\\u0073')),
      },
      {
        title: 'a misspelt annotation',
        ...create,
        config: specOf('', { annotations: { [TRIGGER.slice(0, -1)]: 'x' } }),
      },
      { title: 'no volume of that name', ...create, config: triggered({}, 'boot-pvc') },
      {
        title: 'no volume of that name, with a log of the runtime',
        args: ['--log', '@/rt.log', '--log-format=json', 'create', '-b', '@', 'c1'],
        config: triggered({}, 'boot-pvc'),
      },
      { title: 'annotations twice', ...create, config: `{"annotations":{},${text.slice(1)}` },
      { title: 'a member as only Go reads it', ...create, config: `{"Root":{"path":"/"},${text.slice(1)}` },
      { title: 'a trigger in what is no JSON', ...create, config: text.slice(0, -9) },
      {
        title: 'a trigger below a thousand brackets',
        ...create,
        config: text.replace('{', `{"deep":${'['.repeat(12_000)}${']'.repeat(12_000)},`),
      },
      { title: 'what is no JSON', ...create, config: '{"root":' },
      { title: 'no config.json', ...create },
      {
        title: 'a folder for a config.json',
        ...create,
        before: (bundle) => mkdirSync(join(bundle, 'config.json')),
      },
      {
        title: 'a config.json that leads to itself',
        ...create,
        before: (bundle) => symlinkSync('config.json', join(bundle, 'config.json')),
      },
      {
        title: 'a config.json that is elsewhere',
        ...create,
        before: (bundle) => {
          writeFileSync(join(bundle, 'elsewhere'), text);
          symlinkSync('elsewhere', join(bundle, 'config.json'));
        },
      },
      {
        title: 'a bundle of many mounts',
        ...create,
        config: triggered({
          mounts: Array.from({ length: 100 }, (_, at) => ({
            ...mountOf(place.volume, `/m/${at}`),
            source: `/nowhere/${at}`,
          })),
        }),
      },
      {
        title: 'two readings of the arguments',
        args: ['--unknown', 'list', 'create', '--bundle', '@', 'c1'],
        config: triggered(),
      },
      { title: 'state', args: ['state', 'c1'], exits: 3 },
      { title: 'exec', args: ['exec', '-t', 'c1', 'sh', '-c', 'true'] },
      { title: 'kill with a name that is no text', args: ['kill', '\u009b2J\u202e', 'KILL'] },
      { title: 'no arguments', args: [] },
      { title: 'too deep', ...create, config: specOf('true'), env: { OCIWRAP_DEPTH: '4' } },
      { title: 'a depth that is no number', ...create, config: triggered(), env: { OCIWRAP_DEPTH: 'x' } },
      { title: 'no runtime', ...create, config: triggered(), env: { SGS_RUNC_PATH: '/nowhere/runc' } },
      { title: 'debug', ...create, config: specOf('true'), env: { OCIWRAP_LOG_LEVEL: 'debug' } },
      { title: 'a log that is full', ...create, config: triggered(), env: { OCIWRAP_LOG_FILE: '/dev/full' } },
      { title: 'a rule', ...create, config: marked, settings: { 'config.toml': rule } },
      {
        title: 'a rule that looks for something else',
        ...create,
        config: specOf('true'),
        settings: { 'config.toml': rule },
      },
      {
        title: 'a configuration that cannot be read',
        ...create,
        config: marked,
        settings: { 'config.toml': 'not = [toml' },
      },
      {
        title: 'a rule module',
        ...create,
        config: marked,
        settings: {
          'config.toml': '[[rule]]\nmodule = "/etc/ociwrap/mark.mjs"\noptions = { value = "x" }\n',
          'mark.mjs': module,
        },
      },
      {
        title: 'a rule module that imports',
        ...create,
        config: marked,
        settings: {
          'config.toml': '[[rule]]\nmodule = "/etc/ociwrap/mark.mjs"\n',
          'mark.mjs': `import 'node:fs';\n${module}`,
        },
      },
      {
        title: 'a rule module without an end',
        ...create,
        config: marked,
        settings: {
          'config.toml': 'module-timeout = 1\n[[rule]]\nmodule = "/etc/ociwrap/mark.mjs"\n',
          'mark.mjs': module.replace('evaluate: () =>', 'evaluate: () => { for (;;); } , no: () =>'),
        },
      },
      { title: 'explain', as: 'ociwrap', args: ['explain', '--bundle', '@'], config: triggered() },
      {
        title: 'explain, as data',
        as: 'ociwrap',
        args: ['explain', '--bundle', '@', '--json'],
        config: triggered(),
      },
      {
        title: 'explain of a refusal',
        as: 'ociwrap',
        args: ['explain', '--bundle', '@', '--json'],
        config: triggered({}, 'boot-pvc'),
      },
      { title: 'rewrite', as: 'ociwrap', args: ['rewrite', '--bundle', '@'], config: triggered() },
      {
        title: 'rewrite without writing',
        as: 'ociwrap',
        args: ['rewrite', '--bundle', '@', '--dry-run'],
        config: text,
      },
      {
        title: 'validate',
        as: 'ociwrap',
        args: ['validate', '@/config.json', '--json'],
        config: '{"ociVersion": "1.0.2",\n "root": {"path": 7}}',
      },
      {
        title: 'validate what is no JSON',
        as: 'ociwrap',
        args: ['validate', '@/config.json'],
        config: '{"ociVersion": ',
      },
      {
        title: 'validate for a runtime',
        as: 'ociwrap',
        args: ['validate', '@/config.json', '--runtime', 'crun'],
        config: triggered(),
      },
      { title: 'config dump', as: 'ociwrap', args: ['config', 'dump'], settings: { 'config.toml': rule } },
      {
        title: 'config dump of what cannot be read',
        as: 'ociwrap',
        args: ['config', 'dump'],
        settings: { 'config.toml': 'a = 1979-05-27T07:32:00Z\nb = 1e400\n[' },
      },
      { title: 'a CDI device', ...create, config: requesting, settings: cdi },
      {
        title: 'a CDI device that is not there',
        ...create,
        config: requesting,
        settings: { 'config.toml': cdi['config.toml'] },
      },
      { title: 'cdi list', as: 'ociwrap', args: ['cdi', 'list'], settings: cdi },
      { title: 'the version', as: 'ociwrap', args: ['--version'] },
      { title: 'help', as: 'ociwrap', args: ['--help'] },
      { title: 'help of a command', as: 'ociwrap', args: ['explain', '--help'] },
      { title: 'an unknown command', as: 'ociwrap', args: ['no-such-command'] },
      {
        title: "NVIDIA's hook",
        as: 'nvidia-container-runtime-hook',
        args: ['prestart'],
        config: specOf('true'),
      },
    ];
  };

  test('has the same snapshot', () => {
    const snapshot = readFileSync(SNAPSHOT);
    for (const name of ['ociwrap', 'ociwrap-arm64']) {
      expect([name, readFileSync(join(launcherFolder, name)).includes(snapshot)]).toEqual([name, true]);
    }
  });

  test.each([
    { machine: 'arm64', program: 'ociwrap', every: 1 },
    { machine: 'arm64', program: 'engine-only-wrapper', every: 3 },
    { machine: 'arm64, larger pages', program: 'engine-only-wrapper', every: 12 },
  ] as const)(
    'leaves the same bytes of each call ($program, $machine)',
    ({ machine, program, every }) => {
      for (const call of calls().filter((_, index) => index % every === 0)) {
        const [expected, seen] = [observe(call, 'amd64', program), observe(call, machine, program)];
        expect({ title: call.title, seen }).toEqual({ title: call.title, seen: expected });
      }
    },
    300_000,
  );
});
