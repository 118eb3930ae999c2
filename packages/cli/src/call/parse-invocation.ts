import { RUNTIME_GRAMMAR } from '@opencontainers-ts/runtime-resolver/grammar';
import { bytesOf, bytesOfWord, wordOf } from '../system/text.js';
import { readFlag } from './flag-syntax.js';
import {
  behindVerb,
  type Given,
  type Grammar,
  possibleOperands,
  possibleVerbs,
  type VerbFlags,
  withFlags,
} from './possible-readings.js';

/** An argument as the kernel passes it: bytes without a NUL. A string stands for its UTF-8. */
type Bytes = string | Uint8Array;

/** Whose command line it is. */
export type Dialect = keyof typeof RUNTIME_GRAMMAR;

/** What a command line asks of the runtime, as far as the wrapper has to know it. */
export interface Invocation {
  /** What the runtime will carry out; absent when it only prints help or its version, or is asked for nothing. */
  readonly verb?: string;
  /** As given: relative to the working directory. Absent (or given empty) means the working directory itself. */
  readonly bundle?: Uint8Array;
  /** The file that replaces the bundle's `config.json` (crun, newer runc); relative to the working directory. */
  readonly configFile?: Uint8Array;
  /** The container, for verbs that have one. */
  readonly id?: Uint8Array;
  /** The file of the runtime's `--log`; absent when it logs to stderr, syslog or the journal. */
  readonly log?: Uint8Array;
  readonly logFormat?: 'json' | 'text';
  /** The folder of the runtime's own records of containers: `--root`. */
  readonly root?: Uint8Array;
  /** Every flag that could bear on verb and bundle was one that this runtime is known to have. */
  readonly certain: boolean;
  /**
   * The ways to read the line that carry a rewrite, this one among them where it does; only where there is one beside it.
   * The runtime takes one of them, or none: who acts on a bundle has to look at them all.
   */
  readonly readings?: readonly Invocation[];
}

/** A rewrite can only belong to these: they alone read the bundle's `config.json` to make a container of it. */
export const BUNDLE_VERBS = ['create', 'run', 'restore'] as const;

export type BundleVerb = (typeof BUNDLE_VERBS)[number];

/** Whether a rewrite can belong to a call with this verb. */
export function isBundleVerb(verb: string | undefined): verb is BundleVerb {
  return BUNDLE_VERBS.some((name) => name === verb);
}

/**
 * Reads the arguments of a runtime call as the runtime itself would. It never fails: what cannot be understood is
 * passed over, `certain` tells so, and the runtime will say what it thinks of it.
 *
 * An unknown flag may take the next word as its value or not. The invocation is the likelier reading of the line: a
 * bare word right behind such a flag that is no verb of this runtime (or, behind the verb, that is not the last word)
 * is its value. The others are in `readings`, as far as a bundle is read by them.
 *
 * @param argv - the arguments without argv[0], as bytes; strings stand for their UTF-8.
 * @param options - `dialect`: the grammar of the real runtime. Left out, it is a runtime whose grammar is not known:
 *   runc's then, and any global flag of it may be one with a value or without.
 * @example
 * ```ts
 * import { parseInvocation } from '@opencontainers-ts/cli';
 *
 * const { verb, bundle } = parseInvocation(['--root', 'create', 'run', 'c1', '-b=/run/b'], { dialect: 'runc' });
 * console.log(verb, new TextDecoder().decode(bundle)); // run /run/b
 *
 * const { readings = [] } = parseInvocation(['--new', 'list', 'create', '-b=/run/b', 'c1'], { dialect: 'runc' });
 * console.log(readings.map((reading) => reading.verb)); // [ 'create' ]
 * ```
 */
export function parseInvocation(
  argv: readonly Bytes[],
  options: { readonly dialect?: Dialect } = {},
): Invocation {
  const { dialect } = options;
  const line: Line = {
    words: argv.map(toWord),
    dialect: dialect ?? 'runc',
    grammar: RUNTIME_GRAMMAR[dialect ?? 'runc'],
  };
  const { place, ...likely } = likelyReading(line);
  if (likely.certain && dialect !== undefined) return likely;

  const possible = readingsWithBundle(line, dialect !== undefined);
  const elsewhere = possible.some((reading) => reading.place !== place);
  const certain = likely.certain && !elsewhere;
  if (!possible.some((reading) => !isSame(reading, likely))) return { ...likely, certain };
  return { ...likely, certain, readings: possible.map(({ place: _, ...reading }) => reading) };
}

interface Line {
  readonly words: readonly string[];
  readonly dialect: Dialect;
  readonly grammar: Grammar;
}

/** `place`: of the verb. */
type PlacedReading = Invocation & { readonly place?: number };

function likelyReading({ words, dialect, grammar }: Line): PlacedReading {
  const before = readGlobals(words, grammar);
  const { place, certain } = before;
  const verb = place === undefined ? undefined : words[place];
  const log = globalsOf(dialect, before.given);
  if (place === undefined || verb === undefined) return { ...log, certain };

  const own = flagsOf(verb, grammar);
  if (own === undefined) return { place, verb, ...log, certain };

  const takesBundle = isBundleVerb(verb);
  const after = readOperands(words.slice(place + 1), own, takesBundle, grammar);
  if (takesBundle) {
    return {
      place,
      ...(after.ended ? log : bundleReading(verb, after, before.given, dialect)),
      certain: certain && after.certain,
    };
  }
  return { place, verb, ...(after.id === undefined ? {} : { id: toBytes(after.id) }), ...log, certain };
}

