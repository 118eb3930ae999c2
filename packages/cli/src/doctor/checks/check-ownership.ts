import { quoted } from '@opencontainers-ts/runtime-spec';
import type { OwnedPath } from '../facts/ownership-facts.js';
import type { Finding } from '../finding.js';

/** Whether somebody other than root decides what root runs. What is not there is for other checks. */
export function checkOwnership(paths: readonly OwnedPath[]): readonly Finding[] {
  const told = paths.flatMap(({ path, what, found }): readonly Finding[] => {
    if (typeof found === 'string') return [];
    if ('unreadable' in found) {
      return [
        {
          check: 'ownership',
          level: 'warning',
          message: `${what} (${quoted(path)}) cannot be looked at: ${found.unreadable}`,
          remedy: 'run this as root',
        },
      ];
    }
    return [
      {
        check: 'ownership',
        level: 'fault',
        message: `${what} (${quoted(path)}) is not root's alone: ${quoted(found.untrusted)} ${found.why}`,
        remedy:
          'chown root the named path and take away the write permission of others (chmod go-w), after a look at what is there: somebody else could change what root runs',
      },
    ];
  });
  const sound = paths.filter(({ found }) => found === 'sound');
  if (told.length > 0 || sound.length === 0) return told;
  const names = [...new Set(sound.map(({ what }) => what))];
  return [
    {
      check: 'ownership',
      level: 'ok',
      message: `${names.join(', ')} and all folders above are root's alone`,
    },
  ];
}
