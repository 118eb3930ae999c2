// Programs that the demo and the tests run: those of the machine, else Debian's, unpacked into .tools.
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { capture, step, tools } from './workspace.mjs';

const unpacked = join(tools, 'debian');
const programPath = ['usr/local/sbin', 'usr/local/bin', 'usr/sbin', 'usr/bin', 'sbin', 'bin'];

/** Finds a program on PATH or in the folders of root, which an ordinary user's PATH lacks. */
export function findProgram(name) {
  const onMachine = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...programPath.map((folder) => `/${folder}`),
  ];
  const ours = programPath.map((folder) => join(unpacked, folder));
  return [...onMachine, ...ours].map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return path.startsWith('/');
  } catch {
    return false;
  }
}

/** The shared libraries of unpacked programs; a program of the machine ignores the folder, it finds the same ones there. */
export function libraryPath() {
  const folder = join(unpacked, 'usr/lib');
  return existsSync(folder)
    ? readdirSync(folder)
        .map((name) => join(folder, name))
        .join(delimiter)
    : '';
}

/**
 * Downloads Debian packages and unpacks them under .tools/debian. apt works on lists and a cache of its own there, so
 * that nothing of the machine's package state changes.
 *
 * @returns whether all of them are there now
 */
export function fetchPackages(names) {
  step(`${names.join(', ')} into .tools`);
  const apt = join(tools, 'apt');
  for (const folder of ['lists/partial', 'cache/archives/partial', 'download']) {
    mkdirSync(join(apt, folder), { recursive: true });
  }
  const options = [
    '-qq',
    `-oDir::State::Lists=${apt}/lists`,
    `-oDir::Cache=${apt}/cache`,
    '-oAPT::Sandbox::User=root',
  ];
  const cwd = join(apt, 'download');
  rmSync(cwd, { recursive: true, force: true });
  mkdirSync(cwd);
  for (const args of [['update'], ['download', ...names]]) {
    const { status, stderr, error } = capture('apt-get', [...options, ...args], { cwd });
    if (status !== 0) {
      console.log(`apt-get ${args[0]} failed: ${error?.message ?? stderr.trim()}`);
      return false;
    }
  }
  mkdirSync(unpacked, { recursive: true });
  return readdirSync(cwd).every(
    (file) => capture('dpkg-deb', ['-x', join(cwd, file), unpacked]).status === 0,
  );
}

/** Gives runc and a busybox that needs no library, fetching what the machine lacks; undefined for what is not to be had. */
export function demoPrograms() {
  if (findProgram('runc') === undefined || findProgram('busybox') === undefined) {
    fetchPackages(['runc', 'libseccomp2', 'busybox-static']);
  }
  return { runc: findProgram('runc'), busybox: findProgram('busybox') };
}
