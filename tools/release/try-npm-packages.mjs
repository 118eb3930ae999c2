// Installs the packages as a stranger would: in an empty project, with npm, and without a compiler.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { fetchPackages } from '../debian-programs.mjs';
import { capture, tools } from '../workspace.mjs';
import { must } from './release-folder.mjs';

const ADDON = 'exec-native-linux';

/**
 * @param {string} folder - where the packages are
 * @param {readonly string[]} files - their names
 */
export function tryNpmPackages(folder, files) {
  const project = mkdtempSync(join(tmpdir(), 'ociwrap-npm-'));
  const at = (name) => `file:${join(folder, name)}`;
  const ours = Object.fromEntries(files.map((file) => [nameIn(folder, file), at(file)]));
  const isAddon = ([name]) => name.includes(ADDON);
  const manifest = {
    name: 'user',
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(Object.entries(ours).filter((entry) => !isAddon(entry))),
    optionalDependencies: Object.fromEntries(Object.entries(ours).filter(isAddon)),
    // What they name of each other is not in the registry yet.
    overrides: ours,
  };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  const env = { CC: '/bin/false', CXX: '/bin/false', npm_config_cache: join(tools, 'npm-cache') };
  must('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: project,
    env,
  });
  writeFileSync(join(project, 'user.mjs'), scriptOf(folder, files));
  const said = must(process.execPath, ['user.mjs'], { cwd: project });
  if (said !== 'from a shell\n') throw new Error(`the packages, installed and imported, printed ${said}`);
  const installed = must('ls', [join(project, 'node_modules/@opencontainers-ts')]).split('\n');
  const addons = installed.filter((name) => name.startsWith(ADDON));
  if (addons.join() !== `exec-native-linux-${process.arch}-gnu`)
    throw new Error(`npm installed ${addons.join()}`);
  rmSync(project, { recursive: true });
  for (const file of files.filter((name) => name.includes('-musl'))) compareWithMusl(join(folder, file));
}

function manifestIn(folder, file) {
  return JSON.parse(must('tar', ['-xzOf', join(folder, file), 'package/package.json']));
}

const nameIn = (folder, file) => manifestIn(folder, file).name;

/** Imports every entry of every package, and makes use of the addon: the process becomes a shell. */
function scriptOf(folder, files) {
  const specifiers = files
    .filter((file) => !file.includes(ADDON))
    .flatMap((file) => {
      const { name, exports } = manifestIn(folder, file);
      return Object.keys(exports)
        .filter((entry) => !entry.includes('*'))
        .map((entry) => name + entry.slice(1));
    });
  return [
    ...specifiers.map((specifier) => `await import('${specifier}');`),
    "const { execve } = await import('@opencontainers-ts/exec-native');",
    "execve('/bin/sh', ['sh', '-c', 'echo from a shell'], []);",
  ].join('\n');
}

/** No Node.js for musl is to be had here. So what the addon needs of a libc is looked up in musl. */
function compareWithMusl(file) {
  const folder = mkdtempSync(join(tmpdir(), 'ociwrap-musl-'));
  must('tar', ['-xzf', file, '-C', folder]);
  const { defined } = muslSymbols();
  const versions = must('readelf', ['--version-info', join(folder, 'package/exec_native.node')]);
  if (versions.includes('GLIBC')) throw new Error(`${file} asks for versions that musl has not`);
  const needed = symbolsOf(join(folder, 'package/exec_native.node'), '--undefined-only').filter(isOfLibc);
  const lacking = needed.filter((name) => !defined.has(name));
  if (needed.length === 0 || lacking.length > 0) throw new Error(`${file}: musl lacks ${lacking.join()}`);
  rmSync(folder, { recursive: true });
}

/** Not of Node-API or libuv, of the compiler's own libraries, or of those that are looked up if they are there. */
function isOfLibc(name) {
  return !/^(napi_|node_api_|uv_|_Z|__cxa_(?!finalize)|__gxx_|_Unwind_|_ITM_|__gmon_start__|__cxa_finalize)/.test(
    name,
  );
}

function muslSymbols() {
  const file = join(tools, 'debian/lib/x86_64-linux-musl/libc.so');
  const found = capture('test', ['-f', file]).status === 0 || fetchPackages(['musl']);
  if (!found) throw new Error('musl is not to be had');
  return { defined: new Set(symbolsOf(file, '--defined-only')) };
}

function symbolsOf(file, which) {
  return must('nm', ['--dynamic', which, '--format=posix', file])
    .trim()
    .split('\n')
    .map((line) => line.split(/[ @]/, 1)[0]);
}
