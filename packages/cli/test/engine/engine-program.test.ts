import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { ociwrapProgram } from '../../src/main/ociwrap-program.js';
import { nodeSystem } from '../../src/system/node-system.js';
import type { System } from '../../src/system/system.js';
import { bytesOf } from '../../src/system/text.js';
import { bundleIn, plainSpec, volumeSpec } from '../machine.js';
import { temporaryFolder } from '../temporary-folder.js';
import { engineProgram } from './engine.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '');
const folder = temporaryFolder();
const plain = bundleIn(folder, 'plain', plainSpec());
const unmatched = bundleIn(folder, 'unmatched', volumeSpec('pvc-other'));
const broken = bundleIn(folder, 'broken', '{"ociVersion": "1.2.0",\n "process": }');
const relative = bundleIn(folder, 'relative', JSON.stringify(plainSpec()).replace('"cwd":"/"', '"cwd":"é"'));

const put = (path: string, text: string) => {
  const file = join(folder, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
};
const RULE = `
[[rule]]
name = "limits"
when = { annotation = { key = "example.org/limits", equals = "on" } }
then = { rlimits = { set = { RLIMIT_CORE = { soft = 9007199254740993, hard = "unlimited" } } } }
`;
const good = put('good.toml', `profile = "sgs"\n${RULE}[[rule]]\nuse = "cdi-devices"\n`);
const faulty = put('faulty.toml', 'profil = 3\n[log]\nlevel = "loud"\n');
const torn = put('torn.toml', 'profile = "sgs\n');
put(
  'cdi/vendor.yaml',
  `cdiVersion: "0.6.0"
kind: "vendor.com/device"
devices:
- name: one
  containerEdits:
    env: [ONE=1]
    deviceNodes: [{path: /dev/null}]
`,
);
put('cdi/other.json', '{"cdiVersion": "0.6.0", "kind": "other.com/device", "devices": [{"name": 3}]}');
put('cdi/odd.yaml', 'kind: &a [*a\n');
const cdi = join(folder, 'cdi');
put('case/rules.toml', `profile = "none"\n${RULE}`);
put(
  'case/on/config.json',
  '{"ociVersion":"1.2.0","process":{"args":["sh"],"cwd":"/"},"root":{"path":"r"},"annotations":{"example.org/limits":"on"}}',
);
put('case/on/expected.patch.json', '[{"op": "add", "path": "/process/rlimits", "value": []}]');

/** What a program says, and what it is told: standard input, and a log that nobody reads. */
interface Call {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Whether its working folder was removed. */
  readonly isHomeless?: boolean;
}

async function said(program: (system: System) => Promise<number>, args: readonly string[], call: Call = {}) {
  const { env = {}, input = '', isHomeless = false } = call;
  const written = { 1: '', 2: '' };
  const rest = [bytesOf(input)];
  const machine = nodeSystem();
  const system: System = {
    ...machine,
    argv: () => ['ociwrap', ...args].map(bytesOf),
    environ: () =>
      Object.entries({ PATH: '/usr/bin:/bin', SGS_RUNC_PATH: '/bin/true', ...env }).map((pair) =>
        bytesOf(pair.join('=')),
      ),
    cwd: () => (isHomeless ? undefined : bytesOf(root)),
    exe: () => ({ path: bytesOf('/opt/ociwrap'), dev: 1n, ino: 1n }),
    isatty: (fd) => fd === 1 && env['TERM'] !== undefined,
    now: () => 0,
    fstat: (fd) => (fd === 0 ? { ...(machine.stat('/dev/null') as object) } : machine.fstat(fd)) as never,
    read: (fd, most) => (fd === 0 ? (rest.shift() ?? new Uint8Array()) : machine.read(fd, most)),
    write: (fd, bytes) => {
      if (fd !== 1 && fd !== 2) return machine.write(fd, bytes);
      written[fd] += Buffer.from(bytes).toString('latin1');
      return bytes.length;
    },
  };
  // The yargs of the npm package asks for the shell by itself.
  Object.assign(process.env, { SHELL: '', ...env });
  const status = await program(system);
  return { status, stdout: written[1], stderr: written[2] };
}

let inEngine: (system: System) => Promise<number>;
beforeAll(async () => {
  inEngine = await engineProgram();
}, 60_000);

const zsh = { SHELL: '/bin/zsh' };

describe('ociwrap in quickjs-ng says what it says in Node.js, to the byte', () => {
  test.each<[args: readonly string[], call?: Call]>([
    ...[
      [],
      ['explain'],
      ['rewrite'],
      ['validate'],
      ['test'],
      ['config'],
      ['config', 'check'],
      ['config', 'dump'],
      ['nvidia'],
      ['nvidia', 'config'],
      ['nvidia-hook'],
      ['hooks'],
      ['hooks', 'run'],
      ['cdi'],
      ['cdi', 'list'],
      ['cdi', 'inspect'],
      ['cdi', 'validate'],
      ['cdi', 'inject'],
      ['volume'],
      ...['status', 'diff', 'export', 'reset', 'unlock'].map((name) => ['volume', name]),
      ['engine'],
      ...['configure', 'unconfigure', 'list'].map((name) => ['engine', name]),
      ...['run', 'ps', 'exec', 'kill', 'delete', 'events'].map((name) => [name]),
      ['doctor'],
      ['logs'],
      ...['install', 'upgrade', 'uninstall', 'status', 'users'].map((name) => [name]),
      ['version'],
      ['help'],
      ['completion'],
    ].map((command): [readonly string[]] => [[...command, '--help']]),
    [['--version']],
    [['completion']],
    [['completion'], { env: zsh }],
    [['completion'], { env: { SHELL: '/usr/bin/fish' } }],
    [['version', '--json']],
    [['help', 'ERR_VOLUME_NOT_FOUND']],
    [['help', 'rules']],
    [['help', 'rules', 'then.devices']],
    [['help', 'volume', 'reset']],
    [['help', 'nothing']],
    ...[
      [''],
      ['e'],
      ['-'],
      ['validate', ''],
      ['validate', '--'],
      ['validate', '--runtime', ''],
      ['config', ''],
      ['cdi', 'list', '--'],
      ['nvidia', 'config', '--profile', ''],
    ].flatMap((words): [readonly string[], Call][] => [
      [['--get-yargs-completions', 'ociwrap', ...words], {}],
      [['--get-yargs-completions', 'ociwrap', ...words], { env: zsh }],
    ]),
    [[]],
    [['doctor', '--jsn']],
    [['explane']],
    [['cdi']],
    [['explain', '--nonsense', '\u001b[31m']],
    [['explain', '--bundle']],
    [['validate', plain, '--type', 'image']],
    [['validate', plain, '--runtime', 'podman']],
    [['test']],
    [['explain', plain]],
    [['explain', plain], { env: { TERM: 'xterm' } }],
    [['explain', '--json', '--', '--log', '/l', 'create', '--bundle', unmatched, 'c1']],
    [['explain', `${plain}/none`]],
    [['explain', plain], { isHomeless: true }],
    [['explain', '-'], { input: JSON.stringify(volumeSpec()) }],
    [['validate', broken]],
    [['validate', relative, '--runtime', 'crun', '--json']],
    [['validate', '-'], { input: '{"ociVersion":' }],
    [['validate', '/nowhere']],
    [['rewrite', '--bundle', plain, '--dry-run']],
    [['rewrite', '--bundle', unmatched, '--dry-run']],
    [['rewrite', '--bundle', plain, '--verbose'], { env: { OCIWRAP_LOG_FILE: join(folder, 'log') } }],
    [['config', 'default']],
    [['config', 'check', good]],
    [['config', 'check', faulty]],
    [['config', 'check', torn]],
    [['run', plain]],
    [['run', plain, '--nonsense']],
    [['exec', 'web', '--', 'sh']],
    [['ps', '--json']],
    [['config', 'dump']],
    [['config', 'dump', '--json'], { env: { OCIWRAP_CONFIG: good } }],
    [['cdi', 'list', '--spec-dir', cdi]],
    [['config', 'check', faulty, '--json']],
    [['config', 'check', good, '--json']],
    [['validate', '-'], { input: JSON.stringify({ ID: 'c1', Spec: plainSpec() }) }],
    [['cdi', 'validate', '--spec-dir', cdi]],
    [['cdi', 'validate', join(cdi, 'odd.yaml'), '--json']],
    [['cdi', 'inspect', 'vendor.com/device=one', '--spec-dir', cdi]],
    [
      ['cdi', 'inject', '--device', 'vendor.com/device=one', '--spec-dir', cdi],
      { input: JSON.stringify(plainSpec()) },
    ],
    [['nvidia', 'config', '--bundle', plain]],
    [['nvidia-hook', '-version']],
    [['nvidia-hook', 'prestart'], { input: '{"pid": 7, "bundle": "/nowhere"}' }],
    [['test', 'examples/gpu-cdi']],
    [['test', 'examples/kvm-devices']],
    [['test', 'examples/pvc-root', '--junit', join(folder, 'report.xml')]],
    [['test', join(folder, 'case')]],
  ])('%j', async (args, call = {}) => {
    const here = await said(ociwrapProgram, args, call);
    expect(await said(inEngine, args, call)).toEqual(here);
    expect(here).not.toMatchObject({ stderr: expect.stringContaining('ERR_UNEXPECTED') });
  });

  test('a working folder that was removed is no bug', async () => {
    expect(await said(inEngine, ['explain', plain], { isHomeless: true })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^ociwrap: getcwd failed with ENOENT for "\." \[ERR_INPUT_UNREADABLE\]: .*\n$/,
      ),
    });
  });

  test('what it writes', async () => {
    const args = ['test', join(folder, 'case'), '--update', '--junit', join(folder, 'deep/er/report.xml')];
    expect(await said(inEngine, args)).toEqual({
      status: 0,
      stdout: 'updated on: expected.patch.json\n',
      stderr: '0 passed, 0 failed, 1 updated\n',
    });
    expect(readFileSync(join(folder, 'case/on/expected.patch.json'), 'utf8')).toContain('9007199254740993');
    expect(readFileSync(join(folder, 'deep/er/report.xml'), 'utf8')).toContain(
      '<testsuite name="case" tests="1"',
    );
  });
});
