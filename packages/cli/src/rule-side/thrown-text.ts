import { printable, quoted } from '@opencontainers-ts/runtime-spec';

/** What a program for Node.js may look for, and does not find. */
const OF_NODE =
  /^ReferenceError: '?(process|Buffer|require|module|exports|__dirname|__filename|setTimeout|setInterval|setImmediate|clearTimeout|clearInterval|fetch|URL|structuredClone|Intl)'? is not defined/;

/** How an import is told (see `ModuleRealm`). */
const IMPORT = /^import "(.*)"$/s;

/** What to do with a name that there is not. */
export const NOTHING_OF_NODE =
  'a rule module has nothing of Node.js: no process, no Buffer, no timers, no network; docs/configuration.md says what there is';

/** Whether an error, in words, is that a name of Node's is not there. */
export function isOfNode(words: string | undefined): boolean {
  return OF_NODE.test(words ?? '');
}

/**
 * Why a module failed, in one line. What it throws need not be an error, nor bear being looked at.
 *
 * @param file - what the module is called in a stack of calls
 */
export function thrownText(thrown: unknown, file: string): string {
  try {
    if (!(thrown instanceof Error)) return oneLine(String(thrown));
    // One of ours says all that is to be said.
    if ('code' in thrown && 'hint' in thrown) return oneLine(String(thrown.message));
    const [, specifier] = IMPORT.exec(thrown.message) ?? [];
    if (specifier !== undefined) {
      return `it imports ${quoted(specifier)}, and a module has to bring all that it uses: bundle it (esbuild --bundle --format=esm)`;
    }
    const why = `${oneLine(`${thrown.name}: ${thrown.message}`)}${placeIn(file, thrown.stack)}`;
    return isOfNode(why) ? `${why} (${NOTHING_OF_NODE})` : why;
  } catch {
    return 'what it threw cannot be read';
  }
}

/** ", line 3, column 7": where the innermost call in the file is, or where its syntax ends; nothing where the engine does not say. */
function placeIn(file: string, stack: unknown): string {
  for (const call of String(stack ?? '').split('\n')) {
    const [, line, column] = /^(\d+):(\d+)\)?$/.exec(call.split(`${file}:`).at(-1) ?? '') ?? [];
    if (line !== undefined) return `, line ${line}, column ${column}`;
  }
  return '';
}

function oneLine(text: string): string {
  const [line = ''] = text.split('\n');
  return printable(line);
}
