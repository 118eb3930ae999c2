import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { bundleOf, configState, specOf, withPvcRoot } from './bundle.js';
import { kubeletVolume } from './kubelet-volume.js';
import { describeWith, ociwrap, recordingRuntime } from './programs.js';
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

  test('variables that act on Node do not act on it', () => {
    const poison = { NODE_OPTIONS: '--require /nowhere.js', LD_PRELOAD: '/nowhere.so' };
    expect(runProgram(ociwrap, ['--version'], { env: poison })).toMatchObject({ status: 0 });
  });
});
