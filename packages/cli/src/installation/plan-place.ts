import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError, type CliErrorCode } from '../cli-error.js';
import { basename } from '../system/paths.js';
import type { FoundPlace } from './read-place.js';
import type { Step } from './steps.js';

/** What the place is taken by, and whether it was taken before. */
export interface PlaceContext {
  /** The path of the wrapper. */
  readonly target: string;
  /** The manifest has it: what is kept beside it is ours. */
  readonly isOurs: boolean;
}

/**
 * What is left to be done until the wrapper stands at a path, and the program that was there beside it. There is a program at the
 * path at every moment.
 *
 * @throws CliError where that would be no runtime, or what is not ours would be lost
 */
export function planPlace(place: FoundPlace, { target, isOurs }: PlaceContext): readonly Step[] {
  const { path, original, at, kept, unsafe, leftovers } = place;
  if (unsafe !== undefined) {
    refuse(
      'ERR_PLACE_REFUSED',
      place,
      `others than root could replace it: they may write to ${quoted(unsafe)}`,
    );
  }
  const remains = leftovers.map((each): Step => ({ do: 'remove-file', path: each }));
  const link: Step = { do: 'link', path, target };
  const keep: Step = { do: 'keep-original', path, original };
  switch (at) {
    case 'ours':
      return remains;
    case 'program':
      if (kept === 'same') return [...remains, link];
      if (kept === 'missing' || isOurs) return [...remains, keep, link];
      return refuse('ERR_PLACE_TAKEN', place, `${quoted(original)} is there already, and not by us`);
    case 'missing':
      if (isOurs && kept === 'another') return [...remains, link];
      return refuse('ERR_PLACE_REFUSED', place, 'there is no such program');
    case 'self':
      return refuse('ERR_PLACE_REFUSED', place, 'it is this program itself, or a file of its installation');
    case 'script':
      return refuse('ERR_PLACE_SCRIPT', place, `it is a script that calls ${quoted(basename(original))}`);
    case 'symlink':
      return refuse('ERR_PLACE_REFUSED', place, leadsText(place));
    case 'other':
      return refuse('ERR_PLACE_REFUSED', place, 'it is no file that may be executed');
  }
}

/** What is left to be done until the program stands at its path again. */
export function planRestore({ path, original, at, kept, leftovers }: FoundPlace): readonly Step[] {
  const remains = leftovers.map((each): Step => ({ do: 'remove-file', path: each }));
  if (kept === 'missing') return at === 'ours' ? [...remains, { do: 'remove-file', path }] : remains;
  switch (at) {
    case 'ours':
    case 'missing':
      return [...remains, { do: 'restore', path, original }];
    case 'program':
      // Of a package that was upgraded in between the newer program stands there.
      return [...remains, { do: 'remove-file', path: original }];
    default:
      // What somebody else has put there, a link or a script, may well lead to the original.
      return remains;
  }
}

function leadsText({ leadsTo }: FoundPlace): string {
  const where = leadsTo === undefined ? 'it leads nowhere' : `name the program itself, ${quoted(leadsTo)}`;
  return `it is a symlink, which its owner (such as update-alternatives) would set anew; ${where}`;
}

function refuse(code: CliErrorCode, { path }: FoundPlace, why: string): never {
  throw new CliError(code, `the place of ${quoted(path)} cannot be taken: ${why}`, { details: { path } });
}
