import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';
import {
  Container,
  type ContainerOperation,
  type ContainerStatus,
  outcomeOf,
} from '@opencontainers-ts/runtime-client';

import { canCheckpoint, clientMachine, inHostNetwork, RUNTIMES, type Runtime } from './client-machine.js';
import { describeWith } from './programs.js';
import { scratchFolder } from './scratch.js';

const STATES = ['created', 'running', 'paused', 'stopped'] as const;
type State = (typeof STATES)[number];

/** Those first that leave the container where it is. */
const OPERATIONS = [
  'exec',
  'kill',
  'ps',
  'events',
  'update',
  'start',
  'pause',
  'resume',
  'checkpoint',
  'delete',
] as const satisfies readonly ContainerOperation[];

/** Where an operation leads that is done; the others leave the state as it is. */
const LEADS_TO: Readonly<Partial<Record<ContainerOperation, ContainerStatus | 'gone'>>> = {
  start: 'running',
  pause: 'paused',
  resume: 'running',
  delete: 'gone',
};

/** A runtime that has saved a container has ended it: runc deletes it then. */
const afterCheckpoint = (runtime: Runtime) => (runtime === 'runc' ? 'gone' : 'stopped');

for (const runtime of RUNTIMES) {
  describeWith([runtime, 'busybox'], `what ${runtime} does in each state`, () => {
    const { client, store, bundle, left } = clientMachine(runtime);
    const images = scratchFolder('images');
    const call: Readonly<Record<ContainerOperation, (id: string) => Promise<unknown>>> = {
      exec: async (id) => {
        const { exit } = await client.exec(id, { args: ['/bin/true'], stdio: 'ignore' });
        expect(await exit).toEqual({ exitCode: 0 });
      },
      kill: (id) => client.kill(id, 'SIGWINCH'),
      ps: async (id) => {
        const pids = await client.ps(id);
        if (pids.length === 0) throw new Error('no process');
      },
      events: (id) => client.stats(id),
      update: (id) => client.update(id, { pids: { limit: 50 } }),
      start: (id) => client.start(id),
      pause: (id) => client.pause(id),
      resume: (id) => client.resume(id),
      checkpoint: (id) => {
        const imagePath = mkdtempSync(join(images, 'image-'));
        return client.checkpoint(id, { imagePath, ...(runtime !== 'runsc' && { workPath: imagePath }) });
      },
      delete: (id) => client.delete(id),
    };

    /** One in this state, for as many operations as leave it there. */
    async function containerIn(state: State): Promise<Container> {
      const script = state === 'stopped' ? 'true' : 'exec sleep 100';
      const container = await Container.create(client, {
        id: 'table',
        bundle: bundle(script, inHostNetwork),
        store,
      });
      // What ends is collected, also where nobody asks: within Jest this process hears of no SIGCHLD.
      const end = container.wait();
      if (state !== 'created') await container.start();
      if (state === 'paused') await container.pause();
      if (state === 'stopped') await end;
      return container;
    }

    /** The same container back where it was, where that is one step; else another one. */
    async function back(container: Container, state: State, after: string): Promise<Container> {
      if (state === 'running' && after === 'paused') await container.resume();
      else if (state === 'paused' && after === 'running') await container.pause();
      else {
        await container.destroy();
        return containerIn(state);
      }
      return container;
    }

    test.each(STATES)(
      '%s: as the table says, past which nothing is asked of it',
      async (state) => {
        let container = await containerIn(state);
        const seen: Record<string, unknown> = {};
        const expected: Record<string, unknown> = {};
        const isAlive = state === 'running' || state === 'paused';
        for (const operation of OPERATIONS) {
          if (operation === 'checkpoint' && isAlive && !canCheckpoint(runtime)) continue;
          const outcome = outcomeOf(runtime, operation, state);
          const isDone = await call[operation]('table').then(
            () => true,
            () => false,
          );
          const after = await client.state('table').then(
            ({ status }) => status,
            () => 'gone',
          );
          // Releases of a runtime that crashes differ in what the others do; none of them changes the container.
          seen[operation] = { ...(outcome !== 'crashes' && { isDone }), after };
          const next = operation === 'checkpoint' ? afterCheckpoint(runtime) : LEADS_TO[operation];
          const isKeptSuccess = outcome === 'kept' && operation !== 'ps'; // of which the list is empty
          expected[operation] = {
            ...(outcome !== 'crashes' && { isDone: outcome === 'done' || isKeptSuccess }),
            after: outcome === 'done' ? (next ?? state) : state,
          };
          if (after !== state) container = await back(container, state, after);
        }
        await container.destroy();
        expect(seen).toEqual(expected);
        expect(left()).toEqual([]);
      },
      60_000,
    );
  });
}
