import type { FieldShape } from '../findings/field-table.js';
import { type Entry, ItemList } from '../json/item-list.js';
import { type Container, elementIndex, type Item } from '../json/json-items.js';
import type { FieldNames } from '../json/member-names.js';

/** A value that stands as it is in some buffer: the document, or what a patch adds. */
export interface Verbatim {
  readonly kind: 'verbatim';
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** An object or array on the way to a change: its items can be replaced one by one. */
export interface Opened {
  readonly kind: 'object' | 'array';
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly items: ItemList<TreeItem>;
  /** What `items` were read from. */
  readonly source: Container;
  /** Of an object: its members by the names that runtimes tell apart, once one has been looked for. */
  members?: MemberIndex;
  /** Whether an item has been put in or taken out, so that they are not those of `source` any more. */
  isShifted: boolean;
  /** From here to `end` stand the white space before the closing bracket, and the bracket. */
  tail: number;
  readonly end: number;
}

export type TreeNode = Verbatim | Opened;

/** A member or element of an opened container. */
export type ItemEntry = Entry<TreeItem>;

interface MemberIndex {
  readonly shape: FieldShape | undefined;
  readonly byName: Map<string, ItemEntry[]>;
}

/** An item as the document has it, or changed. */
export interface TreeItem extends Item {
  /** Stands for the bytes from `value` to `end`. */
  readonly changed?: TreeNode;
  /** Stands for the white space from `from` to `start`. */
  readonly lead?: Verbatim;
}

export function verbatim(bytes: Uint8Array, start = 0, end = bytes.length): Verbatim {
  return { kind: 'verbatim', bytes, start, end };
}

export function nodeOf(item: TreeItem): TreeNode {
  return item.changed ?? verbatim(item.bytes, item.value, item.end);
}

/** Reads one level of the container at an offset of some bytes; `undefined` when a scalar stands there. */
export type ReadContainer = (bytes: Uint8Array, start: number) => Container | undefined;

/** The node with its items at hand; `undefined` for a scalar. */
export function openNode(node: TreeNode, read: ReadContainer): Opened | undefined {
  if (node.kind !== 'verbatim') {
    return node;
  }
  const { bytes, start, end } = node;
  const container = read(bytes, start);
  if (container === undefined) {
    return undefined;
  }
  const { kind, length } = container;
  const tail = length === 0 ? start + 1 : container.item(length - 1).end;
  return {
    kind,
    bytes,
    start,
    items: new ItemList(container),
    source: container,
    isShifted: false,
    tail,
    end,
  };
}

/** Where a step of a pointer leads in an opened node. */
export type StepResult =
  | { readonly kind: 'item'; readonly entry: ItemEntry }
  | { readonly kind: 'none' }
  /** Runtimes disagree about the member; the reason says on what. */
  | { readonly kind: 'ambiguous'; readonly reason: string };

/** Finds the item that a step names; a member must be the only one that any runtime would take for it. */
export function findStep(
  node: Opened,
  step: string,
  shape: FieldShape | undefined,
  names: FieldNames,
): StepResult {
  if (node.kind === 'array') {
    const entry = node.items.at(elementIndex(step, node.items.length) ?? node.items.length);
    return entry === undefined ? { kind: 'none' } : { kind: 'item', entry };
  }
  const field = names.fieldFor(shape, step);
  if (field !== undefined && field !== step) {
    return { kind: 'ambiguous', reason: `some runtimes take that name for "${field}"` };
  }
  const matches = membersFor(node, shape, names.keyOf(shape, step), names);
  const [entry] = matches;
  if (entry === undefined) {
    return { kind: 'none' };
  }
  if (matches.length > 1 || entry.item.name !== step) {
    return {
      kind: 'ambiguous',
      reason: 'the document has several members that runtimes take for it, or another spelling',
    };
  }
  return { kind: 'item', entry };
}

/** The members that runtimes take for one of that name. */
function membersFor(
  node: Opened,
  shape: FieldShape | undefined,
  key: string,
  names: FieldNames,
): readonly ItemEntry[] {
  // One member is found without a look at the others as long as they are those of the document.
  const plain = node.members === undefined && !node.isShifted ? node.source.plainNames(names) : undefined;
  if (plain === undefined) return membersOf(node, shape, names).get(key) ?? [];
  const entry = node.items.at(plain.indexOf(key));
  return entry === undefined ? [] : [entry];
}

/** The members by name; made once, or a patch that names each of many members would take the square of their number. */
function membersOf(
  node: Opened,
  shape: FieldShape | undefined,
  names: FieldNames,
): ReadonlyMap<string, readonly ItemEntry[]> {
  if (node.members === undefined || node.members.shape !== shape) {
    const byName = new Map<string, ItemEntry[]>();
    for (const entry of node.items.entries())
      putMember(byName, names.keyOf(shape, entry.item.name ?? ''), entry);
    node.members = { shape, byName };
  }
  return node.members.byName;
}

function putMember(byName: Map<string, ItemEntry[]>, key: string, entry: ItemEntry): void {
  const same = byName.get(key);
  if (same === undefined) byName.set(key, [entry]);
  else same.push(entry);
}

/** Puts an item into a node, before another or at the end. */
export function putItem(node: Opened, index: number, item: TreeItem, names: FieldNames): void {
  const entry = node.items.insert(index, item);
  node.isShifted = true;
  if (node.members !== undefined) {
    putMember(node.members.byName, names.keyOf(node.members.shape, item.name ?? ''), entry);
  }
}

/** Takes an item out of a node. */
export function takeItem(node: Opened, entry: ItemEntry, names: FieldNames): void {
  node.items.remove(entry);
  node.isShifted = true;
  if (node.members !== undefined) {
    const { shape, byName } = node.members;
    const key = names.keyOf(shape, entry.item.name ?? '');
    byName.set(
      key,
      (byName.get(key) ?? []).filter((each) => each !== entry),
    );
  }
}

const COMMA = verbatim(new Uint8Array([0x2c]));

/** The white space before an item. */
export function leadOf(item: TreeItem): Verbatim {
  return item.lead ?? verbatim(item.bytes, item.from, item.start);
}

/** A piece of what a node is written as: bytes, or another node. */
type Piece = Span | Opened;

/** Bytes that are written. */
type Span = { -readonly [K in keyof Verbatim]: Verbatim[K] };

/** Adds some bytes; what stands side by side in one buffer is copied in one go. */
function pushBytes(pieces: Piece[], bytes: Uint8Array, start: number, end: number): void {
  const last = pieces[pieces.length - 1];
  if (last?.kind === 'verbatim' && last.bytes === bytes && last.end === start) last.end = end;
  else if (start < end) pieces.push({ kind: 'verbatim', bytes, start, end });
}

function pushNode(pieces: Piece[], node: TreeNode): void {
  if (node.kind === 'verbatim') pushBytes(pieces, node.bytes, node.start, node.end);
  else pieces.push(node);
}

/** What an opened node is written as, piece by piece. */
function piecesOf({ bytes, start, items, source, tail, end }: Opened): readonly Piece[] {
  const pieces: Piece[] = [];
  pushBytes(pieces, bytes, start, start + 1);
  let left = items.length;
  for (const stretch of items.stretches()) {
    if (stretch.entries === undefined) {
      // They stand side by side in the document, each with its comma but the last one of all.
      const last = source.item(stretch.to - 1);
      left -= stretch.to - stretch.from;
      pushBytes(pieces, bytes, source.item(stretch.from).from, last.from);
      pushItem(pieces, last, left === 0);
      continue;
    }
    for (const { item } of stretch.entries) {
      left -= 1;
      const { lead, changed, from, to } = item;
      const isLeftAlone = lead === undefined && changed === undefined && item.bytes[to] === COMMA.bytes[0];
      if (isLeftAlone && left > 0) pushBytes(pieces, item.bytes, from, to + 1);
      else pushItem(pieces, item, left === 0);
    }
  }
  pushBytes(pieces, bytes, tail, end);
  return pieces;
}

function pushItem(pieces: Piece[], item: TreeItem, isLast: boolean): void {
  const { bytes, end, changed, lead } = item;
  const hasComma = bytes[item.to] === COMMA.bytes[0];
  // The white space after the last item belongs to the closing bracket.
  const to = isLast || !hasComma ? end : item.to + 1;
  if (lead === undefined) pushBytes(pieces, bytes, item.from, item.start);
  else pushNode(pieces, lead);
  if (changed === undefined) {
    pushBytes(pieces, bytes, item.start, to);
  } else {
    pushBytes(pieces, bytes, item.start, item.value);
    pushNode(pieces, changed);
    pushBytes(pieces, bytes, end, to);
  }
  if (!isLast && !hasComma) pushNode(pieces, COMMA);
}

/** The bytes that some nodes stand for, one after the other. */
export function renderNodes(nodes: readonly TreeNode[]): Uint8Array {
  const spans: Span[] = [];
  // A stack in place of recursion: the pointers of a patch may be as long as the document is deep.
  const pending: { readonly pieces: readonly Piece[]; at: number }[] = [{ pieces: nodes, at: 0 }];
  for (let top = pending[0]; top !== undefined; top = pending[pending.length - 1]) {
    const piece = top.pieces[top.at];
    top.at += 1;
    if (piece === undefined) pending.pop();
    else if (piece.kind === 'verbatim') pushBytes(spans, piece.bytes, piece.start, piece.end);
    else pending.push({ pieces: piecesOf(piece), at: 0 });
  }
  let size = 0;
  for (const { start, end } of spans) size += end - start;
  const rendered = new Uint8Array(size);
  let at = 0;
  for (const { bytes, start, end } of spans) {
    rendered.set(bytes.subarray(start, end), at);
    at += end - start;
  }
  return rendered;
}
