import { type FlagReading, type FlagTable, readFlag } from './flag-syntax.js';
import { RUNTIME_GRAMMAR } from './runtime-grammar.js';

/** An argument as the kernel passes it: bytes without a NUL. A string stands for its UTF-8. */
type Bytes = string | Uint8Array;

/**
 * Whose command line it is.
 *
 * @example
 * ```ts
 * import type { Dialect } from '@opencontainers-ts/cli';
 *
 * const dialect: Dialect = 'crun';
 * console.log(dialect); // crun
 * ```
 */
export type Dialect = keyof typeof RUNTIME_GRAMMAR;

/**
 * What a command line asks of the runtime, as far as the wrapper has to know it.
 *
 * @example
 * ```ts
 * import type { Invocation } from '@opencontainers-ts/cli';
 *
 * const invocation: Invocation = { verb: 'state', id: new TextEncoder().encode('c1'), certain: true };
 * console.log(invocation.verb); // state
 * ```
 */
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
  /** Every flag that could bear on verb and bundle was one that this runtime is known to have. */
  readonly certain: boolean;
}

/** A rewrite can only belong to these: they alone read the bundle's `config.json` to make a container of it. */
export const BUNDLE_VERBS = ['create', 'run', 'restore'] as const;

export type BundleVerb = (typeof BUNDLE_VERBS)[number];

/** Whether a rewrite can belong to a call with this verb. */
export function isBundleVerb(verb: string | undefined): verb is BundleVerb {
  return BUNDLE_VERBS.some((name) => name === verb);
}

const EVERY_VERB = new Set(
  Object.values(RUNTIME_GRAMMAR).flatMap(({ verbs, verbsWithoutId }) => [
    ...Object.keys(verbs),
    ...verbsWithoutId,
  ]),
);

interface Grammar {
  readonly syntax: 'go' | 'getopt';
  readonly flagsAfterId: boolean;
  readonly globalsAfterVerb: boolean;
  readonly global: FlagTable;
  readonly verbs: Readonly<Record<string, Partial<FlagTable>>>;
}

/**
 * Reads the arguments of a runtime call as the runtime itself would. It never fails: what cannot be understood is
 * passed over, `certain` tells so, and the runtime will say what it thinks of it.
 *
 * An unknown flag is not taken to have a value, with one exception: a bare word right after it that no runtime knows
 * as a verb (or, behind the verb, that is not the last word) can be nothing else.
 *
 * @param argv - the arguments without argv[0], as bytes; strings stand for their UTF-8.
 * @param options - `dialect`: the grammar of the real runtime, runc's when it is left out.
 * @example
 * ```ts
 * import { parseInvocation } from '@opencontainers-ts/cli';
 *
 * const { verb, bundle } = parseInvocation(['--root', 'create', 'run', 'c1', '-b=/run/b']);
 * console.log(verb, new TextDecoder().decode(bundle)); // run /run/b
 * ```
 */
export function parseInvocation(
  argv: readonly Bytes[],
  options: { readonly dialect?: Dialect } = {},
): Invocation {
  const dialect = options.dialect ?? 'runc';
  const grammar: Grammar = RUNTIME_GRAMMAR[dialect];
  const words = argv.map(toWord);
  const before = readGlobals(words, grammar);
  const log = logOf(dialect, before.given);
  if (before.verb === undefined) return { ...log, certain: before.certain };

  const { verb } = before;
  const own = Object.hasOwn(grammar.verbs, verb) ? grammar.verbs[verb] : undefined;
  if (own === undefined) return { verb, ...log, certain: before.certain };

  const takesBundle = isBundleVerb(verb);
  const after = readOperands(words.slice(before.next), own, takesBundle, grammar);
  const [id] = after.operands;
  const found = id === undefined ? {} : { id: toBytes(id) };
  if (!takesBundle) return { verb, ...found, ...log, certain: before.certain };
  if (after.ended) return { ...log, certain: before.certain };

  const { given } = after;
  const bundle = given.get('bundle') ?? '';
  const config = given.get('config') ?? '';
  return {
    verb,
    ...found,
    ...(bundle === '' ? {} : { bundle: toBytes(bundle) }),
    ...(config === '' ? {} : { configFile: toBytes(config) }),
    ...logOf(dialect, new Map([...before.given, ...given])),
    certain: before.certain && after.certain,
  };
}

