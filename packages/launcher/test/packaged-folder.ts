import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { nativePrograms } from './native-programs.js';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/**
 * The Node.js that the package carries, which every command at the root fetches. Another one may have something to say
 * about the flags that the launcher gives: 20 warns that --jitless leaves no WebAssembly.
 */
function packagedNode(): string {
  const { version } = JSON.parse(readFileSync(join(root, 'tools/bundled-node.json'), 'utf8'));
  const fetched = join(root, `.tools/node-${version}/bin/node`);
  if (!existsSync(fetched)) {
    throw new Error(`${fetched} is not there: run npm run check`);
  }
  return fetched;
}

/** Lays `folder` out as `npm run package` does it, with `script` (a file of `fixtures/`) as lib/wrapper.cjs. */
export async function packagedFolder(folder: string, script: string) {
  const programs = nativePrograms();
  const bin = join(folder, 'bin');
  const lib = join(folder, 'lib');
  mkdirSync(bin);
  mkdirSync(lib);
  copyFileSync(programs.launcher, join(bin, 'oci-runtime-wrapper'));
  copyFileSync(programs.ociwrapLauncher, join(bin, 'ociwrap'));
  copyFileSync(programs.recordingRuntime, join(bin, 'runtime'));
  copyFileSync(programs.signalGuard, join(lib, 'signal-guard.so'));
  copyFileSync(programs.addon, join(lib, 'exec_native.node'));
  symlinkSync(packagedNode(), join(lib, 'node'));
  writeFileSync(join(lib, 'wrapper-code.cjs'), '// the launcher wants it to be there; the script does not\n');
  await build({
    entryPoints: [join(dirname(fileURLToPath(import.meta.url)), 'fixtures', script)],
    outfile: join(lib, 'wrapper.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    define: { 'import.meta.dirname': '__dirname' },
  });
  return {
    folder,
    launcher: join(bin, 'oci-runtime-wrapper'),
    ociwrap: join(bin, 'ociwrap'),
    runtime: join(bin, 'runtime'),
    startInState: programs.startInState,
    // No runtime to go straight to: every call is Node's.
    variables: [`RUNTIME=${join(bin, 'runtime')}`, 'SGS_RUNC_PATH=/missing'],
  };
}

export type PackagedFolder = Awaited<ReturnType<typeof packagedFolder>>;
