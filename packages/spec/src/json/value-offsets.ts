import { formatPointer } from '../patch/pointer.js';
import { skipWhitespace } from './json-scan.js';
import { decodeName } from './member-names.js';
import { type OpenContainer, walkTokens } from './token-walk.js';

/**
 * Where the values at some pointers begin; one walk for all of them. A pointer that the document does not have gets
 * the place of the nearest value around it.
 *
 * @param bytes - A document that JSON.parse takes.
 */
export function valueOffsets(bytes: Uint8Array, pointers: readonly string[]): number[] {
  const wanted = new Set(pointers.flatMap(withAncestors));
  const start = skipWhitespace(bytes, 0);
  const offsets = new Map([['', start]]);
  // The pointer of each open container; undefined below the first one that leads to no wanted value.
  const levels: (string | undefined)[] = [];
  const reach = (parents: readonly OpenContainer[], offset: number): string | undefined => {
    const parent = parents.at(-1);
    const prefix = levels.at(-1);
    if (parent === undefined) return '';
    if (prefix === undefined) return undefined;
    const pointer = prefix + formatPointer([stepOf(bytes, parent)]);
    if (!wanted.has(pointer)) return undefined;
    offsets.set(pointer, offset);
    return pointer;
  };
  walkTokens(bytes, start, {
    enter: (open) => {
      levels.push(reach(open.slice(-2, -1), open.at(-1)?.start ?? start));
    },
    leave: () => {
      levels.pop();
    },
    scalar: (open, offset) => {
      reach(open.slice(-1), offset);
    },
  });
  return pointers.map((pointer) => {
    const nearest = withAncestors(pointer).find((ancestor) => offsets.has(ancestor));
    return offsets.get(nearest ?? '') ?? start;
  });
}

/** The pointer and those of the values around it, the nearest first. */
function withAncestors(pointer: string): string[] {
  const ancestors = [pointer];
  for (let rest = pointer; rest !== ''; ) {
    rest = rest.slice(0, rest.lastIndexOf('/'));
    ancestors.push(rest);
  }
  return ancestors;
}

function stepOf(bytes: Uint8Array, container: OpenContainer): string | number {
  return container.kind === 'array'
    ? container.index
    : decodeName(bytes, container.nameStart, container.nameEnd);
}
