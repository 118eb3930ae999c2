import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = join(dirname(fileURLToPath(import.meta.url)), '../..');
const launcherFolder = join(packages, 'cli/dist/launcher');
const testPrograms = join(packages, 'cli/test/native/dist');

/** The programs that the tests run, built when they are missing or older than their sources. */
export function nativePrograms() {
  runTool('exec-native/tools/build-native.mjs');
  runTool('cli/tools/build-launcher.mjs');
  return {
    launcher: join(launcherFolder, 'oci-runtime-wrapper'),
    ociwrapLauncher: join(launcherFolder, 'ociwrap'),
    signalGuard: join(launcherFolder, 'signal-guard.so'),
    recordingRuntime: join(launcherFolder, 'recording-runtime'),
    addon: join(packages, 'exec-native/dist/exec_native.node'),
    startInState: join(launcherFolder, 'start-in-state'),
  };
}

function runTool(path: string): void {
  execFileSync(process.execPath, [join(packages, path)], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** A program that puts questions to the parts of the launcher: `native/launcher-parts.cc`. */
export function launcherParts(): string {
  const launcher = join(packages, 'cli/launcher');
  const native = join(packages, 'exec-native/native');
  const own = join(packages, 'cli/test/native/launcher-parts.cc');
  const parts = [
    ...['bytes', 'fast-path-table', 'flag-syntax', 'parse-invocation', 'possible-readings', 'real-path'],
    ...['trigger-scan', 'utf8', 'verb-flags'],
  ];
  const output = join(testPrograms, 'launcher-parts');
  const inputs = [launcher, join(launcher, 'generated')].flatMap((folder) =>
    readdirSync(folder).map((name) => join(folder, name)),
  );
  const newest = Math.max(...[own, ...inputs].map((path) => statSync(path).mtimeMs));
  if ((statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0) < newest) {
    mkdirSync(testPrograms, { recursive: true });
    // Every question is one that somebody else may put: the sanitizers see what a test that only compares does not.
    const checks = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-g', '-O1'];
    const flags = [
      '-std=c++17',
      '-D_GNU_SOURCE',
      '-Wall',
      '-Wextra',
      '-Werror',
      `-I${launcher}`,
      `-I${native}`,
    ];
    const sources = [own, ...parts.map((name) => join(launcher, `${name}.cc`))];
    const fresh = `${output}.${process.pid}`;
    execFileSync(process.env['CXX'] || 'g++', [...flags, ...checks, '-o', fresh, ...sources]);
    renameSync(fresh, output);
  }
  return output;
}
