// Builds dist/exec_native.node with the C++ compiler alone: the headers come from npm packages, so neither
// node-gyp nor Node's own headers are needed. CXX names another compiler.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const native = join(root, 'native');
const output = join(root, 'dist', 'exec_native.node');
const require = createRequire(import.meta.url);

const sources = [
  'addon.cc',
  'beneath.cc',
  'entry-beneath.cc',
  'js-entry-beneath.cc',
  'js-execve.cc',
  'js-may-execute.cc',
  'js-process-state.cc',
  'js-resolve-beneath.cc',
  'parse-record.cc',
  'restore.cc',
];
const includes = () => [
  join(dirname(require.resolve('node-api-headers/package.json')), 'include'),
  dirname(require.resolve('node-addon-api/package.json')),
];
const flags = [
  '-O2',
  '-std=c++17',
  '-fPIC',
  '-shared',
  '-fvisibility=hidden',
  '-fstack-protector-strong',
  '-D_GNU_SOURCE',
  '-DNODE_ADDON_API_CPP_EXCEPTIONS_ALL', // bad_alloc reaches JavaScript as an error, too
  '-DNODE_ADDON_API_DISABLE_DEPRECATED',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wl,-z,relro,-z,now',
  '-s',
];

const changed = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function isCurrent() {
  const inputs = [fileURLToPath(import.meta.url), ...readdirSync(native).map((name) => join(native, name))];
  return inputs.every((input) => changed(input) < changed(output));
}

if (process.argv.includes('--force') || !isCurrent()) {
  mkdirSync(dirname(output), { recursive: true });
  const fresh = `${output}.${process.pid}`;
  const args = [
    ...flags,
    ...includes().map((folder) => `-isystem${folder}`),
    '-o',
    fresh,
    ...sources.map((name) => join(native, name)),
  ];
  const compiler = process.env['CXX'] || 'g++';
  const { status, error } = spawnSync(compiler, args, { stdio: 'inherit' });
  if (error) console.error(`cannot run the compiler ${compiler}: ${error.message}; install g++ or set CXX`);
  if (status !== 0) process.exit(1);
  renameSync(fresh, output); // a running process may have the old file mapped
  console.log(`built ${output}`);
}
