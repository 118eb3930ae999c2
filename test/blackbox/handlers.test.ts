import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { bundleOf, specOf } from './bundle.js';
import { type ConfiguredMachine, configuredMachine } from './configured-machine.js';
import { type OwnPackage, ownPackage } from './own-package.js';
import { describeWith, ociwrap } from './programs.js';
import { recorderIn } from './recorded-calls.js';
import { scratchFolder } from './scratch.js';
import { starvedProgram } from './starved-call.js';

const rule = (name: string, value: string) => `
[[rule]]
name = "${name}"
when.annotation = { key = "example.org/mark" }
then.env.set = { ${name} = "${value}" }
`;
const handlerRule = (handler: string, name: string, value: string) =>
  rule(name, value).replace('[[rule]]', `[[handler.${handler}.rule]]`);
const marked = () => bundleOf(specOf('', { annotations: { 'example.org/mark': 'yes' } }));
const plain = () => bundleOf(specOf(''));
const passed = { status: 0, signal: null, stdout: '', stderr: '' };

describeWith(['busybox'], 'handlers', () => {
  const recorder = recorderIn(scratchFolder('runc'));
  const env = { SGS_RUNC_PATH: recorder.path, OCIWRAP_LOG_FILE: '/dev/null' };
  const names = ['runc', 'oci-runtime-wrapper-gpu', 'oci-runtime-wrapper-strict', 'oci-runtime-wrapper-.gpu'];
  let own: OwnPackage;
  let bin: string;

  beforeAll(() => {
    own = ownPackage();
    bin = scratchFolder('bin');
    for (const name of names) symlinkSync(own.wrapper, join(bin, name));
  });

  const as = (machine: ConfiguredMachine, name: string, args: readonly string[]) =>
    machine.run(join(bin, name), args, { env });
  const create = (machine: ConfiguredMachine, name: string, bundle: string) =>
    as(machine, name, ['create', '--bundle', bundle, 'c1']);

  /** The variables that a container gets under a name of the wrapper. */
  function environment(machine: ConfiguredMachine, name: string): readonly string[] {
    const bundle = marked();
    expect(create(machine, name, bundle)).toEqual(passed);
    return JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')).process.env.slice(1);
  }

  test('each has a configuration of its own on one node, by a table and by a file', () => {
    const machine = configuredMachine({
      'config.toml': `${rule('ALL', '1')}[handler.gpu]\nmodule-timeout = 3\n${handlerRule('gpu', 'GPU', '1')}`,
      'conf.d/10.toml': rule('MORE', '1'),
      'handler.d/strict.toml': `required = true\n${rule('STRICT', '1')}`,
      'handler.d/gpu.toml': rule('OWN', '1'),
    });
    expect(environment(machine, 'runc')).toEqual(['ALL=1', 'MORE=1']);
    expect(environment(machine, 'oci-runtime-wrapper-gpu')).toEqual(['ALL=1', 'MORE=1', 'GPU=1', 'OWN=1']);
    expect(environment(machine, 'oci-runtime-wrapper-strict')).toEqual(['ALL=1', 'MORE=1', 'STRICT=1']);
    // No name of a handler: as any other name.
    expect(environment(machine, 'oci-runtime-wrapper-.gpu')).toEqual(['ALL=1', 'MORE=1']);
    expect(create(machine, 'oci-runtime-wrapper-strict', plain()).stderr).toContain('[ERR_NO_RULE_CLAIMS]');
    for (const name of ['runc', 'oci-runtime-wrapper-gpu']) {
      expect(create(machine, name, plain())).toEqual(passed);
    }
    expect(as(machine, 'oci-runtime-wrapper-strict', ['kill', 'c1'])).toEqual(passed);
    expect(readdirSync(machine.state).sort()).toEqual(
      ['', '@gpu', '@strict'].map((suffix) => `last-good-settings${suffix}`),
    );
  });

  test('what is wrong with one refuses its own containers alone, and a check names it', () => {
    const machine = configuredMachine({
      'config.toml': rule('ALL', '1'),
      'handler.d/gpu.toml': rule('OWN', '1'),
    });
    for (const name of ['runc', 'oci-runtime-wrapper-gpu']) environment(machine, name);
    expect(machine.run(ociwrap, ['config', 'check'])).toMatchObject({ status: 0 });
    machine.write('handler.d/gpu.toml', 'required = "yes"');
    expect(environment(machine, 'runc')).toEqual(['ALL=1']);
    expect(create(machine, 'oci-runtime-wrapper-gpu', marked()).stderr).toContain('[ERR_SETTINGS_INVALID]');
    expect(create(machine, 'oci-runtime-wrapper-gpu', plain())).toEqual(passed);
    const check = machine.run(ociwrap, ['config', 'check']);
    expect(check).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('handler "gpu": /etc/ociwrap/handler.d/gpu.toml:1: required: '),
    });
    machine.write('handler.d/gpu.toml', '[handler.other]\n');
    expect(machine.run(ociwrap, ['config', 'check']).stderr).toContain('handler: is for the main file alone');
  });

  test('dump and explain show what holds for one', () => {
    const machine = configuredMachine({
      'config.toml': `${rule('ALL', '1')}[handler.gpu]\nrequired = true\n`,
      'handler.d/gpu.toml': rule('OWN', '1'),
    });
    const dump = (args: readonly string[]) => machine.run(ociwrap, ['config', 'dump', ...args]).stdout;
    expect(dump(['--handler', 'gpu'])).toMatch(/^required = true +# \/etc\/ociwrap\/config\.toml:7$/m);
    expect(dump(['--handler', 'gpu'])).toMatch(
      /^rule 3: OWN \(declarative\) +# \/etc\/ociwrap\/handler\.d\/gpu\.toml:2$/m,
    );
    expect(dump([])).toMatch(/^required = false +# default$/m);
    expect(machine.run(ociwrap, ['config', 'dump', '--handler', '../x'])).toMatchObject({ status: 2 });
    const bundle = marked();
    const explain = (name: string) =>
      machine.run(ociwrap, ['explain', bundle, '--json', '--runtime-name', name], { env }).stdout;
    expect(JSON.parse(explain('/opt/ociwrap/bin/oci-runtime-wrapper-gpu')).rules).toHaveLength(3);
    expect(JSON.parse(explain('runc')).rules).toHaveLength(2);
  });

  test('a handler places a rule of ociwrap in the place of the one before', () => {
    const use = (annotation: string) => `use = "pvc-rootfs"\noptions.annotation = "${annotation}"\n`;
    const machine = configuredMachine({
      'config.toml': `[[rule]]\n${use('a.b/all')}[[handler.gpu.rule]]\n${use('a.b/own')}`,
    });
    const asks = (annotation: string) => bundleOf(specOf('', { annotations: { [annotation]: 'pvc-1' } }));
    const refused = { status: 1, stderr: expect.stringContaining('[ERR_VOLUME_NOT_FOUND]') };
    expect(create(machine, 'runc', asks('a.b/all'))).toMatchObject(refused);
    expect(create(machine, 'runc', asks('a.b/own'))).toEqual(passed);
    expect(create(machine, 'oci-runtime-wrapper-gpu', asks('a.b/own'))).toMatchObject(refused);
    expect(create(machine, 'oci-runtime-wrapper-gpu', asks('a.b/all'))).toEqual(passed);
  });

  describe('on the fast path', () => {
    const tableOf = (handler = '') => `${own.table}${handler}`;
    let machine: ConfiguredMachine;

    beforeAll(() => {
      machine = configuredMachine({
        'config.toml': rule('ALL', '1'),
        'handler.d/gpu.toml': rule('OWN', '1').replace('example.org/mark', 'gpu.example.com/own'),
      });
      // A table is left only for files that have been what they are for a second.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1200);
    });

    test('each has a table of its own, by which calls without a trigger pass without the engine', () => {
      own.restoreEngine();
      for (const table of [tableOf(), tableOf('-gpu')]) rmSync(table, { force: true });
      expect(create(machine, 'runc', plain())).toEqual(passed);
      expect([existsSync(tableOf()), existsSync(tableOf('-gpu'))]).toEqual([true, false]);
      expect(create(machine, 'oci-runtime-wrapper-gpu', plain())).toEqual(passed);
      const [all, gpu] = [tableOf(), tableOf('-gpu')].map((file) => readFileSync(file, 'utf8')) as [
        string,
        string,
      ];
      expect(all).not.toContain('handler.d');
      expect(gpu).toContain('/etc/ociwrap/handler.d/gpu.toml\n');
      expect(basename(tableOf('-gpu'))).toMatch(/^\d+-\d+-gpu$/);
    });

    /** Where the engine cannot have its memory. */
    const starved = (name: string, args: readonly string[], on = machine) =>
      on.run(...starvedProgram(join(bin, name), args), { env });
    const failed = { status: 1, stderr: expect.stringContaining('[ERR_ENGINE_FAILED]') };

    test('its table is what a call goes by, and without one it fails closed', () => {
      const own = () => bundleOf(specOf('', { annotations: { 'gpu.example.com/own': 'yes' } }));
      const starvedCreate = (name: string, bundle: string, on = machine) =>
        starved(name, ['create', '--bundle', bundle, 'c1'], on);
      expect(starvedCreate('runc', own())).toEqual(passed);
      expect(starvedCreate('oci-runtime-wrapper-gpu', plain())).toEqual(passed);
      expect(starvedCreate('oci-runtime-wrapper-gpu', own())).toMatchObject(failed);
      expect(starvedCreate('oci-runtime-wrapper-strict', plain())).toMatchObject(failed);
      expect(starved('oci-runtime-wrapper-strict', ['kill', 'c1'])).toEqual(passed);
    });

    test('a folder of handlers alone is a configuration', () => {
      const alone = configuredMachine();
      for (const table of [tableOf(), tableOf('-gpu')]) rmSync(table, { force: true });
      expect(starved('runc', ['create', '--bundle', plain(), 'c1'], alone)).toEqual(passed);
      mkdirSync(join(alone.config, 'handler.d'));
      expect(starved('runc', ['create', '--bundle', plain(), 'c1'], alone)).toMatchObject(failed);
    });
  });
});
