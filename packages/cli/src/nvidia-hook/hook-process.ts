import { readSync, writeSync } from 'node:fs';
import { loadSettings } from '../config/load-settings.js';
import type { SettingsInput } from '../config/settings.js';
import { programVersion } from '../main/program-version.js';
import { nodeHost } from '../system/node-host.js';
import type { HookProcess } from './run-nvidia-hook.js';

/** What the hook needs of this process, whoever started it. */
export async function hookProcess(
  call: Pick<HookProcess, 'name' | 'args' | 'env' | 'cwd' | 'become'>,
  input: SettingsInput,
): Promise<HookProcess> {
  const { nvidiaProfile } = await loadSettings(input);
  return {
    ...call,
    profile: nvidiaProfile,
    version: programVersion(),
    host: nodeHost(),
    readInput,
    writeOutput: (text) => write(1, text),
    writeError: (text) => write(2, text),
    now: () => new Date(),
  };
}

const PIECE = 64 * 1024;

function readInput(): Uint8Array | undefined {
  const buffer = Buffer.alloc(PIECE);
  const read = readSync(0, buffer);
  return read === 0 ? undefined : buffer.subarray(0, read);
}

function write(descriptor: 1 | 2, text: string): void {
  try {
    writeSync(descriptor, text);
  } catch {
    // A full pipe, or a reader that is gone: the exit status says what there is to say.
  }
}
