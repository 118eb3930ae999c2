import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { describeWith, root } from './programs.js';

const OLD = '{"ociVersion": "1.2.0", "root": {"path": "rootfs"}}\n';
const NEW = OLD.replace('"rootfs"', '"/mnt/volume"');

describeWith(['strace'], 'saveConfig, interrupted', () => {
  let folder: string;
  let program: string;
  let dir: string;
  let config: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'interrupted-'));
    program = join(folder, 'save.cjs');
    dir = join(folder, 'bundle');
    config = join(dir, 'config.json');
    const esbuild = join(root, 'node_modules/esbuild/bin/esbuild');
    const entry = join(root, 'test/blackbox/save-config-once.ts');
    const options = [
      '--bundle',
      '--platform=node',
      '--format=cjs',
      '--log-level=error',
      `--outfile=${program}`,
    ];
    const { status, stderr } = spawnSync(process.execPath, [esbuild, entry, ...options], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toStrictEqual({ status: 0, stderr: '' });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => {
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir);
    writeFileSync(config, OLD);
  });

  const isTemporary = (name: string) => name.startsWith('.config.json.ociwrap');

  /** The arguments of strace(1), "Tampering": faults at the system calls of the program on the bundle. */
  function tampering(faults: readonly string[]): readonly string[] {
    const paths = [dir, config].flatMap((path) => ['-P', path]);
    const injections = faults.flatMap((fault) => ['-e', `inject=${fault}`]);
    return ['-D', '-f', '-qq', '-o', '/dev/null', ...paths, ...injections];
  }

  // -D: strace works beside the program, which keeps the process id of the shell, by which it calls its temporary file.
  const SCRIPT = 'exec strace -P "$0/.config.json.ociwrap-$$" "$@"';

  function save(...faults: string[]): { signal: string | null; output: string } {
    const args = ['-c', SCRIPT, dir, ...tampering(faults), process.execPath, program, dir];
    const { signal, stdout } = spawnSync('sh', args, { encoding: 'utf8' });
    return { signal, output: stdout };
  }

  describe('killed at', () => {
    // In the order of the calls; strace kills as the call is made.
    test.each([
      ['openat:signal=KILL:when=1', OLD],
      ['openat:signal=KILL:when=3', OLD],
      ['write:signal=KILL', OLD],
      ['fchmod:signal=KILL', OLD],
      ['fsync:signal=KILL:when=1', OLD],
      ['close:signal=KILL:when=2', OLD],
      ['openat:signal=KILL:when=4', OLD],
      ['rename:signal=KILL', OLD],
      ['fsync:signal=KILL:when=2', NEW],
      ['close:signal=KILL:when=4', NEW],
    ])('%s, the file is the old or the new one, and the next run cleans up', (fault, content) => {
      expect(save(fault)).toStrictEqual({ signal: 'SIGKILL', output: '' });
      expect(readFileSync(config, 'utf8')).toBe(content);
      expect(readdirSync(dir).filter((name) => !isTemporary(name))).toStrictEqual(['config.json']);
      // Where nothing was left to do the next run does nothing, and needs not clean up.
      expect(save().output).toBe(JSON.stringify({ result: content === NEW ? 'unchanged' : 'written' }));
      expect(readFileSync(config, 'utf8')).toBe(NEW);
      expect(readdirSync(dir)).toStrictEqual(['config.json']);
    });
  });

  describe('a failing call', () => {
    test.each([
      ['openat:error=EACCES:when=2', 'EACCES'],
      ['openat:error=EMFILE:when=3', 'EMFILE'],
      ['write:error=ENOSPC', 'ENOSPC'],
      ['fchmod:error=EPERM', 'EPERM'],
      ['fsync:error=EIO:when=1', 'EIO'],
      ['close:error=EDQUOT:when=2', 'EDQUOT'],
      ['rename:error=EIO', 'EIO'],
    ])('%s leaves the old file whole and no litter', (fault, errno) => {
      const expected = { code: 'ERR_CONFIG_WRITE', details: { path: config, errno } };
      expect(JSON.parse(save(fault).output)).toStrictEqual(expected);
      expect(readFileSync(config, 'utf8')).toBe(OLD);
      expect(readdirSync(dir)).toStrictEqual(['config.json']);
    });

    test('of the clean-up is told beside the first one', () => {
      const { output } = save('write:error=ENOSPC', 'unlink:error=EPERM');
      const leftBehind = join(dir, readdirSync(dir).find(isTemporary) ?? '');
      expect(JSON.parse(output)).toStrictEqual({
        code: 'ERR_CONFIG_WRITE',
        details: { path: config, errno: 'ENOSPC', leftBehind, leftBehindErrno: 'EPERM' },
      });
      expect(readFileSync(config, 'utf8')).toBe(OLD);
    });

    test('after the replacement is told as such', () => {
      expect(JSON.parse(save('fsync:error=EIO:when=2').output)).toStrictEqual({
        code: 'ERR_CONFIG_WRITE',
        details: { path: config, errno: 'EIO', replaced: true },
      });
      expect(readFileSync(config, 'utf8')).toBe(NEW);
    });

    test('that only says that folders cannot be flushed here is none', () => {
      expect(save('fsync:error=EINVAL:when=2').output).toBe('{"result":"written"}');
      expect(readFileSync(config, 'utf8')).toBe(NEW);
    });
  });

  test('of two runs at once each publishes what it wrote, whole', async () => {
    const args = ['-c', SCRIPT, dir, ...tampering(['rename:delay_enter=2s']), process.execPath, program, dir];
    const first = spawn('sh', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const output = text(first.stdout);
    const isWritten = () =>
      readdirSync(dir).some((name) => isTemporary(name) && statSync(join(dir, name)).size === NEW.length);
    while (first.exitCode === null && !isWritten()) await new Promise((resolve) => setTimeout(resolve, 5));
    // The first one now stands before its rename; the second one dies with its own file begun.
    expect(save('write:signal=KILL')).toMatchObject({ signal: 'SIGKILL' });
    expect(await output).toBe('{"result":"written"}');
    expect(readFileSync(config, 'utf8')).toBe(NEW);
    expect(readdirSync(dir)).toStrictEqual(['config.json']);
  });

  test('a run that comes to its rename after another one has done it is refused', async () => {
    const args = ['-c', SCRIPT, dir, ...tampering(['rename:delay_enter=2s']), process.execPath, program, dir];
    const slower = spawn('sh', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const output = text(slower.stdout);
    const isBegun = () => readdirSync(dir).some(isTemporary);
    while (slower.exitCode === null && !isBegun()) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(save().output).toBe('{"result":"written"}');
    expect(JSON.parse(await output)).toMatchObject({ code: 'ERR_CONFIG_CHANGED' });
    expect(readFileSync(config, 'utf8')).toBe(NEW);
    expect(readdirSync(dir)).toStrictEqual(['config.json']);
  });
});
