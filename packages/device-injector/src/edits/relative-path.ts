import { goQuote } from '../go-quote.js';
import { type EditFault, faultAt } from './edit-kind.js';

/** What is wrong with a path that should be absolute: a runtime looks for a relative one in its working directory. */
export function relativePathFaults(member: string, path: string, what: string): readonly EditFault[] {
  return path.startsWith('/')
    ? []
    : [faultAt([member], `${what} has the relative ${member} ${goQuote(path)}: begin it with "/"`)];
}
