import { Float, type Tree } from '../tree.js';

/**
 * What an unquoted YAML scalar stands for in sigs.k8s.io/yaml (its copy of go-yaml v2): the words of YAML 1.1, Go's
 * own spellings of integers (`0660` and `0o660` are octal), no sexagesimal numbers, and dates are text.
 */
export function resolvePlainScalar(text: string): Tree {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  // Most values are paths and names, and no number begins like one.
  if (/^[A-Za-z/]/.test(text)) return text;
  // The floats of go-yaml's "." branch take no underscores; an integer or a float that starts with a digit does.
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '');
  return goInteger(plain) ?? goFloat(plain) ?? text;
}

const WORDS = new Map<string, Tree>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word): [string, Tree] => [
    word,
    true,
  ]),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (word): [string, Tree] => [word, false],
  ),
  ...['', '~', 'null', 'Null', 'NULL'].map((word): [string, Tree] => [word, null]),
  ...['.nan', '.NaN', '.NAN'].map((word): [string, Tree] => [word, new Float(Number.NaN)]),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word): [string, Tree] => [
    word,
    new Float(Number.POSITIVE_INFINITY),
  ]),
  ...['-.inf', '-.Inf', '-.INF'].map((word): [string, Tree] => [word, new Float(Number.NEGATIVE_INFINITY)]),
]);

/** Whether a text stands for something else without quotes, because of what it is as a word. */
export function isYamlWord(text: string): boolean {
  return WORDS.has(text);
}

/** Whether one of the words that stand for something else without quotes is among some texts. */
export function hasYamlWord(texts: Pick<ReadonlySet<string>, 'has'>): boolean {
  return [...WORDS.keys()].some((word) => texts.has(word));
}

// strconv.ParseInt with base 0, then go-yaml's own attempt at "0b".
const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;

function goInteger(text: string): number | bigint | undefined {
  const [, sign, digits] = INTEGER.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const magnitude = BigInt(digits.replace(/^0[oO]?(?=[0-7])/, '0o'));
  const value = sign === '-' ? -magnitude : magnitude;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

function goFloat(text: string): Float | undefined {
  return FLOAT.test(text) ? new Float(Number(text)) : undefined;
}
