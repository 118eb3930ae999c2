import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const native = join(root, 'native');

/** The addon, built when it is missing or older than its sources. */
export const addonFile = join(root, 'dist/exec_native.node');

export function buildAddon(): void {
  const tool = join(root, 'tools/build-native.mjs');
  execFileSync(process.execPath, [tool], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** `native/leave-record.cc`, built in the same way. */
export const buildLeaveRecord = () =>
  buildProgram('leave-record', ['capture.cc', 'make-room.cc', 'write-record.cc']);

/** `native/keep-child.cc`. */
export const buildKeepChild = () => buildProgram('keep-child', []);

/** `native/send-descriptors.cc`. */
export const buildSendDescriptors = () => buildProgram('send-descriptors', []);

function buildProgram(name: string, natives: readonly string[]): string {
  const output = join(root, 'test/native/dist', name);
  const sources = [join(root, `test/native/${name}.cc`), ...natives.map((file) => join(native, file))];
  const built = statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (sources.some((source) => statSync(source).mtimeMs > built)) {
    mkdirSync(dirname(output), { recursive: true });
    const flags = ['-std=c++17', '-D_GNU_SOURCE', '-O1', '-Wall', '-Wextra', '-Werror', `-I${native}`];
    // Tests of several packages build it, at the same time too: nobody may start what another still writes (ETXTBSY).
    const own = `${output}.${process.pid}`;
    execFileSync(process.env['CXX'] || 'g++', [...flags, '-o', own, ...sources]);
    renameSync(own, output);
  }
  return output;
}
