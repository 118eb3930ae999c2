import { readdirSync, readlinkSync } from 'node:fs';

/** What this process has open, without the folder that is read for it: each number with what it leads to. */
export function openDescriptors(): readonly string[] {
  const found = (fd: string) => {
    try {
      return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`];
    } catch {
      return [];
    }
  };
  return readdirSync('/proc/self/fd').flatMap(found);
}
