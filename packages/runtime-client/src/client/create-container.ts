import { type RestoreOptions, restoreCommand } from '../commands/checkpoint-commands.js';
import type { CallOptions, CommandLine } from '../commands/command-line.js';
import { type CreateOptions, createCommand } from '../commands/create-command.js';
import type { RuntimeVersion } from '../dialects/runtime-version.js';
import { errorsOfFailed } from '../process/failed-output.js';
import { isSuccess } from '../process/runtime-end.js';
import { closePipes, type Pipes } from '../process/standard-streams.js';
import { type CallVerb, type PlannedBundle, planBundle } from '../rewriting/bundle-rules.js';
import type { RuntimeCaller } from './runtime-caller.js';
import { type StreamOptions, streamsOf } from './stream-options.js';
import { checkIdIsFree } from './taken-id.js';

/**
 * `create`, and `restore` that leaves, leave the container's process, which inherits the runtime's standard streams. So this waits for the runtime
 * itself and not for the end of the pipes, and reads them only where the runtime has failed, for then there is no such process.
 */
export function createContainer(
  caller: RuntimeCaller,
  id: string,
  options: CreateOptions & StreamOptions,
): Promise<Pipes & PlannedBundle> {
  const descriptors = options.preserveDescriptors?.length ?? 0;
  return leaveContainer(caller, { verb: 'create', id }, options, (version) =>
    createCommand(version, id, options, descriptors),
  );
}

/** The same of a checkpoint. */
export function restoreContainer(
  caller: RuntimeCaller,
  id: string,
  options: RestoreOptions & StreamOptions,
): Promise<Pipes & PlannedBundle> {
  return leaveContainer(caller, { verb: 'restore', id }, options, (version) =>
    restoreCommand(version, id, { ...options, detach: true }),
  );
}

async function leaveContainer(
  caller: RuntimeCaller,
  { verb, id }: { readonly verb: CallVerb; readonly id: string },
  options: CallOptions & StreamOptions & { readonly bundle: string },
  lineOf: (version: RuntimeVersion) => CommandLine,
): Promise<Pipes & PlannedBundle> {
  const descriptors = options.preserveDescriptors ?? [];
  const line = lineOf(await caller.version());
  const streams = streamsOf(options, 'ignore');
  await checkIdIsFree(caller, id, options.signal);
  const planned = planBundle(caller.settings.rules, options.bundle, verb);
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
