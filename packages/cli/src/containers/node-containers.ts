import type { ContainerCommands } from '../commands/containers/container-commands.js';
import { containerEvents } from './container-events.js';
import { containerStore } from './container-store.js';
import { deleteContainer } from './delete-container.js';
import { execProgram } from './exec-program.js';
import { findContainer } from './found-container.js';
import { killContainer } from './kill-container.js';
import { listContainers } from './list-containers.js';
import { runContainer, startContainer } from './run-container.js';

/** The commands about containers on Node.js, over the library. */
export function nodeContainers(): ContainerCommands {
  const store = containerStore();
  return {
    run: (request) => runContainer(store, request),
    start: (request) => startContainer(store, request),
    exec: (request) => execProgram(store, request),
    list: (choice) => listContainers(store, choice),
    processes: async (choice) => {
      const { id, client } = await findContainer(store, choice);
      return client.ps(id);
    },
    kill: (choice, signal) => killContainer(store, choice, signal),
    delete: (choice, options) => deleteContainer(store, choice, options),
    events: (choice, options, take) => containerEvents(store, choice, options, take),
    ids: async () => (await store.list()).map(({ id }) => id),
  };
}
