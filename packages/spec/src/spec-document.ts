import type { FieldShape } from './findings/field-table.js';
import type { Finding } from './findings/finding.js';
import { findReadings, type Place, type ReadLevel } from './findings/readings.js';
import { hasPlainNames, StructureCheck } from './findings/structure-findings.js';
import { OBJECT_FIELDS } from './generated/field-names.js';
import type { Spec } from './generated/types.js';
import { excerptOf, type Wanted, wantedAt } from './json/excerpt.js';
import type { DeepReadonly } from './json/json.js';
import { type Container, elementIndex, type Item, readContainer } from './json/json-items.js';
import { skipWhitespace, trimWhitespaceEnd } from './json/json-scan.js';
import { findSyntaxFault } from './json/json-syntax.js';
import { FieldNames } from './json/member-names.js';
import { areScansQuick, isKnownJson, isUtf8 } from './json/scans.js';
import { type TextPosition, textPosition } from './json/text-position.js';
import { decodeUtf8, REPLACEMENT } from './json/utf8.js';
import type { JsonPatch } from './patch/json-patch.js';
import { checkOperation } from './patch/patch-operation.js';
import { type ReadContainer, renderNodes, verbatim } from './patch/patch-tree.js';
import { plainlySpliced } from './patch/plain-splices.js';
import { parsePointer } from './patch/pointer.js';
import { TreePatcher } from './patch/tree-patcher.js';
import { quoted } from './printable.js';
import { SpecError } from './spec-error.js';

const FIELD_NAMES = new FieldNames(OBJECT_FIELDS);
const SPEC_SHAPE = { kind: 'object', name: 'Spec' } as const;

/**
 * A `config.json`, byte for byte, with a typed view for reading.
 *
 * Nothing is ever lost: a patch is spliced into the bytes, and every byte that the patch does not name stays, including
 * white space, the order of members, unknown fields, escapes and integers beyond 2^53.
 *
 * @example
 * ```ts
 * import { SpecDocument } from '@opencontainers-ts/runtime-spec';
 *
 * const bytes = new TextEncoder().encode('{"root": {"path": "rootfs"},  "x-limit": 18446744073709551615}');
 * const document = SpecDocument.parse(bytes);
 * const moved = document.apply([{ op: 'replace', path: '/root/path', value: '/mnt/volume' }]);
 * console.log(new TextDecoder().decode(moved.bytes));
 * // {"root": {"path": "/mnt/volume"},  "x-limit": 18446744073709551615}
 * ```
 */
export class SpecDocument {
  /** The bytes of the document. Do not modify them. */
  readonly bytes: Uint8Array;
  /** The name of the document in messages. */
  readonly name: string;
  readonly #start: number;
  readonly #end: number;
  readonly #isUtf8: boolean | undefined;
  readonly #isDetached: boolean;
  /** Whether a quick scan shows that there is nothing to find, once that has been asked. */
  #isPlain: boolean | (() => boolean) | undefined;
  #spec: DeepReadonly<Spec> | undefined;
  readonly #levels = new Map<number, Container | undefined>();
  readonly #values = new Map<number, unknown>();

  private constructor(
    bytes: Uint8Array,
    name: string,
    {
      spec,
      isUtf8,
      isDetached = false,
      isPlain,
    }: {
      spec?: DeepReadonly<Spec>;
      isUtf8?: boolean | undefined;
      isDetached?: boolean;
      isPlain?: (() => boolean) | undefined;
    } = {},
  ) {
    this.bytes = bytes;
    this.name = name;
    this.#start = skipWhitespace(bytes, 0);
    this.#end = trimWhitespaceEnd(bytes);
    this.#spec = spec;
    this.#isUtf8 = isUtf8;
    this.#isDetached = isDetached;
    this.#isPlain = isPlain;
  }

