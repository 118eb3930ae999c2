import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, test } from '@jest/globals';

import { bundleOf, TRIGGER } from './bundle.js';
import { describeWith, packaged, wrapper } from './programs.js';
import { recorderIn } from './recorded-calls.js';
import { runProgram } from './run-program.js';
import { mount, scratchFolder } from './scratch.js';

describeWith([], 'files of the node that Node.js would read', () => {
  let env: Record<string, string>;
  let args: readonly string[];
  beforeAll(() => {
    // The text, and no annotation: Node has to look, and finds nothing to rewrite.
    args = ['create', '-b', bundleOf(JSON.stringify({ hostname: TRIGGER })), 'x'];
    env = { SGS_RUNC_PATH: recorderIn(scratchFolder('runtime')).path, OCIWRAP_LOG_FILE: '/dev/null' };
  });

  test('a broken package.json above the installed folder does not matter', () => {
    const above = scratchFolder('above');
    cpSync(packaged, join(above, 'ociwrap'), { recursive: true });
    writeFileSync(join(above, 'package.json'), '{ broken');
    const { status, stderr } = runProgram(join(above, 'ociwrap/bin/oci-runtime-wrapper'), args, {
      env,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test.each([
    ['that is broken', '[[ broken'],
    ['with a section for Node.js', 'nodejs_conf = missing'],
  ])('an openssl.cnf %s does not matter', (_name, text) => {
    if (existsSync('/etc/ssl')) {
      mount('-t', 'tmpfs', 'settings', '/etc/ssl');
      writeFileSync('/etc/ssl/openssl.cnf', `${text}\n`);
    }
    const { status, stderr } = runProgram(wrapper, args, { env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
