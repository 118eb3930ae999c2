import type { PinnedPath } from '@opencontainers-ts/rootfs-rewriter';

import { answerOf, type System, SystemError } from '../system/system.js';
import { textOf } from '../system/text.js';

/** As many links as the kernel follows (MAXSYMLINKS). */
const MOST_LINKS = 40;

/** Names on a way that are looked at. 40 links may hold 80 000, and the volume's owner can write them. */
const MOST_NAMES = 500;

/**
 * Where a runtime or a hook that resolves a path inside the root will create it: the path with every link on the way
 * followed within the volume, as `/lib` leads to `usr/lib` in most images. Its last name is not followed.
 *
 * It is only written down; what is removed later is reached without following anything.
 *
 * @throws SystemError of lookBeneath; `ELOOP` for too many links or names
 */
export function placeInVolume(system: System, root: PinnedPath, path: string): string {
  const rest = path.split('/');
  const last = rest.pop() ?? '';
  const place: string[] = [];
  let links = 0;
  let names = 0;
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === '' || name === '.') continue;
    // At the top, ".." stays there, as in a root.
    if (name === '..') {
      place.pop();
      continue;
    }
    names += 1;
    if (names > MOST_NAMES) throw new SystemError({ errno: 'ELOOP' }, path);
    const entry = answerOf(system.lookBeneath(root, [...place, name].join('/')));
    if (entry?.target === undefined) {
      place.push(name);
      continue;
    }
    links += 1;
    if (links > MOST_LINKS) throw new SystemError({ errno: 'ELOOP' }, path);
    const target = textOf(entry.target);
    if (target.startsWith('/')) place.length = 0;
    rest.unshift(...target.split('/'));
  }
  return [...place, last].join('/');
}
