import { readEnvironment } from '../call/runtime-environment.js';
import { loadSettings } from '../config/settings/load-settings.js';
import { programVersion } from '../main/program-version.js';
import { answerOf, type System, SystemError } from '../system/system.js';
import { systemHost } from '../system/system-host.js';
import { bytesOf, textOf } from '../system/text.js';
import type { HookProcess } from './run-nvidia-hook.js';

const PIECE = 64 * 1024;

/** What the hook needs of this process, whoever started it. */
export async function hookProcess(
  system: System,
  call: Pick<HookProcess, 'name' | 'args'>,
): Promise<HookProcess> {
  const env = system.environ();
  const { nvidiaProfile } = await loadSettings(system, { env: readEnvironment(env), invokedAs: 'runc' });
  return {
    ...call,
    env,
    cwd: textOf(system.cwd() ?? new Uint8Array()),
    profile: nvidiaProfile,
    version: programVersion(system),
    host: systemHost(system),
    readInput: () => {
      const piece = answerOf(system.read(0, PIECE));
      return piece.length === 0 ? undefined : piece;
    },
    writeOutput: (text) => tryToWrite(system, 1, text),
    writeError: (text) => tryToWrite(system, 2, text),
    now: () => new Date(system.now()),
    become: (file, argv, environment) => {
      throw new SystemError(system.execve(file, argv.map(bytesOf), environment), file);
    },
  };
}

/** Once: of a full pipe, or a reader that is gone, the exit status says what there is to say. */
function tryToWrite(system: System, descriptor: 1 | 2, text: string): void {
  system.write(descriptor, bytesOf(text));
}