/** Flags by their long names; the last one wins. */
type Given = ReadonlyMap<string, string>;

const LONG_NAMES: Readonly<Record<string, string>> = { b: 'bundle', f: 'config' };

function keep(given: Map<string, string>, { flags }: FlagReading): void {
  for (const { name, value } of flags) {
    if (value !== undefined) given.set(LONG_NAMES[name] ?? name, value);
  }
}

/** Reads up to the verb. `next` is the place after it. */
function readGlobals(words: readonly string[], { global, syntax }: Grammar) {
  const given = new Map<string, string>();
  let certain = true;
  let awaitsValue = false;
  for (let at = 0; ; at += 1) {
    const word = words[at];
    if (word === undefined) return { given, certain, next: at };
    if (word === '--') return { given, certain, verb: words[at + 1], next: at + 2 };
    const flag = readFlag(word, words[at + 1], global, syntax);
    if (flag === undefined) {
      const isValue = awaitsValue && !EVERY_VERB.has(word);
      if (!isValue) return { given, certain, verb: word, next: at + 1 };
      awaitsValue = false;
      continue;
    }
    keep(given, flag);
    if (flag.flags.some(({ ends }) => ends)) return { given, certain, next: at + 1 };
    certain &&= flag.known;
    awaitsValue = flag.mayTakeNext;
    at += flag.width - 1;
  }
}

/** Reads behind the verb. For verbs without a bundle all that matters is the first operand. */
function readOperands(
  words: readonly string[],
  own: Partial<FlagTable>,
  takesBundle: boolean,
  grammar: Grammar,
) {
  const table = behindVerb(own, grammar);
  const given = new Map<string, string>();
  const operands: string[] = [];
  let certain = true;
  let awaitsValue = false;
  for (let at = 0; ; at += 1) {
    const word = words[at];
    if (word === undefined || word === '--') {
      operands.push(...words.slice(at + 1));
      return { given, operands, certain, ended: false };
    }
    const flag = readFlag(word, words[at + 1], table, grammar.syntax);
    if (flag !== undefined) {
      keep(given, flag);
      if (flag.flags.some(({ ends }) => ends)) return { given, operands, certain, ended: true };
      certain &&= flag.known;
      awaitsValue = flag.mayTakeNext;
      at += flag.width - 1;
      continue;
    }
    // These verbs take one operand, so a word that is followed by more is the value of the flag before it.
    const isValue = takesBundle && awaitsValue && at + 1 < words.length;
    awaitsValue = false;
    if (isValue) continue;
    operands.push(word);
    if (!grammar.flagsAfterId) return { given, operands, certain, ended: false };
  }
}

function behindVerb(
  { values = [], booleans = [] }: Partial<FlagTable>,
  { global, globalsAfterVerb, syntax }: Grammar,
): FlagTable {
  return {
    values: globalsAfterVerb ? [...values, ...global.values] : values,
    booleans: globalsAfterVerb ? [...booleans, ...global.booleans] : booleans,
    ends: syntax === 'go' ? ['help', 'h'] : ['help', '?', 'usage'],
  };
}

/** `--log` and `--log-format`, each in the runtime's own sense. */
function logOf(dialect: Dialect, given: Given): Pick<Invocation, 'log' | 'logFormat'> {
  const format = given.get('log-format');
  const path = given.get('log') ?? '';
  const log = dialect === 'crun' ? crunLogFile(path) : path;
  if (log === '') return {};
  // runsc writes its errors to --log as JSON whatever the format says (runsc/cmd/util: ErrorLogger).
  const logFormat = dialect === 'runsc' ? 'json' : format;
  return {
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
  return Buffer.from(argument).toString('latin1');
}

function toBytes(word: string): Uint8Array {
  return new Uint8Array(Buffer.from(word, 'latin1'));
}
