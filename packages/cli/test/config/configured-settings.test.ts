import { describe, expect, test } from '@jest/globals';

import { planRewrite, type Rule } from '@opencontainers-ts/rootfs-rewriter';
import {
  documentOf,
  makeSpec,
  memoryHost,
  pvcMount,
  pvcPath,
  withAnnotation,
  withMount,
} from '@opencontainers-ts/rootfs-rewriter/testing';
import type { SettingsError } from '../../src/config/config-fault.js';
import { DEFAULT_CONFIG } from '../../src/config/default-config.js';
import { NO_CONFIG, resolveSettings } from '../../src/config/settings/resolve-settings.js';
import type { Settings, SettingsInput } from '../../src/config/settings/settings.js';
import { FILE, settingsOf } from './config-text.js';

const without = (input: Partial<SettingsInput> = {}) =>
  resolveSettings(NO_CONFIG, { env: {}, invokedAs: 'runc', ...input });

describe('every key', () => {
  const by = (key: string) => `${key} of ${FILE}`;
  test.each<[text: string, change: object]>([
    ['profile = "none"', { profile: 'none' }],
    ['config-mode = "private"', { configMode: 'private' }],
    ['fast-path = false', { fastPath: false }],
    ['runtime.mode = "nvidia"', { runtime: { mode: 'nvidia' } }],
    ['runtime.search = ["crun", "/usr/sbin/runc"]', { runtime: { search: ['crun', '/usr/sbin/runc'] } }],
    [
      'runtime.paths = { runc = "/r", nvidia = "/n" }',
      {
        runtime: {
          paths: {
            runc: { value: '/r', from: 'configuration', by: by('runtime.paths.runc') },
            nvidia: { value: '/n', from: 'configuration', by: by('runtime.paths.nvidia') },
          },
        },
      },
    ],
    ['log.file = "/l"', { log: { ...without().log, file: '/l' } }],
    ['log.level = "debug"', { log: { ...without().log, level: 'debug' } }],
    ['log.format = "text"', { log: { ...without().log, format: 'text' } }],
    ['log.max-size = 4096', { log: { ...without().log, maxSize: 4096 } }],
    ['log.max-size = "20MiB"', { log: { ...without().log, maxSize: 20 * 1024 * 1024 } }],
    ['log.keep = 7', { log: { ...without().log, keep: 7 } }],
    ['metrics.file = "/var/lib/m/o.prom"', { metricsFile: '/var/lib/m/o.prom' }],
    ['log.max-size = "3B"', { log: { ...without().log, maxSize: 3 } }],
    ['volumes.kubelet-root = "/data/kubelet"', { kubeletRoot: '/data/kubelet' }],
    ['volumes.host-path-folders = ["/opt/p"]', { hostPathFolders: ['/opt/p'] }],
    ['volumes.require-mount-point = false', { requireMountPoint: false }],
    ['volumes.without-mount = "pass"', { withoutMount: 'pass' }],
    ['volumes.strategy = "seed"', { rootStrategy: 'seed' }],
    ['volumes.image-change = "refuse"', { imageChange: 'refuse' }],
    ['cdi.enabled = true', { cdi: { ...without().cdi, enabled: true } }],
    ['cdi.spec-dirs = ["/c"]', { cdi: { ...without().cdi, specDirs: ['/c'] } }],
    ['cdi.sources = ["env"]', { cdi: { ...without().cdi, sources: ['env'] } }],
    ['cdi.devices = ["v.com/c=d"]', { cdi: { ...without().cdi, devices: ['v.com/c=d'] } }],
    ['cdi.default-kind = "nvidia.com/gpu"', { cdi: { ...without().cdi, defaultKind: 'nvidia.com/gpu' } }],
    [
      'cdi.accept-env-when-unprivileged = false',
      { cdi: { ...without().cdi, acceptEnvWhenUnprivileged: false } },
    ],
    ['cdi.residue = "clean"', { cdi: { ...without().cdi, residue: 'clean' } }],
    ['cdi.run-tmpfs = true', { cdi: { ...without().cdi, runTmpfs: true } }],
    ['cdi.hooks-skipped = "warn"', { cdi: { ...without().cdi, hooksSkipped: 'warn' } }],
    ['nvidia.profile = "seed"', { nvidiaProfile: 'seed' }],
  ])('%s', async (text, change) => {
    const { settings } = await settingsOf(text);
    const { rules, ruleOrigins, watched, origins, ...plain } = settings;
    const { origins: _, ...defaults } = without();
    const usualRuntimeAndLog = !/^(runtime|log)/.test(text);
    expect(plain).toEqual({ ...defaults, usualRuntimeAndLog, ...change });
    expect(Object.values(origins)).toContainEqual(expect.objectContaining({ from: 'file', file: FILE }));
  });

  test.each(['[cdi]\n', '[[rule]]\nuse = "cdi-devices"\n[rule.options]\n'])(
    'a key of an earlier version is taken, and nothing comes of it: %j',
    async (table) => {
      const { settings } = await settingsOf(`${table}gvisor-runs-hooks = true`);
      expect(settings.fault).toBeUndefined();
      expect(settings.cdi).toEqual(without().cdi);
      await expect(settingsOf(`${table}gvisor-runs-hooks = "yes"`)).rejects.toThrow('must be true or false');
    },
  );

  test('left out, or written out at its default, the settings are those of no configuration', async () => {
    for (const text of ['', DEFAULT_CONFIG]) {
      const { settings } = await settingsOf(text);
      const { rules, ruleOrigins, watched, origins, ...plain } = settings;
      const { origins: _, ...defaults } = without();
      expect(plain).toEqual(defaults);
      expect(rules.map(({ name }) => name)).toEqual(['pvc-rootfs']);
    }
  });
});

