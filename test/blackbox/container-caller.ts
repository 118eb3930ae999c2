// A program of these tests that creates a container and does what it is told with it: a caller that can be killed.
import { Container, ContainerStore, RuntimeClient } from '@opencontainers-ts/runtime-client';

/** What it is told, as JSON in its first argument. */
export interface CallerOrder {
  readonly options: ConstructorParameters<typeof RuntimeClient>[0];
  readonly store: string;
  readonly id: string;
  readonly bundle: string;
  /** One after another. */
  readonly then: readonly ('start' | 'destroy' | 'forward' | 'wait')[];
}

const order = JSON.parse(process.argv[2] ?? '') as CallerOrder;
try {
  const container = await Container.create(new RuntimeClient(order.options), {
    id: order.id,
    bundle: order.bundle,
    store: new ContainerStore({ root: order.store }),
    // Not our own: who reads that would wait for the container's end, and runsc makes it non-blocking for us too.
    stdio: order.then.includes('forward') ? ['ignore', 'pipe', 'ignore'] : 'ignore',
  });
  container.stdout?.on('data', (data: Buffer) => process.stdout.write(data));
  for (const step of order.then) {
    if (step === 'start') await container.start();
    else if (step === 'destroy') await container.destroy();
    else if (step === 'forward') container.forwardSignals(['SIGUSR2', 'SIGTERM']);
    else process.stdout.write(`${JSON.stringify(await container.wait())}\n`);
  }
  process.stdout.write('done\n');
  container.close();
} catch (error) {
  process.stdout.write(`${(error as { code?: string }).code ?? String(error)}\n`);
  process.exitCode = 1;
}
