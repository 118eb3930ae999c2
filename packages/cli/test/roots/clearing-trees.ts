import { bytesOf } from '../../src/system/text.js';
import { noTreeCalls, type TreeCalls } from '../../src/system/tree-calls.js';
import { Killed, type MemoryMachine } from './memory-machine.js';

/** The work `clear` on the volume `/v` of a machine in memory, an entry at a time; it may be killed in between. */
export function clearingTrees(
  machine: MemoryMachine,
  { killAt = 0, failAt = '' }: { readonly killAt?: number; readonly failAt?: string } = {},
): TreeCalls {
  const names = () => [...(machine.at('/v')?.children.keys() ?? [])].filter((name) => name !== '.ociwrap');
  let entries = 0n;
  return {
    ...noTreeCalls(),
    beginTree: (task) => (task === 'clear' ? undefined : { errno: 'EINVAL' }),
    continueTree: () => {
      if (killAt > 0 && entries === BigInt(killAt - 1)) throw new Killed('the work');
      const [name] = names();
      if (name !== undefined && name === failAt) return { errno: 'EPERM', syscall: 'unlinkat' };
      if (name !== undefined) {
        machine.at('/v')?.children.delete(name);
        entries += 1n;
      }
      return { isDone: names().length === 0, entries, bytes: 0n, inodes: entries, found: 0n };
    },
    treeNotes: () => ({ path: bytesOf(failAt), untaken: [] }),
  };
}
