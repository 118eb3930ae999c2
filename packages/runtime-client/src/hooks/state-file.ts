import { type FileHandle, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Opens a text for reading, as a file that has no name any more. A hook that does not read its stdin then breaks nothing, and one that
 * opens /dev/stdin finds all of it.
 *
 * @throws the error of the file system
 */
export async function openText(text: string): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'ociwrap-hook-'));
  try {
    const path = join(folder, 'state.json');
    await writeFile(path, text, { mode: 0o600 });
    return await open(path, 'r');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
