import { quoted } from '../printable.js';
import { isAbsent, member } from './json-view.js';

/** A text that an object must have, as one of a few; nothing is said where there is no object. */
export function lintOneOf(
  object: unknown,
  name: string,
  allowed: ReadonlySet<string>,
  report: (message: string) => void,
): void {
  if (isAbsent(object) || Array.isArray(object)) return;
  const value = member(object, name);
  if (isAbsent(value)) {
    report(`${quoted(name)} is missing`);
  } else if (typeof value === 'string' && !allowed.has(value)) {
    report(`${quoted(value)} is none of ${[...allowed].join(', ')}`);
  }
}
