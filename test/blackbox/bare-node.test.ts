import { chmodSync, copyFileSync, existsSync, mkdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { bundleOf, mountedRoot, rootByPath, rootOf, specOf, withPvcRoot } from './bundle.js';
import { type KubeletVolume, kubeletVolume } from './kubelet-volume.js';
import { describeWith, packaged, program, recordingRuntime, wrapper } from './programs.js';
import { type Recorder, recorderIn } from './recorded-calls.js';
import { runProgram } from './run-program.js';
import { mount, scratchFolder } from './scratch.js';
import { strace } from './traced-call.js';

describeWith(['busybox', 'strace', 'prlimit'], 'a rewriting call needs nothing of the node', () => {
  let volume: KubeletVolume;
  let runtime: Recorder;
  beforeAll(() => {
    volume = kubeletVolume();
    runtime = recorderIn(scratchFolder('runtime'));
  });

  /** A rewriting call under another program, which changes what there is for it. */
  function callUnder(command: readonly string[], expected = mountedRoot): void {
    const bundle = bundleOf(withPvcRoot(specOf(''), volume));
    const before = runtime.calls().length;
    const [file = '', ...args] = [...command, wrapper, 'create', '--bundle', bundle, 'c1'];
    const env = { SGS_RUNC_PATH: runtime.path, OCIWRAP_LOG_FILE: '/dev/null' };
    expect(runProgram(file, args, { env })).toEqual({ status: 0, signal: null, stdout: '', stderr: '' });
    expect(runtime.calls()).toHaveLength(before + 1);
    expect(rootOf(bundle)).toEqual(expected(volume));
  }

  test.each([
    ['clone3'],
    ['memfd_create'],
    ['statx'],
    ['openat2'],
    ['madvise'],
    ['rt_sigaction'],
    ['clone3,clone,memfd_create,statx,openat2,faccessat2,execveat,rseq,set_robust_list,prlimit64,madvise'],
  ])('a seccomp filter that denies %s', (calls) => {
    for (const error of ['EPERM', 'ENOSYS']) {
      // Without statx nobody says where a mount begins, and so not where the root may be mounted unseen by the host.
      const expected = calls.includes('statx') ? rootByPath : mountedRoot;
      callUnder(strace('-o', '/dev/null', `--trace=${calls}`, `--inject=${calls}:error=${error}`), expected);
    }
  });

  test.each([256, 64])('RLIMIT_AS of %d MiB', (size) => {
    callUnder(['prlimit', `--as=${size * 1024 * 1024}`]);
  });

  // What is asked for after the window of the engine and its memory: its stack, and where there is one, what execve is given.
  test.each(['3+', '4+'])('memory in the window that the engine reaches is not taken: mmap %s', (when) => {
    const bundle = bundleOf(withPvcRoot(specOf(''), volume));
    const before = runtime.calls().length;
    const inject = `--inject=mmap:retval=${0x9000_0000}:when=${when}`;
    const [file = '', ...args] = [
      ...strace('-o', '/dev/null', '--trace=mmap', inject),
      ...[wrapper, 'create', '--bundle', bundle, 'c1'],
    ];
    const env = { SGS_RUNC_PATH: runtime.path, OCIWRAP_LOG_FILE: '/dev/null' };
    const { status, stderr } = runProgram(file, args, { env });
    expect(status).toBe(1);
    expect(stderr).toMatch(when === '3+' ? /no memory for the engine \[ERR_ENGINE_FAILED\]/ : /ENOMEM/);
    expect(runtime.calls()).toHaveLength(before);
  });

  test('five free descriptors, and no more processes', () => {
    callUnder(['prlimit', '--nofile=8', '--nproc=1']);
  });

  test('with one, the limit is named, and not the rule', () => {
    const bundle = bundleOf(withPvcRoot(specOf(''), volume));
    const args = ['--nofile=4', wrapper, 'create', '--bundle', bundle, 'c1'];
    const env = { SGS_RUNC_PATH: runtime.path, OCIWRAP_LOG_FILE: '/dev/null' };
    const { status, stderr } = runProgram('prlimit', args, { env });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/EMFILE.*\[ERR_HOST_UNREADABLE\]/),
    });
  });

  describe('in a control group', () => {
    const version2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
    const groupOf = (controller: string) =>
      version2
        ? `/sys/fs/cgroup/ociwrap-${process.pid}`
        : `/sys/fs/cgroup/${controller}/ociwrap-${process.pid}`;
    const made: string[] = [];
    afterAll(() => {
      for (const group of made) rmdirSync(group);
    });

    function callIn(controller: string, file: string, value: string): void {
      const group = groupOf(controller);
      if (!existsSync(group)) {
        mkdirSync(group);
        made.push(group);
      }
      writeFileSync(join(group, file), value);
      const script = 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"';
      callUnder([program('busybox'), 'sh', '-c', script, 'sh', group]);
    }

    test('of 16 MiB of memory, with nothing of the program in the page cache', () => {
      const command = [
        'dd',
        `of=${statSync(wrapper).isFile() ? wrapper : ''}`,
        'oflag=nocache',
        'conv=notrunc',
        'count=0',
      ];
      expect(runProgram(command[0] ?? '', command.slice(1)).status).toBe(0);
      callIn('memory', version2 ? 'memory.max' : 'memory.limit_in_bytes', String(16 * 1024 * 1024));
    });

    test('of one process', () => {
      callIn('pids', 'pids.max', '1');
    });
  });
});

