import fc from 'fast-check';

const NAMES = [
  'a',
  'b',
  'root',
  'path',
  'mounts',
  'annotations',
  '__proto__',
  'constructor',
  'a/b',
  'm~n',
  '',
  'é',
  '1',
];
const NUMBERS = [
  '0',
  '-0',
  '1',
  '1.0',
  '1e2',
  '-12.50',
  '0.5',
  '18446744073709551615',
  '9223372036854775807',
];

export const whitespace = fc.constantFrom('', '', ' ', '\n  ', '\t', '\r\n');

/** The token of a string, some of its characters written as escapes. */
function stringToken(text: string, escaped: boolean): string {
  return escaped
    ? `"${[...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`).join('')}"`
    : JSON.stringify(text);
}

/** Names that occur in few documents otherwise: members of Object.prototype, escapes of JSON Pointer, not ASCII. */
export const memberName = fc.constantFrom(...NAMES);

const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom('null', 'true', 'false', ...NUMBERS),
    fc.tuple(fc.string({ maxLength: 4 }), fc.boolean()).map(([text, escaped]) => stringToken(text, escaped)),
    fc
      .array(fc.tuple(whitespace, tie('value'), whitespace), { maxLength: 4 })
      .map((items) => `[${items.map((parts) => parts.join('')).join(',')}]`),
    fc
      .uniqueArray(fc.tuple(memberName, fc.boolean(), whitespace, whitespace, tie('value'), whitespace), {
        maxLength: 4,
        selector: ([name]) => name,
      })
      .map(
        (members) =>
          `{${members
            .map(([name, escaped, lead, colon, inner, trail]) => {
              return `${lead}${stringToken(name, escaped)}${colon}:${colon}${inner}${trail}`;
            })
            .join(',')}}`,
      ),
  ),
}));

/** The text of a JSON value, with white space, escapes and number forms that a serialiser would not write. */
export const jsonText: fc.Arbitrary<string> = value;
