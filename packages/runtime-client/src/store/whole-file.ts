import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a file so that after a crash, or a loss of power, it is the one before or the new one: rename(2), fsync(2). */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`; // whoever writes holds the lock, so that one name is enough
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    await file.close();
    await unlink(temporary);
    throw error;
  }
  await file.close();
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** Makes names in a folder last: what was renamed or made there. */
export async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
