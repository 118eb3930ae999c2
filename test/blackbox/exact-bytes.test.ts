import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { bundleOf, rootPathOf, specOf, withPvcRoot } from './bundle.js';
import { kubeletVolume } from './kubelet-volume.js';
import { describeWith, program, wrapper } from './programs.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

describeWith(['runc', 'busybox'], 'what a rewrite does not name', () => {
  // Texts that a parse and a print would change, each put where runc reads it or must ignore it.
  const oddities: readonly { title: string; from: string; to: string }[] = [
    {
      title: 'RLIM_INFINITY, beyond what a double can hold',
      from: '"noNewPrivileges":true',
      to: '"noNewPrivileges":true,"rlimits":[{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":18446744073709551615}]',
    },
    {
      title: 'members that no version of the specification knows',
      from: '"ociVersion":',
      to: '"x-vendor":{"z":1.0,"a":1e2,"10":null,"9":[ ]},"__proto__":{"polluted":true},"ociVersion":',
    },
    {
      title: 'escapes that nobody would write again in the same way',
      from: '"PATH=/bin"',
      to: '"PATH=/bin","ESCAPES=\\u0041\\/\\u00e9\\ud83d\\ude00\\u003c\\t"',
    },
    {
      title: 'white space, line ends and a missing last one',
      from: '"process":',
      to: '\r\n\t"process" \n:  ',
    },
  ];

  test.each(oddities)('$title: survives to the byte, and runc accepts the result', ({ from, to }) => {
    const volume = kubeletVolume();
    const text = JSON.stringify(withPvcRoot(specOf('echo started'), volume));
    expect(text.split(from)).toHaveLength(2);
    const odd = text.replace(from, () => to);
    const bundle = bundleOf(odd);
    const state = scratchFolder('state');

    const { status, stdout, stderr } = runProgram(
      wrapper,
      ['--root', state, 'run', '-b', bundle, `odd-${process.pid}`],
      { env: { SGS_RUNC_PATH: program('runc'), OCIWRAP_LOG_FILE: '/dev/null' } },
    );

    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'started\n', stderr: '' });
    const written = readFileSync(join(bundle, 'config.json'), 'utf8');
    expect(written).toContain(to);
    expect(written).toContain(`"path":"${rootPathOf(volume)}"`);
    // All that is gone or new lies in the root, the mounts and the annotations.
    const outside = (json: string) => json.slice(0, json.indexOf('"root":'));
    expect(outside(written)).toBe(outside(odd));
    expect(statSync(join(bundle, 'config.json')).mode & 0o7777).toBe(0o644);
  });
});
