import { type CreateOptions, createCommand } from '../commands/create-command.js';
import { errorsOfFailed } from '../process/failed-output.js';
import { isSuccess } from '../process/runtime-end.js';
import { closePipes, type Pipes } from '../process/standard-streams.js';
import { type PlannedBundle, planBundle } from '../rewriting/bundle-rules.js';
import type { RuntimeCaller } from './runtime-caller.js';
import { type StreamOptions, streamsOf } from './stream-options.js';
import { checkIdIsFree } from './taken-id.js';

/**
 * `create` leaves the container's process, which inherits the runtime's standard streams. So this waits for the runtime itself and not for
 * the end of the pipes, and reads them only where the runtime has failed, for then there is no such process.
 */
export async function createContainer(
  caller: RuntimeCaller,
  id: string,
  options: CreateOptions & StreamOptions,
): Promise<Pipes & PlannedBundle> {
  const descriptors = options.preserveDescriptors ?? [];
  const line = createCommand(await caller.version(), id, options, descriptors.length);
  const streams = streamsOf(options, 'ignore');
  await checkIdIsFree(caller, id, options.signal);
  const planned = planBundle(caller.settings.rules, options.bundle, 'create');
  return caller.inFolder(async (folder) => {
    const { pipes, ended } = await caller.start(line, folder, {
      streams,
      descriptors,
      signal: options.signal,
    });
    try {
      const end = await ended;
      const errors = isSuccess(end) ? '' : await errorsOfFailed(pipes.stderr);
      await caller.checkEnd(line, folder, end, errors);
    } catch (error) {
      closePipes(pipes);
      throw error;
    }
    return { ...pipes, ...planned };
  });
}
