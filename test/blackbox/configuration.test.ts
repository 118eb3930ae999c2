import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { bundleOf, configState, mountedRoot, rootOf, specOf, TRIGGER, withPvcRoot } from './bundle.js';
import { type ConfiguredMachine, configuredMachine } from './configured-machine.js';
import { kubeletVolume } from './kubelet-volume.js';
import { describeWith, ociwrap, wrapper } from './programs.js';
import { recorderIn } from './recorded-calls.js';
import { scratchFolder } from './scratch.js';

const quiet = { OCIWRAP_LOG_FILE: '/dev/null' };

/** A rule that every container with this annotation gets a variable by. */
const RULE = `
[[rule]]
name = "mark"
when.annotation = { key = "example.org/mark" }
then.env.set = { MARK = "1" }
`;
const MARKED = { annotations: { 'example.org/mark': 'yes' } };

/** As under a root that is mounted read-only. */
const READ_ONLY = 'mount -o remount,bind,ro /var/lib/ociwrap/settings && exec "$@"';

describeWith(['busybox'], 'the configuration', () => {
  const recorder = recorderIn(scratchFolder('runc'));
  const env = { SGS_RUNC_PATH: recorder.path, ...quiet };
  const create = (machine: ConfiguredMachine, bundle: string, more: Record<string, string> = {}) =>
    machine.call(['create', '--bundle', bundle, 'configured'], { env: { ...env, ...more } });
  const passed = { status: 0, signal: null, stdout: '', stderr: '' };
  const readConfig = (bundle: string) => JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));

  test('a rule of the main file and one of a drop-in are applied', () => {
    const machine = configuredMachine({
      'config.toml': RULE,
      'conf.d/10-more.toml': RULE.replace('"mark"', '"more"').replace('MARK', 'MORE'),
      'conf.d/ignored.txt': 'not = [toml',
    });
    const bundle = bundleOf(specOf('', MARKED));
    expect(create(machine, bundle)).toEqual(passed);
    expect(readConfig(bundle).process.env).toEqual(['PATH=/bin', 'MARK=1', 'MORE=1']);
  });

  test('OCIWRAP_CONFIG names another main file, with the drop-ins beside it', () => {
    const machine = configuredMachine({
      'config.toml': 'not = [toml',
      'other/main.toml': RULE,
      'other/conf.d/10.toml': 'log.level = "warn"',
    });
    const bundle = bundleOf(specOf('', MARKED));
    expect(create(machine, bundle, { OCIWRAP_CONFIG: '/etc/ociwrap/other/main.toml' })).toEqual(passed);
    expect(readConfig(bundle).process.env).toContain('MARK=1');
    const dump = machine.run(ociwrap, ['config', 'dump'], {
      env: { OCIWRAP_CONFIG: '/etc/ociwrap/other/main.toml' },
    });
    expect(dump.stdout).toContain('# /etc/ociwrap/other/conf.d/10.toml:1\n');
  });

  test('a config.json that is rewritten keeps its mode without what lets others write; config-mode = "private" is 0600', () => {
    for (const [text, before, mode] of [
      ['', 0o644, 0o644],
      ['', 0o666, 0o644],
      ['', 0o600, 0o600],
      ['config-mode = "preserve"\n', 0o640, 0o640],
      ['config-mode = "private"\n', 0o644, 0o600],
    ] as const) {
      const bundle = bundleOf(specOf('', MARKED));
      chmodSync(join(bundle, 'config.json'), before);
      create(configuredMachine({ 'config.toml': `${text}${RULE}` }), bundle);
      expect(statSync(join(bundle, 'config.json')).mode & 0o777).toBe(mode);
    }
  });

  test('the runtime that it names is called, and one that is not there is no reason to search', () => {
    const other = recorderIn(scratchFolder('crun'), 5);
    const call = (path: string) =>
      configuredMachine({ 'config.toml': `runtime.paths.runc = "${path}"` }).call(['state', 'x'], {
        env: quiet,
      });
    expect(call(other.path)).toEqual({ ...passed, status: 5 });
    expect(call('/nowhere/runc')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(
        'runtime.paths.runc of /etc/ociwrap/config.toml does not name a regular executable',
      ),
    });
  });

  test('the log is where it says, and rotated when it is too large', () => {
    const log = join(scratchFolder('log'), 'log');
    const machine = configuredMachine({
      'config.toml': `log = { file = "${log}", level = "debug", max-size = "150B", format = "text" }`,
    });
    const bundle = bundleOf(specOf(''));
    const here = { env: { SGS_RUNC_PATH: recorder.path } };
    machine.call(['create', '--bundle', bundle, 'one'], here);
    const [first] = readFileSync(log, 'utf8').split('\n');
    expect(first).toMatch(/^time=\S+ level=debug msg="passed through" id=one /);
    machine.call(['create', '--bundle', bundle, 'two'], here);
    expect(readFileSync(`${log}.1`, 'utf8')).toBe(`${first}\n`);
    expect(readFileSync(log, 'utf8')).toMatch(/ id=two /);
  });

  test('a rule module is applied', () => {
    const machine = configuredMachine({
      'config.toml': '[[rule]]\nmodule = "/etc/ociwrap/rules/umask.mjs"\noptions = { value = 18 }',
      'rules/umask.mjs': `export default ({ value }) => ({
        name: 'umask', triggers: ['example.org/mark'], reads: ['/process'],
        claims: (document) => document.readings(['annotations', 'example.org/mark']).length > 0,
        evaluate: () => ({
          kind: 'rewrite', note: 'umask set', patch: [{ op: 'add', path: '/process/user/umask', value }],
        }),
      });`,
    });
    const bundle = bundleOf(specOf('', MARKED));
    expect(create(machine, bundle)).toEqual(passed);
    expect(readConfig(bundle).process.user).toEqual({ uid: 0, gid: 0, umask: 18 });
    machine.write('rules/umask.mjs', 'export default 1;');
    expect(create(machine, bundle)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('ERR_RULE_MODULE'),
    });
    chmodSync(join(machine.config, 'rules'), 0o777);
    expect(create(machine, bundle)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('"/etc/ociwrap/rules" can be written by others'),
    });
  });

  // A store as NixOS has it, NixOS/nixpkgs#94653: /etc is links into a folder of root that builders may add to.
  test('files, modules and CDI specs in a sticky folder of root are used, those that builders own are not', () => {
    const store = scratchFolder('store');
    const etc = join(store, 'abc-etc');
    mkdirSync(etc);
    chmodSync(etc, 0o755);
    chownSync(store, 0, 30_000);
    chmodSync(store, 0o1775);
    const device = { name: '0', containerEdits: { env: ['CDI=1'] } };
    writeFileSync(
      join(etc, 'cdi.json'),
      JSON.stringify({ cdiVersion: '0.5.0', kind: 'a.b/c', devices: [device] }),
    );
    writeFileSync(
      join(etc, 'umask.mjs'),
      `export default () => ({
        name: 'umask', triggers: ['example.org/mark'], reads: ['/process'], claims: () => true,
        evaluate: () => ({
          kind: 'rewrite', note: 'umask set', patch: [{ op: 'add', path: '/process/user/umask', value: 18 }],
        }),
      });`,
    );
    writeFileSync(
      join(etc, 'config.toml'),
      `[cdi]\nenabled = true\nspec-dirs = ["/etc/ociwrap/cdi"]\n[[rule]]\nmodule = "${etc}/umask.mjs"\n`,
    );
    const machine = configuredMachine();
    mkdirSync(join(machine.config, 'cdi'), { mode: 0o755 });
    symlinkSync(join(etc, 'cdi.json'), join(machine.config, 'cdi/cdi.json'));
    symlinkSync(join(etc, 'config.toml'), join(machine.config, 'config.toml'));
    const annotations = { ...MARKED.annotations, 'cdi.k8s.io/test': 'a.b/c=0' };
    const bundle = bundleOf(specOf('', { annotations }));
    expect(create(machine, bundle)).toEqual(passed);
    expect(readConfig(bundle).process).toMatchObject({ user: { umask: 18 }, env: ['PATH=/bin', 'CDI=1'] });
    expect(machine.run(ociwrap, ['config', 'check'], { env }).status).toBe(0);

    for (const path of [etc, join(etc, 'config.toml'), join(etc, 'umask.mjs')]) {
      chownSync(path, 30_001, 0);
      const refused = create(machine, bundleOf(specOf('', MARKED)));
      expect(refused).toMatchObject({
        status: 1,
        stderr: expect.stringContaining(`"${path}" belongs to user 30001, not to root`),
      });
      chownSync(path, 0, 0);
    }
    // Without the sticky bit a builder can take abc-etc away, and put another one there.
    chmodSync(store, 0o775);
    expect(create(machine, bundleOf(specOf('', MARKED))).stderr).toContain('[ERR_SETTINGS_UNTRUSTED]');
  });

  describe('that cannot be used', () => {
    const broken = `${RULE}\n[lgo]\nlevel = "warn"\n`;
    const volume = () => bundleOf(withPvcRoot(specOf(''), kubeletVolume()));

    test('never drops its rules: the triggers of the last good one are refused, other calls go on', () => {
      const machine = configuredMachine({ 'config.toml': RULE });
      expect(create(machine, bundleOf(specOf('')))).toEqual(passed);
      machine.write('config.toml', broken);
      const [marked, pvc] = [bundleOf(specOf('', MARKED)), volume()];
      for (const bundle of [marked, pvc]) {
        const before = configState(bundle);
        expect(create(machine, bundle)).toMatchObject({
          status: 1,
          stderr: expect.stringContaining(
            '/etc/ociwrap/config.toml:7: lgo: no such key, did you mean "log"? [ERR_SETTINGS_INVALID]',
          ),
        });
        expect(configState(bundle)).toEqual(before);
      }
      expect(create(machine, bundleOf(specOf('')))).toEqual(passed);
      machine.write('config.toml', RULE);
      expect(create(machine, marked)).toEqual(passed);
      expect(readConfig(marked).process.env).toContain('MARK=1');
    });

    test.each([
      ['the file', 'config.toml'],
      ['a drop-in', 'conf.d/10-mark.toml'],
      ['the folder of drop-ins', 'conf.d'],
    ])('%s is a symlink that leads nowhere: no rule is lost by it', (_what, link) => {
      const machine = configuredMachine({ 'conf.d/10-mark.toml': RULE });
      const marked = bundleOf(specOf('', MARKED));
      expect(create(machine, marked)).toEqual(passed);
      const path = join(machine.config, link);
      rmSync(path, { recursive: true, force: true });
      symlinkSync('/nowhere', path);
      const said = `cannot read "/etc/ociwrap/${link}": it is a symlink that leads nowhere [ERR_SETTINGS_UNREADABLE]`;
      expect(create(machine, bundleOf(specOf('', MARKED)))).toMatchObject({
        status: 1,
        stderr: expect.stringContaining(said),
      });
      expect(create(machine, bundleOf(specOf('')))).toEqual(passed);
      expect(machine.run(ociwrap, ['config', 'check'])).toMatchObject({
        status: 1,
        stderr: expect.stringContaining(said),
      });
      rmSync(path);
      expect(create(machine, bundleOf(specOf('')))).toEqual(passed);
    });

    test.each(['create', 'run', 'restore'])(
      'with no last good one known, %s is refused, other verbs go on',
      (verb) => {
        const machine = configuredMachine({ 'config.toml': broken });
        const log = join(scratchFolder('log'), 'log.json');
        const ended = machine.call(
          ['--log', log, '--log-format', 'json', verb, '--bundle', bundleOf(specOf('')), 'x'],
          { env },
        );
        expect(ended).toMatchObject({ status: 1, stderr: expect.stringContaining('[ERR_SETTINGS_INVALID]') });
        expect(JSON.parse(readFileSync(log, 'utf8'))).toMatchObject({ level: 'error' });
        for (const other of ['state', 'kill', 'delete', 'start']) {
          expect(machine.call([other, 'x'], { env })).toEqual(passed);
        }
      },
    );

    test('the runtime and the log of the last good one stay', () => {
      const other = recorderIn(scratchFolder('crun'), 5);
      const log = join(scratchFolder('log'), 'log');
      const text = `runtime.paths.runc = "${other.path}"\nlog.file = "${log}"\n`;
      const machine = configuredMachine({ 'config.toml': text });
      expect(machine.call(['state', 'x'])).toMatchObject({ status: 5 });
      machine.write('config.toml', `${text}[lgo]\n`);
      expect(machine.call(['state', 'x'])).toMatchObject({ status: 5 });
      expect(readFileSync(log, 'utf8')).toMatch(/"level":"warn".*the configuration cannot be used/);
    });

    const other = RULE.replace('/mark"', '/other"');
    const markedOther = () => bundleOf(specOf('', { annotations: { 'example.org/other': 'yes' } }));
    const refused = { status: 1, stderr: expect.stringContaining('[ERR_SETTINGS_') };

    test('after a restart of the machine, a drop-in refuses what its rules claimed, and nothing else', () => {
      const machine = configuredMachine({ 'conf.d/10-mark.toml': RULE });
      expect(create(machine, bundleOf(specOf('', MARKED)))).toEqual(passed);
      rmSync(machine.memory, { recursive: true });
      mkdirSync(machine.memory);
      machine.write('conf.d/10-mark.toml', 'not = [toml');
      expect(create(machine, bundleOf(specOf('', MARKED)))).toMatchObject(refused);
      expect(create(machine, volume())).toMatchObject(refused);
      expect(create(machine, bundleOf(specOf('')))).toEqual(passed);
    });

    test('where the disk cannot be written, memory keeps it, and has the say until the disk can', () => {
      const machine = configuredMachine({ 'config.toml': RULE });
      const readOnly = (bundle: string) => {
        const args = ['create', '--bundle', bundle, 'configured'];
        return machine.run('sh', ['-c', READ_ONLY, 'sh', wrapper, ...args], { env });
      };
      const kept = () => [machine.state, machine.memory].map((folder) => readdirSync(folder).length);
      expect([create(machine, bundleOf(specOf(''))), kept()]).toEqual([passed, [1, 0]]);
      expect([readOnly(bundleOf(specOf(''))), kept()]).toEqual([passed, [1, 0]]);
      machine.write('config.toml', other);
      expect([readOnly(bundleOf(specOf(''))), kept()]).toEqual([passed, [1, 1]]);
      machine.write('config.toml', broken);
      for (const call of [readOnly, (bundle: string) => create(machine, bundle)]) {
        expect(call(markedOther())).toMatchObject(refused);
        expect(call(bundleOf(specOf('', MARKED)))).toEqual(passed);
      }
      machine.write('config.toml', other);
      expect([create(machine, bundleOf(specOf(''))), kept()]).toEqual([passed, [1, 0]]);
      machine.write('config.toml', broken);
      expect(create(machine, markedOther())).toMatchObject(refused);
      expect(create(machine, bundleOf(specOf('', MARKED)))).toEqual(passed);
    });

    test("what is kept is root's alone, and believed only if it is", () => {
      const machine = configuredMachine({ 'config.toml': RULE });
      create(machine, bundleOf(specOf('')));
      const [name = ''] = readdirSync(machine.state);
      const kept = join(machine.state, name);
      expect(statSync(kept).mode & 0o777).toBe(0o600);
      machine.write('config.toml', broken);
      expect(create(machine, bundleOf(specOf('')))).toEqual(passed);
      chownSync(kept, 1000, 1000);
      expect(create(machine, bundleOf(specOf('')))).toMatchObject({ status: 1 });
    });

    const faults: readonly [title: string, code: string, spoil: (config: string) => void][] = [
      ['belongs to another user', 'UNTRUSTED', (config) => chownSync(join(config, 'config.toml'), 1000, 0)],
      ['can be written by its group', 'UNTRUSTED', (config) => chmodSync(join(config, 'config.toml'), 0o664)],
      ['can be written by anybody', 'UNTRUSTED', (config) => chmodSync(join(config, 'config.toml'), 0o646)],
      ['is in a folder of another user', 'UNTRUSTED', (config) => chownSync(config, 1000, 0)],
      ['is in a folder that anybody can write', 'UNTRUSTED', (config) => chmodSync(config, 0o777)],
      [
        'has a drop-in of another user',
        'UNTRUSTED',
        (config) => chownSync(join(config, 'conf.d/a.toml'), 1000, 0),
      ],
      [
        'has drop-ins in a folder that anybody can write',
        'UNTRUSTED',
        (config) => chmodSync(join(config, 'conf.d'), 0o777),
      ],
      [
        'is a symlink to the folder of another',
        'UNTRUSTED',
        (config) => {
          const folder = scratchFolder('other');
          const file = join(folder, 'config.toml');
          writeFileSync(file, '');
          chownSync(folder, 1000, 0);
          rmSync(join(config, 'config.toml'));
          symlinkSync(file, join(config, 'config.toml'));
        },
      ],
      [
        'is a folder',
        'UNREADABLE',
        (config) => {
          rmSync(join(config, 'config.toml'));
          symlinkSync('conf.d', join(config, 'config.toml'));
        },
      ],
    ];
    test.each(faults)('one that %s', (_title, code, spoil) => {
      const machine = configuredMachine({ 'config.toml': RULE, 'conf.d/a.toml': '' });
      spoil(machine.config);
      expect(create(machine, bundleOf(specOf('')))).toMatchObject({
        status: 1,
        stderr: expect.stringContaining(`[ERR_SETTINGS_${code}]`),
      });
    });

    test('one that OCIWRAP_CONFIG names and that is not there', () => {
      const machine = configuredMachine();
      for (const path of ['/etc/ociwrap/none.toml', 'relative.toml']) {
        expect(create(machine, bundleOf(specOf('')), { OCIWRAP_CONFIG: path })).toMatchObject({
          status: 1,
          stderr: expect.stringContaining('[ERR_SETTINGS_MISSING]'),
        });
      }
    });
  });

  test('without one, and with an empty folder, the wrapper is the one it always was, and keeps nothing', () => {
    const machine = configuredMachine();
    const volume = kubeletVolume();
    const bundle = bundleOf(withPvcRoot(specOf(''), volume));
    expect(create(machine, bundle)).toEqual(passed);
    expect(rootOf(bundle)).toEqual(mountedRoot(volume));
    expect(readdirSync(machine.state)).toEqual([]);
  });

  test('explain and config check say what is wrong, and write nothing', () => {
    const machine = configuredMachine({ 'config.toml': `[[rule]]\nname = "a"\nthen.cwdd = "/"\n` });
    const check = machine.run(ociwrap, ['config', 'check'], { env });
    expect(check).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/config\.toml:3: rule\[1\]\.then\.cwdd.*ERR_SETTINGS_INVALID/),
    });
    const explained = machine.run(ociwrap, ['explain', '--bundle', bundleOf(specOf(''))], { env });
    expect(explained).toMatchObject({ status: 1, stdout: expect.stringContaining('ERR_SETTINGS_INVALID') });
    expect(existsSync(join(machine.state, 'last-good-settings'))).toBe(false);
  });

  test.each([
    ['a profile without rules', 'profile = "none"\n', '1: profile: belongs to the main file alone'],
    [
      'another annotation for the rule of the profile',
      '[[rule]]\nuse = "pvc-rootfs"\noptions.annotation = "example.org/root"\n',
      '2: rule[1].use: the rule is there by the profile "sgs"',
    ],
  ])(
    'a drop-in with %s takes no rule from the node: the pod does not start on its image',
    (_, text, says) => {
      const machine = configuredMachine({ 'config.toml': '' });
      const bundle = bundleOf(withPvcRoot(specOf(''), kubeletVolume()));
      expect(create(machine, bundleOf(specOf('')))).toEqual(passed);
      machine.write('conf.d/10-kvm.toml', text);
      const before = configState(bundle);
      const said = `/etc/ociwrap/conf.d/10-kvm.toml:${says}`;
      const { status, stderr } = create(machine, bundle);
      expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(said) });
      expect(configState(bundle)).toEqual(before);
      expect(create(machine, bundleOf(specOf('')))).toEqual(passed);
      const check = machine.run(ociwrap, ['config', 'check']);
      expect(check).toMatchObject({ status: 1, stderr: expect.stringContaining(said) });
    },
  );

  test('every fault is told, and a container that is refused for them tells the first', () => {
    const rule = '[[rule]]\nname = "a"\nwhen.namespace = "b"\nthen.user = { uid = "1", gid = "2" }\n';
    const machine = configuredMachine({
      'config.toml': `profil = 1\n[log]\nlevel = "loud"\nformat = 1\n${rule}`,
    });
    const { status, stderr } = machine.run(ociwrap, ['config', 'check'], { env });
    const faults = [
      ':1: profil: no such key, did you mean "profile"?',
      ':3: log.level: must be one of "debug", "info", "warn", "error", not "loud"',
      ':4: log.format: must be one of "json", "text", not 1',
      ':7: rule[1].when.namespace: is not known here, did you mean "podNamespace"?',
      ':8: rule[1].then.user.uid: must be a whole number, without quotes, not "1"',
      ':8: rule[1].then.user.gid: must be a whole number, without quotes, not "2"',
      '6 faults [ERR_SETTINGS_INVALID]: ',
    ];
    expect(status).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual(faults.map((fault) => expect.stringContaining(fault)));
    const refused = create(machine, bundleOf(specOf('')));
    expect(refused.status).toBe(1);
    for (const fault of faults.slice(0, 5)) expect(refused.stderr).toContain(fault);
    expect(refused.stderr).toContain(
      '; and 1 more, which "ociwrap config check" tells [ERR_SETTINGS_INVALID]: ',
    );
  });

  test('the trigger of the default rule is not one under another profile', () => {
    const machine = configuredMachine({ 'config.toml': 'profile = "none"' });
    const bundle = volumeBundle();
    expect(create(machine, bundle)).toEqual(passed);
    expect(readConfig(bundle).annotations[TRIGGER]).toBeDefined();
  });
  const volumeBundle = () => bundleOf(withPvcRoot(specOf(''), kubeletVolume()));
});
