import { quoted } from '@opencontainers-ts/runtime-spec';
import type { ResidueFacts } from '../facts/residue-facts.js';
import type { Finding } from '../finding.js';

/** As many of a kind are named. */
const MOST_NAMED = 3;

/** Whether calls have left something on the node. */
export function checkResidue({ mounts, temporary, locks }: ResidueFacts): readonly Finding[] {
  const told: readonly Finding[] = [
    ...(mounts.length === 0
      ? []
      : [
          {
            check: 'residue',
            level: 'warning',
            message: `roots are mounted on the host, where none belongs: ${named(mounts)}; their volumes cannot be unmounted`,
            remedy:
              'umount them, the last one first, once no container runs on them (findmnt says of what each is)',
          } as const,
        ]),
    ...(temporary.length === 0
      ? []
      : [
          {
            check: 'residue',
            level: 'note',
            message: `files of calls that were killed: ${named(temporary)}`,
            remedy: 'nothing: the next call that writes there removes them',
          } as const,
        ]),
    ...(locks.length === 0
      ? []
      : [
          {
            check: 'residue',
            level: 'note',
            message: `a lock that an older version has left: ${named(locks)}`,
            remedy: 'remove it (rmdir): locks of this version go with the process',
          } as const,
        ]),
  ];
  return told.length > 0
    ? told
    : [{ check: 'residue', level: 'ok', message: 'nothing is left of calls that ended' }];
}

function named(paths: readonly string[]): string {
  const more = paths.length - MOST_NAMED;
  return `${paths.slice(0, MOST_NAMED).map(quoted).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}
