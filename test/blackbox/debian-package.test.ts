import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, test } from '@jest/globals';

import { describeWith, ociwrap, root } from './programs.js';
import { runProgram } from './run-program.js';
import { atEnd, mount, scratchFolder } from './scratch.js';
import { waitUntil } from './wait-until.js';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

/** Makes the package as a release does, into a folder. */
const MAKE = `
  const { makeDebianPackage } = await import(process.argv[1] + '/tools/release/debian-package.mjs');
  const { ARCHITECTURES } = await import(process.argv[1] + '/tools/release/release-folder.mjs');
  console.log(makeDebianPackage(ARCHITECTURES[0], process.argv[2], process.argv[3]));`;

describeWith(['dpkg', 'dpkg-deb'], 'the package for Debian', () => {
  const folder = scratchFolder('deb');
  /** A machine of its own, which begins as this one. */
  const machine = join(folder, 'machine');
  let file = '';

  const made = (into: string) => {
    const script = ['--input-type=module', '--eval', MAKE, root, into, ociwrap];
    const { status, stdout, stderr } = runProgram(process.execPath, script, {
      env: { SOURCE_DATE_EPOCH: '1700000000' },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return join(into, stdout.trim());
  };
  const dpkg = (...args: readonly string[]) => runProgram('dpkg', [`--root=${machine}`, ...args]);
  /** All that is not as on this machine, but what dpkg writes down. */
  const changedFiles = () => {
    const layer = join(folder, 'layers/upper');
    const { stdout } = runProgram('find', [
      layer,
      '-path',
      `${layer}/var/*`,
      '-prune',
      '-o',
      '-not',
      '-type',
      'd',
      '-print',
    ]);
    return stdout;
  };
  const onMachine = (...command: readonly string[]) => runProgram('chroot', [machine, ...command]);

  beforeAll(() => {
    runProgram('mkdir', ['-p', machine, join(folder, 'layers')]);
    mount('-t', 'tmpfs', 'ociwrap-deb', join(folder, 'layers'));
    const [upper, work] = ['upper', 'work'].map((name) => join(folder, 'layers', name)) as [string, string];
    runProgram('mkdir', [upper, work]);
    mount('-t', 'overlay', '-o', `lowerdir=/,upperdir=${upper},workdir=${work}`, 'ociwrap-deb', machine);
    mount('--rbind', '/proc', join(machine, 'proc'));
    mount('--bind', '/dev', join(machine, 'dev'));
    runProgram('mkdir', ['-p', join(machine, 'var/lib/dpkg/info'), join(machine, 'var/lib/dpkg/updates')]);
    runProgram('touch', [join(machine, 'var/lib/dpkg/status'), join(machine, 'var/lib/dpkg/available')]);
    file = made(folder);
  });

  test('is the same to the byte when it is made again', () => {
    const other = made(scratchFolder('deb-again'));
    expect(readFileSync(file).equals(readFileSync(other))).toBe(true);
  });

  test('is installed and removed, and leaves nothing; not while a container needs it', async () => {
    const before = changedFiles();
    expect(dpkg('--install', file)).toMatchObject({ status: 0 });
    expect(onMachine('/usr/bin/ociwrap', 'version').stdout).toContain(version);
    expect(onMachine('/usr/bin/oci-runtime-wrapper', '--version')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('runc'),
    });

    // A call that goes on, as those of BuildKit do while their containers run: the runtime has the name that the wrapper was called by.
    const call = spawn('chroot', [machine, 'bash', '-c', 'exec -a /usr/bin/oci-runtime-wrapper sleep 1000'], {
      stdio: 'ignore',
    });
    atEnd(() => call.kill('SIGKILL'));
    const nameOf = () => readFileSync(`/proc/${call.pid}/cmdline`, 'utf8').split('\0')[0];
    waitUntil('the call goes on', () => nameOf() === '/usr/bin/oci-runtime-wrapper');
    const refused = dpkg('--remove', 'ociwrap');
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain('without it nothing can stop and remove these containers');
    expect(onMachine('/usr/bin/ociwrap', 'version')).toMatchObject({ status: 0 });

    call.kill('SIGKILL');
    await once(call, 'exit');
    expect(dpkg('--purge', 'ociwrap')).toMatchObject({ status: 0 });
    expect(changedFiles()).toEqual(before);
    expect(existsSync(join(machine, 'etc/ociwrap'))).toBe(false);
  });
});