  /**
   * Parses bytes that must be JSON, but need not be a valid configuration. Bytes in a string that are not UTF-8 are a
   * finding ({@link SpecDocument.structureFindings}), because some runtimes accept them.
   *
   * @param bytes - The document. It is kept, not copied.
   * @param name - The name of the document in messages, such as a path.
   * @throws SpecError `ERR_SPEC_SYNTAX`, with `line` and `column` in the details.
   */
  static parse(bytes: Uint8Array, name = 'config.json'): SpecDocument {
    // Nobody looks at all of it: `value` reads what somebody looks at.
    if (areScansQuick() && isKnownJson(bytes)) return new SpecDocument(bytes, name);
    try {
      const text = decodeUtf8(bytes);
      // A text without the character that stands for bytes which are not UTF-8 had none of them.
      const known = text.includes(REPLACEMENT) ? {} : { isUtf8: true };
      return new SpecDocument(bytes, name, { spec: JSON.parse(text), ...known });
    } catch (cause) {
      const { offset, reason } = findSyntaxFault(bytes) ?? { offset: 0, reason: 'it cannot be decoded' };
      const { line, column } = textPosition(bytes, offset);
      const where = `${quoted(name)} is not valid JSON at line ${line}, column ${column}`;
      throw new SpecError('ERR_SPEC_SYNTAX', `${where}: ${reason}`, {
        details: { name, line, column },
        cause,
      });
    }
  }

  /**
   * The result of `JSON.parse`: integers beyond 2^53 are rounded (see {@link SpecDocument.source}), and the last of several
   * members of the same name counts.
   */
  get spec(): DeepReadonly<Spec> {
    this.#spec ??= this.#readSpec();
    return this.#spec;
  }

  /**
   * What {@link SpecDocument.spec} has at a JSON Pointer, or `undefined` if there is nothing. Use it where a few values of a
   * large document are needed: in an interpreter it takes long to parse the rest.
   *
   * @throws SpecError `ERR_POINTER_SYNTAX`.
   */
  value(pointer: string): unknown {
    return this.#valueAt(parsePointer(pointer));
  }

  /**
   * {@link SpecDocument.spec} with nothing in it but what stands at some JSON Pointers, and the objects on the way to that.
   * A value on the way that is no object, such as a list, is there as a whole. The members keep their order. Use it where
   * a few parts of a large document are needed.
   *
   * @throws SpecError `ERR_POINTER_SYNTAX`.
   * @example
   * ```ts
   * import { SpecDocument } from '@opencontainers-ts/runtime-spec';
   *
   * const text = '{"process":{"args":["sh"],"cwd":"/"},"root":{"path":"rootfs"}}';
   * const document = SpecDocument.parse(new TextEncoder().encode(text));
   * console.log(JSON.stringify(document.excerpt(['/process/cwd', '/mounts']))); // {"process":{"cwd":"/"}}
   * ```
   */
  excerpt(pointers: readonly string[]): unknown {
    const wanted = wantedAt(pointers.map(parsePointer));
    return this.#spec === undefined && !this.#isDetached
      ? this.#readExcerpt(this.#root(), wanted)
      : excerptOf(this.spec, wanted);
  }

  /**
   * A copy for code that might modify what it is given: its bytes are a copy, and its `spec` is frozen at every depth. The
   * `spec` is parsed on first access, so that it costs nothing if nobody reads it.
   */
  detached(): SpecDocument {
    // Not slice(): that of a Buffer is a view of the same memory.
    return new SpecDocument(new Uint8Array(this.bytes), this.name, {
      isUtf8: this.#isUtf8,
      isDetached: true,
    });
  }

  /**
   * The exact text of the value at a JSON Pointer, or `undefined` if there is none. The last of several members of the same
   * name counts, as in {@link SpecDocument.spec}.
   *
   * @throws SpecError `ERR_POINTER_SYNTAX`.
   */
  source(pointer: string): string | undefined {
    const span = this.#locate(pointer);
    return span && decodeUtf8(this.bytes.subarray(span.start, span.end));
  }

  /**
   * The line and column of the value at a JSON Pointer, or `undefined` if there is none.
   *
   * @throws SpecError `ERR_POINTER_SYNTAX`.
   */
  position(pointer: string): TextPosition | undefined {
    const span = this.#locate(pointer);
    return span && textPosition(this.bytes, span.start);
  }

