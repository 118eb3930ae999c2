import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { bundleOf, specOf } from './bundle.js';
import { askingFor } from './cdi-machine.js';
import { type ConfiguredMachine, configuredMachine } from './configured-machine.js';
import { describeWith, ociwrap, wrapper } from './programs.js';
import { scratchFolder } from './scratch.js';

const SPEC = {
  cdiVersion: '0.6.0',
  kind: 'example.org/gpu',
  devices: [
    { name: 'links', containerEdits: { hooks: [{ hookName: 'createContainer', path: '/bin/true' }] } },
    { name: 'plain', containerEdits: { env: ['GPU=1'] } },
  ],
};

/** A script that is called runsc, and what it was called for. */
interface StandIn {
  readonly path: string;
  /** How often it was asked for its version. */
  asked(): number;
  /** The environment and the open descriptors that it was asked with. */
  environment(): readonly string[];
  descriptors(): readonly string[];
  /** Whether it was started with a container. */
  started(): boolean;
}

/** @param version - a piece of shell script that says the version, or does not */
function standIn(version: string): StandIn {
  const folder = scratchFolder('runsc');
  const at = (name: string) => join(folder, name);
  writeFileSync(
    at('runsc'),
    `#!/bin/sh
case "$*" in
  --version)
    /bin/cat /proc/$$/environ >${at('environ')}
    /bin/ls /proc/$$/fd >${at('descriptors')}
    echo asked >>${at('asked')}
    ${version}
    ;;
  *) : >${at('started')} ;;
esac
`,
    { mode: 0o755 },
  );
  const linesOf = (name: string, separator: string) =>
    readFileSync(at(name), 'utf8')
      .split(separator)
      .filter((line) => line !== '')
      .sort();
  return {
    path: at('runsc'),
    asked: () => (existsSync(at('asked')) ? linesOf('asked', '\n').length : 0),
    environment: () => linesOf('environ', '\0'),
    descriptors: () => linesOf('descriptors', '\n'),
    started: () => existsSync(at('started')),
  };
}

function create(machine: ConfiguredMachine, runtime: StandIn, device: string) {
  const bundle = bundleOf(askingFor(specOf('true'), `example.org/gpu=${device}`));
  const env = { SGS_RUNC_PATH: runtime.path, OCIWRAP_LOG_FILE: '/dev/null' };
  const ended = machine.call(['create', '--bundle', bundle, 'c1'], { env });
  const { hooks = {} } = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
  return { ...ended, hooks, bundle };
}

const gpuMachine = (more = '') =>
  configuredMachine({
    'config.toml': `[cdi]\nenabled = true\nspec-dirs = ["/etc/ociwrap/cdi"]\n${more}\n`,
    'cdi/gpu.json': JSON.stringify(SPEC),
  });

describeWith(['busybox'], 'the version of runsc', () => {
  test.each([
    'echo runsc version release-20260520.0; echo spec: 1.2.0',
    'printf "runsc version release-20261101.0"',
    'echo runsc version 0.0~20260601.0',
    'exec echo runc version 1.1.5',
    // What is called so may lead anywhere.
    '(sleep 1000 >/dev/null 2>&1 &); echo runsc version release-20260520.0',
  ])('is new enough for its hooks: %s', (version) => {
    const runtime = standIn(version);
    const ended = create(gpuMachine(), runtime, 'links');
    expect(ended).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(ended.hooks.createContainer).toMatchObject([{ path: '/bin/true' }]);
    expect([runtime.asked(), runtime.started()]).toEqual([1, true]);
  });

  test.each([
    ['echo runsc version release-20260519.0', '(it is release-20260519.0; '],
    ['echo runsc version 0.0~20240729.0', '(it is 0.0~20240729.0; '],
    ['echo runsc version VERSION_MISSING', '(it is VERSION_MISSING; '],
    ['echo usage: runsc', 'its version is unknown: what "--version" prints has none; '],
    ['echo runsc version release-20260520.0 >&2', 'what "--version" prints has none; '],
    ['head -c 100 /dev/urandom', 'what "--version" prints has none; '],
    ['', 'what "--version" prints has none; '],
    ['echo runsc version release-20260520.0; exit 3', '"--version" ends with the status 3; '],
    ['kill -9 $$', '"--version" ends with the status 137; '],
    ['while :; do echo runsc version release-20260520.0; done', '"--version" prints more than 4096 bytes; '],
    ['echo runsc version release-20260520.0; sleep 100000', '"--version" takes longer than 5 seconds; '],
  ])('is not: %s', (version, why) => {
    const runtime = standIn(version);
    const ended = create(gpuMachine(), runtime, 'links');
    expect(ended).toMatchObject({ status: 1, stdout: '', hooks: {} });
    expect(ended.stderr).toContain(why);
    expect(ended.stderr).toContain('[ERR_CDI_HOOKS_SKIPPED]');
    expect([runtime.asked(), runtime.started()]).toEqual([1, false]);
  });

  test('is asked with nothing of the caller', () => {
    const runtime = standIn('echo runsc version release-20260520.0');
    const bundle = bundleOf(askingFor(specOf('true'), 'example.org/gpu=links'));
    const env = { SGS_RUNC_PATH: runtime.path, OCIWRAP_LOG_FILE: '/dev/null', SECRET: '1' };
    const ended = gpuMachine().run(
      'sh',
      ['-c', 'exec 7<"$1/config.json" && exec "$2" create --bundle "$1" c1', 'sh', bundle, wrapper],
      { env },
    );
    expect(`${ended.status}: ${ended.stderr}`).toBe('0: ');
    expect(runtime.environment()).toEqual([
      'OCIWRAP_DEPTH=1',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ]);
    // Those from 10 on are the shell's own.
    expect(runtime.descriptors().filter((fd) => fd.length === 1)).toEqual(['0', '1', '2']);
  });

  test("is nobody's business where no such hook is injected, and where the command only looks", () => {
    const runtime = standIn('echo runsc version release-20260520.0');
    const machine = gpuMachine();
    expect(create(machine, runtime, 'plain')).toMatchObject({ status: 0, stderr: '' });
    const bundle = bundleOf(askingFor(specOf('true'), 'example.org/gpu=links'));
    const { stdout } = machine.run(ociwrap, ['explain', '--bundle', bundle], {
      env: { SGS_RUNC_PATH: runtime.path },
    });
    expect(stdout).toContain('only a start of a container asks the runtime for it');
    expect(runtime.asked()).toBe(0);
  });

  test('leads back to us, and is unknown: nothing goes round for ever', () => {
    const runtime = standIn(`SGS_RUNC_PATH=$0 exec '${wrapper}' --version`);
    const { status, stderr } = create(gpuMachine(), runtime, 'links');
    expect(status).toBe(1);
    expect(stderr).toContain('its version is unknown: "--version" ends with the status 1; ');
    expect(runtime.asked()).toBeGreaterThan(1);
  });
});
