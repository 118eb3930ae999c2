import type { FieldShape } from '../findings/field-table.js';
import type { ReadLevel } from '../findings/readings.js';
import { hasPlainNames } from '../findings/structure-findings.js';
import { type Container, elementIndex } from '../json/json-items.js';
import { writeJson } from '../json/json-text.js';
import type { FieldNames } from '../json/member-names.js';
import { decodeUtf8, encodeUtf8 } from '../json/utf8.js';
import { SpecError } from '../spec-error.js';
import type { JsonPatch } from './json-patch.js';
import { type CheckedOperation, checkOperation } from './patch-operation.js';

/** What a patch is spliced into. */
interface SplicedText {
  readonly bytes: Uint8Array;
  /** Where the document begins, and what the field table says about it. */
  readonly start: number;
  readonly shape: FieldShape;
  readonly names: FieldNames;
  readonly read: ReadLevel;
}

/** Bytes in place of those from `start` to `end`. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** What the operations before one have done to containers, which go by where they start. */
interface Doings {
  /** The members that were put in. */
  readonly added: Set<string>;
  /** Of lists: the first place from which an element was taken, so that those behind it have moved. */
  readonly shiftedFrom: Map<number, number>;
  /** Whether something was put behind the last item, or that was taken out. */
  readonly ends: Map<number, 'longer' | 'shorter'>;
  /** Texts that have the names which were put in. */
  readonly named: string[];
}

/** A document with a patch in it. */
interface SplicedBytes {
  readonly bytes: Uint8Array;
  /** Whether the patch put nothing in that a `StructureCheck` could find. */
  readonly isPlain: () => boolean;
}

/**
 * The bytes of a document with a patch in it, where that is simple: each operation sets a value that is there, puts one at
 * the end of a container that has others, or takes out one that is not the first; no two of them meet; and runtimes agree
 * about every name on the way. `undefined` where it is not, or where there may be something to refuse: `TreePatcher`
 * carries out every patch, and says what is wrong with one, but takes an interpreter several times as long.
 */
export function plainlySpliced(patch: JsonPatch, text: SplicedText): SplicedBytes | undefined {
  const doings: Doings = { added: new Set(), shiftedFrom: new Map(), ends: new Map(), named: [] };
  try {
    const splices = splicesOf(patch, text, doings);
    const bytes = splices && rendered(text.bytes, splices);
    return bytes && { bytes, isPlain: () => doings.named.every((json) => isPlain(json, text)) };
  } catch (error) {
    // Which operation is to be named depends on what those before it did.
    if (error instanceof SpecError) return undefined;
    throw error;
  }
}

function splicesOf(patch: JsonPatch, text: SplicedText, doings: Doings): readonly Splice[] | undefined {
  const splices: Splice[] = [];
  for (let index = 0; index < patch.length; index += 1) {
    const operation = patch[index];
    const checked = operation && checkOperation(operation, index);
    const splice = checked && spliceOf(checked, text, doings);
    if (splice === undefined) return undefined;
    splices.push(splice);
  }
  return splices.sort((one, other) => one.start - other.start);
}

function spliceOf(operation: CheckedOperation, text: SplicedText, doings: Doings): Splice | undefined {
  const { path } = operation;
  const { names, read } = text;
  let at = text.start;
  let shape: FieldShape | undefined = text.shape;
  for (let depth = 0; depth < path.length; depth += 1) {
    const step = path[depth] ?? '';
    const container = read(at);
    const index = container && indexOf(container, step, shape, names);
    if (container === undefined || index === undefined) return undefined;
    if (index >= (doings.shiftedFrom.get(at) ?? container.length)) return undefined;
    if (depth === path.length - 1) return lastStep(operation, text, { container, at, step, index }, doings);
    if (index === -1) return undefined;
    at = container.span(index).start;
    shape = names.shapeOf(shape, step);
  }
  return undefined;
}

