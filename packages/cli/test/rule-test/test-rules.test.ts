import { describe, expect, test } from '@jest/globals';

import { paintFor } from '../../src/commands/output.js';
import { testRules } from '../../src/commands/test.js';
import { nodeSystem } from '../../src/system/node-system.js';
import { memoryTree } from './memory-tree.js';

const here = { system: nodeSystem(), cwd: '/' };

const RULES = `profile = "none"
[[rule]]
name = "limits"
when = { annotation = { key = "example.org/limits", equals = "on" } }
then = { rlimits = { set = { RLIMIT_CORE = { soft = 9007199254740993, hard = "unlimited" } } } }
`;
const PVC = '[[rule]]\nuse = "pvc-rootfs"\n';

const config = {
  ociVersion: '1.2.0',
  root: { path: 'rootfs' },
  process: { args: ['sh'], cwd: '/' },
  annotations: { 'example.org/limits': 'on' },
};
const RLIMITS = '[{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":9007199254740993}]';
const PATCH = `[{"op":"add","path":"/process/rlimits","value":${RLIMITS}}]`;
const whole = JSON.stringify(config).replace('"cwd":"/"', `"cwd":"/","rlimits":${RLIMITS}`);
const volume = { ...config, annotations: { 'sgs.snucse.org/os-volume': 'pvc-1' } };

async function outcome(files: Record<string, unknown>, options: { update?: boolean; junit?: string } = {}) {
  const tree = memoryTree(files);
  const said = await testRules(
    { dir: 't', update: false, ...options },
    { ...here, paint: paintFor(false), tree },
  );
  return { ...said, stdout: String(said.stdout ?? ''), files: tree.files };
}

describe('a case holds', () => {
  test.each<[string, Record<string, unknown>]>([
    ['with a patch', { 'expected.patch.json': PATCH }],
    [
      'with a patch whose members stand in another order',
      {
        'expected.patch.json': `[{"value":[{"soft":9007199254740993,\n"type":"RLIMIT_CORE","hard":18446744073709551615}],\n"path":"/process/rlimits","op":"add"}]`,
      },
    ],
    ['with a whole file', { 'expected.json': whole }],
    ['with a whole file in other white space', { 'expected.json': whole.replaceAll(',', ',\n') }],
    ['with no change', { 'config.json': { ...config, annotations: {} }, 'expected.patch.json': '[]' }],
    [
      'with a refusal, of which part is said',
      { 'config.json': volume, 'rules.toml': PVC, 'expected-error.json': { code: 'ERR_VOLUME_NOT_FOUND' } },
    ],
    [
      'from a base and a patch of it',
      {
        'config.json': { ...config, annotations: {} },
        'patch.json': [{ op: 'add', path: '/annotations/example.org~1limits', value: 'on' }],
        'expected.patch.json': PATCH,
      },
    ],
    [
      'on its host, in its call',
      {
        'rules.toml':
          `profile = "none"\n[[rule]]\nname = "a"\nwhen = { verb = "run" }\n` +
          `then = { hooks = { poststop = { append = [{ path = "/bin/hook", require = true }] } } }\n`,
        'host.json': { files: { '/bin/hook': '' } },
        'call.json': {
          verb: 'run',
          bundle: '/b',
          runtime: { path: '/usr/bin/runc', realPath: '/usr/sbin/runc' },
        },
        'expected.patch.json': [{ op: 'add', path: '/hooks', value: { poststop: [{ path: '/bin/hook' }] } }],
      },
    ],
    [
      'by a rule module beside the rules, whoever owns it',
      {
        'rules.toml': 'profile = "none"\n[[rule]]\nmodule = "./dist/mark.mjs"\noptions = { value = "m" }\n',
        'dist/mark.mjs': `export default ({ value }) => ({
          name: 'mark', triggers: 'every-create', reads: [], claims: () => true,
          evaluate: () => ({ kind: 'rewrite', note: 'marked', patch: [{ op: 'add', path: '/annotations/mark', value }] }),
        });`,
        'expected.patch.json': [{ op: 'add', path: '/annotations/mark', value: 'm' }],
      },
    ],
  ])('%s', async (_name, files) => {
    const all = { 'config.json': config, 'rules.toml': RULES, ...files };
    const named = Object.fromEntries(Object.entries(all).map(([name, text]) => [`t/${name}`, text]));
    expect(await outcome(named)).toMatchObject({
      status: 0,
      stdout: 'passed  t\n',
      stderr: '1 passed, 0 failed\n',
    });
  });
});

