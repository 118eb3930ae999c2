import type { Tree } from '../tree.js';
import { isYamlWord, resolvePlainScalar } from './yaml-scalar.js';

/**
 * Reads the YAML that generators of specs write: block maps and lists, each scalar on one line. Undefined for all
 * else (anchors, tags, block scalars, comments behind a value, a member twice, anything odd), which the YAML library
 * reads: it takes 150 ms for a spec of 64 KiB, and a container is waiting.
 */
export function readPlainYaml(text: string): Tree | undefined {
  const reader = new PlainReader(text.split('\n'));
  try {
    const tree = reader.read();
    return reader.isAtEnd() ? tree : undefined;
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

const NAME = '[A-Za-z][A-Za-z0-9_./-]*';
// ASCII without control characters. A dash may begin a value where no space follows it; the other characters that mean
// something to YAML may not.
const PLAIN = '(?:[A-Za-z0-9/._+~]|-[!-~])(?:[ !"$-9;-~]|:(?=[!-~])|(?<=[!-~])#)*(?<! )';
const QUOTED = `"[ !#-[\\]-~]*"|'[ -&(-~]*'`;

/** A line that is neither empty nor a comment: where it begins, whether it is an item of a list, its name, and its value. */
const LINE = new RegExp(`^( *)(- )?(?:(${NAME}):(?: (?=[!-~])|$))?(?:(${PLAIN})|(${QUOTED})|(\\[\\]|{}))?$`);
const COMMENT = /^ *#(?:[ -~]*[!-~])?$/;
const AT_END = -1;

class NotPlain extends Error {}

class PlainReader {
  readonly #lines: readonly string[];
  #at = 0;
  // Of the line that is next:
  #indent = AT_END;
  #isItem = false;
  #name: string | undefined;
  /** Undefined where nothing stands behind the name. */
  #value: Tree | undefined;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
    if (lines[0] === '---') this.#at = 1;
  }

  isAtEnd(): boolean {
    return this.#indent === AT_END;
  }

  read(): Tree {
    this.#advance();
    return this.#map(0);
  }

  /** Takes the next line apart. */
  #advance(): void {
    for (let line = this.#lines[this.#at]; line !== undefined; line = this.#lines[this.#at]) {
      this.#at += 1;
      if (line === '') continue;
      const parts = LINE.exec(line);
      if (parts !== null) {
        this.#take(parts);
        return;
      }
      if (!COMMENT.test(line)) throw new NotPlain();
    }
    this.#indent = AT_END;
  }

  #take(parts: RegExpExecArray): void {
    const name = parts[3];
    const plain = parts[4];
    const quoted = parts[5];
    const empty = parts[6];
    this.#indent = parts[1]?.length ?? 0;
    this.#isItem = parts[2] !== undefined;
    this.#name = name;
    if (plain !== undefined) this.#value = resolvePlainScalar(plain);
    else if (quoted !== undefined) this.#value = quoted.slice(1, -1);
    else if (empty !== undefined) this.#value = empty === '[]' ? [] : {};
    else this.#value = undefined;
    const isMember = name !== undefined && !isYamlWord(name);
    const isScalarItem = name === undefined && this.#isItem && this.#value !== undefined;
    if (!isMember && !isScalarItem) throw new NotPlain();
  }

  /** The map whose members stand at an indent. */
  #map(indent: number): Tree {
    const members: Record<string, Tree> = {};
    let count = 0;
    for (; this.#indent === indent && !this.#isItem; count += 1) {
      const name = this.#name ?? '';
      const value = this.#value;
      if (Object.hasOwn(members, name)) throw new NotPlain();
      this.#advance();
      members[name] = value === undefined ? this.#below(indent) : value;
    }
    this.#leave(indent);
    if (count === 0) throw new NotPlain();
    return members;
  }

  /** What the lines below a name without a value hold: a list at the same indent or deeper, a map, or nothing. */
  #below(indent: number): Tree {
    if (this.#indent < indent) return null;
    if (this.#isItem) return this.#list(this.#indent);
    return this.#indent === indent ? null : this.#map(this.#indent);
  }

  #list(indent: number): Tree {
    const items: Tree[] = [];
    while (this.#indent === indent && this.#isItem) {
      if (this.#name === undefined) {
        items.push(this.#value ?? null);
        this.#advance();
      } else {
        // The first member of a map stands behind the dash.
        this.#isItem = false;
        this.#indent = indent + 2;
        items.push(this.#map(indent + 2));
      }
    }
    this.#leave(indent);
    return items;
  }

  /** A block ends where a line stands further left, or is of another kind; a deeper line fits nowhere: it goes on with a scalar. */
  #leave(indent: number): void {
    if (this.#indent > indent) throw new NotPlain();
  }
}
