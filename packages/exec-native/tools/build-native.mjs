// Builds dist/exec_native.node with the C++ compiler alone: the headers come from npm packages, so neither
// node-gyp nor Node's own headers are needed. CXX names another compiler.
// `--out FILE` puts it elsewhere; `--libc musl` builds it for a Node.js that stands on musl.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const native = join(root, 'native');
const { values: options } = parseArgs({
  options: {
    force: { type: 'boolean', default: false },
    libc: { type: 'string', default: 'gnu' },
    out: { type: 'string', default: join(root, 'dist', 'exec_native.node') },
  },
});
const output = options.out;
const compiler = process.env['CXX'] || 'g++';
const require = createRequire(import.meta.url);

const sources = [
  'addon.cc',
  'beneath.cc',
  'entry-beneath.cc',
  'js-descriptor.cc',
  'js-entry-beneath.cc',
  'js-execve.cc',
  'js-may-execute.cc',
  'js-pidfd.cc',
  'js-process-state.cc',
  'js-readable.cc',
  'js-resolve-beneath.cc',
  'js-subreaper.cc',
  'js-unix-socket.cc',
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

if (options.force || !isCurrent()) {
  mkdirSync(dirname(output), { recursive: true });
  const fresh = `${output}.${process.pid}`;
  compile([
    ...flags,
    ...includes().map((folder) => `-isystem${folder}`),
    '-o',
    fresh,
    ...sources.map((name) => join(native, name)),
    ...(options.libc === 'musl' ? librariesOnMusl() : []),
  ]);
  renameSync(fresh, output); // a running process may have the old file mapped
  console.log(`built ${output}`);
}

function compile(args) {
  const { status, error } = spawnSync(compiler, args, { stdio: 'inherit' });
  if (error) console.error(`cannot run the compiler ${compiler}: ${error.message}; install g++ or set CXX`);
  if (status !== 0) process.exit(1);
}

/**
 * A compiler for glibc makes what musl can load, as long as nothing asks for versions of symbols, which only glibc has: the
 * libraries that are named have none here, and are the real ones there. What is needed of libc is in every Node.js. A test
 * compares all of it with what musl has.
 */
function librariesOnMusl() {
  const folder = mkdtempSync(join(tmpdir(), 'exec-native-'));
  process.on('exit', () => rmSync(folder, { recursive: true }));
  const libraries = ['libstdc++.so.6', 'libgcc_s.so.1'].map((name) => {
    const file = join(folder, name);
    compile(['-shared', '-nostdlib', `-Wl,-soname,${name}`, '-x', 'c', '/dev/null', '-o', file]);
    return file;
  });
  return ['-nostdlib', '-Wl,--no-as-needed', ...libraries];
}
