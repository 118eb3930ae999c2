import { copyFileSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import {
  declarativeRule,
  type HostAction,
  type Rule,
  type RuleDefinition,
} from '@opencontainers-ts/rootfs-rewriter';

import { explain, explainedCall } from '../../src/commands/explain/explain.js';
import type { Explanation } from '../../src/commands/explain/explanation.js';
import { paintFor } from '../../src/commands/output.js';
import { bundleIn, machine, plainSpec, SELF, VOLUME, VOLUME_PATH, volumeSpec } from '../machine.js';
import { temporaryFolder } from '../temporary-folder.js';
import { testWorld } from './world.js';

const folder = temporaryFolder();
const plain = bundleIn(folder, 'plain', plainSpec());
const volume = bundleIn(folder, 'volume', volumeSpec());
const unmatched = bundleIn(folder, 'unmatched', volumeSpec('pvc-other'));
const broken = bundleIn(folder, 'broken', '{"annotations":{"sgs.snucse.org/os-volume":');
const REFUSED_BEFORE = 'the call was refused before any rule was asked';
const { world } = testWorld();

const CLEAN: HostAction = {
  kind: 'clean-residue',
  root: VOLUME_PATH,
  volume: 'pvc-1',
  creates: {
    mountPoints: ['usr/lib/libx.so\u202e'],
    links: [{ path: 'usr/lib/l', target: 'libx.so' }],
  },
};
const acting = {
  ...world.settings,
  rules: [
    ...world.settings.rules,
    {
      name: 'cleans',
      triggers: 'every-create',
      reads: [],
      claims: () => true,
      evaluate: () => ({ kind: 'pass', reason: 'nothing to change', actions: [CLEAN] }),
    } satisfies Rule,
  ],
};

function explained(bundle: string, changes = {}): { status: number; explanation: Explanation } {
  const options = { args: ['create', '--bundle', bundle, 'c1'], runtimeName: 'runc', json: true };
  const { status, stdout } = explain(options, { ...world, ...changes });
  return { status, explanation: JSON.parse(String(stdout)) };
}

function text(bundle: string, changes = {}): string {
  const options = { args: ['create', '--bundle', bundle, 'c1'], runtimeName: 'runc', json: false };
  return String(explain(options, { ...world, ...changes }).stdout);
}

describe('as data', () => {
  test('a call that is rewritten', () => {
    const { status, explanation } = explained(volume);
    expect(status).toBe(0);
    expect(explanation).toMatchObject({
      decision: 'rewrite',
      call: { verb: 'create', id: 'c1', bundle: volume, certain: true },
      mode: 'runc',
      runtime: {
        path: '/usr/bin/runc',
        argv0: 'runc',
        id: { dev: expect.any(String), ino: expect.any(String) },
      },
      trail: expect.arrayContaining([{ candidate: '/usr/bin/runc', from: 'PATH', verdict: 'taken' }]),
      rules: [{ rule: 'pvc-rootfs', outcome: 'rewrite', reason: expect.any(String) }],
      patch: expect.arrayContaining([{ op: expect.any(String), path: '/root/path', value: VOLUME_PATH }]),
      pins: [{ path: VOLUME_PATH, dev: expect.any(String), ino: expect.any(String) }],
      exec: { file: '/usr/bin/runc', argv: ['runc', 'create', '--bundle', volume, 'c1'], depth: 1 },
    });
    expect(explanation.diff).toContain(`+    "path": "${VOLUME_PATH}"`);
    expect(explanation.refusal).toBeUndefined();
  });

  test('what a rule wants done on the machine is shown', () => {
    const { explanation } = explained(volume, { settings: acting });
    expect(explanation.actions).toEqual([expect.objectContaining({ kind: 'mount-root' }), CLEAN]);
    expect(explained(plain).explanation.actions).toEqual([]);
    expect(text(volume, { settings: acting })).toContain(
      `
  clean-residue: the volume "pvc-1" at "${VOLUME_PATH}"
    remembers the mount point "usr/lib/libx.so\\u202e"
    remembers the link "usr/lib/l" to "libx.so"
`,
    );
  });

  test('a call that passes', () => {
    const { status, explanation } = explained(plain);
    expect(status).toBe(0);
    expect(explanation).toMatchObject({
      decision: 'pass',
      reason: expect.any(String),
      patch: [],
      pins: [],
      diff: '',
    });
    expect(explanation.exec?.file).toBe('/usr/bin/runc');
  });

  test('a call that is refused by a rule', () => {
    const { status, explanation } = explained(unmatched);
    expect(status).toBe(1);
    expect(explanation).toMatchObject({
      decision: 'refuse',
      refusal: { code: 'ERR_VOLUME_NOT_FOUND', message: expect.any(String), hint: expect.any(String) },
      rules: [{ rule: 'pvc-rootfs', outcome: 'refuse', code: 'ERR_VOLUME_NOT_FOUND' }],
      patch: [],
      diff: '',
    });
    expect(explanation.exec).toBeUndefined();
  });

  test('a call for which there is no runtime', () => {
    const { status, explanation } = explained(plain, { host: machine({ files: {} }) });
    expect(status).toBe(1);
    expect(explanation.refusal?.code).toBe('ERR_RUNTIME_MISSING');
    expect(explanation.trail.length).toBeGreaterThan(1);
    expect(explanation.trail.every(({ verdict }) => verdict === 'missing')).toBe(true);
    expect(explanation.runtime).toBeUndefined();
  });

  test.each([
    ['a bundle that is not there', join(folder, 'typo')],
    ['a bundle without a config.json', folder],
  ])('%s', (_name, bundle) => {
    const { status, explanation } = explained(bundle);
    expect(status).toBe(1);
    expect(explanation).toMatchObject({
      decision: 'pass',
      missing: {
        code: 'ERR_CONFIG_MISSING',
        message: expect.stringContaining(bundle),
        hint: expect.any(String),
      },
    });
    expect(
      explain({ args: ['run', '-b', bundle, 'c'], runtimeName: 'runc', json: false }, world),
    ).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^ociwrap: .*\[ERR_CONFIG_MISSING\]: .*\n$/),
    });
  });

  test('a verb that reads no config.json asks for none', () => {
    const options = { args: ['delete', 'c1'], runtimeName: 'runc', json: true };
    const { status, stdout, stderr } = explain(options, world);
    expect({ status, stderr }).toEqual({ status: 0, stderr: undefined });
    expect(JSON.parse(String(stdout))).not.toHaveProperty('missing');
  });

  test('the name that the engine calls decides the mode', () => {
    const options = { args: ['state', 'c1'], runtimeName: '/usr/bin/nvidia-container-runtime', json: true };
    expect(JSON.parse(String(explain(options, world).stdout)).mode).toBe('nvidia');
  });

  test('ourselves on the search path is in the trail', () => {
    const { explanation } = explained(plain, {
      self: { ...SELF, path: '/bin/runc' },
      env: { PATH: '/bin:/usr/bin' },
      host: machine({ files: { '/bin/runc': '', '/usr/bin/runc': '' } }),
    });
    const verdicts = explanation.trail.map(({ candidate, verdict }) => `${candidate} ${verdict}`);
    expect(verdicts.slice(-2)).toEqual(['/bin/runc is-self', '/usr/bin/runc taken']);
  });
});

