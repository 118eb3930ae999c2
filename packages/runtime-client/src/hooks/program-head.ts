import { constants, open } from 'node:fs/promises';

/**
 * Whether execve(2) would say ENOEXEC of a file: it is neither ELF nor a script that names its interpreter. Node.js starts by
 * execvp(3), which hands such a file to /bin/sh, and no runtime does. Formats of binfmt_misc are not looked for. What cannot be read is for the
 * kernel to judge. A FIFO is not waited for.
 */
export async function hasNoFormat(path: string): Promise<boolean> {
  const head = Buffer.alloc(4);
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      await file.read(head, 0, head.length, 0);
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
  return head.toString('latin1') !== '\x7fELF' && head.toString('latin1', 0, 2) !== '#!';
}
