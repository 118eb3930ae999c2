import { readdirSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { bundleOf, configState, specOf, withPvcRoot } from './bundle.js';
import { kubeletVolume } from './kubelet-volume.js';
import { describeWith, program, recordingRuntime, wrapper } from './programs.js';
import { runProgram } from './run-program.js';
import { mount, scratchFolder } from './scratch.js';

const env = { SGS_RUNC_PATH: recordingRuntime, OCIWRAP_LOG_FILE: '/dev/null' };
// -D: strace works beside the call, which keeps the process id of the shell, by which it calls its temporary file.
const SCRIPT = 'strace=$1; shift; exec "$strace" -P "$0/.config.json.ociwrap-$$" "$@"';
const create = (bundle: string) => ['create', '--bundle', bundle, 'interrupted'];

/** The same bundle on a file system of its own, which can then be filled or made read-only. */
function bundleOnOwnFileSystem(text: string, size: string): string {
  const folder = scratchFolder('disk');
  mount('-t', 'tmpfs', '-o', `size=${size}`, 'disk', folder);
  runProgram('cp', ['-a', `${bundleOf(text)}/.`, folder]);
  return folder;
}

/** A config.json with the trigger, padded so that a second copy of it does not fit. */
const triggering = (padding = 0) =>
  JSON.stringify({ ...withPvcRoot(specOf(''), kubeletVolume()), 'x-padding': 'x'.repeat(padding) });

describeWith(['busybox', 'strace'], 'a write that does not come through', () => {
  // The system calls of the write, in their order; the same call of an earlier step must not be the one that is hit.
  const kills: readonly { at: string; inject: string; rewritten: boolean }[] = [
    { at: 'before the temporary file is named', inject: 'openat:when=1', rewritten: false },
    { at: 'writing', inject: 'write,pwrite64:when=1', rewritten: false },
    { at: 'flushing', inject: 'fsync:when=1', rewritten: false },
    { at: 'renaming', inject: 'rename,renameat,renameat2:when=1', rewritten: false },
    { at: 'flushing the folder', inject: 'fsync:when=2', rewritten: true },
  ];

  test.each(kills)(
    'killed while $at: config.json is the old or the new one, whole',
    ({ inject, rewritten }) => {
      const text = triggering();
      const bundle = bundleOf(text);
      const [calls, when] = inject.split(':') as [string, string];
      const { signal } = runProgram(
        'sh',
        [
          ...['-c', SCRIPT, bundle, program('strace'), '-D', '-f', '-qq', '-o', '/dev/null', '-P', bundle],
          ...['-e', `trace=${calls}`, '-e', `inject=${calls}:signal=KILL:${when}`, wrapper],
          ...create(bundle),
        ],
        { env },
      );
      expect(signal).toBe('SIGKILL');
      const { bytes } = configState(bundle);
      if (rewritten) {
        expect(JSON.parse(bytes)).toMatchObject({
          annotations: { 'sgs.snucse.org/boot-volume-active': 'true' },
        });
      } else {
        expect(bytes).toBe(text);
      }
      // The next call finishes the work and leaves nothing behind, whatever the killed one left.
      expect(runProgram(wrapper, create(bundle), { env })).toMatchObject({ status: 0, stderr: '' });
      expect(readdirSync(bundle).sort()).toEqual(['config.json', 'rootfs']);
    },
  );

  test('a full disk: refused, the old file is whole, no litter', () => {
    const text = triggering(40_000);
    const bundle = bundleOnOwnFileSystem(text, '64k');
    const { status, stderr } = runProgram(wrapper, create(bundle), { env });
    expect(status).toBe(1);
    expect(stderr).toContain('[ERR_CONFIG_WRITE]');
    expect(stderr).toContain('ENOSPC');
    expect(configState(bundle).bytes).toBe(text);
    expect(readdirSync(bundle).sort()).toEqual(['config.json', 'rootfs']);
  });

  test('a read-only file system: refused, the old file is whole', () => {
    const text = triggering();
    const bundle = bundleOnOwnFileSystem(text, '256k');
    expect(runProgram('mount', ['-o', 'remount,ro', bundle])).toMatchObject({ status: 0 });
    const before = configState(bundle);
    const { status, stderr } = runProgram(wrapper, create(bundle), { env });
    expect(status).toBe(1);
    expect(stderr).toContain('[ERR_CONFIG_WRITE]');
    expect(stderr).toContain('EROFS');
    expect(configState(bundle)).toEqual(before);
    expect(readdirSync(bundle).sort()).toEqual(['config.json', 'rootfs']);
  });
});
