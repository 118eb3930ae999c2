import type { Random } from './random.js';

/** What is no UTF-8, or not all of it, or what stands at the head of some files. */
const PIECES: readonly (readonly number[])[] = [
  ...[[0xef, 0xbb, 0xbf], [0xff], [0xc0, 0x80], [0xc3], [0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]],
  ...[[0xe2, 0x80, 0xa8], [0xf0, 0x9f, 0x98], [0], [0x0a], [0x0d], [0x09], [0x7f]],
  ...[...'{}[],:"\\#\'&*!|>%@`-?'].map((character) => [character.charCodeAt(0)]),
];

/** The bytes, damaged in one place or a few. */
export function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  let now = bytes;
  for (let left = 1 + random.below(2); left > 0; left -= 1) now = damagedOnce(now, random);
  return now;
}

function damagedOnce(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + random.below(random.oneIn(3) ? 30 : 2));
  switch (random.below(7)) {
    case 0:
      return joined(bytes.subarray(0, at));
    case 1:
      return joined(bytes.subarray(0, at), bytes.subarray(end));
    case 2:
      return joined(bytes.subarray(0, end), bytes.subarray(at));
    case 3:
      return joined(bytes.subarray(0, at), [random.below(256)], bytes.subarray(at + 1));
    case 4:
      return joined([0xef, 0xbb, 0xbf], bytes);
    case 5:
      return joined(bytes.subarray(0, at), [0x20, 0x23, 0x20], bytes.subarray(at));
    default:
      return joined(bytes.subarray(0, at), random.pick(PIECES) ?? [], bytes.subarray(at));
  }
}

function joined(...pieces: readonly ArrayLike<number>[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
