import type { Random } from './random.js';
import { misspelt, numberText, oddCharacter, withOddCharacter } from './texts.js';

/** JSON as it will be written: members may be double, numbers have the digits that they are given. */
export type JsonValue = string | boolean | null | Written | Members | readonly JsonValue[];

/** What stands in the text as it is. */
export interface Written {
  readonly written: string;
}

/** An object. */
export interface Members {
  readonly members: readonly (readonly [string, JsonValue])[];
}

/** Members by name: how rare one is (once in so many objects), and what makes it. */
export type MemberTable = Readonly<Record<string, readonly [number, () => JsonValue]>>;

/** Makes JSON, nearly all of it as somebody sensible would. */
export class JsonMaker {
  readonly random: Random;
  /** Once in so many values something is odd. */
  readonly #rarity: number;

  constructor(random: Random, rarity: number) {
    this.random = random;
    this.#rarity = rarity;
  }

  /** True where something is to be odd. */
  isOdd(): boolean {
    return this.random.oneIn(this.#rarity);
  }

  number(...usual: readonly number[]): JsonValue {
    if (this.isOdd()) return this.odd();
    if (usual.length > 0 && !this.random.oneIn(8)) return { written: String(this.random.pick(usual)) };
    return { written: numberText(this.random) };
  }

  boolean(): JsonValue {
    return this.isOdd() ? this.odd() : this.random.oneIn(2);
  }

  text(...usual: readonly string[]): JsonValue {
    if (this.isOdd()) return this.odd();
    const text = this.random.pick(usual) ?? '';
    return this.isOdd() ? withOddCharacter(text, this.random) : text;
  }

  list(most: number, make: () => JsonValue): JsonValue {
    return this.isOdd() ? this.odd() : this.random.some(most, make);
  }

  object(table: MemberTable): JsonValue {
    const { random } = this;
    if (this.isOdd()) return this.odd();
    const members = Object.entries(table).flatMap(([name, [rarity, make]]): [string, JsonValue][] => {
      if (!random.oneIn(rarity)) return [];
      if (!this.isOdd()) return [[name, make()]];
      switch (random.below(5)) {
        case 0:
          return [
            [name, make()],
            [name, make()],
          ];
        case 1:
          return [
            [name, make()],
            [misspelt(name, random), make()],
          ];
        case 2:
          return [[misspelt(name, random), make()]];
        case 3:
          return [];
        default:
          return [[name, this.odd()]];
      }
    });
    if (this.isOdd()) members.push([random.oneIn(2) ? 'x-vendor' : oddCharacter(random), this.odd()]);
    if (this.isOdd()) members.reverse();
    return { members };
  }

  /** A map of texts. */
  map(most: number, names: readonly string[], values: readonly string[]): JsonValue {
    if (this.isOdd()) return this.odd();
    const members = this.random.some(most, (): [string, JsonValue] => {
      const name = this.random.pick(names) ?? '';
      return [this.isOdd() ? misspelt(name, this.random) : name, this.text(...values)];
    });
    // Two of one name are for those who ask for them.
    const once = new Map(members);
    return { members: this.isOdd() ? members : [...once] };
  }

  /** A value that fits nowhere in particular. */
  odd(): JsonValue {
    const { random } = this;
    switch (random.below(11)) {
      case 0:
        return null;
      case 1:
        return random.oneIn(2);
      case 2:
      case 3:
        return { written: numberText(random) };
      case 4:
        return '';
      case 5:
        return oddCharacter(random).repeat(1 + random.below(3));
      case 6:
        return [];
      case 7:
        return { members: [] };
      case 8:
        return { members: [['__proto__', { members: [['x', null]] }]] };
      case 9:
        return [this.odd()];
      default:
        return { members: [[oddCharacter(random), this.odd()]] };
    }
  }
}

/** How a text of JSON looks. */
interface Style {
  readonly random: Random;
  readonly indent: string;
  readonly colon: string;
  readonly comma: string;
  /** Once in so many characters one is escaped that need not be; never for 0. */
  readonly escapes: number;
}

/** The value as a text of JSON, in one of many styles. */
export function jsonText(value: JsonValue, random: Random): string {
  const style: Style = {
    random,
    indent: random.pick(['', '', '', '  ', '\t', '\n\r ']),
    colon: random.pick([':', ': ', ': ', ' :\n']),
    comma: random.pick([',', ', ', ' ,']),
    escapes: random.pick([0, 0, 0, 40, 4]),
  };
  const end = random.pick(['', '\n', ' \t\r\n']);
  return (random.oneIn(10) ? ' \n' : '') + written(value, style, '') + end;
}

function written(value: JsonValue, style: Style, above: string): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return quotedText(value, style);
  if ('written' in value) return value.written;
  const below = style.indent === '' ? '' : above + style.indent;
  const [open, close] = 'members' in value ? '{}' : '[]';
  const items =
    'members' in value
      ? value.members.map(
          ([name, inner]) => quotedText(name, style) + style.colon + written(inner, style, below),
        )
      : value.map((item) => written(item, style, below));
  if (items.length === 0) return `${open}${close}`;
  const line = style.indent === '' ? '' : '\n';
  return `${open}${line}${below}${items.join(`${style.comma}${line}${below}`)}${line}${line === '' ? '' : above}${close}`;
}

const MUST_BE_ESCAPED = /["\\\p{Cc}\p{Cs}]/u;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function quotedText(text: string, { random, escapes }: Style): string {
  if (escapes === 0 && !MUST_BE_ESCAPED.test(text)) return `"${text}"`;
  let quoted = '"';
  for (const character of text) {
    const isPlain = !MUST_BE_ESCAPED.test(character);
    quoted += isPlain && (escapes === 0 || !random.oneIn(escapes)) ? character : escaped(character, random);
  }
  return `${quoted}"`;
}

function escaped(character: string, random: Random): string {
  const short = SHORT[character];
  if (short !== undefined && !random.oneIn(3)) return short;
  return Array.from({ length: character.length }, (_, at) => {
    const digits = character.charCodeAt(at).toString(16).padStart(4, '0');
    return `\\u${random.oneIn(3) ? digits.toUpperCase() : digits}`;
  }).join('');
}