/** An item of a container that starts at `at`, or the place behind the last one. */
interface Target {
  readonly container: Container;
  readonly at: number;
  readonly step: string;
  readonly index: number;
}

function lastStep(
  operation: CheckedOperation,
  text: SplicedText,
  { container, at, step, index }: Target,
  doings: Doings,
): Splice | undefined {
  const { added, shiftedFrom, ends, named } = doings;
  const { op } = operation;
  const isList = container.kind === 'array';
  if (op === 'remove') {
    if (index <= 0) return undefined;
    if (isList) shiftedFrom.set(at, index);
    const { from, end, to } = container.item(index);
    if (index < container.length - 1) return { start: from, end: to + 1, bytes: NOTHING };
    // With the comma before it; the white space after it belongs to the closing bracket.
    if (ends.has(at)) return undefined;
    ends.set(at, 'shorter');
    return { start: container.span(index - 1).end, end, bytes: NOTHING };
  }
  if (op !== 'add' && op !== 'replace') return undefined;
  const json = writeJson(operation.value);
  // Most values are texts.
  if (json.includes('{')) named.push(json);
  if (index !== -1) {
    // An element is put before the one that is there.
    return op === 'add' && isList ? undefined : { ...container.span(index), bytes: encodeUtf8(json) };
  }
  const place = `${at}/${step}`;
  if (op === 'replace' || container.length === 0 || added.has(place) || ends.get(at) === 'shorter') {
    return undefined;
  }
  ends.set(at, 'longer');
  if (!isList) {
    added.add(place);
    named.push(JSON.stringify({ [step]: 0 }));
  }
  return appended(container, text.bytes, isList ? undefined : step, json);
}

/** Whether names of such a text are plain wherever it stands. */
function isPlain(json: string, { shape, names }: SplicedText): boolean {
  const bytes = encodeUtf8(json);
  return hasPlainNames(bytes, { start: 0, end: bytes.length, shape, path: [] }, names);
}

const NOTHING = new Uint8Array();

/** Where a step leads; -1 behind the last item; `undefined` where a closer look is needed. */
function indexOf(
  container: Container,
  step: string,
  shape: FieldShape | undefined,
  names: FieldNames,
): number | undefined {
  if (container.kind === 'array') return step === '-' ? -1 : elementIndex(step, container.length);
  const known = container.plainNames(names);
  return known !== undefined && names.keyOf(shape, step) === step ? known.indexOf(step) : undefined;
}

/** An item behind the last one, laid out as that is. */
function appended(container: Container, bytes: Uint8Array, name: string | undefined, json: string): Splice {
  const { from, start, nameEnd, value, end } = container.item(container.length - 1);
  const colon = decodeUtf8(bytes.subarray(nameEnd, value));
  // `{"a": 1}` has no comma to learn from; where a space follows the colon, one follows the comma.
  const isSpaced = container.length === 1 && from === start && colon.endsWith(' ');
  const lead = isSpaced ? ' ' : decodeUtf8(bytes.subarray(from, start));
  const token = name === undefined ? '' : `${JSON.stringify(name)}${colon}`;
  return { start: end, end, bytes: encodeUtf8(`,${lead}${token}${json}`) };
}

/** The bytes with the splices in them, which are in order; `undefined` where two of them meet. */
function rendered(bytes: Uint8Array, splices: readonly Splice[]): Uint8Array | undefined {
  let size = bytes.length;
  let before = 0;
  for (const { start, end, bytes: added } of splices) {
    if (start < before) return undefined;
    size += added.length - (end - start);
    before = end;
  }
  const result = new Uint8Array(size);
  let from = 0;
  let at = 0;
  for (const { start, end, bytes: added } of splices) {
    result.set(bytes.subarray(from, start), at);
    at += start - from;
    result.set(added, at);
    at += added.length;
    from = end;
  }
  result.set(bytes.subarray(from), at);
  return result;
}
