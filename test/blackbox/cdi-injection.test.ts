import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { bundleOf, configState, rootPathOf, specOf, withPvcRoot } from './bundle.js';
import { type ConfiguredMachine, configuredMachine } from './configured-machine.js';
import { kubeletVolume } from './kubelet-volume.js';
import { describeWith, ociwrap } from './programs.js';
import { recorderIn } from './recorded-calls.js';
import { scratchFolder } from './scratch.js';

// Only root can have written there, which a folder below /tmp cannot say of itself.
const SPECS = '/etc/ociwrap/cdi';
const VENDOR = {
  cdiVersion: '1.0.0',
  kind: 'vendor.com/device',
  containerEdits: { env: ['VENDOR=1'] },
  devices: [
    {
      name: 'null',
      containerEdits: {
        deviceNodes: [{ path: '/dev/vendor', hostPath: '/dev/null' }],
        mounts: [{ hostPath: '/etc', containerPath: '/vendor', options: ['ro', 'rbind'] }],
        hooks: [{ hookName: 'createContainer', path: '/bin/true', args: ['true'] }],
      },
    },
    {
      name: 'stale',
      containerEdits: {
        mounts: [{ hostPath: '/nowhere/libvendor.so.1', containerPath: '/lib/v', options: ['bind'] }],
      },
    },
  ],
};
const asksFor = (names: string) => ({
  annotations: { 'cdi.k8s.io/vendor_1': names, 'example.org/mine': 'x' },
});

