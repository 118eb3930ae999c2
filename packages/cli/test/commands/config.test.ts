import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { DEFAULT_CONFIG } from '../../src/config/default-config.js';
import { NO_CONFIG, resolveSettings } from '../../src/config/settings/resolve-settings.js';
import { ociwrap } from '../../src/main/ociwrap.js';
import { bundleIn, plainSpec } from '../machine.js';
import { temporaryFolder } from '../temporary-folder.js';
import { sgsSettings, testWorld } from './world.js';

const folder = temporaryFolder();

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('config check FILE', () => {
  test.each([
    ['good.toml', DEFAULT_CONFIG, 0, 'nothing wrong; rules: pvc-rootfs'],
    ['none.toml', 'profile = "none"', 0, 'nothing wrong; rules: none'],
    [
      'typo.toml',
      '\nprofil = "sgs"',
      1,
      ':2: profil: no such key, did you mean "profile"? [ERR_SETTINGS_INVALID]',
    ],
    ['broken.toml', 'a', 1, '[ERR_SETTINGS_SYNTAX]'],
  ])('%s', async (name, text, status, said) => {
    const path = file(name, text);
    const output = await ociwrap(['config', 'check', path], testWorld().world);
    expect(output).toEqual({ status, stderr: expect.stringContaining(path) });
    expect(output.stderr).toContain(said);
  });

  test('as data: what is wrong, where, and whether the wrapper takes it', async () => {
    const text = 'profil = "sgs"\n[log]\nlevel = "loud"\n';
    const path = file('data.toml', text);
    const check = async (given: string) => {
      const { status, stdout } = await ociwrap(['config', 'check', '--json', given], testWorld().world);
      return { status, ...JSON.parse(String(stdout)) };
    };
    expect(await check(path)).toMatchObject({
      status: 1,
      valid: false,
      files: [path],
      findings: [
        { level: 'error', code: 'ERR_SETTINGS_INVALID', file: path, line: 1 },
        { level: 'error', code: 'ERR_SETTINGS_INVALID', file: path, line: 3 },
      ],
    });
    const sound = file('sound.toml', DEFAULT_CONFIG);
    expect(await check(sound)).toEqual({
      status: 0,
      valid: true,
      files: [sound],
      rules: ['pvc-rootfs'],
      findings: [],
    });
  });

  test('each of several faults has a line of its own', async () => {
    const path = file(
      'many.toml',
      'profil = "sgs"\n[log]\nlevel = "loud"\n[[rule]]\nname = "a"\nthen.cwd = "x"\n',
    );
    const { status, stderr = '' } = await ociwrap(['config', 'check', path], testWorld().world);
    expect(status).toBe(1);
    expect(stderr.split('\n')).toEqual([
      `ociwrap: ${path}:1: profil: no such key, did you mean "profile"?`,
      expect.stringContaining(`ociwrap: ${path}:3: log.level: must be one of`),
      `ociwrap: ${path}:6: rule[1].then.cwd: must be an absolute path, not "x"`,
      expect.stringMatching(/^ociwrap: 3 faults \[ERR_SETTINGS_INVALID\]: correct /),
      '',
    ]);
  });

  test('faults stand among what else is told, line by line, and are counted apart from it', async () => {
    const path = file(
      'mixed.toml',
      'profile = "sgs"\n[volumes]\nhost-path-folders = ["/a/*", "/b/../c"]\n[log]\nlevel = "loud"\n[[rule]]\nname = "a "\nthen.cwd = "/"\n',
    );
    const { status, stderr = '' } = await ociwrap(['config', 'check', path], testWorld().world);
    expect(status).toBe(1);
    expect(stderr.split('\n')).toEqual([
      expect.stringContaining(`ociwrap: ${path}:3: volumes.host-path-folders[1]: `),
      expect.stringContaining(`ociwrap: warning: ${path}:3: volumes.host-path-folders[2]: `),
      expect.stringContaining(`ociwrap: ${path}:5: log.level: must be one of`),
      expect.stringContaining(`ociwrap: ${path}:7: rule[1].name: `),
      expect.stringMatching(/^ociwrap: 1 fault, 2 errors, 1 warning \[ERR_SETTINGS_INVALID\]: correct /),
      '',
    ]);
  });

  test('a file in a folder of drop-ins is a drop-in', async () => {
    mkdirSync(join(folder, 'conf.d'));
    const { status, stderr } = await ociwrap(
      ['config', 'check', file('conf.d/10-kvm.toml', 'profile = "none"\n')],
      testWorld().world,
    );
    expect(status).toBe(1);
    expect(stderr).toContain(
      `conf.d/10-kvm.toml:1: profile: belongs to the main file alone, ${folder}/config.toml`,
    );
  });

  test.each([
    [
      'star.toml',
      '[volumes]\nhost-path-folders = ["/opt/x/*"]\n',
      1,
      ':2: volumes.host-path-folders[1]: ',
      '1 error, 0 warnings; rules: pvc-rootfs',
    ],
    [
      'slash.toml',
      '[volumes]\nhost-path-folders = ["/opt/x/"]\n',
      0,
      ':2: volumes.host-path-folders[1]: ',
      '0 errors, 1 warning; rules: pvc-rootfs',
    ],
    [
      'both.toml',
      '[volumes]\nhost-path-folders = ["/opt/*"]\n[lgo]\n',
      1,
      ':2: volumes.host-path-folders[1]: ',
      '[ERR_SETTINGS_INVALID]',
    ],
  ])('%s, which the schema takes', async (name, text, status, place, said) => {
    const path = file(name, text);
    const output = await ociwrap(['config', 'check', path], testWorld().world);
    expect(output).toEqual({ status, stderr: expect.stringContaining(`${path}${place}`) });
    expect(output.stderr).toContain(said);
    expect(String(output.stderr).startsWith('ociwrap: warning: ')).toBe(status === 0);
  });

  test('a file that is not there', async () => {
    const output = await ociwrap(['config', 'check', join(folder, 'nowhere')], testWorld().world);
    expect(output).toMatchObject({ status: 1, stderr: expect.stringContaining('ERR_SETTINGS_UNREADABLE') });
  });
});

