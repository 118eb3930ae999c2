import type { Tree } from './tree.js';

/** A JSON text that has but one reading, and the number of members that it holds. */
export interface PlainJson {
  readonly tree: Tree;
  readonly members: number;
}

// All strings (a colon after one makes it a name) and all numbers of a JSON text.
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|-?[0-9][0-9.eE+-]*/g;

/**
 * Reads JSON the fast way: undefined where the text is something else, or holds a number that `JSON.parse` does not
 * give back as it is written. Of members of one name it takes the last: who uses this counts them.
 */
export function readPlainJson(text: string): PlainJson | undefined {
  let tree: Tree;
  try {
    tree = JSON.parse(text);
  } catch {
    // YAML, most of the time; what is no YAML either is told by the one that reads that.
    return undefined;
  }
  let members = 0;
  for (const [token, colon] of text.matchAll(TOKEN)) {
    if (colon !== undefined) members += 1;
    else if (!token.startsWith('"') && !Number.isSafeInteger(exactInteger(token))) return undefined;
  }
  return { tree, members };
}

function exactInteger(token: string): number {
  return /^-?[0-9]+$/.test(token) ? Number(token) : Number.NaN;
}
