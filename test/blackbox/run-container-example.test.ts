import { expect, test } from '@jest/globals';

import { runContainer } from '../../examples/run-container/run-container.js';
import { clientMachine } from './client-machine.js';
import { describeWith } from './programs.js';

for (const runtime of ['runc', 'crun'] as const) {
  describeWith([runtime, 'busybox'], `the example that runs a container, with ${runtime}`, () => {
    const machine = clientMachine(runtime);

    test.each([
      ['exit 7', { exitCode: 7 }],
      ['exit 0', { exitCode: 0 }],
    ])('tells how it ended: %s', async (script, status) => {
      const told: string[] = [];
      const options = { id: 'example', bundle: machine.bundle(script), store: machine.store };
      expect(await runContainer(machine.client, options, (line) => told.push(line))).toEqual(status);
      expect(told[0]).toMatch(/^example runs, with the process /);
      expect(told.at(-1)).toBe(`example ended: ${JSON.stringify(status)}`);
      expect(machine.left()).toEqual([]);
    });

    test('leaves nothing of one that cannot be started', async () => {
      const told: string[] = [];
      const options = { id: 'example', bundle: '/nowhere', store: machine.store };
      const running = runContainer(machine.client, options, (line) => told.push(line));
      await expect(running).rejects.toMatchObject({ code: 'ERR_RUNTIME_CALL' });
      expect(told).toEqual([]);
      expect(machine.left()).toEqual([]);
    });
  });
}