describe('a case fails', () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    ['without an expectation', {}, /no expectation; --update/],
    ['with two', { 'expected.json': whole, 'expected.patch.json': PATCH }, /both there: keep one/],
    [
      'with another patch, down to the last digit',
      { 'expected.patch.json': PATCH.replace('0993', '0994') },
      /not what expected.patch.json says\n.*\n.*\n(.*\n)*.*-.*0994,\n.*\+.*0993,\n/,
    ],
    ['with another file', { 'expected.json': config }, /not what expected.json says\n(.*\n)*.*\+ .*rlimits/],
    [
      'with a refusal instead of a patch',
      { 'config.json': volume, 'rules.toml': PVC, 'expected.patch.json': PATCH },
      /not what expected.patch.json says: refused \[ERR_VOLUME_NOT_FOUND\]/,
    ],
    [
      'with a rewrite instead of a refusal',
      { 'expected-error.json': { code: 'ERR_X' } },
      /not what expected-error.json says\n(.*\n)*.*"outcome": "rewrite"/,
    ],
    [
      'with another refusal',
      {
        'config.json': volume,
        'rules.toml': PVC,
        'expected-error.json': { code: 'ERR_VOLUME_NOT_FOUND', details: { selector: 'other' } },
      },
      /-.*"selector": "other"\n.*\n.*\+ {2}"details": \{\}/,
    ],
    [
      'with an expectation of another form',
      { 'expected-error.json': '[]' },
      /expected-error.json: not an object with a "code"/,
    ],
    ['with a patch that is none', { 'expected.patch.json': '{}' }, /not an array of operations/],
    [
      'without rules',
      { 'rules.toml': undefined },
      /no rules.toml here, nor in a folder above it up to the one that is tested/,
    ],
    ['with broken rules', { 'rules.toml': '[[rule]' }, /rules.toml:1: not TOML/],
    ['with a rule of no known form', { 'rules.toml': '[[rule]]\nname = "x"\nwhat = 1\n' }, /rules.toml:3?/],
    ['with a broken config', { 'config.json': '{' }, /config.json.*line 1/],
    ['with a base that is not there', { 'config.json': undefined, 'patch.json': '[]' }, /no base.json/],
    [
      'with a patch that does not fit',
      { 'patch.json': [{ op: 'remove', path: '/nothing' }] },
      /patch.json: .*\/nothing/,
    ],
    ['with a misspelt host', { 'host.json': { mount: [] } }, /host.json: "mount" is none of/],
    ['with a misspelt call', { 'call.json': { verb: 'start' } }, /call.json: not of the form/],
    [
      'with a runtime of unknown members',
      { 'call.json': { runtime: { path: '/usr/bin/runc', real: '/usr/bin/runsc' } } },
      /call.json: not of the form/,
    ],
    ['with a call that is none', { 'call.json': '[]' }, /call.json: not an object/],
  ])('%s', async (_name, files, message) => {
    const all = { 'config.json': config, 'rules.toml': RULES, ...files };
    const named = Object.entries(all).filter(([, text]) => text !== undefined);
    const { status, stdout, stderr } = await outcome(
      Object.fromEntries(named.map(([name, text]) => [`t/${name}`, text])),
    );
    expect({ status, stderr }).toEqual({ status: 1, stderr: '0 passed, 1 failed\n' });
    expect(stdout).toMatch(/^failed {2}t: /);
    expect(stdout).toMatch(message);
  });
});