describe('what each rule said', () => {
  const rule = (name: string, equals: string) =>
    declarativeRule({
      name,
      when: { annotation: { key: 'example.org/tier', equals } },
      then: { env: { set: { [name]: '1' } }, cwd: '/srv' },
      override: true,
    });
  const origin = { from: 'file', file: '/etc/ociwrap/config.toml', path: ['rule', 0] } as const;
  const settings = {
    ...world.settings,
    rules: [rule('first', 'web'), rule('other', 'db'), rule('last', 'web'), ...world.settings.rules],
    ruleOrigins: [
      ...['first', 'other', 'last'].map((name) => ({ name, kind: 'declarative', origin }) as const),
      { name: 'pvc-rootfs', kind: 'built-in', origin: { from: 'default' } } as const,
    ],
  };
  const bundle = bundleIn(folder, 'tiers', {
    ...plainSpec(),
    annotations: { 'example.org/tier': 'web' },
  });

  test('as data: who matched, who did not and why, and whose each operation is', () => {
    const { explanation } = explained(bundle, { settings });
    expect(explanation.rules).toEqual([
      expect.objectContaining({
        rule: 'first',
        kind: 'declarative',
        file: '/etc/ociwrap/config.toml',
        triggers: ['example.org/tier'],
        outcome: 'rewrite',
      }),
      expect.objectContaining({
        rule: 'other',
        outcome: 'pass',
        because: {
          kind: 'failed-condition',
          condition: '/when/annotation/equals',
          expected: 'db',
          found: 'web',
        },
      }),
      expect.objectContaining({ rule: 'last', outcome: 'rewrite' }),
      expect.objectContaining({
        rule: 'pvc-rootfs',
        kind: 'built-in',
        outcome: 'pass',
        reason: 'no trigger',
        triggers: ['sgs.snucse.org/os-volume', 'sgs-os-volume', '/run/ociwrap/root'],
      }),
    ]);
    expect(explanation.patch.map(({ path }, i) => `${path} ${explanation.patchOrigins[i]}`)).toEqual([
      '/process/cwd first',
      '/process/env first',
      '/process/env/- last',
    ]);
  });

  test('for people', () => {
    const lines = text(bundle, { settings }).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^ {2}first \(declarative, \/etc\/ociwrap\/config.toml\): rewrite: /),
        expect.stringMatching(/^ {2}other .*: pass: /),
        '    when.annotation.equals: asks for "db", found "web"',
        '  pvc-rootfs (built-in): pass: no trigger ("sgs.snucse.org/os-volume" or "sgs-os-volume" or "/run/ociwrap/root")',
        expect.stringMatching(/^ {2}\{"op":"add","path":"\/process\/env\/-".*\} {2}by last$/),
      ]),
    );
  });

  test.each<[condition: NonNullable<RuleDefinition['when']>, line: string]>([
    [{ annotation: { key: 'a', equals: 'x' } }, 'when.annotation.equals: asks for "x", found nothing'],
    [{ any: [{ annotation: { key: 'a' } }] }, 'when.any[1].annotation: asks for "*", found nothing'],
    [
      { annotation: { key: 'example.org/tier', present: false } },
      'when.annotation.present: asks for nothing, found "web"',
    ],
  ])('in words, by the keys of the file: %j', (when, line) => {
    const rules = [declarativeRule({ name: 'r', when, then: { cwd: '/srv' } })];
    expect(text(bundle, { settings: { ...settings, rules } })).toContain(`    ${line}\n`);
  });

  test('what a refusal is about, and who was not asked after it', () => {
    const last = { ...settings, rules: [...world.settings.rules, rule('late', 'web')], ruleOrigins: [] };
    const { explanation } = explained(unmatched, { settings: last });
    expect(explanation.rules).toMatchObject([
      {
        rule: 'pvc-rootfs',
        outcome: 'refuse',
        code: 'ERR_VOLUME_NOT_FOUND',
        details: { mounted: expect.anything() },
      },
      { rule: 'late', outcome: 'not-asked', reason: 'a rule before it refused' },
    ]);
    expect(text(unmatched, { settings: last })).toMatch(/\n {4}mounted: \[/);
  });

  test.each<[string, dir: string, outcome: string, reason: string, changes?: object]>([
    ['without a trigger text, none is asked', plain, 'pass', 'no trigger'],
    ['without a config.json', join(folder, 'nowhere'), 'not-asked', 'there is no config.json'],
    ['without a runtime', volume, 'not-asked', REFUSED_BEFORE, { env: { SGS_RUNC_PATH: '/nowhere' } }],
    ['with a config.json that is not JSON', broken, 'not-asked', REFUSED_BEFORE],
  ])('%s', (_name, dir, outcome, reason, changes = {}) => {
    expect(explained(dir, changes).explanation.rules).toMatchObject([
      { rule: 'pvc-rootfs', outcome, reason },
    ]);
  });
});