describeWith(['busybox'], 'devices by CDI', () => {
  const recorder = recorderIn(scratchFolder('runc'));
  const passed = { status: 0, signal: null, stdout: '', stderr: '' };
  const log = join(scratchFolder('log'), 'log');
  const env = { SGS_RUNC_PATH: recorder.path, OCIWRAP_LOG_FILE: log };
  const records = () =>
    readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const machineOf = (text = 'enabled = true') =>
    configuredMachine({
      'config.toml': `[cdi]\nspec-dirs = ["${SPECS}"]\n${text}\n`,
      'cdi/vendor.json': JSON.stringify(VENDOR),
    });
  const create = (machine: ConfiguredMachine, bundle: string, ...before: readonly string[]) =>
    machine.call([...before, 'create', '--bundle', bundle, 'c1'], { env });
  const read = (bundle: string) => JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));

  test('that an annotation asks for are in config.json before the runtime starts, on the root of a claim', () => {
    const machine = machineOf();
    const volume = kubeletVolume();
    const plain = withPvcRoot(specOf(''), volume);
    const bundle = bundleOf({
      ...plain,
      annotations: { ...plain.annotations, ...asksFor('vendor.com/device=null').annotations },
    });
    expect(create(machine, bundle)).toEqual(passed);
    const spec = read(bundle);
    expect(spec).toMatchObject({
      root: { path: rootPathOf(volume) },
      process: { env: ['PATH=/bin', 'VENDOR=1'] },
      linux: {
        devices: [{ path: '/dev/vendor', type: 'c', major: 1, minor: 3, fileMode: 0o666 }],
        resources: { devices: [{ allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' }] },
      },
      hooks: { createContainer: [{ path: '/bin/true', args: ['true'], env: ['NVIDIA_CTK_DEBUG=false'] }] },
    });
    expect(spec.mounts.map(({ destination }: { destination: string }) => destination)).toEqual([
      '/proc',
      '/dev',
      '/vendor',
    ]);
    expect(spec.annotations).toMatchObject({ 'example.org/mine': 'x' });
    expect(Object.keys(spec.annotations)).not.toContain('cdi.k8s.io/vendor_1');
    expect(records().at(-1)).toMatchObject({ decision: 'rewrite', cdiDevices: 'vendor.com/device=null' });

    const before = configState(bundle);
    expect(create(machine, bundle)).toEqual(passed);
    expect(configState(bundle)).toEqual(before);
  });

  test('are not injected without a configuration that says so', () => {
    const bundle = bundleOf(specOf('', asksFor('vendor.com/device=null')));
    const before = configState(bundle);
    expect(create(machineOf('enabled = false'), bundle)).toEqual(passed);
    expect(configState(bundle)).toEqual(before);
  });

  test('come to every container where the configuration says so, and other containers to the rule', () => {
    const machine = machineOf('enabled = true\ndevices = ["vendor.com/device=null"]');
    const bundle = bundleOf(specOf(''));
    expect(create(machine, bundle)).toEqual(passed);
    expect(read(bundle).process.env).toContain('VENDOR=1');
  });

  test('that no spec defines refuse the container: where the engine looks, and with what may be wrong', () => {
    const machine = machineOf();
    machine.write('cdi/broken.yaml', 'kind: [');
    const bundle = bundleOf(specOf('', asksFor('vendor.com/device=null,vendor.com/device=nul')));
    const before = configState(bundle);
    const runtimeLog = join(scratchFolder('log'), 'runtime.log');
    const ended = create(machine, bundle, '--log', runtimeLog, '--log-format', 'json');
    expect(ended).toMatchObject({ status: 1, stdout: '' });
    for (const said of [ended.stderr, readFileSync(runtimeLog, 'utf8')]) {
      for (const part of [
        'unresolvable CDI devices vendor.com/device=nul; searched /etc/ociwrap/cdi',
        '/etc/ociwrap/cdi/broken.yaml: ',
        'did you mean vendor.com/device=null',
      ]) {
        expect(said).toContain(part);
      }
    }
    expect(configState(bundle)).toEqual(before);
    expect(records().at(-1)).toMatchObject({
      decision: 'refuse',
      code: 'ERR_CDI_UNRESOLVABLE',
      rule: 'cdi-devices',
    });
  });

  test('whose files are gone are injected, and the log alone says so', () => {
    const bundle = bundleOf(specOf('', asksFor('vendor.com/device=stale')));
    expect(create(machineOf(), bundle)).toEqual(passed);
    expect(records()).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        msg: `driver files missing: regenerate the CDI spec "${SPECS}/vendor.json", which mounts "/nowhere/libvendor.so.1"`,
      }),
    );
  });

  test('are refused with the configuration when that cannot be used any more, and only they', () => {
    const machine = machineOf();
    expect(create(machine, bundleOf(specOf('')))).toEqual(passed);
    machine.write('config.toml', 'cdi = 1');
    expect(create(machine, bundleOf(specOf('')))).toEqual(passed);
    expect(create(machine, bundleOf(specOf('', asksFor('vendor.com/device=null'))))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('ERR_SETTINGS_INVALID'),
    });
  });

  test('in a spec on standard input: ociwrap cdi inject', () => {
    const machine = machineOf();
    const inject = (...names: readonly string[]) =>
      machine.run(
        ociwrap,
        ['cdi', 'inject', '--spec-dir', SPECS, ...names.flatMap((name) => ['--device', name])],
        {
          input: '{"process":{"env":["VENDOR=0"]},"keep":18446744073709551615}',
        },
      );
    expect(inject('vendor.com/device=stale')).toEqual({
      status: 0,
      signal: null,
      stdout:
        '{"process":{"env":["VENDOR=1"]},"keep":18446744073709551615,"mounts":[{"destination":"/lib/v","source":"/nowhere/libvendor.so.1","options":["bind"]}]}',
      stderr: `ociwrap: warning: driver files missing: regenerate the CDI spec "${SPECS}/vendor.json", which mounts "/nowhere/libvendor.so.1"\n`,
    });
    expect(inject('vendor.com/device=null', 'v.com/c=d', '0')).toMatchObject({ status: 1, stdout: '' });
    expect(inject('vendor.com/device=null', 'v.com/c=d', 'v.com/c=e')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('unresolvable CDI devices v.com/c=d, v.com/c=e; '),
    });
  });
});