describe('every mistake is told with file, line and key', () => {
  test.each<[text: string, code: string, message: string]>([
    ['a = ', 'SYNTAX', ':1: not TOML: '],
    ['\n\n[log\n', 'SYNTAX', ':3: not TOML: '],
    ['profile = "sgs"\nprofile = "sgs"', 'SYNTAX', ':2: not TOML: '],
    ['\nprofil = "sgs"', 'INVALID', ':2: profil: no such key, did you mean "profile"?'],
    ['\uFEFFprofil = "sgs"', 'INVALID', ':1: profil: no such key, did you mean "profile"?'],
    [`${'a.'.repeat(100)}a = 1`, 'INVALID', ':1: a: tables are nested in more than 64 others'],
    [
      'colour = 1',
      'INVALID',
      ':1: colour: no such key; known are profile, config-mode, mode, required, fast-path, module-timeout, runtime, log, metrics, volumes, cdi, nvidia, handler, rule',
    ],
    ['[log]\nlevle = "info"', 'INVALID', ':2: log.levle: no such key, did you mean "level"?'],
    ['[log]\n"max size" = 1', 'INVALID', ':2: log."max size": no such key, did you mean "max-size"?'],
    [
      'profile = "sgss"',
      'INVALID',
      ':1: profile: must be one of "sgs", "guardian", "none", not "sgss"; did you mean "sgs"?',
    ],
    ['profile = 1', 'INVALID', ':1: profile: must be one of "sgs", "guardian", "none"'],
    ['config-mode = "0644"', 'INVALID', ':1: config-mode: must be one of "preserve", "private", not "0644"'],
    ['fast-path = "no"', 'INVALID', ':1: fast-path: must be true or false'],
    ['runtime = "runc"', 'INVALID', ':1: runtime: must be a table'],
    ['runtime.mode = "crun"', 'INVALID', ':1: runtime.mode: must be one of "runc", "nvidia", not "crun"'],
    [
      'runtime.paths.runc = "runc"',
      'INVALID',
      ':1: runtime.paths.runc: must be an absolute path, not "runc"',
    ],
    [
      'runtime.paths.crun = "/usr/bin/crun"',
      'INVALID',
      ':1: runtime.paths.crun: no such key; known are runc, nvidia',
    ],
    ['runtime.search = "crun"', 'INVALID', ':1: runtime.search: must be an array'],
    ['runtime.search = []', 'INVALID', ':1: runtime.search: must not be empty'],
    [
      '[runtime]\nsearch = [\n  "runc",\n  "bin/runc",\n]',
      'INVALID',
      ':4: runtime.search[2]: must be an absolute path or a name without a slash, not "bin/runc"',
    ],
    ['log.file = "wrapper.log"', 'INVALID', ':1: log.file: must be an absolute path, not "wrapper.log"'],
    [
      'log.level = "warning"',
      'INVALID',
      ':1: log.level: must be one of "debug", "info", "warn", "error", not "warning"',
    ],
    ['log.format = "xml"', 'INVALID', ':1: log.format: must be one of "json", "text", not "xml"'],
    ['log.max-size = -1', 'INVALID', ':1: log.max-size: must be at least 0, not -1'],
    ['log.max-size = 1.5', 'INVALID', ':1: log.max-size: must be a whole number or a text in quotes'],
    [
      'log.max-size = "10MB"',
      'INVALID',
      ':1: log.max-size: must be a number of bytes, or a text such as "512KiB" or "10MiB", not "10MB"',
    ],
    [
      'log.max-size = 9223372036854775807',
      'INVALID',
      ':1: log.max-size: must be a whole number or a text in quotes',
    ],
    ['log.level = 2026-01-01', 'INVALID', ':1: log.level: no key takes a date: write it in quotes'],
    ['log.max-size = inf', 'INVALID', ':1: log.max-size: no key takes this number'],
    [
      'volumes.kubelet-root = "kubelet"',
      'INVALID',
      ':1: volumes.kubelet-root: must be an absolute path, not "kubelet"',
    ],
    [
      '\nvolumes.kubelet-root = "/"',
      'INVALID',
      ':2: volumes.kubelet-root: must be an absolute folder below "/" that has no ".." in it, not "/"',
    ],
    [
      'volumes.host-path-folders = ["/opt/.."]',
      'INVALID',
      ':1: volumes.host-path-folders: must be an absolute folder ',
    ],
    ['volumes.require-mount-point = 1', 'INVALID', ':1: volumes.require-mount-point: must be true or false'],
    ['cdi.spec-dirs = []', 'INVALID', ':1: cdi.spec-dirs: must not be empty'],
    ['cdi.spec-dirs = ["cdi"]', 'INVALID', ':1: cdi.spec-dirs[1]: must be an absolute path, not "cdi"'],
    [
      'cdi.sources = ["annotation"]',
      'INVALID',
      ':1: cdi.sources[1]: must be one of "annotations", "mounts", "env", not "annotation"; did you mean "annotations"?',
    ],
    [
      'cdi.enabled = true\ncdi.devices = ["gpu"]',
      'INVALID',
      ':2: cdi.devices: must be qualified names, vendor/class=name, not "gpu"',
    ],
    [
      '[[rule]]\nuse = "cdi-devices"\noptions.default-kind = "gpu"',
      'INVALID',
      ':3: rule[1].options.default-kind: must be vendor/class, such as "nvidia.com/gpu", not "gpu"',
    ],
    [
      '[[rule]]\nuse = "cdi-devices"\noptions.enabled = true',
      'INVALID',
      ':3: rule[1].options.enabled: no such key; known are ',
    ],
    [
      '[[rule]]\nuse = "cdi-devices"\n[[rule]]\nuse = "pvc-rootfs"',
      'INVALID',
      ':1: rule[1]: cdi-devices must stand behind pvc-rootfs',
    ],
    [
      'cdi.enabled = true\n[[rule]]\nname = "cdi-devices"\nthen.cwd = "/"',
      'INVALID',
      ':2: rule[1]: another rule is called "cdi-devices" too',
    ],
    ['rule = 1', 'INVALID', ':1: rule: must be an array'],
    ['rule = [1]', 'INVALID', ':1: rule[1]: must be a table'],
    [
      '[[rule]]\nuse = "pvc-rootfs"\n[[rule]]\nuse = "pvc-rootf"',
      'INVALID',
      ':4: rule[2].use: must be one of "pvc-rootfs", "guardian", "cdi-devices", not "pvc-rootf"; did you mean "pvc-rootfs"?',
    ],
    [
      '[[rule]]\nuse = "pvc-rootfs"\nannotation = "a"',
      'INVALID',
      ':3: rule[1].annotation: no such key; known are use, mode, when, options',
    ],
    [
      '[[rule]]\nuse = "pvc-rootfs"\noptions.anotation = "a"',
      'INVALID',
      ':3: rule[1].options.anotation: no such key, did you mean "annotation"?',
    ],
    [
      '[[rule]]\nuse = "pvc-rootfs"\noptions.kubelet-root = "/"',
      'INVALID',
      ':3: rule[1].options.kubelet-root: must be an absolute folder ',
    ],
    ['[[rule]]\nuse = "guardian"\noptions.gid = 1', 'INVALID', ':3: rule[1].options.gid: no such key'],
    [
      '[[rule]]\nuse = "pvc-rootfs"\n[[rule]]\nuse = "pvc-rootfs"',
      'INVALID',
      ':3: rule[2]: another rule is called "pvc-rootfs" too',
    ],
    ['[[rule]]\nmodule = ""', 'INVALID', ':2: rule[1].module: must not be empty'],
    [
      '[[rule]]\nmodule = "/r.mjs"\nname = "a"',
      'INVALID',
      ':3: rule[1].name: no such key; known are module, export, mode, when, options',
    ],
    [
      '[[rule]]\nname = "a"\n[rule.when]\nverbs = ["run"]\n[rule.then]',
      'INVALID',
      ':4: rule[1].when.verbs: is not known here, did you mean "verb"?',
    ],
    ['[[rule]]\nname = "a"', 'INVALID', ':1: rule[1]: lacks "then"'],
    ['profile = 1', 'INVALID', ':1: profile: must be one of "sgs", "guardian", "none", not 1'],
    ['fast-path = "no"', 'INVALID', ':1: fast-path: must be true or false, not "no"'],
    ['runtime = "runc"', 'INVALID', ':1: runtime: must be a table, not "runc"'],
    ['log.level = "warning"', 'INVALID', 'not "warning"; did you mean "warn"?'],
    ['volumes.kubelet = "/k"', 'INVALID', ':1: volumes.kubelet: no such key, did you mean "kubelet-root"?'],
    ['volumes.root-dir = "/k"', 'INVALID', ':1: volumes.root-dir: no such key, did you mean "kubelet-root"?'],
    [
      'volumes.hostpath = []',
      'INVALID',
      ':1: volumes.hostpath: no such key, did you mean "host-path-folders"?',
    ],
    [
      '[[rule]]\nname = "a"\nthen.cwd = "/"\nwhen.namespace = "x"',
      'INVALID',
      ':4: rule[1].when.namespace: is not known here, did you mean "podNamespace"?',
    ],
    [
      '[[rule]]\nname = "a"\nthen.cwd = "a b"',
      'INVALID',
      ':3: rule[1].then.cwd: must be an absolute path, not "a b"',
    ],
    [
      '[[rule]]\nname = "a"\nthen.capabilities.add = [\n"SYS_TIME",\n"SYS_TME"]',
      'INVALID',
      ':5: rule[1].then.capabilities.add[2]: is "SYS_TME", which is not a known capability, did you mean "CAP_SYS_TIME"?',
    ],
    ['[[rule]]\nuse = "guardian"\nwhen = 1', 'INVALID', ':3: rule[1].when: must be a table'],
    [
      '[[rule]]\nuse = "guardian"\nwhen.podnamespace = "a"',
      'INVALID',
      ':3: rule[1].when.podnamespace: is not known here, did you mean "podNamespace"?',
    ],
    [
      '[[rule]]\nuse = "guardian"\nwhen.all = [{ verb = "exec" }]',
      'INVALID',
      ':3: rule[1].when.all[1].verb: ',
    ],
    [
      'volumes.strategy = "overlays"',
      'INVALID',
      ':1: volumes.strategy: must be one of "replace", "overlay", "seed", not "overlays"; did you mean "overlay"?',
    ],
    [
      'volumes.without-mount = "ignore"',
      'INVALID',
      ':1: volumes.without-mount: must be one of "refuse", "pass", not "ignore"',
    ],
  ])('%j', async (text, code, message) => {
    const path = FILE;
    const error = await settingsOf({ [path]: text, '/etc/ociwrap/conf.d/50-mine.toml': '' }).catch(
      (thrown) => thrown,
    );
    expect({ code: error.code, message: error.message }).toEqual({
      code: `ERR_SETTINGS_${code}`,
      message: expect.stringContaining(message.startsWith(':') ? `${path}${message}` : message),
    });
    const [, line = error.details.line] = /^:(\d+):/.exec(message) ?? [];
    expect(error.details).toMatchObject({ file: path, line });
    expect(error.message).not.toContain('\n');
    // A key of the file is named as it is there, and said once: no JSON pointer, no name of a library's option.
    expect(error.message).not.toMatch(
      /"\/(?:when|then|rule)|kubeletRoot|hostPathFolders|defaultKind|specDirs|pvc-rootfs: |cdi-devices: /,
    );
  });

  describe('all of them at once', () => {
    const [first, second] = ['/etc/ociwrap/conf.d/10-a.toml', '/etc/ociwrap/conf.d/20 b.toml'];
    const thrown = (texts: Parameters<typeof settingsOf>[0]) =>
      settingsOf(texts).catch((error: unknown) => error) as Promise<SettingsError>;

    test('of the schema, of declarative rules and of syntax, in the order of files and lines', async () => {
      const error = await thrown({
        [first]:
          '[[rule]]\nname = "a"\nthen.user = { uid = "1", gid = "2" }\nwhen.image = "x"\n[log]\nlevel = "loud"\nformat = 1',
        [second]: 'a = ',
      });
      expect(error.code).toBe('ERR_SETTINGS_INVALID');
      const lines = error.faults.map((fault) => fault.text);
      expect(lines).toEqual([
        expect.stringMatching(/10-a\.toml:3: rule\[1\]\.then\.user\.uid: must be a whole number/),
        expect.stringMatching(/10-a\.toml:3: rule\[1\]\.then\.user\.gid: must be a whole number/),
        expect.stringMatching(/10-a\.toml:4: rule\[1\]\.when\.image: is not known here/),
        expect.stringMatching(/10-a\.toml:6: log\.level: must be one of/),
        expect.stringMatching(/10-a\.toml:7: log\.format: must be one of/),
        expect.stringMatching(/^"\/etc\/ociwrap\/conf\.d\/20 b\.toml":1: not TOML: /),
      ]);
      expect(error.message).toBe(
        `${lines.slice(0, 5).join('; ')}; and 1 more, which "ociwrap config check" tells`,
      );
    });

    test('of options and rules that only their makers know', async () => {
      const error = await thrown({
        [first]:
          '[volumes]\nkubelet-root = "/"\n[cdi]\nenabled = true\n[[rule]]\nuse = "cdi-devices"\noptions.default-kind = "x"\n' +
          '[[rule]]\nname = "a"\nthen.seccomp.deny = ["mount", "MOUNT"]\n[[rule]]\nmodule = "/missing.mjs"',
      });
      expect(error.faults.map((fault) => fault.text.slice(fault.text.indexOf(':') + 1))).toEqual([
        expect.stringMatching(/^2: volumes\.kubelet-root: /),
        expect.stringMatching(/^7: rule\[1\]\.options\.default-kind: /),
        expect.stringMatching(/^10: rule\[2\]\.then\.seccomp\.deny\[2\]: /),
        expect.stringMatching(/^12: rule\[3\]\.module: /),
      ]);
    });

    test('a thousand of them stay a message that can be read', async () => {
      const text = Array.from({ length: 1000 }, (_, index) => `k${index} = 1`).join('\n');
      const error = await thrown(text);
      expect(error.message).toMatch(/; and 995 more, which "ociwrap config check" tells$/);
      expect(error.faults).toHaveLength(100);
    });
  });

  test('a file that is not UTF-8', async () => {
    const error = await settingsOf({ [FILE]: Buffer.from([0x61, 0xff]) }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_SETTINGS_SYNTAX', message: `${FILE}: not UTF-8` });
  });

  test('text of the file is made printable', async () => {
    const error = await settingsOf('"a\\u001b[2J" = 1').catch((thrown) => thrown);
    expect(error.message).toContain('\\u001b[2J');
    expect(error.message).not.toContain('\u001b');
  });
});

test('files are merged key by key, the later wins, and rules are appended in order', async () => {
  const [first, second] = ['/etc/ociwrap/conf.d/10-a.toml', '/etc/ociwrap/conf.d/20-b.toml'];
  const rule = (name: string) => `[[rule]]\nname = "${name}"\nthen.env.set = { A = "1" }\noverride = true\n`;
  const { settings } = await settingsOf({
    [FILE]: `log = { file = "/main", level = "warn" }\n${rule('one')}${rule('two')}`,
    [first]: `log.level = "debug"\ncdi.sources = ["env"]\n${rule('three')}`,
    [second]: `[log]\nformat = "text"\n[cdi]\nsources = ["mounts"]\n`,
  });
  expect(settings.log).toEqual({
    file: '/main',
    level: 'debug',
    format: 'text',
    maxSize: 10_485_760,
    keep: 3,
  });
  expect(settings.cdi.sources).toEqual(['mounts']);
  expect(settings.rules.map(({ name }) => name)).toEqual(['pvc-rootfs', 'one', 'two', 'three']);
  expect(settings.origins).toMatchObject({
    profile: { from: 'default' },
    'log.file': { from: 'file', file: FILE, path: ['log', 'file'] },
    'log.level': { from: 'file', file: first },
    'log.format': { from: 'file', file: second },
    'log.max-size': { from: 'default' },
    'cdi.sources': { from: 'file', file: second },
  });
  expect(settings.ruleOrigins.map(({ kind, origin }) => ({ kind, origin }))).toEqual([
    { kind: 'built-in', origin: { from: 'default' } },
    { kind: 'declarative', origin: { from: 'file', file: FILE, path: ['rule', 0] } },
    { kind: 'declarative', origin: { from: 'file', file: FILE, path: ['rule', 1] } },
    { kind: 'declarative', origin: { from: 'file', file: first, path: ['rule', 0] } },
  ]);
});

describe('a drop-in takes nothing away', () => {
  const DROP_IN = '/etc/ociwrap/conf.d/10-kvm.toml';
  const main = 'belongs to the main file alone, /etc/ociwrap/config.toml: a drop-in takes nothing away';
  const only = (value: string) =>
    `may only be ${value} in a drop-in, which takes nothing away; anything else belongs to the main file, ${FILE}`;
  const replaced = (by: string) =>
    `the rule is there by ${by}, and only the main file, ${FILE}, may place it elsewhere, with options or a condition`;
  const PVC = '[[rule]]\nuse = "pvc-rootfs"\n';

  test.each<[string, string, string, string?]>([
    ['profile = "none"', '1: profile', main],
    // Not even what holds without it: the next one to edit the main file would not look for it here.
    ['profile = "sgs"', '1: profile', main],
    ['config-mode = "preserve"', '1: config-mode', main],
    ['runtime.mode = "nvidia"', '1: runtime.mode', main],
    ['[runtime.paths]\nrunc = "/usr/bin/crun"', '2: runtime.paths.runc', main],
    ['runtime.search = ["crun"]', '1: runtime.search', main],
    ['volumes.host-path-folders = ["/opt/p"]', '1: volumes.host-path-folders', main],
    ['[volumes]\nrequire-mount-point = false', '2: volumes.require-mount-point', only('true')],
    ['volumes.without-mount = "pass"', '1: volumes.without-mount', only('"refuse"')],
    ['volumes.strategy = "replace"', '1: volumes.strategy', main],
    ['volumes.image-change = "keep"', '1: volumes.image-change', only('"refuse"')],
    ['cdi.enabled = false', '1: cdi.enabled', only('true'), 'cdi.enabled = true'],
    ['cdi.accept-env-when-unprivileged = true', '1: cdi.accept-env-when-unprivileged', only('false')],
    ['cdi.hooks-skipped = "warn"', '1: cdi.hooks-skipped', only('"refuse"')],
    ['nvidia.profile = "seed"', '1: nvidia.profile', main],
    [`${PVC}options.annotation = "a/b"`, '2: rule[1].use', replaced('the profile "sgs"')],
    [`${PVC}when.podNamespace = "ci"`, '2: rule[1].use', replaced('the profile "sgs"')],
    [
      '[[rule]]\nuse = "guardian"',
      '2: rule[1].use',
      replaced('the profile "guardian"'),
      'profile = "guardian"',
    ],
    ['[[rule]]\nuse = "cdi-devices"', '2: rule[1].use', replaced('cdi.enabled'), 'cdi.enabled = true'],
  ])('%j', async (text, place, message, before = '') => {
    const error = await settingsOf({ [FILE]: before, [DROP_IN]: text }).catch((thrown) => thrown);
    expect({ code: error.code, message: error.message }).toEqual({
      code: 'ERR_SETTINGS_INVALID',
      message: `${DROP_IN}:${place}: ${message}`,
    });
    // The same in the main file is a configuration, and what comes before it too.
    for (const texts of [{ [FILE]: text }, { [FILE]: before, [DROP_IN]: '' }]) {
      expect((await settingsOf(texts)).settings.fault).toBeUndefined();
    }
  });

  test.each<[string, string]>([
    ['', 'volumes.require-mount-point = true\nvolumes.without-mount = "refuse"'],
    ['', 'volumes.kubelet-root = "/data/kubelet"'],
    ['', 'cdi.enabled = true\ncdi.accept-env-when-unprivileged = false\ncdi.sources = ["annotations"]'],
    ['', 'cdi.enabled = true\n[[rule]]\nuse = "cdi-devices"'],
    ['', 'log.level = "debug"\nfast-path = false'],
    ['profile = "none"', PVC],
    ['', '[[rule]]\nuse = "guardian"\nwhen.podNamespace = "ci"'],
  ])('but may, beside %j, say %j', async (before, text) => {
    expect((await settingsOf({ [FILE]: before, [DROP_IN]: text })).settings.fault).toBeUndefined();
  });

  test('a rule that it adds stands when the call chooses another profile', async () => {
    const texts = { [FILE]: '', [DROP_IN]: '[[rule]]\nuse = "guardian"' };
    const { settings } = await settingsOf(texts, { invokedAs: 'guardian-runc-shim' });
    expect(settings.rules.map(({ name }) => name)).toEqual(['guardian']);
  });
});

describe('rules', () => {
  const names = async (text: string) => (await settingsOf(text)).settings.rules.map(({ name }) => name);

  test.each([
    ['profile = "sgs"', ['pvc-rootfs']],
    ['profile = "guardian"', ['guardian']],
    ['profile = "none"', []],
    ['profile = "none"\n[[rule]]\nuse = "guardian"', ['guardian']],
    ['[[rule]]\nname = "first"\nthen.cwd = "/"\n[[rule]]\nuse = "pvc-rootfs"', ['first', 'pvc-rootfs']],
    ['cdi.enabled = true', ['pvc-rootfs', 'cdi-devices']],
    ['cdi.enabled = true\n[[rule]]\nname = "asks"\nthen.cwd = "/"', ['pvc-rootfs', 'asks', 'cdi-devices']],
    [
      'cdi.enabled = true\n[[rule]]\nuse = "cdi-devices"\n[[rule]]\nname = "last"\nthen.cwd = "/"',
      ['pvc-rootfs', 'cdi-devices', 'last'],
    ],
    ['profile = "none"\n[[rule]]\nuse = "cdi-devices"', ['cdi-devices']],
  ])('%j', async (text, expected) => {
    expect(await names(text)).toEqual(expected);
  });

  test.each<[text: string, triggers: Rule['triggers']]>([
    ['', ['cdi.k8s.io/', 'nvidia-container-devices', 'NVIDIA_VISIBLE_DEVICES']],
    ['sources = ["annotations"]', ['cdi.k8s.io/']],
    ['sources = ["env"]\ndefault-kind = "nvidia.com/gpu"', ['NVIDIA_VISIBLE_DEVICES', 'CUDA_VERSION']],
    ['devices = ["vendor.com/class=name"]', 'every-create'],
  ])('the last good configuration knows what triggers CDI: %j', async (text, triggers) => {
    const { lastGood } = await settingsOf(`[cdi]\nenabled = true\n${text}`);
    expect(lastGood.triggers).toEqual(triggers);
  });

  test('options of cdi-devices come before those of cdi', async () => {
    const { settings } = await settingsOf(
      'cdi = { sources = ["env"], devices = ["v.com/c=d"] }\n[[rule]]\nuse = "cdi-devices"\noptions.devices = []',
    );
    expect(settings.rules.at(-1)?.triggers).toEqual(['NVIDIA_VISIBLE_DEVICES']);
  });

  test('options of a built-in rule come before the shared ones', async () => {
    const { settings, lastGood } = await settingsOf(
      '[[rule]]\nuse = "pvc-rootfs"\noptions = { annotation = "example.org/root" }',
    );
    const triggers = ['example.org/root', 'sgs-os-volume', '/run/ociwrap/root'];
    expect(settings.rules[0]?.triggers).toEqual(triggers);
    expect(lastGood.triggers).toEqual(triggers);
  });

  test.each<[string, string, boolean]>([
    ['the default profile', '', true],
    ['a rule that is placed', '[[rule]]\nuse = "pvc-rootfs"', true],
    ['no profile', 'profile = "none"\n[[rule]]\nuse = "pvc-rootfs"', false],
    ['another place', '[[rule]]\nuse = "pvc-rootfs"\noptions.volume-destination = "/mnt/os"', false],
  ])('a mount at /sgs-os-volume asks by itself under the profile sgs alone: %s', async (_, text, asks) => {
    const { settings } = await settingsOf(text);
    expect(settings.rules[0]?.triggers.includes('sgs-os-volume')).toBe(asks);
  });

  test.each<[string, object]>([
    ['', { strategy: 'replace', imageChange: 'warn' }],
    [
      'volumes.strategy = "overlay"\nvolumes.image-change = "keep"',
      { strategy: 'overlay', imageChange: 'keep' },
    ],
    [
      'volumes.strategy = "overlay"\n[[rule]]\nuse = "pvc-rootfs"\noptions = { strategy = "seed", image-change = "refuse" }',
      { strategy: 'seed', imageChange: 'refuse' },
    ],
    [
      'profile = "none"\nvolumes.strategy = "seed"\n[[rule]]\nname = "r"\nthen.root.volume = "pvc-1"',
      { strategy: 'seed', imageChange: 'warn' },
    ],
  ])('what the files say of volumes reaches the rule: %j', async (text, said) => {
    const { settings } = await settingsOf(text);
    const volume = { podUid: 'u1', volume: 'pvc-1' };
    const spec = makeSpec(
      withAnnotation('sgs.snucse.org/os-volume', 'pvc-1'),
      withMount(pvcMount({ ...volume, destination: '/mnt' })),
    );
    const host = memoryHost({ mounts: [pvcPath(volume)] });
    const plan = planRewrite(documentOf(spec), settings.rules, { verb: 'create', bundle: '/b' }, host);
    expect(plan.actions).toEqual([expect.objectContaining({ kind: 'mount-root', ...said })]);
  });

  test('a condition is one of a rule of any make', async () => {
    const text =
      '[[rule]]\nuse = "pvc-rootfs"\nwhen.containerName = "main"\n[[rule]]\nmodule = "m.mjs"\nwhen.verb = "run"';
    const module = `export default () => ({ name: 'm', triggers: ['m'], reads: [], claims: () => true,
      evaluate: () => ({ kind: 'pass', reason: 'asked' }) });`;
    const { settings } = await settingsOf(text, {}, () => Buffer.from(module));
    const annotations = { 'sgs.snucse.org/os-volume': '/m', 'io.kubernetes.cri.container-name': 'other' };
    const pod = { 'io.kubernetes.cri.container-type': 'container' };
    const document = documentOf({ ...makeSpec(), annotations: { ...pod, ...annotations } });
    const of = (verb: 'create' | 'run') =>
      planRewrite(document, settings.rules, { verb, bundle: '/b' }, memoryHost()).trace.map(({ outcome }) =>
        'reason' in outcome ? outcome.reason : outcome.kind,
      );
    const other = 'the name of the container is "other", wanted is "main"';
    expect(of('create')).toEqual([other, 'the verb is "create", wanted is "run"']);
    expect(of('run')).toEqual([other, 'asked']);
  });

  test('64-bit integers reach the spec unrounded', async () => {
    const { settings } = await settingsOf(
      'profile = "none"\n[[rule]]\nname = "a"\nthen.rlimits.set.RLIMIT_CORE = { soft = 0, hard = 18446744073709551615 }',
    );
    const document = documentOf(makeSpec());
    const plan = planRewrite(document, settings.rules, { verb: 'create', bundle: '/b' }, memoryHost());
    expect(Buffer.from(plan.document.bytes).toString()).toContain('"hard":18446744073709551615');
  });
});

describe('the environment and the name of the call win', () => {
  const guardian = { GUARDIAN_RUNC_SHIM_BINARY: '/opt/runc-real' };
  const table: readonly [
    title: string,
    text: string,
    input: Partial<SettingsInput>,
    expected: Partial<Settings> | object,
  ][] = [
    ['OCIWRAP_LOG_FILE', 'log.file = "/a"', { env: { OCIWRAP_LOG_FILE: '/b' } }, { log: { file: '/b' } }],
    [
      'an empty variable is unset',
      'log.file = "/a"',
      { env: { OCIWRAP_LOG_FILE: '' } },
      { log: { file: '/a' } },
    ],
    [
      'OCIWRAP_LOG_LEVEL',
      'log.level = "warn"',
      { env: { OCIWRAP_LOG_LEVEL: 'debug' } },
      { log: { level: 'debug' } },
    ],
    [
      'an unknown level is unset',
      'log.level = "warn"',
      { env: { OCIWRAP_LOG_LEVEL: 'loud' } },
      { log: { level: 'warn' } },
    ],
    [
      'GUARDIAN_RUNC_SHIM_BINARY chooses the profile, and names the runtime',
      'profile = "none"',
      { env: guardian },
      {
        profile: 'guardian',
        runtime: { required: 'GUARDIAN_RUNC_SHIM_BINARY', named: { value: '/opt/runc-real' } },
        log: { file: '/var/log/guardian-runc-shim.log' },
        origins: { profile: { from: 'environment', variable: 'GUARDIAN_RUNC_SHIM_BINARY' } },
      },
    ],
    [
      'called as guardian-runc-shim',
      '',
      { invokedAs: '/usr/local/bin/guardian-runc-shim' },
      {
        profile: 'guardian',
        runtime: { required: 'GUARDIAN_RUNC_SHIM_BINARY' },
        origins: { profile: { from: 'call' } },
      },
    ],
    ['started as guardian-runc-shim', '', { execFn: '/b/guardian-runc-shim' }, { profile: 'guardian' }],
    ['a name that only begins so', '', { invokedAs: 'guardian-runc-shim.real' }, { profile: 'sgs' }],
    [
      'GUARDIAN_RUNC_SHIM_LOGFILE in the profile guardian',
      'log.file = "/a"',
      { env: { ...guardian, GUARDIAN_RUNC_SHIM_LOGFILE: '/g', OCIWRAP_LOG_FILE: '/b' } },
      {
        log: { file: '/g' },
        origins: { 'log.file': { from: 'environment', variable: 'GUARDIAN_RUNC_SHIM_LOGFILE' } },
      },
    ],
    [
      'and nowhere else',
      '',
      { env: { GUARDIAN_RUNC_SHIM_LOGFILE: '/g' } },
      { log: { file: '/var/log/sgs-runtime-wrapper.log' } },
    ],
    [
      'the profile of a file',
      'profile = "guardian"',
      {},
      { runtime: { required: 'GUARDIAN_RUNC_SHIM_BINARY' } },
    ],
    [
      'SGS_WRAPPER_MODE',
      'runtime.mode = "runc"',
      { env: { SGS_WRAPPER_MODE: 'nvidia' } },
      {
        runtime: { mode: 'nvidia' },
        origins: { 'runtime.mode': { from: 'environment', variable: 'SGS_WRAPPER_MODE' } },
      },
    ],
    [
      'SGS_RUNC_PATH, in whatever mode',
      'runtime.paths.runc = "/usr/sbin/runc"',
      { env: { SGS_RUNC_PATH: '/x/runc' } },
      {
        runtime: { named: { value: '/x/runc', from: 'SGS_RUNC_PATH', by: 'SGS_RUNC_PATH' } },
        origins: { 'runtime.paths.nvidia': { from: 'environment', variable: 'SGS_RUNC_PATH' } },
      },
    ],
    [
      'GUARDIAN_RUNC_SHIM_BINARY before SGS_RUNC_PATH',
      '',
      { env: { SGS_RUNC_PATH: '/x/runc', GUARDIAN_RUNC_SHIM_BINARY: '/y/runc' } },
      { runtime: { named: { value: '/y/runc' } } },
    ],
    [
      'SGS_RUNC_PATH where the profile wants a name',
      'profile = "guardian"',
      { env: { SGS_RUNC_PATH: '/x/runc', GUARDIAN_RUNC_SHIM_BINARY: '' } },
      { runtime: { named: { value: '/x/runc' } } },
    ],
  ];
  test.each(table)('%s', async (_title, text, input, expected) => {
    expect((await settingsOf(text, input)).settings).toMatchObject(expected);
  });
});
