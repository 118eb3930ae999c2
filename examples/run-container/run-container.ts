import {
  Container,
  type ContainerOptions,
  type ExitStatus,
  type RuntimeClient,
  RuntimeClientError,
} from '@opencontainers-ts/runtime-client';

/**
 * Runs a container, tells what happens to it, and leaves nothing of it, however it ends.
 *
 * @param tell - gets a line for each event
 */
export async function runContainer(
  client: RuntimeClient,
  options: ContainerOptions,
  tell: (line: string) => void,
): Promise<ExitStatus> {
  const container = await Container.create(client, options);
  const watching = new AbortController();
  const stopForwarding = container.forwardSignals(['SIGINT', 'SIGTERM']);
  try {
    await container.start();
    tell(`${container.id} runs, with the process ${(await container.state()).pid ?? 'gone'}`);
    const told = tellEvents(container, watching.signal, tell);
    const status = await container.wait();
    watching.abort();
    await told;
    tell(`${container.id} ended: ${JSON.stringify(status)}`);
    return status;
  } finally {
    stopForwarding();
    await container.destroy();
  }
}

/** What the runtime tells, until there is nobody to listen. crun tells nothing: it has no such command. */
async function tellEvents(
  container: Container,
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<void> {
  try {
    for await (const { type } of container.events({ signal })) tell(`${container.id}: ${type}`);
  } catch (error) {
    const isOver = signal.aborted || (error instanceof RuntimeClientError && LACKING.includes(error.code));
    if (!isOver) throw error;
  }
}

/** The container may end before it is asked. */
const LACKING: readonly string[] = ['ERR_RUNTIME_LACKS', 'ERR_CONTAINER_STATE', 'ERR_CONTAINER_MISSING'];
