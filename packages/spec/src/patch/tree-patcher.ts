import type { FieldShape } from '../findings/field-table.js';
import { elementIndex } from '../json/json-items.js';
import { equalsJson, writeJson } from '../json/json-text.js';
import type { FieldNames } from '../json/member-names.js';
import { decodeUtf8, encodeUtf8 } from '../json/utf8.js';
import { type CheckedOperation, isSamePath, type OperationPlace, patchError } from './patch-operation.js';
import {
  findStep,
  type ItemEntry,
  leadOf,
  nodeOf,
  type Opened,
  openNode,
  putItem,
  type ReadContainer,
  renderNodes,
  type TreeItem,
  type TreeNode,
  takeItem,
  type Verbatim,
  verbatim,
} from './patch-tree.js';

/** Where the last step of a pointer leads: into an opened container, and to which item of it, if there is one. */
interface Target {
  readonly parent: Opened;
  readonly step: string;
  readonly entry: ItemEntry | undefined;
}

/** Carries out operations on a tree over the bytes of a document, so that what they do not name stays as it is. */
export class TreePatcher {
  #root: TreeNode;
  readonly #rootShape: FieldShape;
  readonly #names: FieldNames;
  readonly #read: ReadContainer;

  constructor(root: Verbatim, rootShape: FieldShape, names: FieldNames, read: ReadContainer) {
    this.#root = root;
    this.#rootShape = rootShape;
    this.#names = names;
    this.#read = read;
  }

  get root(): TreeNode {
    return this.#root;
  }

  /** Returns whether the operation may have changed something. */
  apply(operation: CheckedOperation, place: OperationPlace): boolean {
    switch (operation.op) {
      case 'add':
        this.#add(operation.path, verbatim(encodeUtf8(writeJson(operation.value))), place);
        return true;
      case 'replace':
        this.#replace(operation.path, verbatim(encodeUtf8(writeJson(operation.value))), place);
        return true;
      case 'remove':
        this.#remove(operation.path, place);
        return true;
      case 'copy':
        this.#add(operation.path, flat(this.#get(operation.from, place)), place);
        return true;
      case 'move':
        return this.#move(operation.from, operation.path, place);
      case 'test': {
        const { bytes, start } = flat(this.#get(operation.path, place));
        if (!equalsJson(bytes, start, operation.value)) {
          throw patchError('ERR_PATCH_TEST', place, 'the value there is another one');
        }
        return false;
      }
    }
  }

  #add(path: readonly string[], value: TreeNode, place: OperationPlace): void {
    if (path.length === 0) {
      this.#root = value;
      return;
    }
    const { parent, step, entry } = this.#find(path, place);
    if (parent.kind === 'object' && entry !== undefined) {
      changeItem(entry, value);
    } else if (parent.kind === 'object') {
      this.#insert(parent, parent.items.length, value, step);
    } else {
      const before = step === '-' ? parent.items.length : elementIndex(step, parent.items.length + 1);
      this.#insert(parent, before ?? missing(place), value);
    }
  }

  #replace(path: readonly string[], value: TreeNode, place: OperationPlace): void {
    if (path.length === 0) {
      this.#root = value;
      return;
    }
    const { entry } = this.#find(path, place);
    changeItem(entry ?? missing(place), value);
  }

  #remove(path: readonly string[], place: OperationPlace): void {
    const { parent, entry = missing(place) } = this.#find(path, place);
    const isFirst = entry === parent.items.first();
    takeItem(parent, entry, this.#names);
    const first = parent.items.first();
    if (first === undefined) {
      parent.tail = parent.end - 1;
    } else if (isFirst) {
      first.item = { ...first.item, lead: leadOf(entry.item) };
    }
  }

  /** Puts an item before `index`, laid out as its neighbours are. */
  #insert(parent: Opened, index: number, value: TreeNode, name?: string): void {
    const { items } = parent;
    const nameToken = name === undefined ? '' : JSON.stringify(name);
    const nameEnd = encodeUtf8(nameToken).length;
    const bytes = encodeUtf8(name === undefined ? '' : nameToken + colonOf(items.last()?.item));
    const end = bytes.length;
    const lead = leadAt(items, index);
    const next = items.at(index);
    if (index === 0 && next !== undefined) {
      next.item = { ...next.item, lead: leadOf(items.at(1)?.item ?? next.item) };
    }
    const item: TreeItem = {
      bytes,
      from: 0,
      start: 0,
      nameEnd,
      value: end,
      end,
      to: end,
      name,
      changed: value,
      lead,
    };
    putItem(parent, index, item, this.#names);
  }

  #move(from: readonly string[], path: readonly string[], place: OperationPlace): boolean {
    const value = this.#get(from, place);
    if (isSamePath(from, path)) {
      return false;
    }
    this.#remove(from, place);
    this.#add(path, value, place);
    return true;
  }

  #get(path: readonly string[], place: OperationPlace): TreeNode {
    if (path.length === 0) {
      return this.#root;
    }
    const { entry = missing(place) } = this.#find(path, place);
    return nodeOf(entry.item);
  }

  /** Opens what is on the way to the last step of `path`, and looks for that. */
  #find(path: readonly string[], place: OperationPlace): Target {
    let parent = openNode(this.#root, this.#read) ?? missing(place);
    this.#root = parent;
    let shape: FieldShape | undefined = this.#rootShape;
    for (const [depth, step] of path.entries()) {
      const result = findStep(parent, step, shape, this.#names);
      if (result.kind === 'ambiguous') {
        throw patchError('ERR_PATCH_AMBIGUOUS', place, result.reason);
      }
      const entry = result.kind === 'item' ? result.entry : undefined;
      if (depth === path.length - 1) {
        return { parent, step, entry };
      }
      const target: ItemEntry = entry ?? missing(place);
      const child: Opened = openNode(nodeOf(target.item), this.#read) ?? missing(place);
      changeItem(target, child);
      parent = child;
      shape = this.#names.shapeOf(shape, step);
    }
    return missing(place);
  }
}

const NOTHING = verbatim(new Uint8Array());
const SPACE = verbatim(Uint8Array.of(0x20));

function missing(place: OperationPlace): never {
  throw patchError('ERR_PATCH_MISSING', place, 'the document has no such place');
}

function flat(node: TreeNode): Verbatim {
  return node.kind === 'verbatim' ? node : verbatim(renderNodes([node]));
}

function changeItem(entry: ItemEntry, value: TreeNode): void {
  entry.item = { ...entry.item, changed: value };
}

/** The ":" of a member, with the white space around it. */
function colonOf(member: TreeItem | undefined): string {
  return member === undefined ? ':' : decodeUtf8(member.bytes.subarray(member.nameEnd, member.value));
}

/** The white space before an item that is put before `index`. */
function leadAt(items: Opened['items'], index: number): Verbatim {
  // A first item may follow its bracket closely while the others follow their comma with a space.
  const model = (items.at(index) ?? items.last())?.item;
  if (model === undefined) {
    return NOTHING;
  }
  const lead = leadOf(model);
  // `{"a": 1}` has no comma to learn from; where a space follows the colon, one follows the comma.
  const isSpaced = items.length === 1 && lead.start === lead.end && colonOf(model).endsWith(' ');
  return isSpaced && index === 1 ? SPACE : lead;
}
