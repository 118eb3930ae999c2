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
  /** Of an object: its members by the names that runtimes tell apart, once one has been looked for. */
  members?: MemberIndex;
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
  const items = [...container.items];
  const last = items.at(-1);
  if (last !== undefined) {
    // The white space after the last item belongs to the closing bracket, should another item follow.
    items[items.length - 1] = { ...last, to: last.end };
  }
  return {
    kind: container.kind,
    bytes,
    start,
    items: new ItemList(items),
    tail: last?.end ?? start + 1,
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
  const matches = membersOf(node, shape, names).get(names.keyOf(shape, step)) ?? [];
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
  if (node.members !== undefined) {
    putMember(node.members.byName, names.keyOf(node.members.shape, item.name ?? ''), entry);
  }
}

/** Takes an item out of a node. */
export function takeItem(node: Opened, entry: ItemEntry, names: FieldNames): void {
  node.items.remove(entry);
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

/** What an opened node is written as, piece by piece. */
function* piecesOf({ bytes, start, items, tail, end }: Opened): Generator<TreeNode> {
  yield verbatim(bytes, start, start + 1);
  const last = items.last()?.item;
  for (const item of items) {
    const isLast = item === last;
    const hasComma = item.bytes[item.to] === COMMA.bytes[0];
    const to = isLast ? item.end : hasComma ? item.to + 1 : item.to;
    if (item.changed === undefined && item.lead === undefined) {
      yield verbatim(item.bytes, item.from, to);
    } else {
      yield leadOf(item);
      yield verbatim(item.bytes, item.start, item.value);
      yield nodeOf(item);
      yield verbatim(item.bytes, item.end, to);
    }
    if (!isLast && !hasComma) {
      yield COMMA;
    }
  }
  yield verbatim(bytes, tail, end);
}

/** The bytes that some nodes stand for, one after the other. */
export function renderNodes(nodes: readonly TreeNode[]): Uint8Array {
  const spans: { bytes: Uint8Array; start: number; end: number }[] = [];
  let size = 0;
  // A stack in place of recursion: the pointers of a patch may be as long as the document is deep.
  const pending: Iterator<TreeNode>[] = [nodes.values()];
  for (let top = pending.at(-1); top !== undefined; top = pending.at(-1)) {
    const { done, value: node } = top.next();
    if (done) {
      pending.pop();
    } else if (node.kind !== 'verbatim') {
      pending.push(piecesOf(node));
    } else {
      const last = spans.at(-1);
      size += node.end - node.start;
      // What stands side by side in one buffer is copied in one go.
      if (last?.bytes === node.bytes && last.end === node.start) {
        last.end = node.end;
      } else {
        spans.push({ bytes: node.bytes, start: node.start, end: node.end });
      }
    }
  }
  const rendered = new Uint8Array(size);
  let at = 0;
  for (const { bytes, start, end } of spans) {
    rendered.set(bytes.subarray(start, end), at);
    at += end - start;
  }
  return rendered;
}
