import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect, test } from '@jest/globals';

import { bundleOf, configState, specOf, withPvcRoot } from './bundle.js';
import { kubeletVolume } from './kubelet-volume.js';
import { describeWith, ociwrap, onNode, program, recordingRuntime, root, wrapper } from './programs.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

const env = { SGS_RUNC_PATH: recordingRuntime };

describeWith(['busybox'], 'ociwrap, as packaged', () => {
  test('explain tells what the wrapper would do, as text and as data, and writes nothing', () => {
    const volume = kubeletVolume();
    const bundle = bundleOf(withPvcRoot(specOf('true'), volume));
    const before = configState(bundle);

    const text = runProgram(ociwrap, ['explain', '--bundle', bundle], { env });
    expect(text).toMatchObject({ status: 0, stderr: '' });
    expect(text.stdout).toContain(`+`);
    expect(text.stdout).toContain(volume.path);
    expect(text.stdout).not.toContain('\u001b[');
    const json = runProgram(ociwrap, ['explain', '--bundle', bundle, '--json'], { env });
    expect(JSON.parse(json.stdout)).toMatchObject({ decision: 'rewrite' });

    expect(configState(bundle)).toEqual(before);
    expect(readdirSync(bundle).sort()).toEqual(['config.json', 'rootfs']);
  });

  test('explain of a call that would be refused exits 1 and says why', () => {
    const bundle = bundleOf(withPvcRoot(specOf('true'), kubeletVolume(), 'boot-pvc'));
    const { status, stdout } = runProgram(ociwrap, ['explain', '--bundle', bundle], { env });
    expect(status).toBe(1);
    expect(stdout).toContain('ERR_VOLUME_NOT_FOUND');
  });

  test('rewrite --dry-run prints the very bytes that rewrite then writes', () => {
    const bundle = bundleOf(withPvcRoot(specOf('true'), kubeletVolume()));
    const before = configState(bundle);
    const log = { OCIWRAP_LOG_FILE: join(scratchFolder('log'), 'log') };
    const dry = runProgram(ociwrap, ['rewrite', '--bundle', bundle, '--dry-run'], { env: log });
    expect(dry.status).toBe(0);
    expect(configState(bundle)).toEqual(before);
    expect(runProgram(ociwrap, ['rewrite', '--bundle', bundle], { env: log }).status).toBe(0);
    expect(readFileSync(join(bundle, 'config.json'), 'utf8')).toBe(dry.stdout);
    expect(dry.stdout).not.toBe(before.bytes);
  });

  test('test tries the cases of an example, says what is wrong, and puts it right with --update', () => {
    const rules = scratchFolder('rules');
    cpSync(join(root, 'examples/kvm-devices'), rules, { recursive: true });
    const report = join(rules, 'report.xml');
    expect(runProgram(ociwrap, ['test', rules, '--junit', report])).toMatchObject({ status: 0 });
    expect(readFileSync(report, 'utf8')).toContain('failures="0"');

    const file = join(rules, 'rules.toml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"ci-*"', '"nobody"'));
    const { status, stdout } = runProgram(ociwrap, ['test', rules]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^failed {2}test\/runner-that-asks: not what expected.patch.json says$/m);
    expect(runProgram(ociwrap, ['test', rules, '--update'])).toMatchObject({ status: 0 });
    expect(readFileSync(join(rules, 'test/runner-that-asks/expected.patch.json'), 'utf8')).toBe('[]\n');
    expect(runProgram(ociwrap, ['test', rules])).toMatchObject({ status: 0 });
    expect(runProgram(ociwrap, ['test', scratchFolder('empty')])).toMatchObject({ status: 2 });
  });

  test('validate names the place, and a warning alone is no failure', () => {
    const file = join(scratchFolder('validate'), 'config.json');
    writeFileSync(file, '{"ociVersion": "1.0.2",\n "root": {"path": 7}}');
    const bad = runProgram(ociwrap, ['validate', file, '--json']);
    expect(bad.status).toBe(1);
    expect(bad.stdout).toContain('/root/path');
    writeFileSync(file, JSON.stringify(specOf('true')));
    expect(runProgram(ociwrap, ['validate', file])).toMatchObject({ status: 0 });
    writeFileSync(file, '{"ociVersion": ');
    expect(runProgram(ociwrap, ['validate', file]).status).toBe(1);
  });

  test.each([
    [['--version'], 0],
    [['--help'], 0],
    [['no-such-command'], 2],
    [['explain'], 2],
    [['rewrite', '--no-such-option'], 2],
  ] as const)('%j exits %d', (args, status) => {
    expect(runProgram(ociwrap, args).status).toBe(status);
  });

  test('variables that act on Node.js and on the dynamic linker act on the script alone', () => {
    const poison = { NODE_OPTIONS: '--require /nowhere.js', LD_PRELOAD: '/nowhere.so' };
    const { status, stderr } = runProgram(ociwrap, ['--version'], { env: poison });
    expect(status).toBe(onNode ? 1 : 0);
    expect(stderr.includes('/nowhere.so') && stderr.includes('/nowhere.js')).toBe(onNode);
  });
});

describeWith(['busybox', 'bash'], 'completion', () => {
  test.each([
    ['ociwrap va', 'validate'],
    ['ociwrap validate --ru', '--runtime'],
    ['ociwrap validate --runtime cr', 'crun'],
    ['ociwrap cdi ins', 'inspect'],
    ['ociwrap cdi list --spec', '--spec-dir'],
  ])('bash completes %s', (words, completed) => {
    const script = `
      source <(ociwrap completion)
      COMP_WORDS=(${words}); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
      _ociwrap_yargs_completions; echo "\${COMPREPLY[@]}"`;
    const env = { PATH: `${dirname(ociwrap)}:${process.env['PATH']}`, SHELL: '/bin/bash' };
    expect(runProgram(program('bash'), ['-c', script], { env })).toMatchObject({
      status: 0,
      stdout: `${completed}\n`,
    });
  });
});

describeWith(['runc', 'busybox'], 'explain, on the bundle of a container that runs', () => {
  test('says that nothing is left to do, and writes nothing', () => {
    const volume = kubeletVolume();
    const state = scratchFolder('state');
    const bundle = bundleOf(withPvcRoot(specOf('true'), volume));
    const id = `explain-${process.pid}`;
    const runtime = { SGS_RUNC_PATH: program('runc'), OCIWRAP_LOG_FILE: join(state, 'log') };
    const call = (...args: readonly string[]) =>
      runProgram(wrapper, ['--root', state, ...args], {
        env: runtime,
        leavesProcess: args[0] === 'create',
      });
    expect(call('create', '--bundle', bundle, id).status).toBe(0);
    try {
      const before = configState(bundle);
      const explained = runProgram(ociwrap, ['explain', '--bundle', bundle, '--json'], { env: runtime });
      expect(JSON.parse(explained.stdout)).toMatchObject({
        decision: 'pass',
        rules: [{ rule: 'pvc-rootfs', kind: 'built-in', outcome: 'pass' }],
        patch: [],
        exec: { file: program('runc') },
      });
      expect(configState(bundle)).toEqual(before);
    } finally {
      expect(call('delete', '--force', id).status).toBe(0);
    }
  });
});
