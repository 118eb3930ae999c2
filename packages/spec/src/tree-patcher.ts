import type { FieldShape } from './field-table.js';
import { elementIndex } from './json-items.js';
import { equalsJson, writeJson } from './json-text.js';
import type { FieldNames } from './member-names.js';
import { type CheckedOperation, isSamePath, type OperationPlace, patchError } from './patch-operation.js';
import {
  findStep,
  leadOf,
  nodeOf,
  type Opened,
  openNode,
  type ReadContainer,
  renderNodes,
  type TreeItem,
  type TreeNode,
  type Verbatim,
  verbatim,
} from './patch-tree.js';
import { decodeUtf8, encodeUtf8 } from './utf8.js';

/** Where the last step of a pointer leads: into an opened container, and to which item of it, if there is one. */
interface Target {
  readonly parent: Opened;
  readonly step: string;
  readonly index: number | undefined;
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
    const { parent, step, index } = this.#find(path, place);
    if (parent.kind === 'object' && index !== undefined) {
      changeItem(parent, index, value);
    } else if (parent.kind === 'object') {
      insertItem(parent, parent.items.length, value, step);
    } else {
      const before = step === '-' ? parent.items.length : elementIndex(step, parent.items.length + 1);
      insertItem(parent, before ?? missing(place), value);
    }
  }

  #replace(path: readonly string[], value: TreeNode, place: OperationPlace): void {
    if (path.length === 0) {
      this.#root = value;
      return;
    }
    const { parent, index } = this.#find(path, place);
    changeItem(parent, index ?? missing(place), value);
  }

  #remove(path: readonly string[], place: OperationPlace): void {
    const { parent, index } = this.#find(path, place);
    removeItem(parent, index ?? missing(place));
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
    const { parent, index } = this.#find(path, place);
    const item = parent.items[index ?? missing(place)];
    return item === undefined ? missing(place) : nodeOf(item);
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
      const index = result.kind === 'item' ? result.index : undefined;
      if (depth === path.length - 1) {
        return { parent, step, index };
      }
      const item = parent.items[index ?? missing(place)];
      const child: Opened = (item && openNode(nodeOf(item), this.#read)) ?? missing(place);
      changeItem(parent, index ?? missing(place), child);
      parent = child;
      shape = this.#names.shapeOf(shape, step);
    }
    return missing(place);
  }
}

const NOTHING = verbatim(new Uint8Array());
const SPACE = verbatim(encodeUtf8(' '));

function missing(place: OperationPlace): never {
  throw patchError('ERR_PATCH_MISSING', place, 'the document has no such place');
}

function flat(node: TreeNode): Verbatim {
  return node.kind === 'verbatim' ? node : verbatim(renderNodes([node]));
}

function changeItem(parent: Opened, index: number, value: TreeNode): void {
  const item = parent.items[index];
  if (item !== undefined) {
    parent.items[index] = { ...item, changed: value };
  }
}

function removeItem(parent: Opened, index: number): void {
  const [removed] = parent.items.splice(index, 1);
  const first = parent.items[0];
  if (first === undefined) {
    parent.tail = parent.end - 1;
  } else if (index === 0 && removed !== undefined) {
    parent.items[0] = { ...first, lead: leadOf(removed) };
  }
}

/** The ":" of a member, with the white space around it. */
function colonOf(member: TreeItem | undefined): string {
  return member === undefined ? ':' : decodeUtf8(member.bytes.subarray(member.nameEnd, member.value));
}

/** The white space before an item that is put before `index`. */
function leadAt(items: readonly TreeItem[], index: number): Verbatim {
  // A first item may follow its bracket closely while the others follow their comma with a space.
  const model = items[index] ?? items.at(-1);
  if (model === undefined) {
    return NOTHING;
  }
  const lead = leadOf(model);
  // `{"a": 1}` has no comma to learn from; where a space follows the colon, one follows the comma.
  const isSpaced = items.length === 1 && lead.start === lead.end && colonOf(model).endsWith(' ');
  return isSpaced && index === 1 ? SPACE : lead;
}

/** Puts an item before `index`, laid out as its neighbours are. */
function insertItem(parent: Opened, index: number, value: TreeNode, name?: string): void {
  const { items } = parent;
  const nameToken = name === undefined ? '' : JSON.stringify(name);
  const nameEnd = encodeUtf8(nameToken).length;
  const bytes = encodeUtf8(name === undefined ? '' : nameToken + colonOf(items.at(-1)));
  const end = bytes.length;
  const lead = leadAt(items, index);
  const next = items[index];
  if (index === 0 && next !== undefined) {
    items[0] = { ...next, lead: leadOf(items[1] ?? next) };
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
  items.splice(index, 0, item);
}
