import { quoted } from '@opencontainers-ts/runtime-spec';

import { isFailure, type System } from '../system/system.js';
import { textOf } from '../system/text.js';
import { size as sizeText } from './seed-text.js';
import { inFolder, STRICTLY } from './volume-folder.js';

/** What gVisor calls the file in a root in which it keeps what a container writes over it (`--overlay2=root:self`). */
const FILESTORE = '.gvisor.filestore.';

/** More are only counted. */
const MOST_NAMED = 4;

interface Filestore {
  /** Of the volume. */
  readonly path: string;
  readonly sandbox: string;
  readonly size: bigint;
}

/**
 * Files that gVisor has left on a volume. It removes the file when the sandbox is deleted; a sandbox that is killed, or whose root was
 * mounted for its creation alone, leaves it. No root of ours has an overlay of gVisor over it, so that no start of ours reads or makes one. Costs
 * two looks into folders.
 *
 * @param volume - the volume's top, open
 * @returns warnings; none where the volume cannot be looked at, which others tell
 */
export function gvisorLeftovers(system: System, volume: number): readonly string[] {
  const found = [...filestoresIn(system, volume, ''), ...filestoresInUpper(system, volume)];
  const [first] = found;
  if (first === undefined) return [];
  const named = found
    .slice(0, MOST_NAMED)
    .map(({ path, size }) => `${quoted(path)} (${sizeText(size)}, less its holes)`)
    .join(', ');
  const more = found.length > MOST_NAMED ? ` and ${found.length - MOST_NAMED} more` : '';
  return [
    `gVisor has left on the volume what containers wrote beside it: ${named}${more}; no root of ours is read from that, but where gVisor covers the root itself, a container of the sandbox ${quoted(first.sandbox)} does not start ("already has a filestore file"): remove what belongs to no running sandbox`,
  ];
}

function filestoresInUpper(system: System, volume: number): readonly Filestore[] {
  const upper = system.openat2(volume, 'upper', 'folder', STRICTLY);
  if (isFailure(upper)) return [];
  try {
    return filestoresIn(system, upper, 'upper/');
  } finally {
    system.close(upper);
  }
}

function filestoresIn(system: System, folder: number, above: string): readonly Filestore[] {
  const names = system.readdir(inFolder(folder, '.'));
  if (isFailure(names)) return [];
  return names
    .map(textOf)
    .filter((name) => name.startsWith(FILESTORE))
    .sort()
    .flatMap((name) => {
      const status = system.lstat(inFolder(folder, name));
      return isFailure(status) || status.type !== 'file'
        ? []
        : [{ path: above + name, sandbox: name.slice(FILESTORE.length), size: status.size }];
    });
}