describeWith(['busybox'], 'a root in which there is nothing but the program', () => {
  /** The program, a runtime, and what a kubelet and an engine put there. */
  function bareRoot(): { readonly root: string; readonly bundle: string; readonly volume: KubeletVolume } {
    const root = scratchFolder('root');
    chmodSync(root, 0o755);
    for (const [file, from] of [
      ['wrapper', wrapper],
      ['runtime', recordingRuntime],
    ] as const) {
      copyFileSync(from, join(root, file));
    }
    const volume = kubeletVolume();
    const place = join(root, volume.path);
    mkdirSync(place, { recursive: true });
    copyFileSync(
      join(dirname(volume.path), 'vol_data.json'),
      join(root, dirname(volume.path), 'vol_data.json'),
    );
    mount('--bind', volume.disk, place);
    mkdirSync(join(root, 'proc'));
    mount('-t', 'proc', 'proc', join(root, 'proc'));
    const bundle = join(root, 'bundle');
    mkdirSync(bundle);
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(withPvcRoot(specOf(''), volume)));
    return { root, bundle, volume };
  }

  const within = (root: string) =>
    runProgram(program('busybox'), ['chroot', root, '/wrapper', 'create', '--bundle', '/bundle', 'c1'], {
      env: { SGS_RUNC_PATH: '/runtime', OCIWRAP_LOG_FILE: '/dev/null' },
    });

  test('no libc, no /etc, no /run, no /dev: it rewrites and becomes the runtime', () => {
    const { root, bundle, volume } = bareRoot();
    expect(within(root)).toEqual({ status: 0, signal: null, stdout: '', stderr: '' });
    // After chroot the place where the mount of the root could be kept from the host is out of sight.
    expect(rootOf(bundle)).toEqual(rootByPath(volume));
    expect(existsSync(join(root, 'runtime.record.json'))).toBe(true);
  });

  test('everything but the two programs and the bundle is read-only, and nothing else may be executed', () => {
    const { root, bundle, volume } = bareRoot();
    writeFileSync(join(root, 'runtime.record.json'), '');
    for (const file of ['wrapper', 'runtime', 'runtime.record.json']) {
      mount('--bind', join(root, file), join(root, file));
    }
    mount('--bind', bundle, bundle);
    mount('-o', 'remount,bind,noexec', bundle);
    // With all that is mounted beneath it, which stays as it is.
    mount('--rbind', root, root);
    mount('-o', 'remount,bind,ro,noexec', root);
    const { status, stderr } = within(root);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    // There is no folder to mount on.
    expect(rootOf(bundle)).toEqual(rootByPath(volume));
  });

  test('the ociwrap command works there, too', () => {
    const { root } = bareRoot();
    copyFileSync(wrapper, join(root, 'ociwrap'));
    const { status, stdout } = runProgram(
      program('busybox'),
      ['chroot', root, '/ociwrap', 'explain', '/bundle/config.json'],
      {
        env: { SGS_RUNC_PATH: '/runtime' },
      },
    );
    expect({ status, decision: /decision\n {2}(\w+)/.exec(stdout)?.[1] }).toEqual({
      status: 0,
      decision: 'rewrite',
    });
  });
});

test('the package is one program, its other name and its licences', () => {
  expect(statSync(join(packaged, 'bin/ociwrap')).ino).toBe(statSync(wrapper).ino);
  expect(statSync(wrapper).size).toBeLessThan(8_000_000);
});
