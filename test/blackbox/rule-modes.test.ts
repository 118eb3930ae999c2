import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { bundleOf, configState, specOf, TRIGGER, withPvcRoot } from './bundle.js';
import { type ConfiguredMachine, configuredMachine } from './configured-machine.js';
import { kubeletVolume } from './kubelet-volume.js';
import { describeWith, ociwrap } from './programs.js';
import { recorderIn } from './recorded-calls.js';
import { scratchFolder } from './scratch.js';

const RULE = `
[[rule]]
name = "mark"
when.annotation = { key = "example.org/mark" }
then.env.set = { MARK = "1" }
`;
const MODULE = `export default () => ({
  name: 'mine', triggers: ['example.org/mine'], reads: [], claims: () => true,
  evaluate: () => ({ kind: 'refuse', code: 'ERR_MINE', message: 'never' }),
});`;
const annotated = (key: string) => bundleOf(specOf('', { annotations: { [key]: 'yes' } }));
const passed = { status: 0, signal: null, stdout: '', stderr: '' };

describeWith(['busybox'], 'the wrapper', () => {
  const recorder = recorderIn(scratchFolder('runc'));
  const log = join(scratchFolder('log'), 'log');
  const env = { SGS_RUNC_PATH: recorder.path, OCIWRAP_LOG_FILE: log, OCIWRAP_LOG_LEVEL: 'debug' };

  /** Calls the wrapper, and gives what it logged. */
  function call(machine: ConfiguredMachine, bundle: string, verb = 'create') {
    rmSync(log, { force: true });
    const ended = machine.call([verb, '--bundle', bundle, 'c1'], { env });
    const records = readFileSync(log, 'utf8').trimEnd().split('\n');
    return { ended, records: records.map((line) => JSON.parse(line)) };
  }

  describe('with rules that are only tried', () => {
    test('changes nothing, and logs the patch, or the code of the refusal', () => {
      const machine = configuredMachine({
        'config.toml': `mode = "audit"\n${RULE}[[rule]]\nmodule = "/etc/ociwrap/mine.mjs"\n`,
        'mine.mjs': MODULE,
      });
      const volume = withPvcRoot(specOf(''), kubeletVolume());
      for (const [bundle, record] of [
        [
          annotated('example.org/mark'),
          { level: 'info', audit: 'rewrite', rule: 'mark', patch: expect.stringContaining('"MARK=1"') },
        ],
        [
          bundleOf(volume),
          {
            level: 'info',
            audit: 'rewrite',
            rule: 'pvc-rootfs',
            patch: expect.stringContaining('/root/path'),
          },
        ],
        [
          annotated(TRIGGER),
          { level: 'warn', audit: 'refuse', rule: 'pvc-rootfs', code: 'ERR_VOLUME_NOT_FOUND' },
        ],
        [annotated('example.org/mine'), { level: 'warn', audit: 'refuse', rule: 'mine', code: 'ERR_MINE' }],
      ] as const) {
        const before = configState(bundle);
        const { ended, records } = call(machine, bundle);
        expect(ended).toEqual(passed);
        expect(configState(bundle)).toEqual(before);
        expect(records).toContainEqual(expect.objectContaining(record));
        expect(records.at(-1)).toMatchObject({ decision: 'pass' });
      }
    });

    test('says nothing where they would have done nothing, and stops no container whose file is broken', () => {
      const machine = configuredMachine({ 'config.toml': `${RULE}mode = "audit"\n` });
      expect(call(machine, annotated('other')).records).toHaveLength(1);
      const broken = bundleOf('{"annotations":{"example.org/mark":');
      const { ended, records } = call(machine, broken);
      expect(ended).toEqual(passed);
      expect(records).toContainEqual(expect.objectContaining({ audit: 'refuse', code: 'ERR_SPEC_SYNTAX' }));
    });

    test('leaves the rules beside them as they are', () => {
      const more = RULE.replace('"mark"', '"more"').replace('MARK', 'MORE');
      const machine = configuredMachine({ 'config.toml': `${RULE}mode = "audit"\n${more}` });
      const bundle = annotated('example.org/mark');
      expect(call(machine, bundle).ended).toEqual(passed);
      const { process } = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
      expect(process.env).toEqual(['PATH=/bin', 'MORE=1']);
    });

    test('a configuration that cannot be used any more refuses nothing for them', () => {
      const machine = configuredMachine({ 'config.toml': `mode = "audit"\n${RULE}` });
      expect(call(machine, annotated('example.org/mark')).ended).toEqual(passed);
      machine.write('config.toml', 'not = [toml');
      expect(call(machine, annotated('example.org/mark')).ended).toEqual(passed);
    });

    test('explain and rewrite --dry-run show what is done and what is only tried', () => {
      const machine = configuredMachine({ 'config.toml': `${RULE}mode = "audit"\n` });
      const bundle = annotated('example.org/mark');
      const explained = machine.run(ociwrap, ['explain', '--bundle', bundle], { env });
      expect(explained.status).toBe(0);
      for (const line of [
        'mark (declarative, /etc/ociwrap/config.toml, only tried): rewrite: changed env',
        'audit: config.json would have been rewritten by mark',
        'patch: {"op":"add","path":"/process/env/-","value":"MARK=1"}',
      ])
        expect(explained.stdout).toContain(line);
      const dry = machine.run(ociwrap, ['rewrite', '--dry-run', '--bundle', bundle], { env });
      expect(dry.stdout).toBe(readFileSync(join(bundle, 'config.json'), 'utf8'));
      expect(dry.stderr).toContain('audit: config.json would have been rewritten by mark');
    });
  });

  describe('where a rule has to act', () => {
    const machine = configuredMachine({ 'config.toml': `required = true\n${RULE}` });
    const refused = { status: 1, stderr: expect.stringContaining('[ERR_NO_RULE_CLAIMS]') };

    test.each(['create', 'run', 'restore'])('%s of a container that none acts on is refused', (verb) => {
      const { ended, records } = call(machine, annotated('example.org/makr'), verb);
      expect(ended).toMatchObject(refused);
      expect(ended.stderr).toContain('did you mean "example.org/mark" (rule "mark")?');
      expect(records).toMatchObject([{ decision: 'refuse', code: 'ERR_NO_RULE_CLAIMS', rule: 'required' }]);
    });

    test('a container of a rule, a sandbox and other verbs go on', () => {
      const bundle = annotated('example.org/mark');
      for (const each of [bundle, bundle]) expect(call(machine, each).ended).toEqual(passed);
      const sandbox = { annotations: { 'io.kubernetes.cri.container-type': 'sandbox' } };
      expect(call(machine, bundleOf(specOf('', sandbox))).ended).toEqual(passed);
      expect(machine.call(['kill', 'c1'], { env })).toEqual(passed);
    });

    test('so it is when the configuration cannot be used any more', () => {
      const broken = configuredMachine({ 'config.toml': `required = true\n${RULE}` });
      call(broken, annotated('example.org/mark'));
      broken.write('config.toml', 'not = [toml');
      expect(call(broken, annotated('other')).ended).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('[ERR_SETTINGS_SYNTAX]'),
      });
    });

    test('in the mode audit it starts, and the log says that it would not have', () => {
      const audit = configuredMachine({ 'config.toml': `mode = "audit"\nrequired = true\n${RULE}` });
      const { ended, records } = call(audit, annotated('other'));
      expect(ended).toEqual(passed);
      expect(records).toContainEqual(
        expect.objectContaining({ level: 'warn', audit: 'refuse', code: 'ERR_NO_RULE_CLAIMS' }),
      );
    });
  });

  test.each([
    ['a rule as data', RULE, 'example.org/makr', 'example.org/mark'],
    ['pvc-rootfs', '', `${TRIGGER}s`, TRIGGER],
    ['cdi-devices', 'cdi.enabled = true\n', 'cdi.k8s.oi/gpu', 'cdi.k8s.io/gpu'],
    ['a rule module', '[[rule]]\nmodule = "/etc/ociwrap/mine.mjs"\n', 'example.org/mien', 'example.org/mine'],
  ])('an annotation that is probably meant for %s is a warning', (_what, text, key, meant) => {
    const machine = configuredMachine({ 'config.toml': text, 'mine.mjs': MODULE });
    const { ended, records } = call(machine, annotated(key));
    expect(ended).toEqual(passed);
    expect(records).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        msg: expect.stringContaining(`the annotation "${key}" asks for nothing; did you mean "${meant}"`),
      }),
    );
  });
});
