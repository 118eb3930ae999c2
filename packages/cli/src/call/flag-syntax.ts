/** The flags that one reader of arguments knows. */
export interface FlagTable {
  /** Take the next word when there is no `=`. */
  readonly values: readonly string[];
  /** Never take the next word. */
  readonly booleans: readonly string[];
  /** Make the runtime print something and leave. */
  readonly ends: readonly string[];
}

/**
 * `go`: the flag package of Go and urfave/cli. `getopt`: getopt_long(3) as argp uses it. `clap`: Rust's clap, whose long
 * options are not abbreviated, whose short ones take their value after `=` too, and of which no value begins with `-`.
 */
export type FlagSyntax = 'go' | 'getopt' | 'clap';

/** What stands at one place of the argument list. */
export interface FlagReading {
  /** The flags that the word holds: several for a cluster of short options, none when it holds no known one. */
  readonly flags: readonly { readonly name: string; readonly value?: string; readonly ends: boolean }[];
  /** How many words it takes: two when the value is a word of its own. */
  readonly width: 1 | 2;
  /** Every flag of the word is in the table and the runtime would accept its shape. */
  readonly known: boolean;
  /** An unknown flag without `=`: the next word may be its value. */
  readonly mayTakeNext: boolean;
}

const UNREADABLE: FlagReading = { flags: [], width: 1, known: false, mayTakeNext: false };

/** Reads the flag at `word`; `undefined` for an operand. The separator `--` is the caller's. */
export function readFlag(
  word: string,
  next: string | undefined,
  table: FlagTable,
  syntax: FlagSyntax,
): FlagReading | undefined {
  if (!isDashed(word)) return undefined;
  const after = syntax === 'clap' && isDashed(next) ? undefined : next;
  if (syntax !== 'go' && !word.startsWith('--')) return readCluster(word.slice(1), after, table, syntax);

  const body = word.startsWith('--') ? word.slice(2) : word.slice(1);
  // "bad flag syntax" to Go's flag package, and no option of any getopt program here.
  if (body.startsWith('-')) return UNREADABLE;
  const equals = body.indexOf('=');
  const written = equals < 0 ? body : body.slice(0, equals);
  const inline = equals < 0 ? undefined : body.slice(equals + 1);
  const mayTakeNext = inline === undefined && after !== undefined;
  const names = longNames(written, table, syntax);
  const [name] = names;
  if (name === undefined) return { ...UNREADABLE, mayTakeNext };
  const takesValue = table.values.includes(name);
  // An abbreviation that fits several options, which the runtime refuses. Those with a value come first.
  if (names.length > 1) return { ...UNREADABLE, mayTakeNext: mayTakeNext && takesValue };
  if (takesValue) return withValue(name, inline, after);
  const accepted = inline === undefined || syntax === 'go';
  const flag = { name, ends: table.ends.includes(name) && !isGoFalse(inline) };
  return { flags: [flag], width: 1, known: accepted, mayTakeNext: false };
}

function withValue(name: string, inline: string | undefined, next: string | undefined): FlagReading {
  const value = inline ?? next;
  if (value === undefined) return UNREADABLE;
  const width = inline === undefined ? 2 : 1;
  return { flags: [{ name, value, ends: false }], width, known: true, mayTakeNext: false };
}

/**
 * Short options in one word: `-db/bundle`, `-bDIR`, `-d -b DIR`. `-b=DIR` names the folder `=DIR` by getopt, `DIR` by
 * clap.
 */
function readCluster(
  letters: string,
  next: string | undefined,
  table: FlagTable,
  syntax: FlagSyntax,
): FlagReading {
  const flags: FlagReading['flags'][number][] = [];
  for (let at = 0; at < letters.length; at += 1) {
    const name = letters.charAt(at);
    if (table.values.includes(name)) {
      const rest = letters.slice(at + 1);
      const value = syntax === 'clap' && rest.startsWith('=') ? rest.slice(1) : rest;
      const reading = withValue(name, rest === '' ? undefined : value, next);
      return { ...reading, flags: [...flags, ...reading.flags] };
    }
    if (!allNames(table).includes(name)) {
      return { ...UNREADABLE, flags, mayTakeNext: at === letters.length - 1 && next !== undefined };
    }
    flags.push({ name, ends: table.ends.includes(name) });
  }
  return { flags, width: 1, known: true, mayTakeNext: false };
}

/** Begins as a flag does, which a lone dash does not. */
function isDashed(word: string | undefined): boolean {
  return word?.startsWith('-') === true && word !== '-';
}

function allNames({ values, booleans, ends }: FlagTable): readonly string[] {
  return [...values, ...booleans, ...ends];
}

/** The flags that `written` behind two dashes can mean; for Go behind one dash, too. */
function longNames(written: string, table: FlagTable, syntax: FlagSyntax): readonly string[] {
  const names = allNames(table);
  if (syntax === 'go') return names.includes(written) ? [written] : [];
  const long = names.filter((name) => name.length > 1);
  if (long.includes(written)) return [written];
  // getopt_long(3): all that begin with it.
  return syntax === 'getopt' ? long.filter((name) => name.startsWith(written)) : [];
}

/** What strconv.ParseBool takes for false: `--version=false` prints no version. */
function isGoFalse(text: string | undefined): boolean {
  return ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text ?? '');
}