test('config default prints a file that says nothing new', async () => {
  expect(await ociwrap(['config', 'default'], testWorld().world)).toEqual({
    status: 0,
    stdout: DEFAULT_CONFIG,
  });
});

describe('config dump', () => {
  // A path that is not there, so that no configuration of the machine is read.
  const env = { OCIWRAP_CONFIG: '' };

  test('every setting with its origin', async () => {
    const settings = {
      ...sgsSettings(),
      origins: {
        'log.file': { from: 'environment', variable: 'OCIWRAP_LOG_FILE' },
        profile: { from: 'call' },
      },
      ruleOrigins: [{ name: 'pvc-rootfs', kind: 'built-in', origin: { from: 'default' } }],
    } as const;
    const { status, stdout } = await ociwrap(['config', 'dump'], testWorld({ settings, env }).world);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^profile = "sgs" +# name of the call\n/);
    expect(stdout).toMatch(/\nlog\.file = "\/var\/log\/sgs-runtime-wrapper\.log" +# OCIWRAP_LOG_FILE\n/);
    expect(stdout).toMatch(/\nrule 1: pvc-rootfs \(built-in\) +# default\n$/);
    const json = await ociwrap(['config', 'dump', '--json'], testWorld({ settings, env }).world);
    expect(JSON.parse(String(json.stdout))).toMatchObject({
      settings: expect.arrayContaining([{ key: 'profile', value: 'sgs', origin: 'name of the call' }]),
      rules: [{ name: 'pvc-rootfs', kind: 'built-in', origin: 'default' }],
    });
  });

  test('what the environment says of the runtime', async () => {
    const variables = { SGS_RUNC_PATH: '/x/runc', SGS_WRAPPER_MODE: 'nvidia' };
    const resolved = resolveSettings(NO_CONFIG, { env: variables, invokedAs: 'runc' });
    const settings = { ...sgsSettings(), ...resolved };
    const { stdout } = await ociwrap(['config', 'dump'], testWorld({ settings, env }).world);
    expect(stdout).toMatch(/\nruntime\.mode = "nvidia" +# SGS_WRAPPER_MODE\n/);
    expect(stdout).toMatch(/\nruntime\.paths\.runc = "\/x\/runc" +# SGS_RUNC_PATH\n/);
    expect(stdout).toMatch(/\nruntime\.paths\.nvidia = "\/x\/runc" +# SGS_RUNC_PATH\n/);
  });

  test('a configuration that cannot be used', async () => {
    const fault = { code: 'ERR_SETTINGS_SYNTAX', message: '/c:1: not TOML', hint: 'correct it' };
    const { world } = testWorld({ settings: { ...sgsSettings(), fault }, env });
    expect(await ociwrap(['config', 'dump'], world)).toMatchObject({
      status: 1,
      stderr: 'ociwrap: the configuration cannot be used: /c:1: not TOML [ERR_SETTINGS_SYNTAX]: correct it\n',
    });
  });
});

test.each([[['config']], [['config', 'nonsense']], [['config', 'dump', '--yaml']]])(
  '%j is wrong usage',
  async (args) => {
    expect(await ociwrap(args, testWorld().world)).toMatchObject({ status: 2 });
  },
);

describe('a configuration that cannot be used is told by', () => {
  const bundle = bundleIn(folder, 'plain', plainSpec());
  const fault = { code: 'ERR_SETTINGS_SYNTAX', message: '/c:1: not TOML', hint: 'correct it' };
  const { world } = testWorld({ settings: { ...sgsSettings(), fault } });
  const said = 'the configuration cannot be used: /c:1: not TOML [ERR_SETTINGS_SYNTAX]: correct it';

  test('explain, also of a call that passes', async () => {
    const { status, stdout } = await ociwrap(['explain', '--bundle', bundle, '--json'], world);
    expect(status).toBe(0);
    expect(JSON.parse(String(stdout)).warnings).toContain(said);
  });

  test.each([[[]], [['--dry-run']]])('rewrite %j', async (args) => {
    const { stderr } = await ociwrap(['rewrite', '--bundle', bundle, ...args], world);
    expect(stderr).toContain(`ociwrap: warning: ${said}\n`);
  });
});

test('explain has the settings of the name that the engine calls', async () => {
  const bundle = bundleIn(folder, 'named', plainSpec());
  const asked: string[] = [];
  const { world } = testWorld({
    settingsFor: (name) => {
      asked.push(name);
      return { ...sgsSettings(), runtime: { required: 'GUARDIAN_RUNC_SHIM_BINARY' } };
    },
  });
  const args = ['explain', '--bundle', bundle, '--runtime-name', '/opt/guardian-runc-shim'];
  const { status, stdout } = await ociwrap(args, world);
  expect({ asked, status }).toEqual({ asked: ['/opt/guardian-runc-shim'], status: 1 });
  expect(stdout).toContain('ERR_RUNTIME_NOT_NAMED');
});