describe('folders', () => {
  const tree = {
    't/rules.toml': RULES,
    't/base.json': config,
    't/limits/on/patch.json': '[]',
    't/limits/on/expected.patch.json': PATCH,
    't/limits/off/patch.json': [{ op: 'remove', path: '/annotations' }],
    't/limits/off/expected.patch.json': '[]',
    't/pvc/rules.toml': PVC,
    't/pvc/config.json': volume,
    't/pvc/expected-error.json': { code: 'ERR_VOLUME_NOT_FOUND' },
    't/node_modules/x/config.json': config,
    't/.git/config.json': config,
  };

  test('what a folder does not have comes from the nearest above it', async () => {
    const { status, stdout } = await outcome(tree);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'passed  limits/off\npassed  limits/on\npassed  pvc\n',
    });
  });

  test('config.toml is the main file to which the rules are a drop-in', async () => {
    const dropIn = RULES.replace('profile = "none"\n', '');
    const both = { ...tree, 't/config.toml': 'profile = "none"\n', 't/rules.toml': dropIn };
    expect(await outcome(both)).toMatchObject({
      status: 0,
      stdout: 'passed  limits/off\npassed  limits/on\npassed  pvc\n',
    });
    const { status, stdout } = await outcome({ ...both, 't/rules.toml': RULES, 't/pvc/config.toml': '' });
    expect(status).toBe(1);
    expect(stdout).toContain('rules.toml:1: profile: belongs to the main file alone, t/config.toml');
  });

  test('a single case has what lies above it, up to its rules', async () => {
    const { world } = {
      world: { ...here, paint: paintFor(false), tree: memoryTree({ ...tree, 'rules.toml': '[' }) },
    };
    expect(await testRules({ dir: 't/limits/on', update: false }, world)).toMatchObject({
      status: 0,
      stdout: 'passed  on\n',
    });
    expect(await testRules({ dir: 't/limits', update: false }, world)).toMatchObject({
      status: 0,
      stdout: 'passed  off\npassed  on\n',
    });
  });

  test('--filter takes the cases with a text in their name', async () => {
    const world = { ...here, paint: paintFor(false), tree: memoryTree(tree) };
    expect(await testRules({ dir: 't', update: false, filter: 'its/o' }, world)).toMatchObject({
      status: 0,
      stdout: 'passed  limits/off\npassed  limits/on\n',
    });
    expect(await testRules({ dir: 't/pvc', update: false, filter: 'pvc' }, world)).toMatchObject({
      status: 0,
    });
    expect(await testRules({ dir: 't', update: false, filter: 'none' }, world)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no case in "t" has "none" in its name'),
    });
  });

  test('a mistake in rules.toml is told once, and no case of it passes', async () => {
    const { status, stdout } = await outcome({ ...tree, 't/rules.toml': '[[rule]\n' });
    expect(status).toBe(1);
    expect(stdout.match(/not TOML/g)).toHaveLength(1);
    expect(stdout).toContain('failed  limits/on: t/rules.toml cannot be used, as said above\n');
    expect(stdout).toContain('passed  pvc\n');
  });

  test('a result that a runtime would refuse fails, also where it is expected; what was wrong before is not told', async () => {
    const mount = (more: string) =>
      `[[rule]]\nname = "m"\nthen.mounts.add = [{ destination = "/d", source = "/s"${more} }]\n`;
    const before = { ...config, mounts: [{ destination: '/x', source: '/y' }] };
    const value = { destination: '/d', source: '/s' };
    const files = (more: object, text: string) => ({
      't/config.json': before,
      't/rules.toml': mount(text),
      't/expected.patch.json': [{ op: 'add', path: '/mounts/-', value: { ...value, ...more } }],
    });
    const refused = await outcome(files({}, ''));
    expect(refused.status).toBe(1);
    expect(refused.stdout).toMatch(
      /^failed {2}t: the result would not start: \/mounts\/1\/type: .*\(LINT_MOUNT_TYPE, runc\)\n$/,
    );
    const sound = await outcome(files({ options: ['bind'] }, ', options = ["bind"]'));
    expect(sound.stdout).toContain('passed');
  });

  test.each([
    ['one without cases', { 't/rules.toml': RULES }],
    ['one that is not there', {}],
  ])('%s is wrong usage', async (_name, files) => {
    const { status, stderr } = await outcome(files);
    expect(status).toBe(2);
    expect(stderr).toContain('[ERR_USAGE]');
  });
});

describe('--update', () => {
  const start = { 't/config.json': config, 't/rules.toml': RULES };

  test.each<[string, Record<string, unknown>, string, string | RegExp]>([
    ['writes a patch where there is nothing', start, 'expected.patch.json', /^\[\n {2}\{\n.*"op": "add"/],
    [
      'keeps the form that is there',
      { ...start, 't/expected.json': '{\n}' },
      'expected.json',
      /^\{\n {2}"ociVersion"/,
    ],
    ['keeps one line one line', { ...start, 't/expected.json': '{}' }, 'expected.json', whole],
    [
      'puts a refusal in the place of a patch',
      { 't/config.json': volume, 't/rules.toml': PVC, 't/expected.patch.json': PATCH },
      'expected-error.json',
      /"code": "ERR_VOLUME_NOT_FOUND"/,
    ],
    [
      'puts a patch in the place of a refusal',
      { ...start, 't/expected-error.json': { code: 'ERR_X' } },
      'expected.patch.json',
      /18446744073709551615/,
    ],
  ])('%s', async (_name, files, name, text) => {
    const { status, stdout, stderr, files: after } = await outcome(files, { update: true });
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: `updated t: ${name}\n`,
      stderr: '0 passed, 0 failed, 1 updated\n',
    });
    expect([...after.keys()].filter((path) => path.includes('expected'))).toEqual([`t/${name}`]);
    expect(after.get(`t/${name}`)).toEqual(text instanceof RegExp ? expect.stringMatching(text) : text);
    expect((await outcome(Object.fromEntries(after))).status).toBe(0);
  });

  test('touches nothing that holds, and nothing that cannot be tried', async () => {
    const files = { ...start, 't/expected.patch.json': PATCH, 't/bad/config.json': '{' };
    const { status, files: after } = await outcome(files, { update: true });
    expect(status).toBe(1);
    expect(Object.fromEntries(after)).toEqual({ ...files, 't/config.json': JSON.stringify(config) });
  });
});

test('a file that cannot be written is an error', async () => {
  const tree = {
    ...memoryTree({ 't/config.json': config, 't/rules.toml': RULES }),
    write: () => {
      throw Object.assign(new Error('no'), { code: 'EROFS' });
    },
  };
  for (const options of [{ update: true }, { update: false, junit: 'r.xml' }]) {
    const { status, stderr } = await testRules(
      { dir: 't', ...options },
      { ...here, paint: paintFor(false), tree },
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/cannot write .*: EROFS \[ERR_OUTPUT_UNWRITABLE\]/);
  }
});