describe('for people', () => {
  test('follows the way of the call', () => {
    const shown = text(volume);
    const titles = shown.split('\n').filter((line) => /^\w/.test(line));
    expect(titles).toEqual([
      'call',
      'runtime',
      'rules',
      'patch',
      'on the machine',
      'config.json (indented for reading)',
      'decision',
    ]);
    expect(shown).toContain(`+    "path": "${VOLUME_PATH}"`);
    expect(shown).toContain(`\n  --- ${volume}/config.json\n  +++ ${volume}/config.json (rewritten)\n`);
    expect(shown).toContain('exec: /usr/bin/runc');
  });

  test('a refusal shows code and hint', () => {
    const shown = text(unmatched);
    expect(shown).toMatch(/refuse \[ERR_VOLUME_NOT_FOUND\]: .*\n {2}hint: /);
    expect(shown).not.toContain('exec: ');
  });

  test('colours where they are wanted only', () => {
    expect(text(volume)).not.toContain('\u001b');
    expect(text(volume, { paint: paintFor(true) })).toContain('\u001b[32m+    "path"');
  });

  test('text out of a spec cannot drive the terminal', () => {
    const nasty = bundleIn(folder, 'nasty', { ...volumeSpec(), hostname: 'a\u009b2Jb\u202e' });
    const config = join(nasty, 'config.json');
    expect(readFileSync(config, 'utf8')).toContain('\u202e');
    for (const bundle of [nasty, join(folder, 'no\u009b2Jfolder')]) {
      expect(text(bundle).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });
});

describe('what will be mounted', () => {
  const key = 'sgs.snucse.org/os-volume-strategy';
  const users = [{ containerID: 0, hostID: 100000, size: 65536 }];
  const pod = {
    'io.kubernetes.cri.container-type': 'container',
    'io.kubernetes.cri.sandbox-uid': VOLUME.podUid,
    'io.kubernetes.cri.sandbox-namespace': 'labs',
    'io.kubernetes.cri.sandbox-name': 'desktop-1',
    'io.kubernetes.cri.container-name': 'desktop',
    'io.kubernetes.cri.image-name': 'x\u202e:1',
  };
  const explainedAs = (name: string, annotations: object, changes: object = {}): string => {
    const spec = volumeSpec();
    const dir = bundleIn(folder, name, {
      ...spec,
      ...changes,
      annotations: {
        ...spec.annotations,
        'sgs.snucse.org/os-volume-containers': 'desktop',
        ...pod,
        ...annotations,
      },
    });
    const shown = text(dir);
    const from = shown.indexOf('on the machine\n');
    return shown
      .slice(from, shown.indexOf('\n\n', from) + 1)
      .replaceAll(dir, '/bundle')
      .replaceAll(VOLUME_PATH, '/volume');
  };

  test('replace', () => {
    expect(explainedAs('replace', {})).toBe(`on the machine
  mount-root: the volume "pvc-1" at "/volume"
    the volume itself on "/run/ociwrap/root", in a mount namespace of the call
    in the place of the image "x\\u202e:1" at "/bundle/rootfs"
    looks on it for the program "sh" along no PATH
    used by: "labs/desktop-1/desktop"
    once it is mounted: {"op":"replace","path":"/root/path","value":"/run/ociwrap/root"}
    where nothing can be mounted: the runtime gets the path of the volume
`);
  });

  test('overlay', () => {
    const process = { user: { uid: 0, gid: 0 }, cwd: '/srv', args: ['./run'], env: ['PATH=/bin'] };
    expect(explainedAs('overlay', { [key]: 'overlay' }, { process })).toBe(`on the machine
  mount-root: the volume "pvc-1" at "/volume"
    an overlay on "/run/ociwrap/root", in a mount namespace of the call
    below: the image "x\\u202e:1" at "/bundle/rootfs", which stays as it is
    above: "/volume/upper", which holds what the container writes and deletes
    beside it: "/volume/work", which the kernel works in
    an fsGroup and a SELinux label of the pod are set on all of "upper" too: fsGroupChangePolicy "OnRootMismatch" does it once
    if the image is another one than before: warn
    looks on it for the program "./run" from "/srv"
    used by: "labs/desktop-1/desktop"
    where nothing can be mounted: refused
`);
  });

  test('seed, in a user namespace', () => {
    const linux = { namespaces: [{ type: 'user' }], uidMappings: users, gidMappings: users };
    const process = { user: { uid: 0, gid: 0 }, cwd: '/', args: ['/sbin/init'] };
    const said = '65536 from 0 are those from 100000 of the host';
    expect(explainedAs('seed', { [key]: 'seed' }, { linux, process })).toBe(`on the machine
  mount-root: the volume "pvc-1" at "/volume"
    the volume itself on "/run/ociwrap/root", in a mount namespace of the call
    filled, while it is empty, from the image "x\\u202e:1" at "/bundle/rootfs"
    an fsGroup and a SELinux label of the pod are set on all of it too: fsGroupChangePolicy "OnRootMismatch" does it once
    if the image is another one than before: warn
    mapped for the user namespace of the container: users: ${said}; groups: ${said}
    looks on it for the program "/sbin/init"
    used by: "labs/desktop-1/desktop"
    once it is mounted: {"op":"replace","path":"/root/path","value":"/run/ociwrap/root"}
    where nothing can be mounted: refused
`);
  });

  test('as data, to the last member', () => {
    const [action] = explained(volume).explanation.actions;
    expect(action).toEqual({
      kind: 'mount-root',
      strategy: 'replace',
      root: VOLUME_PATH,
      volume: 'pvc-1',
      target: '/run/ociwrap/root',
      image: `${volume}/rootfs`,
      imageChange: 'warn',
      readonly: false,
      program: { name: 'sh', cwd: '/', mountedAt: ['/proc'] },
      user: volume,
      onceMounted: [{ op: 'replace', path: '/root/path', value: '/run/ociwrap/root' }],
      otherwise: 'use-path',
    });
  });
});

test.each([plain, volume, unmatched])('nothing is written: %s', (bundle) => {
  const config = join(bundle, 'config.json');
  const before = {
    bytes: readFileSync(config),
    ...statSync(config, { bigint: true }),
    atimeNs: 0n,
    atimeMs: 0n,
    atime: 0,
  };
  explained(bundle);
  text(bundle);
  const after = {
    bytes: readFileSync(config),
    ...statSync(config, { bigint: true }),
    atimeNs: 0n,
    atimeMs: 0n,
    atime: 0,
  };
  expect(after).toEqual(before);
  expect(readdirSync(bundle)).toEqual(['config.json']);
});

describe('the call that is meant', () => {
  const nothing = { file: undefined, bundle: undefined, verb: 'create' };
  const { world } = testWorld({ cwd: '/work', readInput: () => readFileSync(join(volume, 'config.json')) });
  const meant = (given: object) => explainedCall({ ...nothing, ...given }, world);

  test.each([
    ['made up for a bundle', { bundle: '/b', verb: 'run' }, ['run', '--bundle', '/b', 'example']],
    ['given', { '--': ['state', 'c1'] }, ['state', 'c1']],
    ['given without arguments', { '--': [] }, []],
    ['given with a dash', { '--': ['-'] }, ['-']],
    [
      'made up for a file, in its bundle',
      { file: '/b/c.json', verb: 'run' },
      ['run', '--bundle', '/b', 'example'],
    ],
    ['made up for standard input', { file: '-' }, ['create', '--bundle', '/work', 'example']],
    ['by its other name', { file: '/dev/stdin' }, ['create', '--bundle', '/work', 'example']],
  ])('%s', (_name, given, expected) => {
    expect(meant(given).args).toEqual(expected);
  });

  test('a file is read in the place of config.json, and so is standard input', () => {
    const file = join(volume, 'config.json');
    const copy = join(folder, 'copy.json');
    copyFileSync(file, copy);
    const asked = [{ file: copy }, { file: '-' }].map((given) => {
      const call = meant(given);
      return explain({ ...call, runtimeName: 'runc', json: true }, world);
    });
    for (const { status, stdout } of asked) {
      expect(status).toBe(0);
      expect(JSON.parse(String(stdout))).toMatchObject({ decision: 'rewrite' });
    }
    expect(String(asked[0]?.stdout)).toContain(copy);
    expect(String(asked[1]?.stdout)).toContain('/dev/stdin');
    expect(readFileSync(copy)).toEqual(readFileSync(file));
  });

  test('a file that is not there is said, and the status is 1', () => {
    const call = meant({ file: join(folder, 'nowhere.json') });
    expect(explain({ ...call, runtimeName: 'runc', json: false }, world)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('nowhere.json'),
    });
  });

  test.each([
    ['a bundle and a call', { bundle: '/b', '--': ['state'] }],
    ['a file and a bundle', { file: '/f', bundle: '/b' }],
    ['a file and a call', { file: '-', '--': ['state'] }],
    ['nothing', {}],
  ])('%s is wrong usage', (_name, given) => {
    expect(() => meant(given)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  });
});

test.each([
  ['says so of', { env: { set: { MARK: '1' } } }, true],
  ['says nothing of it for', { annotations: { set: { 'example.org/a': '1' } } }, false],
])('that a process which is execed later is not changed: %s a patch', (_name, then, expected) => {
  const rule = declarativeRule({ name: 'mark', when: { verb: 'create' }, then });
  const call = { args: ['create', '--bundle', plain, 'x'], runtimeName: 'runc', json: false };
  const { stdout } = explain(call, { ...world, settings: { ...world.settings, rules: [rule] } });
  expect(String(stdout).includes('execs into it later is not changed')).toBe(expected);
});
