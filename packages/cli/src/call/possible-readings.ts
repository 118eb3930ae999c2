import { type FlagReading, type FlagSyntax, type FlagTable, readFlag } from './flag-syntax.js';

/** The command line of one runtime. */
export interface Grammar {
  readonly syntax: FlagSyntax;
  readonly flagsAfterId: boolean;
  readonly globalsAfterVerb: boolean;
  readonly global: FlagTable;
  readonly verbs: Readonly<Record<string, VerbFlags>>;
  readonly verbsWithoutId: readonly string[];
}

export type VerbFlags = Partial<FlagTable> & {
  /** How many words that are no flags a verb with a bundle takes. @defaultValue 1, the id */
  readonly mostOperands?: number;
};

/** Flags by their long names; the last one wins. */
export type Given = ReadonlyMap<string, string>;

/** A word that can be the verb, and the flags before it. */
export interface VerbPlace {
  readonly place: number;
  readonly given: Given;
}

/** What can stand behind a verb. */
export interface OperandReading {
  readonly id: string;
  readonly given: Given;
}

const LONG_NAMES: Readonly<Record<string, string>> = { b: 'bundle', f: 'config', l: 'log' };

/** `given`, with the values of a word's flags. */
export function withFlags(given: Given, { flags }: FlagReading): Given {
  const values = flags.filter((flag) => flag.value !== undefined);
  if (values.length === 0) return given;
  const next = new Map(given);
  for (const { name, value = '' } of values) next.set(LONG_NAMES[name] ?? name, value);
  return next;
}

/** The flags that may stand behind a verb. */
export function behindVerb(
  { values = [], booleans = [] }: Partial<FlagTable>,
  { global, globalsAfterVerb, syntax }: Grammar,
): FlagTable {
  return {
    values: globalsAfterVerb ? [...values, ...global.values] : values,
    booleans: globalsAfterVerb ? [...booleans, ...global.booleans] : booleans,
    ends: syntax === 'getopt' ? ['help', '?', 'usage'] : ['help', 'h'],
  };
}

/**
 * Every word that can be the verb: a flag that is not known may take the word behind it or not, so that each such flag
 * leaves two places to go on from.
 *
 * @param isKnown - false where the runtime is one whose grammar we do not have: then no flag of `grammar` is sure to be one
 *   of its own, and each of them is left open in the same way.
 */
export function possibleVerbs(words: readonly string[], grammar: Grammar, isKnown: boolean): VerbPlace[] {
  const { global, syntax } = grammar;
  const found = new Map<number, VerbPlace>();
  const reached: (Given | undefined)[] = [new Map()];
  const reach = (place: number, given: Given) => {
    reached[place] ??= given;
  };
  for (const [at, word] of words.entries()) {
    const given = reached[at];
    if (given === undefined) continue;
    const flag = word === '--' ? undefined : readFlag(word, words[at + 1], global, syntax);
    if (flag === undefined) {
      const place = word === '--' ? at + 1 : at;
      if (place < words.length && !found.has(place)) found.set(place, { place, given });
      continue;
    }
    const next = withFlags(given, flag);
    if (!flag.flags.some(({ ends }) => ends)) reach(at + flag.width, next);
    if (flag.mayTakeNext) reach(at + 2, next);
    if (!isKnown) {
      reach(at + 1, given);
      if (!word.includes('=')) reach(at + 2, given);
    }
  }
  return [...found.values()];
}

interface Passed {
  readonly given: Given;
  /** The operands so far. */
  readonly operands: readonly string[];
}

/**
 * What `words` behind `create`, `run` or `restore` can say, each with another bundle or configuration. A reading that
 * leaves the verb without an id, or with more words than it takes, is none: every runtime refuses it.
 */
export function possibleOperands(
  words: readonly string[],
  own: VerbFlags,
  grammar: Grammar,
): OperandReading[] {
  const table = behindVerb(own, grammar);
  const most = own.mostOperands ?? 1;
  const found = new Map<string, OperandReading>();
  const finish = ({ given, operands }: Passed, rest: readonly string[]) => {
    const [id, ...more] = [...operands, ...rest];
    const key = keyOf(given);
    if (id !== undefined && more.length < most && !found.has(key)) found.set(key, { id, given });
  };

  const reached: Map<string, Passed>[] = [];
  const reach = (place: number, passed: Passed) => {
    reached[place] ??= new Map();
    const key = `${passed.operands.length} ${keyOf(passed.given)}`;
    if (!reached[place].has(key)) reached[place].set(key, passed);
  };
  reach(0, { given: new Map(), operands: [] });
  for (const [at, word] of words.entries()) {
    for (const passed of reached[at]?.values() ?? []) {
      const flag = word === '--' ? undefined : readFlag(word, words[at + 1], table, grammar.syntax);
      if (word === '--') {
        finish(passed, words.slice(at + 1));
      } else if (flag !== undefined) {
        const next = { ...passed, given: withFlags(passed.given, flag) };
        if (!flag.flags.some(({ ends }) => ends)) reach(at + flag.width, next);
        if (flag.mayTakeNext) reach(at + 2, next);
      } else if (!grammar.flagsAfterId) {
        finish(passed, words.slice(at));
      } else if (passed.operands.length < most) {
        reach(at + 1, { ...passed, operands: [...passed.operands, word] });
      }
    }
  }
  for (const passed of reached[words.length]?.values() ?? []) finish(passed, []);
  return [...found.values()];
}

/** What of the flags decides which file is read. */
function keyOf(given: Given): string {
  return JSON.stringify([given.get('bundle') ?? '', given.get('config') ?? '']);
}
