import { expect, test } from '@jest/globals';
import { Container, type ContainerStatus, outcomeOf } from '@opencontainers-ts/runtime-client';

import { clientMachine, RUNTIMES } from './client-machine.js';
import { describeWith } from './programs.js';

const STATES = ['created', 'running', 'paused', 'stopped'] as const;
const OPERATIONS = ['start', 'kill', 'pause', 'resume', 'delete'] as const;
type Operation = (typeof OPERATIONS)[number];

/** Where an operation leads that is done. A signal that does nothing leads nowhere. */
const LEADS_TO: Readonly<Record<Operation, ContainerStatus | 'gone' | undefined>> = {
  start: 'running',
  kill: undefined,
  pause: 'paused',
  resume: 'running',
  delete: 'gone',
};

for (const runtime of RUNTIMES) {
  describeWith([runtime, 'busybox'], `what ${runtime} does in each state`, () => {
    const { client, store, bundle, left } = clientMachine(runtime);
    const call: Readonly<Record<Operation, (id: string) => Promise<void>>> = {
      start: (id) => client.start(id),
      kill: (id) => client.kill(id, 'SIGWINCH'),
      pause: (id) => client.pause(id),
      resume: (id) => client.resume(id),
      delete: (id) => client.delete(id),
    };

    /** One in this state, for as many operations as leave it there. */
    async function containerIn(state: (typeof STATES)[number]): Promise<Container> {
      const script = state === 'stopped' ? 'true' : 'exec sleep 100';
      const container = await Container.create(client, { id: 'table', bundle: bundle(script), store });
      if (state !== 'created') await container.start();
      if (state === 'paused') await container.pause();
      if (state === 'stopped') await container.wait();
      return container;
    }

    test.each(STATES)(
      '%s: as the table says, past which nothing is asked of it',
      async (state) => {
        let container = await containerIn(state);
        const seen: Record<string, unknown> = {};
        const expected: Record<string, unknown> = {};
        for (const operation of OPERATIONS) {
          const outcome = outcomeOf(runtime, operation, state);
          const isDone = await call[operation]('table').then(
            () => true,
            () => false,
          );
          const after = await client.state('table').then(
            ({ status }) => status,
            () => 'gone',
          );
          seen[operation] = { isDone, after };
          expected[operation] = {
            isDone: outcome === 'done' || outcome === 'kept',
            after: outcome === 'done' ? (LEADS_TO[operation] ?? state) : state,
          };
          if (after === state) continue;
          await container.destroy();
          container = await containerIn(state);
        }
        await container.destroy();
        expect(seen).toEqual(expected);
        expect(left()).toEqual([]);
      },
      60_000,
    );
  });
}
