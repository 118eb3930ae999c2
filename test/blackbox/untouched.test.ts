import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { bundleOf, configState, specOf } from './bundle.js';
import { describeWith, program, wrapper } from './programs.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

describeWith(['runc', 'busybox'], 'a container that no rule is about', () => {
  const cases: readonly { title: string; script: string; status: number }[] = [
    { title: 'that ends well', script: 'echo out; echo err >&2', status: 0 },
    { title: 'that fails', script: 'echo out; exit 42', status: 42 },
    { title: 'that is killed', script: "sh -c 'kill -KILL $$'; exit $?", status: 137 },
  ];

  test.each(cases)(
    '$title: output and status are those of bare runc, config.json is not touched',
    ({ script, status }) => {
      const state = scratchFolder('state');
      const bundle = bundleOf(
        specOf(script, { annotations: { 'io.kubernetes.cri.container-type': 'container' } }),
      );
      const before = configState(bundle);
      const run = (file: string, id: string) =>
        runProgram(file, ['--root', state, 'run', '--bundle', bundle, id], {
          env: { OCIWRAP_LOG_FILE: join(state, 'wrapper.log'), OCIWRAP_LOG_LEVEL: 'debug' },
        });

      const bare = run(program('runc'), `bare-${process.pid}`);
      const wrapped = run(wrapper, `wrapped-${process.pid}`);

      expect(bare.status).toBe(status);
      expect(wrapped).toEqual(bare);
      expect(configState(bundle)).toEqual(before);
      const record = JSON.parse(readFileSync(join(state, 'wrapper.log'), 'utf8'));
      expect(record).toMatchObject({ level: 'debug', verb: 'run', decision: 'pass' });
    },
  );

  const calls: readonly (readonly string[])[] = [
    ['--version'],
    ['features'],
    ['state', 'nobody'],
    ['delete', '--force', 'nobody'],
    ['kill', 'nobody', '9'],
    ['no-such-verb'],
    ['create', '--bundle', '/nowhere', 'x'],
    [],
  ];
  test.each(calls.map((args) => [args.join(' ') || '(no arguments)', args] as const))(
    'runc %s: every byte on both streams is runc’s own',
    (_, args) => {
      const root = ['--root', scratchFolder('state')];
      const bare = runProgram(program('runc'), [...root, ...args]);
      const wrapped = runProgram(wrapper, [...root, ...args], { env: { OCIWRAP_LOG_FILE: '/dev/null' } });
      const timeless = (text: string) => text.replace(/time="[^"]*"/g, 'time=""');
      expect({ ...wrapped, stderr: timeless(wrapped.stderr) }).toEqual({
        ...bare,
        stderr: timeless(bare.stderr),
      });
    },
  );
});
