import type { Scans } from '@opencontainers-ts/runtime-spec';

/**
 * What the scans say of thousands of texts made of a seed: JSON, JSON with bytes changed, and bytes of the kinds that the scans
 * look for. As one text, since the answers are only compared.
 */
export function scanAnswers(scans: Scans, seed: number): string {
  const random = randomOf(seed);
  const answers: string[] = [];
  for (let round = 0; round < 3000; round += 1) {
    const bytes = round % 2 === 0 ? json(random, 4) : soup(random);
    if (round % 4 === 0) for (let i = 0; i < 3; i += 1) bytes[random(bytes.length + 1)] = random(256);
    const given = Uint8Array.from(bytes.filter((byte) => byte !== undefined));
    const from = random(given.length + 2);
    const at = random(given.length + 1);
    const wanted = given.length === 0 ? Uint8Array.of(1) : given.slice(at, at + 1 + random(12));
    const { depth, members } = scans.extent(given);
    answers.push(
      [
        wanted.length === 0 ? '' : scans.find(given, wanted, from),
        scans.find(given, Uint8Array.of(0x22, random(128)), 0),
        scans.isSame(given, given.slice(0, at)),
        scans.isSame(given, given.slice()),
        scans.isUtf8(given),
        scans.isJson(given),
        ...answersOfJson(scans, given, random(4)),
        depth,
        members,
      ].join(),
    );
  }
  for (const count of [255, 256, 257]) {
    const names = JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, i])));
    answers.push(answersOfJson(scans, new TextEncoder().encode(names), 1).join());
  }
  for (const deep of [1023, 1024, 1025, 5000]) {
    const { depth, members } = scans.extent(new Uint8Array(deep).fill(0x5b));
    answers.push([deep, depth, members].join());
  }
  return answers.join('\n');
}

/** What is asked of objects and arrays alone, and only where they are JSON. */
function answersOfJson(scans: Scans, bytes: Uint8Array, levels: number): string[] {
  const start = bytes.findIndex((byte) => byte === 0x7b || byte === 0x5b);
  if (!scans.isJson(bytes) || bytes.subarray(0, start).some((byte) => byte > 0x20)) return [];
  const names = [levels, 9].map((most) => JSON.stringify(scans.plainNames(bytes, start, most)) ?? 'none');
  return [Array.from(scans.items(bytes, start)).join(' '), ...names];
}

/** How TextEncoder and TextDecoder see bytes and texts made of a seed. */
export function textAnswers(seed: number): string {
  const random = randomOf(seed);
  const answers: string[] = [];
  const decoders = [true, false].flatMap((fatal) =>
    [true, false].map((ignoreBOM) => new TextDecoder('utf-8', { fatal, ignoreBOM })),
  );
  for (let round = 0; round < 3000; round += 1) {
    const bytes = Uint8Array.from(
      { length: random(24) },
      () => UTF8_BYTES[random(UTF8_BYTES.length)] ?? random(256),
    );
    for (const decoder of decoders) answers.push(codes(attempt(() => decoder.decode(bytes))));
    const text = String.fromCharCode(
      ...Array.from({ length: random(12) }, () => CODE_UNITS[random(CODE_UNITS.length)] ?? random(0x10000)),
    );
    answers.push(new TextEncoder().encode(text).join());
  }
  return answers.join('\n');
}

const UTF8_BYTES = [
  ...[0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbb, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed],
  ...[0xef, 0xf0, 0xf4, 0xf5, 0xff, 0x41, 0x41, undefined, 0x80, 0xbf],
];
const CODE_UNITS = [
  0x00,
  0x41,
  0x7f,
  0x80,
  0x7ff,
  0x800,
  0xd7ff,
  0xd800,
  0xdbff,
  0xdc00,
  0xdfff,
  0xe000,
  0xfeff,
  undefined,
];

function codes(text: string): string {
  return Array.from({ length: text.length }, (_, i) => text.charCodeAt(i).toString(16)).join();
}

function attempt(step: () => string): string {
  try {
    return step();
  } catch (error) {
    return (error as Error).name === 'TypeError' ? 'refused' : String(error);
  }
}

/** A generator of small numbers (Numerical Recipes' constants), so that both sides make the same texts. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const SOUP = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x3a, 0x2c, 0x20, 0x31, 0x61, 0xc3, 0xa9, 0x80, 0xed, 0xa0];

function soup(random: (below: number) => number): number[] {
  return Array.from({ length: random(60) }, () => SOUP[random(SOUP.length)] ?? 0);
}

function json(random: (below: number) => number, depth: number): number[] {
  const value = (left: number): unknown => {
    const kind = random(left > 0 ? 7 : 4);
    if (kind === 0) return random(1000) - 500;
    if (kind === 1) return ['', 'a"b', 'back\\slash', '{"x": [', 'é✓', '\\"'][random(6)];
    if (kind === 2) return [true, false, null][random(3)];
    if (kind === 3) return 1.5e30;
    if (kind === 4) return Array.from({ length: random(5) }, () => value(left - 1));
    const quote = ['', '', '', '"', 'é'][random(5)];
    return Object.fromEntries(
      Array.from({ length: random(6) }, (_, i) => [`k${i}${quote}`, value(left - 1)]),
    );
  };
  return [...new TextEncoder().encode(JSON.stringify(value(depth), undefined, random(3)))];
}