  /**
   * The text of every value that some runtime could read at a path. If several members have the same name, all of them
   * count: Go merges them, crun takes the first, JavaScript the last. In objects that the specification defines, names
   * match as in Go's decoder, ignoring case; in maps (annotations) they match exactly.
   */
  readings(path: readonly string[]): readonly string[] {
    const found =
      this.#plainReading(path) ?? findReadings(this.#root(), path, this.#readLevel, FIELD_NAMES).found;
    return found.map(({ start, end }) => decodeUtf8(this.bytes.subarray(start, end)));
  }

  /**
   * What makes runtimes read this document differently, all of level `error`: `SPEC_DUPLICATE_KEY`, `SPEC_FOLDED_KEY` (a
   * member that some runtimes take for a field of another spelling) and `SPEC_INVALID_UTF8`. At most 1000 are reported.
   *
   * @param scope - JSON Pointers: only the top-level object, the objects above each place, and everything beneath the
   * places are checked. Without it, the whole document is. Invalid UTF-8 is reported wherever it is.
   * @throws SpecError `ERR_POINTER_SYNTAX`.
   */
  structureFindings(scope?: readonly string[]): readonly Finding[] {
    const root = this.#root();
    const paths = scope?.map(parsePointer);
    // Nearly every document has nothing to find anywhere, and a quick scan sees that at once.
    if (areScansQuick()) {
      if (typeof this.#isPlain === 'function') this.#isPlain = this.#isPlain();
      this.#isPlain ??= hasPlainNames(this.bytes, root, FIELD_NAMES) && isUtf8(this.bytes);
      if (this.#isPlain) return [];
    }
    const check = new StructureCheck(this.bytes, FIELD_NAMES);
    if (paths === undefined) {
      check.checkSubtree(root, () => this.spec);
    } else {
      check.checkLevel(root, this.#readLevel);
      for (const path of paths) {
        const { above, found } = findReadings(root, path, this.#readLevel, FIELD_NAMES);
        for (const place of above) {
          check.checkLevel(place, this.#readLevel);
        }
        for (const place of found) {
          // Of several values JSON.parse kept one, which says nothing about the others.
          check.checkSubtree(place, () => (found.length === 1 ? this.#valueAt(place.path) : undefined));
        }
      }
    }
    if (!(this.#isUtf8 ?? isUtf8(this.bytes))) {
      check.checkUtf8(root.start);
    }
    return check.findings();
  }

  /**
   * The document with a patch (RFC 6902) spliced in. New members and elements are formatted like their neighbours. This
   * document is not modified; it is returned itself if the patch changes nothing.
   *
   * @throws SpecError `ERR_PATCH_AMBIGUOUS` if runtimes would disagree about a member on the way; and
   * `ERR_PATCH_OPERATION`, `ERR_PATCH_POINTER`, `ERR_PATCH_VALUE`, `ERR_PATCH_MISSING`, `ERR_PATCH_TEST`. The details
   * name the operation and the pointer.
   */
  apply(patch: JsonPatch): SpecDocument {
    const { start, end } = this.#root();
    if (areScansQuick() && patch.length > 0) {
      const spliced = plainlySpliced(patch, {
        bytes: this.bytes,
        start,
        shape: SPEC_SHAPE,
        names: FIELD_NAMES,
        read: this.#readLevel,
      });
      if (spliced !== undefined) {
        const { bytes, isPlain } = spliced;
        return new SpecDocument(bytes, this.name, { isPlain: this.#isPlain === true ? isPlain : undefined });
      }
    }
    const read: ReadContainer = (bytes, at) =>
      bytes === this.bytes ? this.#readLevel(at) : readContainer(bytes, at);
    const patcher = new TreePatcher(verbatim(this.bytes, start, end), SPEC_SHAPE, FIELD_NAMES, read);
    let isChanged = false;
    for (const [index, operation] of patch.entries()) {
      isChanged = patcher.apply(checkOperation(operation, index), { index, operation }) || isChanged;
    }
    if (!isChanged) {
      return this;
    }
    const bytes = renderNodes([verbatim(this.bytes, 0, start), patcher.root, verbatim(this.bytes, end)]);
    return new SpecDocument(bytes, this.name);
  }

  #readSpec(): DeepReadonly<Spec> {
    const spec = JSON.parse(decodeUtf8(this.bytes)) as DeepReadonly<Spec>;
    return this.#isDetached ? freeze(spec) : spec;
  }

  #root(): Place {
    return { start: this.#start, end: this.#end, shape: SPEC_SHAPE, path: [] };
  }

  /** The value at a path, or none; `undefined` where runtimes might not agree about it. */
  #plainReading(path: readonly string[]): readonly Span[] | undefined {
    let span: Span = this.#root();
    let shape: FieldShape | undefined = SPEC_SHAPE;
    for (const step of path) {
      const container = this.#readLevel(span.start);
      if (container === undefined) return [];
      const names = container.plainNames(FIELD_NAMES);
      if (names === undefined) return undefined;
      const index = names.indexOf(FIELD_NAMES.keyOf(shape, step));
      if (index === -1) return [];
      span = container.span(index);
      shape = FIELD_NAMES.shapeOf(shape, step);
    }
    return [span];
  }

  /** What stands in `spec` on a way through the document; of members with one name the last is there. */
  #valueAt(path: Place['path']): unknown {
    if (this.#spec === undefined && !this.#isDetached) return this.#readValue(path);
    let value: unknown = this.spec;
    for (const step of path) {
      if (Array.isArray(value)) value = value[elementIndex(String(step), value.length) ?? -1];
      else if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
      else value = Reflect.get(value, step);
    }
    return value;
  }

  // Rules ask for several places in turn; the objects on the way are read once.
  readonly #readLevel: ReadLevel = (start) => {
    if (!this.#levels.has(start)) {
      this.#levels.set(start, readContainer(this.bytes, start));
    }
    return this.#levels.get(start);
  };

  /** The same where the document has not been read: that value alone, once. */
  #readValue(path: Place['path']): unknown {
    const span = this.#span(path);
    return span && this.#readSpan(span);
  }

  #readExcerpt(span: Span, wanted: Wanted): unknown {
    const container = wanted === 'all' ? undefined : this.#readLevel(span.start);
    const names = container?.plainNames(FIELD_NAMES);
    if (wanted === 'all' || container === undefined || names === undefined) {
      return excerptOf(this.#readSpan(span), wanted);
    }
    const members: [string, unknown][] = [];
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index] ?? '';
      const inner = wanted.get(name);
      if (inner === undefined) continue;
      members.push([name, this.#readExcerpt(container.span(index), inner)]);
    }
    return Object.fromEntries(members);
  }

  #readSpan({ start, end }: Span): unknown {
    if (!this.#values.has(start)) {
      this.#values.set(start, JSON.parse(decodeUtf8(this.bytes.subarray(start, end))));
    }
    return this.#values.get(start);
  }

  #locate(pointer: string): Span | undefined {
    return this.#span(parsePointer(pointer));
  }

  #span(path: Place['path']): Span | undefined {
    let span: Span = this.#root();
    for (const step of path) {
      const container = this.#readLevel(span.start);
      const item = container && findItem(container, String(step));
      if (item === undefined) {
        return undefined;
      }
      span = { start: item.value, end: item.end };
    }
    return span;
  }
}

/** A value in the bytes. */
type Span = Pick<Place, 'start' | 'end'>;

/** Freezes what `JSON.parse` gave. Without recursion: a document may nest 100,000 brackets. */
function freeze<T>(value: T): T {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    Object.freeze(next);
    for (const inner of Object.values(next)) {
      if (typeof inner === 'object') open.push(inner);
    }
  }
  return value;
}

/** Objects with more members are searched by a table: somebody may ask for each of them. */
const MOST_SEARCHED = 16;
const tables = new WeakMap<Container, ReadonlyMap<string | undefined, Item>>();

function findItem(container: Container, step: string): Item | undefined {
  const known = container.plainNames(FIELD_NAMES);
  if (known !== undefined) {
    const index = known.indexOf(step);
    return index === -1 ? undefined : container.item(index);
  }
  if (container.kind === 'array') {
    const index = elementIndex(step, container.length);
    return index === undefined ? undefined : container.item(index);
  }
  const { items } = container;
  if (items.length <= MOST_SEARCHED) return items.findLast(({ name }) => name === step);
  // Of members with one name the last stays.
  const table = tables.get(container) ?? new Map(items.map((item) => [item.name, item]));
  tables.set(container, table);
  return table.get(step);
}
