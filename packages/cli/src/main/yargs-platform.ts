import { basename, dirname, join, normalize } from '../system/paths.js';
import { yargsEnvironment } from './yargs-environment.js';

/** A text of yargs in other words; one for each number where it has both. */
type Wording = string | { readonly one: string; readonly other: string };

/**
 * What yargs asks of the engine that it runs in (lib/platform-shims of yargs 18), for one that has nothing of Node.js. The
 * bundler puts it in the place of yargs' own. It needs no files: the only language is English, in our words.
 */
export function yargsPlatform<Ui, Parser>(cliui: Ui, parser: Parser) {
  const folder = '/';
  return {
    assert: {
      strictEqual: (one: unknown, other: unknown, message?: string) => assert(one === other, message),
      notStrictEqual: (one: unknown, other: unknown, message?: string) => assert(one !== other, message),
    },
    cliui,
    Parser: parser,
    findUp: () => undefined,
    getCallerFile: () => folder,
    getEnv: yargsEnvironment,
    getProcessArgvBin: () => undefined,
    inspect: String,
    mainFilename: folder,
    path: { basename, dirname, join, normalize, extname: () => '', relative: lastOf, resolve: lastOf },
    process: {
      argv: () => ['ociwrap'],
      cwd: () => folder,
      emitWarning: () => undefined,
      execPath: () => folder,
      exit: () => undefined,
      nextTick: (job: () => void) => void Promise.resolve().then(job),
      stdColumns: null,
    },
    readFileSync: () => '',
    readdirSync: () => [],
    require: refuseModules,
    requireDirectory: refuseModules,
    stringWidth: ({ length }: string) => length, // help is ASCII
    y18n: wordings(),
  };
}

function assert(holds: boolean, message = 'yargs is used wrongly'): void {
  if (!holds) throw new TypeError(message);
}

function lastOf(...paths: readonly string[]): string | undefined {
  return paths.at(-1);
}

function refuseModules(): never {
  throw new TypeError('there are no modules to load');
}

/** As the package y18n, without files of languages. */
function wordings() {
  const known = new Map<string, Wording>();
  const text = (wording: Wording, count: unknown) =>
    typeof wording === 'string' ? wording : count === 1 ? wording.one : wording.other;
  return {
    __: (template: string, ...values: readonly unknown[]) =>
      filled(text(known.get(template) ?? template, 1), values),
    __n: (one: string, other: string, count: number, ...values: readonly unknown[]) => {
      const template = text(known.get(one) ?? { one, other }, count);
      return filled(template, template.includes('%d') ? [count, ...values] : values);
    },
    getLocale: () => 'en',
    setLocale: () => undefined,
    updateLocale: (changes: Readonly<Record<string, Wording>>) => {
      for (const [template, wording] of Object.entries(changes)) known.set(template, wording);
    },
  };
}

/** util.format, for texts and numbers. */
function filled(template: string, values: readonly unknown[]): string {
  const rest = [...values];
  const text = template.replace(/%[sd]/g, (place) => (rest.length === 0 ? place : String(rest.shift())));
  return [text, ...rest.map(String)].join(' ');
}
