/** Line and column, from 1; the column in characters. */
export interface LinePosition {
  readonly line: number;
  readonly column: number;
}

/** Tells the number of the line that an offset is on, from 1. The text is gone through once, however often it is asked. */
export function lineNumbers(text: string): (offset: number) => number {
  const ends = lineEnds(text);
  return (offset) => lineIndex(ends, offset) + 1;
}

/**
 * Tells line and column of offsets. Of those that come in the order of the text, each is counted from the one before:
 * a text of 4 MiB may be one line.
 */
export function linePositions(text: string): (offset: number) => LinePosition {
  const ends = lineEnds(text);
  let last = { line: 0, offset: 0, column: 1 };
  return (offset) => {
    const line = lineIndex(ends, offset);
    const isBehind = line === last.line && offset >= last.offset;
    const from = isBehind ? last : { offset: line === 0 ? 0 : (ends[line - 1] ?? 0) + 1, column: 1 };
    last = { line, offset, column: from.column + [...text.slice(from.offset, offset)].length };
    return { line: line + 1, column: last.column };
  };
}

function lineEnds(text: string): readonly number[] {
  const ends: number[] = [];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) ends.push(at);
  return ends;
}

/** How many lines end before the offset. */
function lineIndex(ends: readonly number[], offset: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
