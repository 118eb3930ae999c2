import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { bundleOf, configState, mountOf, rootPathOf, specOf, TRIGGER, withPvcRoot } from './bundle.js';
import { kubeletVolume } from './kubelet-volume.js';
import { describeWith, recordingRuntime, wrapper } from './programs.js';
import { runProgram } from './run-program.js';
import { atEnd, deadFuse, mount, scratchFolder } from './scratch.js';

describeWith(['busybox'], 'a call that is refused', () => {
  const refused: readonly { title: string; code: string; bundle: () => string; says?: RegExp }[] = [
    {
      title: 'names a volume that is not mounted',
      code: 'ERR_VOLUME_NOT_FOUND',
      bundle: () => bundleOf(withPvcRoot(specOf(''), kubeletVolume(), 'boot-pvc')),
      says: /boot-pvc.*pvc-\d+-\d+.*\/mnt\/boot/,
    },
    {
      title: 'names a volume that the kubelet has not mounted yet',
      code: 'ERR_VOLUME_NOT_MOUNTED',
      bundle: () => bundleOf(withPvcRoot(specOf(''), kubeletVolume({ mounted: false }))),
    },
    {
      title: 'names a volume whose mount another mount hides',
      code: 'ERR_VOLUME_NOT_MOUNTED',
      bundle: () => {
        const volume = kubeletVolume();
        mount('-t', 'tmpfs', 'over', `/var/lib/kubelet/pods/${volume.podUid}`);
        mkdirSync(volume.path, { recursive: true });
        return bundleOf(withPvcRoot(specOf(''), volume));
      },
    },
    {
      title: 'names a volume whose FUSE daemon is dead',
      code: 'ERR_VOLUME_UNREACHABLE',
      bundle: () => {
        const volume = kubeletVolume({ mounted: false });
        deadFuse(volume.path);
        return bundleOf(withPvcRoot(specOf(''), volume));
      },
      says: /at "\/var\/lib\/kubelet\/pods\/[^"]*\/mount" does not answer: ENOTCONN, the FUSE daemon.* mounts the volume anew/,
    },
    {
      title: 'names a volume by more letters than a file name can have',
      code: 'ERR_VOLUME_NOT_FOUND',
      bundle: () => {
        const volume = kubeletVolume();
        const spec = withPvcRoot(specOf(''), volume, 'a'.repeat(256));
        const uid = { 'io.kubernetes.cri.sandbox-uid': volume.podUid };
        return bundleOf({ ...spec, annotations: { ...spec.annotations, ...uid } });
      },
    },
    {
      title: 'names a volume with a blank behind',
      code: 'ERR_VOLUME_NOT_FOUND',
      bundle: () => bundleOf(withPvcRoot(specOf(''), kubeletVolume(), '/mnt/boot ')),
      says: /the value has blanks around the destination "\/mnt\/boot"/,
    },
    {
      title: 'names an emptyDir',
      code: 'ERR_VOLUME_NOT_PERSISTENT',
      bundle: () => bundleOf(withPvcRoot(specOf(''), kubeletVolume({ plugin: 'empty-dir' }))),
    },
    {
      title: "names another pod's volume",
      code: 'ERR_VOLUME_OTHER_POD',
      bundle: () => {
        const spec = withPvcRoot(specOf(''), kubeletVolume());
        return bundleOf({
          ...spec,
          annotations: { ...spec.annotations, 'io.kubernetes.cri.sandbox-uid': 'someone-else' },
        });
      },
    },
    {
      title: 'has a symlink where the volume was',
      code: 'ERR_VOLUME_PATH_UNSAFE',
      bundle: () => {
        const volume = kubeletVolume({ mounted: false });
        const spec = withPvcRoot(specOf(''), volume);
        renameSync(volume.path, `${volume.path}.away`);
        symlinkSync('/etc', volume.path);
        atEnd(() => rmSync(volume.path));
        return bundleOf(spec);
      },
    },
    {
      title: 'says its annotations twice',
      code: 'ERR_SPEC_AMBIGUOUS',
      bundle: () => {
        const text = JSON.stringify(withPvcRoot(specOf(''), kubeletVolume()));
        return bundleOf(`{"annotations":{},${text.slice(1)}`);
      },
    },
    {
      title: 'spells a member as only Go would read it',
      code: 'ERR_SPEC_AMBIGUOUS',
      bundle: () => {
        const text = JSON.stringify(withPvcRoot(specOf(''), kubeletVolume()));
        return bundleOf(`{"Root":{"path":"/"},${text.slice(1)}`);
      },
    },
    {
      title: 'holds the trigger in a text that is not JSON',
      code: 'ERR_SPEC_SYNTAX',
      bundle: () => bundleOf(`{"annotations":{"${TRIGGER}":"x"`),
    },
    {
      title: 'has a symlink to itself for a config.json',
      code: 'ERR_CONFIG_UNREADABLE',
      says: /ELOOP/,
      bundle: () => {
        const bundle = bundleOf('');
        rmSync(join(bundle, 'config.json'));
        symlinkSync('config.json', join(bundle, 'config.json'));
        return bundle;
      },
    },
    {
      title: 'has a directory for a config.json',
      code: 'ERR_CONFIG_NOT_REGULAR',
      bundle: () => {
        const bundle = bundleOf('');
        rmSync(join(bundle, 'config.json'));
        mkdirSync(join(bundle, 'config.json'));
        return bundle;
      },
    },
    {
      title: 'would rewrite what its config.json, a symlink, leads to',
      code: 'ERR_CONFIG_NOT_REGULAR',
      says: /is a symlink/,
      bundle: () => {
        const bundle = bundleOf(withPvcRoot(specOf(''), kubeletVolume()));
        renameSync(join(bundle, 'config.json'), join(bundle, 'elsewhere'));
        symlinkSync('elsewhere', join(bundle, 'config.json'));
        return bundle;
      },
    },
  ];

  test.each(refused)(
    'that $title: $code, said where people look, and nothing is started',
    ({ code, bundle, says }) => {
      const folder = bundle();
      const regular = !code.startsWith('ERR_CONFIG_');
      const before = regular ? configState(folder) : undefined;
      const place = scratchFolder('refusal');
      const [log, ours] = [join(place, 'log.json'), join(place, 'wrapper.log')];

      const { status, stdout, stderr } = runProgram(
        wrapper,
        ['--log', log, '--log-format=json', 'create', '--bundle', folder, 'refused'],
        { env: { SGS_RUNC_PATH: recordingRuntime, OCIWRAP_LOG_FILE: ours } },
      );

      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(new RegExp(`^oci-runtime-wrapper: [^\\n]*\\[${code}\\][^\\n]*\\n$`));
      const records = readFileSync(log, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(records).toHaveLength(1);
      expect(records[0]).toMatchObject({ level: 'error' });
      expect(stderr).toBe(`oci-runtime-wrapper: ${records[0].msg}\n`);
      expect(new Date(records[0].time).toISOString()).toBe(records[0].time);
      expect(JSON.parse(readFileSync(ours, 'utf8'))).toMatchObject({
        level: 'error',
        decision: 'refuse',
        code,
      });
      if (before !== undefined) {
        expect(configState(folder)).toEqual(before);
      }
      // podman chooses an exit status by these phrases, whoever says them.
      expect(stderr).not.toMatch(/permission denied|operation not permitted|not found|no such file/i);
      if (says !== undefined) {
        expect(stderr).toMatch(says);
      }
    },
  );

  test('without --log-format the record is text, as runc writes it', () => {
    const log = join(scratchFolder('refusal'), 'log');
    const bundle = bundleOf(withPvcRoot(specOf(''), kubeletVolume(), 'boot-pvc'));
    const { status } = runProgram(wrapper, ['--log', log, 'run', '-b', bundle, 'refused'], {
      env: { SGS_RUNC_PATH: recordingRuntime, OCIWRAP_LOG_FILE: '/dev/null' },
    });
    expect(status).toBe(1);
    expect(readFileSync(log, 'utf8')).toMatch(/^time=\S+ level=error msg=".*ERR_VOLUME_NOT_FOUND.*"\n$/);
  });

  test('a runtime log that is stderr gets the line once', () => {
    const bundle = bundleOf(withPvcRoot(specOf(''), kubeletVolume(), 'boot-pvc'));
    const { stderr } = runProgram(wrapper, ['--log', '/dev/stderr', 'create', '-b', bundle, 'refused'], {
      env: { SGS_RUNC_PATH: recordingRuntime, OCIWRAP_LOG_FILE: '/dev/null' },
    });
    expect(stderr.match(/ERR_VOLUME_NOT_FOUND/g)).toHaveLength(1);
  });

  const passed: readonly { title: string; spec: () => Spec }[] = [
    {
      title: 'the sandbox of the pod',
      spec: () => {
        const spec = withPvcRoot(specOf(''), kubeletVolume(), 'boot-pvc');
        return {
          ...spec,
          annotations: { ...spec.annotations, 'io.kubernetes.cri.container-type': 'sandbox' },
        };
      },
    },
    {
      title: 'a container with the trigger text in its environment only',
      spec: () => ({
        ...specOf(''),
        mounts: [mountOf(kubeletVolume())],
        process: { args: ['/bin/sh'], cwd: '/', env: [`NOTE=${TRIGGER}`], user: { uid: 0, gid: 0 } },
      }),
    },
  ];
  test.each(passed)('but $title passes, untouched', ({ spec }) => {
    const bundle = bundleOf(spec());
    const before = configState(bundle);
    const place = scratchFolder('passed');
    const log = { OCIWRAP_LOG_FILE: join(place, 'wrapper.log'), OCIWRAP_LOG_LEVEL: 'debug' };
    const { status, stderr } = runProgram(wrapper, ['create', '-b', bundle, 'passed'], {
      env: { SGS_RUNC_PATH: recordingRuntime, ...log },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(configState(bundle)).toEqual(before);
    expect(JSON.parse(readFileSync(join(place, 'wrapper.log'), 'utf8'))).toMatchObject({ decision: 'pass' });
  });

  test('a second run over a rewritten bundle changes nothing; a volume gone meanwhile is refused', () => {
    const volume = kubeletVolume();
    const bundle = bundleOf(withPvcRoot(specOf(''), volume));
    const create = () =>
      runProgram(wrapper, ['create', '-b', bundle, 'again'], {
        env: { SGS_RUNC_PATH: recordingRuntime, OCIWRAP_LOG_FILE: '/dev/null' },
      });
    expect(create()).toMatchObject({ status: 0, stderr: '' });
    const rewritten = configState(bundle);
    expect(JSON.parse(rewritten.bytes)).toMatchObject({
      root: { path: rootPathOf(volume) },
      annotations: { 'sgs.snucse.org/boot-volume-active': 'true' },
    });
    expect(create()).toMatchObject({ status: 0, stderr: '' });
    expect(configState(bundle)).toEqual(rewritten);

    runProgram('umount', [volume.path]);
    expect(create()).toMatchObject({ status: 1 });
    expect(configState(bundle)).toEqual(rewritten);
    expect(existsSync(volume.path)).toBe(true);
  });
});
