import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = join(dirname(fileURLToPath(import.meta.url)), '../..');
const launcherFolder = join(packages, 'launcher/dist/programs');

/** The programs that the tests run, built when they are missing or older than their sources. */
export function nativePrograms() {
  runTool('exec-native/tools/build-native.mjs');
  runTool('launcher/tools/build-launcher.mjs');
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

/** A program that puts questions, or inputs of its own, to the parts of the launcher: `native/launcher-parts.cc`. */
export function launcherParts(): string {
  parts ??= execFileSync(process.execPath, [join(packages, 'launcher/tools/build-launcher-parts.mjs')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
  return parts;
}

let parts: string | undefined;
