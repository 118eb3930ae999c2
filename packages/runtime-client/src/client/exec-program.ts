import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type ExecOptions, execCommand } from '../commands/exec-command.js';
import { CallFolder } from '../process/call-folder.js';
import { RuntimeClientError } from '../runtime-client-error.js';
import type { RuntimeCaller } from './runtime-caller.js';
import { attachedProcess, detachedProcess, type RuntimeProcess } from './runtime-process.js';
import type { StreamOptions } from './stream-options.js';

/** A program in a container. A process that is given as a value goes to the runtime as a file, which no other user may read. */
export async function execProgram(
  caller: RuntimeCaller,
  id: string,
  options: ExecOptions & StreamOptions,
): Promise<RuntimeProcess> {
  const { process, ...others } = options;
  if (process === undefined) return execWords(caller, id, others);
  if (others.processFile !== undefined) {
    throw new RuntimeClientError(
      'ERR_RUNTIME_OPTION',
      'exec takes either args, or one of process and processFile',
      {
        details: { option: 'process' },
      },
    );
  }
  const folder = await CallFolder.make();
  try {
    const processFile = join(folder.path, 'process.json');
    await writeFile(processFile, JSON.stringify(process), { mode: 0o600 });
    const program = await execWords(caller, id, { ...others, processFile });
    if (others.detach === true) {
      await folder.remove();
      return program;
    }
    const exit = program.exit.finally(() => folder.remove());
    // Whoever waits for it gets the error.
    exit.catch(() => undefined);
    return { ...program, exit };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

async function execWords(
  caller: RuntimeCaller,
  id: string,
  options: ExecOptions & StreamOptions,
): Promise<RuntimeProcess> {
  const version = await caller.version();
  const descriptors = options.preserveDescriptors?.length ?? 0;
  return options.detach === true
    ? detachedProcess(
        caller,
        (pidFile) => execCommand(version, id, { ...options, pidFile }, descriptors),
        options,
      )
    : attachedProcess(caller, execCommand(version, id, options, descriptors), options);
}
