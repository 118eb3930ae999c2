import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import type { Plan } from '@opencontainers-ts/rootfs-rewriter';

import { type CallVerb, RuntimeClient, type RuntimeClientOptions } from '../../src/index.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder();
const plan = { decision: 'pass', actions: [], warnings: [] } as unknown as Plan;

/** A runtime that writes down how it is called, and leaves a process id where it is asked to. */
function recordingRuntime() {
  const [path, calls] = [join(folder, 'runc'), join(folder, 'calls')];
  const script = `#!/bin/sh
[ "$1" = --version ] && echo 'runc version 1.1.5' && exit
echo "$*" >>${calls}
for word; do case $word in --pid-file=*) echo $$ >"\${word#*=}" ;; esac; done
`;
  writeFileSync(path, script, { mode: 0o755 });
  writeFileSync(calls, '');
  return { path, calls: () => readFileSync(calls, 'utf8') };
}

/** Each way to make a container of a bundle. */
const WAYS: readonly (readonly [
  name: string,
  verb: CallVerb,
  make: (client: RuntimeClient, more?: { readonly pidFile?: string }) => Promise<{ readonly plan?: Plan }>,
])[] = [
  ['create', 'create', (client, more) => client.create('c1', { bundle: 'b', ...more })],
  ['run', 'run', (client, more) => client.run('c1', { bundle: 'b', stdio: 'ignore', ...more })],
  ['run, detached', 'run', (client, more) => client.run('c1', { bundle: 'b', detach: true, ...more })],
  [
    'restore',
    'restore',
    (client, more) => client.restore('c1', { bundle: 'b', imagePath: '/i', stdio: 'ignore', ...more }),
  ],
];

test.each(WAYS)('%s: rules see the bundle first, and the plan is handed back', async (_name, verb, make) => {
  const runtime = recordingRuntime();
  const asked: unknown[] = [];
  const rules: RuntimeClientOptions['rules'] = (...call) => {
    asked.push(...call, runtime.calls());
    return plan;
  };
  const made = await make(new RuntimeClient({ runtime: runtime.path, rules }));
  expect(made.plan).toBe(plan);
  if ('exit' in made) await made.exit;
  expect(asked).toEqual([join(process.cwd(), 'b'), verb, '']);
  expect(runtime.calls()).toContain(verb);
});

test.each(WAYS)('%s: what rules throw stops it before the runtime is asked', async (_name, _verb, make) => {
  const runtime = recordingRuntime();
  const refusal = new Error('refused');
  const rules: RuntimeClientOptions['rules'] = () => {
    throw refusal;
  };
  await expect(make(new RuntimeClient({ runtime: runtime.path, rules }))).rejects.toBe(refusal);
  expect(runtime.calls()).toBe('');
});

test.each(WAYS)('%s: rules do not see a call that cannot be', async (_name, _verb, make) => {
  const runtime = recordingRuntime();
  const rules: RuntimeClientOptions['rules'] = () => {
    throw new Error('asked');
  };
  const client = new RuntimeClient({ runtime: runtime.path, rules });
  await expect(make(client, { pidFile: 'a\0b' })).rejects.toMatchObject({ code: 'ERR_RUNTIME_OPTION' });
});

test('without rules there is no plan', async () => {
  const made = await new RuntimeClient({ runtime: recordingRuntime().path }).create('c1', { bundle: 'b' });
  expect(made).toEqual({});
});

test('rules that are no function are told at once', () => {
  const options = { rules: 'pvc-rootfs' } as unknown as RuntimeClientOptions;
  expect(() => new RuntimeClient(options)).toThrow(expect.objectContaining({ code: 'ERR_RUNTIME_OPTION' }));
});
