import { walkTokens } from './token-walk.js';
import { decodeUtf8 } from './utf8.js';

const MOST_NAMES = 256;

/** A name without quotes as it stands in a text of JSON, where nothing in it stands for something else. */
const PLAIN_NAME = /^[ !#-[\]-\x7f]*$/;

/** `plainNames` of `scans.ts` in plain JavaScript. */
export function plainNamesOf(
  bytes: Uint8Array,
  start: number,
  levels: number,
): readonly string[] | undefined {
  const names = new Set<string>();
  const open: Set<string>[] = [];
  let isPlain = true;
  walkTokens(bytes, start, {
    enter: () => {
      open.push(new Set());
    },
    leave: () => {
      open.pop();
    },
    name: (containers) => {
      if (containers.length > levels) return;
      const { nameStart = 0, nameEnd = 0 } = containers.at(-1) ?? {};
      const name = decodeUtf8(bytes.subarray(nameStart + 1, nameEnd - 1));
      const siblings = open.at(-1);
      isPlain &&= PLAIN_NAME.test(name) && siblings?.has(name) === false;
      siblings?.add(name);
      names.add(name);
    },
  });
  return isPlain && names.size <= MOST_NAMES ? [...names] : undefined;
}
