import { randomBytes } from 'node:crypto';

import { Container, type ContainerStore, type RuntimeClient } from '@opencontainers-ts/runtime-client';

import type { ProgramEnd, RunRequest, StartedContainer } from '../commands/containers/container-commands.js';
import { type AttachedTerminal, attachTerminal, withConsole } from './attached-terminal.js';
import { clientOf } from './found-container.js';
import { interruptible, PASSED_SIGNALS } from './passed-signals.js';
import { programEnd } from './program-end.js';

/** 48 bits: as many as engines show of theirs. */
const newId = () => randomBytes(6).toString('hex');

/** Runs a container to its end, and destroys it whatever happens. */
export async function runContainer(
  store: ContainerStore,
  request: RunRequest,
): Promise<{ readonly id: string; readonly end: ProgramEnd }> {
  const { id = newId(), tell } = request;
  const client = clientOf(request);
  tell(id);
  const { container, attach } = await created(client, store, { ...request, id });
  let attached: AttachedTerminal | undefined;
  let stop: (() => void) | undefined;
  try {
    stop = container.forwardSignals(PASSED_SIGNALS);
    tell(undefined);
    attached = await attach();
    await container.start();
    return { id, end: programEnd(await container.wait()) };
  } finally {
    // Before the terminal is let go of: what the container leaves may hold it open.
    try {
      await container.destroy();
    } finally {
      await attached?.detach();
      stop?.();
    }
  }
}

/** A container whose program waits, and how it gets the streams of this process. */
interface Created {
  readonly container: Container;
  readonly attach: () => Promise<AttachedTerminal | undefined>;
}

function created(
  client: RuntimeClient,
  store: ContainerStore,
  { id, bundle, terminal: wanted }: RunRequest & { readonly id: string },
): Promise<Created> {
  return interruptible(async (signal) => {
    const options = { id, bundle, store, signal };
    if (!wanted) {
      const container = await Container.create(client, { ...options, stdio: 'inherit' });
      return { container, attach: async () => undefined };
    }
    const { made, terminal } = await withConsole(
      (consoleSocket) => Container.create(client, { ...options, consoleSocket }),
      (container) => container.destroy(),
    );
    return { container: made, attach: () => attachTerminal(terminal) };
  });
}

/** Starts a container without streams, and leaves it. */
export async function startContainer(
  store: ContainerStore,
  { tell, ...request }: Omit<RunRequest, 'terminal'>,
): Promise<StartedContainer> {
  const { id = newId(), bundle } = request;
  const client = clientOf(request);
  tell(id);
  // It will be nobody's child in a moment.
  const container = await interruptible((signal) =>
    Container.run(client, { id, bundle, store, signal, subreaper: false }),
  );
  try {
    tell(undefined);
    const { pid } = await container.state();
    return { id, ...(pid !== undefined && { pid }), runtime: client.runtime, bundle: container.bundle };
  } finally {
    container.close();
  }
}
