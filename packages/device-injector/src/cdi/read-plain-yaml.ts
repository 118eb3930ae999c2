import type { Tree } from './tree.js';
import { resolvePlainScalar } from './yaml-scalar.js';

/**
 * Reads the YAML that generators of specs write: block maps and lists, each scalar on one line. Undefined for all
 * else (anchors, tags, block scalars, comments behind a value, a member twice, anything odd), which the YAML library
 * reads: it takes 150 ms for a spec of 64 KiB, and a container is waiting.
 */
export function readPlainYaml(text: string): Tree | undefined {
  const all = text.split('\n');
  if (all[0] === '---') all.shift();
  if (!all.every((line) => PLAIN_LINE.test(line))) return undefined;
  const lines = all
    .filter((line) => line !== '' && !/^ *#/.test(line))
    .map((line) => ({ indent: line.search(/[^ ]/), content: line.trimStart() }));
  try {
    const reader = new PlainReader(lines);
    const tree = reader.map(0);
    return reader.isAtEnd() ? tree : undefined;
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

// ASCII without tabs and carriage returns, no white space at the end, no mark that a document begins or ends.
const PLAIN_LINE = /^(?!---|\.\.\.)(?:[ -~]*[!-~])?$/;

const MEMBER = /^([A-Za-z][A-Za-z0-9_./-]*):(?: ([^ ].*))?$/;
// A dash may begin a value where no space follows it; the other characters that mean something to YAML may not.
const PLAIN_VALUE = /^(?:[A-Za-z0-9/._+~]|-[^ ])(?:[^:#]|:(?=[^ ])|(?<=[^ ])#)*$/;
const QUOTED_VALUE = /^(?:"[^"\\]*"|'[^']*')$/;

interface Line {
  readonly indent: number;
  readonly content: string;
}

class NotPlain extends Error {}

class PlainReader {
  readonly #lines: readonly Line[];
  #at = 0;

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
  }

  isAtEnd(): boolean {
    return this.#at === this.#lines.length;
  }

  /** The map whose members stand at an indent; the first one may stand behind the dash of a list. */
  map(indent: number, first?: string): Tree {
    const members: Record<string, Tree> = {};
    if (first !== undefined) this.#member(members, indent, first);
    for (let line = this.#lineAt(indent); line !== undefined && !isItem(line); line = this.#lineAt(indent)) {
      this.#at += 1;
      this.#member(members, indent, line);
    }
    if (Object.keys(members).length === 0) throw new NotPlain();
    return members;
  }

  #member(members: Record<string, Tree>, indent: number, content: string): void {
    const [, name, value] = MEMBER.exec(content) ?? [];
    if (name === undefined || Object.hasOwn(members, name) || resolvePlainScalar(name) !== name) {
      throw new NotPlain();
    }
    members[name] = value === undefined ? this.#below(indent) : scalar(value);
  }

  /** What the lines below a name without a value hold: a list at the same indent or deeper, a map, or nothing. */
  #below(indent: number): Tree {
    const next = this.#lines[this.#at];
    if (next === undefined || next.indent < indent) return null;
    if (isItem(next.content)) return this.#list(next.indent);
    return next.indent === indent ? null : this.map(next.indent);
  }

  #list(indent: number): Tree {
    const items: Tree[] = [];
    for (let line = this.#lineAt(indent); line?.startsWith('- '); line = this.#lineAt(indent)) {
      this.#at += 1;
      const content = line.slice(2);
      items.push(MEMBER.test(content) ? this.map(indent + 2, content) : scalar(content));
    }
    return items;
  }

  /** The next line where it has this indent, undefined where the block is left; a deeper one fits nowhere: it goes on with a scalar. */
  #lineAt(indent: number): string | undefined {
    const next = this.#lines[this.#at];
    if (next === undefined || next.indent < indent) return undefined;
    if (next.indent > indent) throw new NotPlain();
    return next.content;
  }
}

function isItem(content: string): boolean {
  return content.startsWith('- ') || content === '-';
}

function scalar(value: string): Tree {
  if (value === '[]') return [];
  if (value === '{}') return {};
  if (QUOTED_VALUE.test(value)) return value.slice(1, -1);
  if (!PLAIN_VALUE.test(value)) throw new NotPlain();
  return resolvePlainScalar(value);
}
