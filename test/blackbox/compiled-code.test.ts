import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { describeWith, packaged, recordingRuntime } from './programs.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

/** The packaged program, with a wrapper that tells what V8 thinks of the code that was compiled at package time. */
function packageThatTells(): { launcher: string; said: () => unknown } {
  const folder = scratchFolder('compiled');
  const lib = join(folder, 'lib');
  mkdirSync(join(folder, 'bin'));
  mkdirSync(lib);
  copyFileSync(join(packaged, 'bin/oci-runtime-wrapper'), join(folder, 'bin/oci-runtime-wrapper'));
  for (const file of [
    'node',
    'exec_native.node',
    'signal-guard.so',
    'wrapper-code.cjs',
    'wrapper-code.cache',
  ]) {
    symlinkSync(join(packaged, 'lib', file), join(lib, file));
  }
  writeFileSync(
    join(lib, 'wrapper.cjs'),
    `const { readFileSync, writeFileSync } = require('node:fs');
     const { Script } = require('node:vm');
     const read = (file, encoding) => readFileSync(__dirname + '/' + file, encoding);
     const judge = (source) => new Script(source, { cachedData: read('wrapper-code.cache') }).cachedDataRejected;
     const source = read('wrapper-code.cjs', 'utf8');
     writeFileSync(__dirname + '/said', JSON.stringify({ own: judge(source), other: judge(source + ' ') }));`,
  );
  const said = join(lib, 'said');
  return {
    launcher: join(folder, 'bin/oci-runtime-wrapper'),
    said: () => (existsSync(said) ? JSON.parse(readFileSync(said, 'utf8')) : undefined),
  };
}

describeWith([], 'the code compiled at package time', () => {
  test('is taken by the Node that the launcher starts, with the flags that it gives', () => {
    const { launcher, said } = packageThatTells();
    const bundle = scratchFolder('bundle');
    writeFileSync(join(bundle, 'config.json'), '{"annotations":{"sgs.snucse.org/os-volume":"pvc-1"}}');
    runProgram(launcher, ['create', '--bundle', bundle, 'c1'], {
      env: { SGS_RUNC_PATH: recordingRuntime },
    });
    expect(said()).toEqual({ own: false, other: true });
  });
});
