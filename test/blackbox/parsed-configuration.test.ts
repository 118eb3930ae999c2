import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { bundleOf, specOf } from './bundle.js';
import { type ConfiguredMachine, configuredMachine } from './configured-machine.js';
import { describeWith, wrapper } from './programs.js';
import { recorderIn } from './recorded-calls.js';
import { scratchFolder } from './scratch.js';

const RULE = `
[[rule]]
name = "mark"
when.annotation = { key = "example.org/mark" }
then.env.set = { MARK = "1" }
`;

/** Runs a program that is there no longer: $1 is opened, removed, and executed. */
const REMOVED = 'exec 9< "$1" && rm "$1" && shift && exec /proc/self/fd/9 "$@"';

describeWith(['busybox'], 'what is kept of the files of a configuration', () => {
  const recorder = recorderIn(scratchFolder('runc'));
  const env = { SGS_RUNC_PATH: recorder.path, OCIWRAP_LOG_FILE: '/dev/null' };

  /** The mark that a container gets. */
  function markBy(machine: ConfiguredMachine, file = wrapper, args: readonly string[] = []) {
    const bundle = bundleOf(specOf('', { annotations: { 'example.org/mark': 'yes' } }));
    const ended = machine.run(file, [...args, 'create', '--bundle', bundle, 'c1'], { env });
    expect(ended).toEqual({ status: 0, signal: null, stdout: '', stderr: '' });
    return JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')).process.env.at(-1);
  }

  /** Puts another mark into what is kept, so that it shows who takes it. */
  function markKept(machine: ConfiguredMachine, mark: string): void {
    const [name = ''] = readdirSync(machine.state);
    const kept = join(machine.state, name);
    const before = readFileSync(kept, 'utf8');
    const after = before.replaceAll(/"MARK":"\d"/g, `"MARK":"${mark}"`);
    expect(after).not.toBe(before);
    writeFileSync(kept, after);
  }

  function markedMachine(): ConfiguredMachine {
    const machine = configuredMachine({ 'config.toml': RULE });
    expect(markBy(machine)).toBe('MARK=1');
    markKept(machine, '2');
    return machine;
  }

  const copy = () => {
    const file = join(scratchFolder('another'), 'oci-runtime-wrapper');
    copyFileSync(wrapper, file);
    return file;
  };

  test('is taken by the program that kept it, call after call', () => {
    const machine = markedMachine();
    expect([markBy(machine), markBy(machine)]).toEqual(['MARK=2', 'MARK=2']);
  });

  test('is not taken by another file of the same program, which keeps its own', () => {
    const machine = markedMachine();
    const other = copy();
    expect(markBy(machine, other)).toBe('MARK=1');
    markKept(machine, '3');
    expect([markBy(machine, other), markBy(machine)]).toEqual(['MARK=3', 'MARK=1']);
  });

  test('is not taken where a byte of the configuration is another, or a file is added', () => {
    const machine = markedMachine();
    machine.write('config.toml', `${RULE} `);
    expect(markBy(machine)).toBe('MARK=1');
    markKept(machine, '2');
    machine.write('conf.d/10.toml', '');
    expect(markBy(machine)).toBe('MARK=1');
  });

  test('is neither taken nor kept by a program whose file is gone, as in an upgrade', () => {
    const machine = markedMachine();
    const removed = () => ['-c', REMOVED, 'sh', copy()];
    expect(markBy(machine, 'sh', removed())).toBe('MARK=1');
    expect(markBy(machine, 'sh', removed())).toBe('MARK=1');
    expect(markBy(machine)).toBe('MARK=2');
  });
});
