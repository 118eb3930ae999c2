import type { Readable, Writable } from 'node:stream';

import { type CreateOptions, createCommand } from '../commands/create-command.js';
import { errorsOfFailed } from '../process/failed-output.js';
import { isSuccess } from '../process/runtime-end.js';
import type { StreamChoice } from '../process/spawn-runtime.js';
import type { RuntimeCaller } from './runtime-caller.js';

/** The standard streams of a container's process, and its further descriptors. */
export interface StreamOptions {
  /**
   * Standard input, output and error of the container's process, each or all: `ignore` (the default: /dev/null), `inherit`, `pipe`, or a
   * descriptor of this process. Of a container with a terminal they are the runtime's only.
   */
  readonly stdio?: StreamChoice | readonly [StreamChoice, StreamChoice, StreamChoice];
  /** Descriptors of this process that the container's process finds as 3, 4 and so on. */
  readonly preserveDescriptors?: readonly number[];
}

/** The ends of the pipes of a container's process, each where `pipe` was asked for. */
export interface CreateStreams {
  readonly stdin?: Writable;
  readonly stdout?: Readable;
  readonly stderr?: Readable;
}

/** Each of the three. */
export function streamsOf({ stdio = 'ignore' }: StreamOptions): [StreamChoice, StreamChoice, StreamChoice] {
  return typeof stdio === 'string' || typeof stdio === 'number' ? [stdio, stdio, stdio] : [...stdio];
}

/**
 * `create` leaves the container's process, which inherits the runtime's standard streams. So this waits for the runtime itself and not for
 * the end of the pipes, and reads them only where the runtime has failed, for then there is no such process.
 */
export async function createContainer(
  caller: RuntimeCaller,
  id: string,
  options: CreateOptions & StreamOptions,
): Promise<CreateStreams> {
  const descriptors = options.preserveDescriptors ?? [];
  const line = createCommand(await caller.version(), id, {
    ...options,
    ...(descriptors.length > 0 && { preserveFds: descriptors.length }),
  });
  return caller.inFolder(async (folder) => {
    const started = await caller.start(line, folder, {
      streams: streamsOf(options),
      descriptors,
      signal: options.signal,
    });
    const { child } = started;
    const end = await started.ended.catch((error) => {
      closeStreams(child);
      throw error;
    });
    if (!isSuccess(end)) {
      const errors = await errorsOfFailed(started);
      closeStreams(child);
      await caller.checkEnd(line, folder, end, errors);
    }
    return {
      ...(child.stdin && { stdin: child.stdin }),
      ...(child.stdout && { stdout: child.stdout }),
      ...(child.stderr && { stderr: child.stderr }),
    };
  });
}

function closeStreams({
  stdin,
  stdout,
  stderr,
}: {
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
}): void {
  for (const stream of [stdin, stdout, stderr]) stream?.destroy();
}
