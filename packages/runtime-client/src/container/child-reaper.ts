import { collectOrphans } from '../exit/orphans.js';

/** What is looked at when a child has ended. */
interface Watched {
  isAlive(): boolean;
  wait(): Promise<unknown>;
}

const watched = new Set<Watched>();

/**
 * Collects what has ended when the kernel tells of a child (SIGCHLD), whether or not somebody waits for it: a subreaper whose
 * containers end unwatched would fill up with zombies, and another process that deletes one of them by runsc would wait for that. A
 * listener does not keep Node.js running, as waiting does.
 *
 * @returns what ends it
 */
export function watchChildren(one: Watched): () => void {
  if (watched.size === 0) process.on('SIGCHLD', collect);
  watched.add(one);
  return () => {
    watched.delete(one);
    if (watched.size === 0) process.off('SIGCHLD', collect);
  };
}

function collect(): void {
  for (const one of watched) {
    // The status is kept for who asks later, and so is an error: each wait tries again.
    if (!one.isAlive()) one.wait().catch(() => undefined);
  }
  collectOrphans();
}
