import { decodeName, type FieldNames, runtimeName } from '../json/member-names.js';
import { isPlainlyNamed, isPlainlyWritten } from '../json/plain-json.js';
import { areScansQuick, plainNames } from '../json/scans.js';
import { textPositions } from '../json/text-position.js';
import { type OpenContainer, walkTokens } from '../json/token-walk.js';
import { findInvalidUtf8 } from '../json/utf8.js';
import { formatPointer } from '../patch/pointer.js';
import { quoted } from '../printable.js';
import type { FieldShape } from './field-table.js';
import type { Finding, SchemaFinding } from './finding.js';
import type { FindingCode } from './finding-codes.js';
import type { Place, ReadLevel } from './readings.js';

/** More findings than this are not collected: one is enough to refuse, and a hostile document could hold millions. */
const MOST_FINDINGS = 1000;

interface Located extends SchemaFinding {
  readonly code: FindingCode;
  readonly offset: number;
}

/** Whether the names alone show that there is nothing to find: none is there twice, and each field is spelled as it is. */
export function hasPlainNames(bytes: Uint8Array, { start, shape }: Place, names: FieldNames): boolean {
  const found = plainNames(bytes, start);
  return found !== undefined && (isData(shape) || names.arePlain(found));
}

/** Whether no object in such a value has fields: what annotations are called is data. */
function isData(shape: FieldShape | undefined): boolean {
  return shape === undefined || shape.kind === 'leaf' || (shape.kind !== 'object' && isData(shape.of));
}

/** The names that one object has shown so far: how often each has been seen. */
type SeenNames = Map<string, number>;

/** A container that is open while a subtree is checked. */
interface Level {
  readonly shape: FieldShape | undefined;
  readonly seen: SeenNames;
  /** The current member. */
  name: string;
  /** Where the container is, once that has been asked. */
  pointer?: string;
}

/** Collects what makes runtimes read different specifications out of one document. */
export class StructureCheck {
  readonly #bytes: Uint8Array;
  readonly #names: FieldNames;
  readonly #located = new Map<string, Located>();
  readonly #checkedLevels = new Set<number>();

  constructor(bytes: Uint8Array, names: FieldNames) {
    this.#bytes = bytes;
    this.#names = names;
  }

  /** Checks the members of the object at `place`, and not what they hold. */
  checkLevel(place: Place, readLevel: ReadLevel): void {
    // Most scopes have the same objects above them.
    if (this.#checkedLevels.has(place.start)) return;
    this.#checkedLevels.add(place.start);
    const container = readLevel(place.start);
    if (container?.plainNames(this.#names) !== undefined) return;
    const seen: SeenNames = new Map();
    for (const item of container?.items ?? []) {
      if (item.name !== undefined) {
        this.#checkName(item.name, item.start, seen, place.shape, () => formatPointer(place.path));
      }
    }
  }

  /**
   * Checks the value at `place` and everything in it.
   *
   * @param value - what `JSON.parse` makes of it, where that can be known
   */
  checkSubtree(place: Place, value: () => unknown): void {
    // Nearly every document is plain, and to see that takes a fraction of what the walk over its tokens does.
    const isPlain = areScansQuick()
      ? hasPlainNames(this.#bytes, place, this.#names)
      : this.#isPlain(place, value());
    if (isPlain) return;
    const levels: Level[] = [];
    walkTokens(this.#bytes, place.start, {
      enter: () => {
        const parent = levels.at(-1);
        const shape = parent === undefined ? place.shape : this.#names.shapeOf(parent.shape, parent.name);
        levels.push({ shape, seen: new Map(), name: '' });
      },
      leave: () => {
        levels.pop();
      },
      name: (open) => {
        const token = open.at(-1);
        const level = levels.at(-1);
        if (token !== undefined && level !== undefined) {
          level.name = decodeName(this.#bytes, token.nameStart, token.nameEnd);
          // Once for each object: a document may nest 100,000 of them, and name as many members twice in the innermost.
          const pointerOfObject = () => {
            level.pointer ??= formatPointer([...place.path, ...this.#pathOf(open.slice(0, -1))]);
            return level.pointer;
          };
          this.#checkName(level.name, token.nameStart, level.seen, level.shape, pointerOfObject);
        }
      },
    });
  }

  #isPlain({ start, end, shape }: Place, value: unknown): boolean {
    return (
      value !== undefined &&
      isPlainlyWritten(this.#bytes.subarray(start, end), value) &&
      isPlainlyNamed(value, shape, this.#names)
    );
  }

  /** Reports each string that holds bytes which are not UTF-8, wherever it is. */
  checkUtf8(rootStart: number): void {
    let invalid = findInvalidUtf8(this.#bytes);
    if (invalid === undefined) {
      return;
    }
    const prefixes: (string | undefined)[] = [];
    const report = (end: number, open: readonly OpenContainer[]): void => {
      if (invalid !== undefined && invalid < end && this.#located.size < MOST_FINDINGS) {
        // Once for each container, as above.
        const depth = open.length - 1;
        prefixes[depth] ??= formatPointer(this.#pathOf(open.slice(0, -1)));
        const pointer = prefixes[depth] + formatPointer(this.#pathOf(open.slice(-1)));
        const message = `${pointer === '' ? 'the document' : quoted(pointer)} holds bytes that are not UTF-8`;
        this.#add(invalid, 'SPEC_INVALID_UTF8', pointer, message);
        invalid = findInvalidUtf8(this.#bytes, end);
      }
    };
    walkTokens(this.#bytes, rootStart, {
      enter: (open) => {
        prefixes[open.length - 1] = undefined;
      },
      name: (open) => report(open.at(-1)?.nameEnd ?? 0, open),
      scalar: (open, _start, end) => report(end, open),
    });
  }

  /** What was found, in the order of the document. */
  findings(): Finding[] {
    const located = [...this.#located.values()].sort((one, other) => one.offset - other.offset);
    const positions = textPositions(
      this.#bytes,
      located.map(({ offset }) => offset),
    );
    return located.map(({ offset: _, ...finding }, i) => ({
      ...finding,
      ...(positions[i] ?? { line: 1, column: 1 }),
    }));
  }

  #checkName(
    name: string,
    offset: number,
    seen: SeenNames,
    shape: FieldShape | undefined,
    pointerOfObject: () => string,
  ): void {
    const plain = runtimeName(name);
    const times = (seen.get(plain) ?? 0) + 1;
    seen.set(plain, times);
    const field = this.#names.fieldFor(shape, name);
    const isFolded = field !== undefined && field !== name;
    if ((times !== 2 && !isFolded) || this.#located.size >= MOST_FINDINGS) {
      return;
    }
    const pointer = pointerOfObject() + formatPointer([name]);
    if (times === 2) {
      const message = `${quoted(pointer)} occurs more than once, and runtimes read different ones`;
      this.#add(offset, 'SPEC_DUPLICATE_KEY', pointer, message);
    }
    if (isFolded && times === 1) {
      const message = `${quoted(pointer)} is taken for "${field}" by some runtimes and ignored by others`;
      this.#add(offset, 'SPEC_FOLDED_KEY', pointer, message);
    }
  }

  #add(offset: number, code: FindingCode, pointer: string, message: string): void {
    if (this.#located.size < MOST_FINDINGS) {
      this.#located.set(`${offset} ${code}`, { offset, level: 'error', code, pointer, message });
    }
  }

  #pathOf(open: readonly OpenContainer[]): (string | number)[] {
    return open.map((container) =>
      container.kind === 'array'
        ? container.index
        : decodeName(this.#bytes, container.nameStart, container.nameEnd),
    );
  }
}
