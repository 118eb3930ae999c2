import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import { readProcessStat } from './proc-files.js';
import { ProcessHandle } from './process-handle.js';

/** PID namespaces of the containers that are watched here, by how many watch them. */
const namespaces = new Map<string, number>();

/** Calls of a runtime that are about to open what they have started. */
let keeping = 0;

/**
 * Which PID namespace a process is in; undefined where that is the one of this process, where it cannot be seen, and where there is no such process.
 */
export function pidNamespaceOf(pid: number): string | undefined {
  const [own, other] = [linkOf('self'), linkOf(String(pid))];
  return other === own ? undefined : other;
}

/**
 * Has {@link collectOrphans} look after a PID namespace.
 *
 * @returns what ends it
 */
export function watchOrphans(namespace: string): () => void {
  namespaces.set(namespace, (namespaces.get(namespace) ?? 0) + 1);
  return () => {
    const others = (namespaces.get(namespace) ?? 1) - 1;
    if (others === 0) namespaces.delete(namespace);
    else namespaces.set(namespace, others);
  };
}

/**
 * Collects processes of watched containers that have ended, are children of this process, and that nobody has open. A program that was run
 * in a container comes to the subreaper when its runtime is gone: crun leaves one when it cannot write the pid file. As long as it
 * is not collected, the kernel does not let the init of the PID namespace end (`zap_pid_ns_processes` in kernel/pid_namespace.c).
 * A child of Node.js or of another library is never one of them: it is in the namespace of its parent, however it was started.
 */
export function collectOrphans(): void {
  if (keeping > 0 || namespaces.size === 0) return;
  for (const pid of ownChildren()) {
    const isOurs = !ProcessHandle.isOpen(pid) && namespaces.has(pidNamespaceOf(pid) ?? '');
    if (isOurs && readProcessStat(pid)?.state === 'Z') collect(pid);
  }
}

/** While a call is at it that opens an orphan in the end, and wants its status. */
export async function keepOrphans<Result>(act: () => Promise<Result>): Promise<Result> {
  keeping += 1;
  try {
    return await act();
  } finally {
    keeping -= 1;
    collectOrphans();
  }
}

function collect(pid: number): void {
  try {
    const handle = ProcessHandle.open(pid);
    handle?.isAlive(); // looking collects it
    handle?.close();
  } catch {
    // There is no descriptor for it now. It is there at the next child's end, too.
  }
}

/** Those that the kernel tells without a search: none before Linux 3.5 and without CONFIG_PROC_CHILDREN. */
function ownChildren(): readonly number[] {
  const threads = readdirSync('/proc/self/task');
  return threads.flatMap((thread) => {
    try {
      return readFileSync(`/proc/self/task/${thread}/children`, 'latin1')
        .split(' ')
        .filter(Boolean)
        .map(Number);
    } catch {
      return []; // the thread has ended, or the kernel has no such file
    }
  });
}

function linkOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}
