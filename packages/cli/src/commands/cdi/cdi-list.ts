import { printable } from '@opencontainers-ts/runtime-spec';
import { type CommandOutput, jsonOutput } from '../output.js';
import { type CdiWorld, type FolderOptions, loadFolders, problemLine } from './cdi-folders.js';

/** Prints the names of all devices. Status 0 also where specs are broken, as `nvidia-ctk cdi list` has it. */
export async function listCdi(
  { json, ...options }: FolderOptions & { readonly json: boolean },
  world: CdiWorld,
): Promise<CommandOutput> {
  const { devices, directories, problems } = await loadFolders(options, world);
  const names = [...devices.keys()];
  if (json) {
    const errors = problems.map(({ path, message }) => ({ path, message }));
    return { status: 0, stdout: jsonOutput({ devices: names, errors }) };
  }
  const none = names.length === 0 ? `no CDI devices in ${directories.map(printable).join(', ')}\n` : '';
  return {
    status: 0,
    stdout: names.map((name) => `${name}\n`).join(''),
    stderr: problems.map(problemLine).join('') + none,
  };
}
