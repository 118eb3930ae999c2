import type { Random } from './random.js';

/** What engines, or the Unicode tables of engines, may take differently. */
const ODD_CHARACTERS: readonly string[] = [
  ...['\0', '\x01', '\b', '\t', '\n', '\x1b', '"', '\\', '/', '\x7f', '\x80', '\x85', '\xa0', '\xad'],
  // Folded, mapped to more than one, or to ASCII.
  ...[
    '\u017f',
    '\u212a',
    '\u0130',
    '\u0131',
    '\xdf',
    '\u1e9e',
    '\u01c5',
    '\u03a3',
    '\u03c2',
    '\ufb01',
    '\u0345',
  ],
  // Not shown, or showing what is not there.
  ...[
    '\u200b',
    '\u200d',
    '\u200e',
    '\u202e',
    '\u2028',
    '\u2029',
    '\u2066',
    '\u3164',
    '\ufeff',
    '\ufffd',
    '\ufff9',
  ],
  ...['\ue000', '\u{f0000}', '\u{e0041}', '\u{e01ef}', '\ufdd0', '\uffff', '\u{10ffff}'],
  // Combined.
  ...['e\u0301', '\u1100\u1161', '\u{1f468}\u200d\u{1f469}', '\u{1f1e6}\u{1f1f9}'],
  // New in Unicode 15.1, 16 and 17.
  ...[
    '\u2ffc',
    '\u{2ebf0}',
    '\u1c89',
    '\ua7cb',
    '\ua7dc',
    '\u{10d50}',
    '\u{1ccd6}',
    '\ua7ce',
    '\u{16ea0}',
    '\u{323b0}',
  ],
  ...['\ud800', '\udfff', '\ud83d', '\u{1f600}', '\xe9', '\u2713', '\u65e5'],
];

/** A character that is rare. */
export function oddCharacter(random: Random): string {
  if (!random.oneIn(4)) return random.pick(ODD_CHARACTERS) ?? '';
  return String.fromCodePoint(random.oneIn(2) ? random.below(0x3000) : random.below(0x110000));
}

/** The text, with an odd character in it. */
export function withOddCharacter(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + oddCharacter(random) + text.slice(at + (random.oneIn(2) ? 1 : 0));
}

/** The text in a spelling that is nearly it: as Go folds it, as people misspell it. */
export function misspelt(text: string, random: Random): string {
  const at = random.below(text.length);
  const [before, letter, after] = [text.slice(0, at), text[at] ?? '', text.slice(at + 1)];
  switch (random.below(7)) {
    case 0:
      return text.toUpperCase();
    case 1:
      return before + letter.toUpperCase() + after;
    case 2:
      return text.replace('s', '\u017f').replace('k', '\u212a');
    case 3:
      return before + after;
    case 4:
      return before + letter + letter + after;
    case 5:
      return `${text}\0${random.oneIn(2) ? 'x' : ''}`;
    default:
      return withOddCharacter(text, random);
  }
}

/** Numbers as they may be written; the last ones are no JSON. */
const NUMBERS: readonly string[] = [
  ...['0', '1', '2', '10', '100', '1000', '1024', '65535', '65536', '4294967295', '4294967296', '-1', '-0'],
  ...[
    '9007199254740991',
    '9007199254740992',
    '9007199254740993',
    '9223372036854775807',
    '9223372036854775808',
  ],
  ...['18446744073709551615', '18446744073709551616', '-9223372036854775808', '-9223372036854775809'],
  ...[
    '123456789012345678901234567890',
    '1.0',
    '1.5',
    '1e2',
    '1E+2',
    '1e-7',
    '0.1',
    '5e-324',
    '1e308',
    '1e400',
  ],
  ...['4.35', '0.30000000000000004', '1e21', '123456789.123456789', '100000000000000000000000', '-1e-400'],
  ...['00', '01', '+1', '.5', '1.', '-', '1e', '0x10', 'NaN', 'Infinity', '1_000'],
];
const NO_JSON = 11;

/** A number as it may be written, nearly always as JSON has it. */
export function numberText(random: Random): string {
  if (random.oneIn(2)) return String(random.below(2000));
  const most = random.oneIn(60) ? NUMBERS.length : NUMBERS.length - NO_JSON;
  return NUMBERS[random.below(most)] ?? '0';
}