/** All readings of a line that is not certain in which the verb is `create`, `run` or `restore`. */
function readingsWithBundle({ words, dialect, grammar }: Line, isKnown: boolean): PlacedReading[] {
  return possibleVerbs(words, grammar, isKnown).flatMap(({ place, given }) => {
    const verb = words[place];
    const own = verb === undefined ? undefined : flagsOf(verb, grammar);
    if (verb === undefined || own === undefined || !isBundleVerb(verb)) return [];
    return possibleOperands(words.slice(place + 1), own, grammar).map((operands) => ({
      place,
      ...bundleReading(verb, operands, given, dialect),
      certain: false,
    }));
  });
}

function bundleReading(
  verb: string,
  { id, given }: { readonly id: string | undefined; readonly given: Given },
  before: Given,
  dialect: Dialect,
): Omit<Invocation, 'certain'> {
  const bundle = given.get('bundle') ?? '';
  const config = given.get('config') ?? '';
  return {
    verb,
    ...(id === undefined ? {} : { id: toBytes(id) }),
    ...(bundle === '' ? {} : { bundle: toBytes(bundle) }),
    ...(config === '' ? {} : { configFile: toBytes(config) }),
    ...globalsOf(dialect, new Map([...before, ...given])),
  };
}

/** Whether both read the same file for the same verb. */
function isSame(one: Invocation, other: Invocation): boolean {
  const text = (bytes: Uint8Array | undefined) => wordOf(bytes ?? new Uint8Array());
  return (
    one.verb === other.verb &&
    text(one.bundle) === text(other.bundle) &&
    text(one.configFile) === text(other.configFile)
  );
}

function flagsOf(verb: string, { verbs }: Grammar): VerbFlags | undefined {
  return Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
}

function isVerb(word: string, { verbs, verbsWithoutId }: Grammar): boolean {
  return Object.hasOwn(verbs, word) || verbsWithoutId.includes(word);
}

/** Reads up to the verb, whose place is absent when there is none. */
function readGlobals(words: readonly string[], grammar: Grammar) {
  let given: Given = new Map();
  let certain = true;
  let awaitsValue = false;
  for (let at = 0; ; at += 1) {
    const word = words[at];
    if (word === undefined) return { given, certain };
    if (word === '--') return { given, certain, ...(at + 1 < words.length ? { place: at + 1 } : {}) };
    const flag = readFlag(word, words[at + 1], grammar.global, grammar.syntax);
    if (flag === undefined) {
      const isValue = awaitsValue && !isVerb(word, grammar);
      if (!isValue) return { given, certain, place: at };
      awaitsValue = false;
      continue;
    }
    given = withFlags(given, flag);
    if (flag.flags.some(({ ends }) => ends)) return { given, certain };
    certain &&= flag.known;
    awaitsValue = flag.mayTakeNext;
    at += flag.width - 1;
  }
}

/** Reads behind the verb. For verbs without a bundle all that matters is the first operand. */
function readOperands(words: readonly string[], own: VerbFlags, takesBundle: boolean, grammar: Grammar) {
  const table = behindVerb(own, grammar);
  let given: Given = new Map();
  let id: string | undefined;
  let certain = true;
  let awaitsValue = false;
  for (let at = 0; ; at += 1) {
    const word = words[at];
    if (word === undefined || word === '--') {
      return { given, id: id ?? words[at + 1], certain, ended: false };
    }
    const flag = readFlag(word, words[at + 1], table, grammar.syntax);
    if (flag !== undefined) {
      given = withFlags(given, flag);
      if (flag.flags.some(({ ends }) => ends)) return { given, id, certain, ended: true };
      certain &&= flag.known;
      awaitsValue = flag.mayTakeNext;
      at += flag.width - 1;
      continue;
    }
    // These verbs take one operand, so a word that is followed by more is the value of the flag before it.
    const isValue = takesBundle && awaitsValue && at + 1 < words.length;
    awaitsValue = false;
    if (isValue) continue;
    id ??= word;
    if (!grammar.flagsAfterId) return { given, id, certain, ended: false };
  }
}

/** `--root`, `--log` and `--log-format`, each in the runtime's own sense. */
function globalsOf(dialect: Dialect, given: Given): Pick<Invocation, 'log' | 'logFormat' | 'root'> {
  const format = given.get('log-format');
  const folder = given.get('root') ?? '';
  const root = folder === '' ? {} : { root: toBytes(folder) };
  const path = given.get('log') ?? '';
  const log = dialect === 'crun' ? crunLogFile(path) : path;
  if (log === '') return root;
  // runsc writes its errors to --log as JSON whatever the format says (runsc/cmd/util: ErrorLogger).
  const logFormat = dialect === 'runsc' ? 'json' : format;
  return {
    ...root,
    log: toBytes(log),
    ...(logFormat === 'json' || logFormat === 'text' ? { logFormat } : {}),
  };
}

/** crun's `[file:]PATH`, `syslog:ID`, `journald:ID`; anything else with a colon it refuses (libcrun/error.c). */
function crunLogFile(text: string): string {
  if (text.startsWith('file:')) return text.slice('file:'.length);
  return text.includes(':') ? '' : text;
}

/** One character a byte, so that arguments that are no UTF-8 are compared, cut and given back unharmed. */
function toWord(argument: Bytes): string {
  return wordOf(bytesOf(argument));
}

function toBytes(word: string): Uint8Array {
  return bytesOfWord(word);
}
