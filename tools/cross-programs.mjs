// A compiler for another architecture, and the emulator that runs what it makes: those of the machine, else Debian's, unpacked
// into .tools with all that they need and the machine lacks.
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { findProgram } from './debian-programs.mjs';
import { capture, step, tools } from './workspace.mjs';

/** As Debian and Go call them, by what Node.js calls them. */
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };

/** The architecture of this machine. */
export const ownArchitecture = ARCHITECTURES[process.arch];

/** How the names of the programs for each begin (GNU), and by which the kernel and QEMU call it. */
export const TRIPLES = { amd64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };
const MACHINES = { amd64: 'x86_64', arm64: 'aarch64' };

const folderOf = (architecture) => join(tools, 'cross', architecture);

/**
 * Gives a compiler (`gcc`, `g++`) for another architecture than the machine's; it is fetched where there is none.
 *
 * @returns {string | undefined} its path; undefined where it is not to be had
 */
export function crossCompiler(architecture, name) {
  return foundOrFetched(architecture, `${TRIPLES[architecture]}-${name}`, 'bin');
}

/** Gives an emulator for programs of an architecture, one file that needs no other; undefined where it is not to be had. */
export function emulatorOf(architecture) {
  return foundOrFetched(architecture, emulatorName(architecture), 'usr/bin');
}

const emulatorName = (architecture) => `qemu-${MACHINES[architecture]}-static`;

function foundOrFetched(architecture, name, folder) {
  const fetched = join(folderOf(architecture), folder, name);
  const find = () => findProgram(name) ?? (existsSync(fetched) ? fetched : undefined);
  return find() ?? (fetchFor(architecture) ? find() : undefined);
}

/**
 * Downloads what the machine lacks of the packages, as apt works out. It has lists, a cache and locks of its own, and reads of
 * the machine's package state what is installed. GCC finds its parts beside itself wherever it lies, but not the
 * libraries of its assembler and linker; so each program gets a script that names their folder. Where to find the libc that is
 * linked to, a script of the linker in it says, from the root on: that has to be this folder.
 */
function fetchFor(architecture) {
  const packages = [`g++-${TRIPLES[architecture].replaceAll('_', '-')}`, 'qemu-user-static'];
  step(`${packages.join(', ')} into .tools`);
  const folder = folderOf(architecture);
  const next = `${folder}.next`;
  rmSync(next, { recursive: true, force: true });
  const apt = join(next, 'apt');
  for (const path of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(join(apt, path), { recursive: true });
  const settings = {
    'Dir::State::Lists': join(apt, 'lists'),
    'Dir::Cache': join(apt, 'cache'),
    'APT::Sandbox::User': 'root',
    'APT::Install-Recommends': 'false',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
    'Debug::NoLocking': 'true',
  };
  const options = ['-qq', ...Object.entries(settings).map(([key, value]) => `-o${key}=${value}`)];
  for (const args of [['update'], ['--yes', '--download-only', 'install', ...packages]]) {
    if (!succeeds('apt-get', [...options, ...args])) return false;
  }
  const archives = join(apt, 'cache/archives');
  const unpacked = readdirSync(archives)
    .filter((name) => name.endsWith('.deb'))
    .every((name) => succeeds('dpkg-deb', ['-x', join(archives, name), next]));
  if (!unpacked) return false;
  rmSync(apt, { recursive: true });
  removeOtherEmulators(next, emulatorName(architecture));
  writeScripts(next, folder);
  rmSync(folder, { recursive: true, force: true });
  renameSync(next, folder);
  return true;
}

/** The package has those of fifty machines, 400 MB. */
function removeOtherEmulators(unpacked, kept) {
  for (const name of readdirSync(join(unpacked, 'usr/bin'))) {
    if (name.startsWith('qemu-') && name !== kept) rmSync(join(unpacked, 'usr/bin', name));
  }
}

function writeScripts(unpacked, folder) {
  const libraries = join(folder, 'usr/lib', TRIPLES[ownArchitecture]);
  mkdirSync(join(unpacked, 'bin'));
  for (const name of readdirSync(join(unpacked, 'usr/bin'))) {
    const script = join(unpacked, 'bin', name);
    const options = /g(cc|\+\+)$/.test(name) ? ` --sysroot='${folder}'` : '';
    const start = `LD_LIBRARY_PATH='${libraries}' exec '${join(folder, 'usr/bin', name)}'${options} "$@"`;
    writeFileSync(script, `#!/bin/sh\n${start}\n`);
    chmodSync(script, 0o755);
  }
}

function succeeds(program, args) {
  const { status, stderr, error } = capture(program, args);
  if (status !== 0) console.log(`${program} ${args.at(-1)} failed: ${error?.message ?? stderr.trim()}`);
  return status === 0;
}
