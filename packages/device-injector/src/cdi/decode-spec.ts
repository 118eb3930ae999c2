import { goQuote } from '../go-quote.js';
import type { CdiSpec } from './cdi-spec.js';
import type { Shape, StructShape } from './shape.js';
import { SpecFault } from './spec-fault.js';
import { SPEC_SHAPE } from './spec-shape.js';
import { Float, goFloatText, type Tree } from './tree.js';

/** A spec of the right shape, and how many members of the text went into it. */
export interface DecodedSpec {
  readonly spec: CdiSpec;
  readonly members: number;
}

type Decoded = Exclude<Tree, Float | readonly Tree[] | object> | readonly Decoded[] | DecodedObject;
type DecodedObject = { [member: string]: Decoded };

/** Where the decoder is; spelled out only where something is wrong. */
interface Place {
  readonly above: Place | undefined;
  /** The member as the text has it, or the index. */
  readonly step: string | number;
  /** Of a member: the object that declares it, and its declared name. */
  readonly member?: { readonly struct: StructShape; readonly name: string };
}

/**
 * Takes what a text holds for a spec, as Go's strict decoder would behind sigs.k8s.io/yaml: members match without
 * regard to case, unknown ones are refused, numbers and booleans become text where a text belongs, null is nothing.
 *
 * @throws SpecFault in the decoder's words.
 */
export function decodeSpec(tree: Tree): DecodedSpec {
  const decoder = new Decoder();
  const spec = decoder.object(tree, SPEC_SHAPE, undefined);
  return { spec: spec as unknown as CdiSpec, members: decoder.members };
}

class Decoder {
  members = 0;

  value(tree: Tree, shape: Shape, place: Place): Decoded {
    switch (shape.is) {
      case 'struct':
        return this.object(tree, shape, place);
      case 'list':
        return this.list(tree, shape, place);
      case 'strings':
        return this.textMap(tree, place);
      case 'integer':
        return integer(tree, shape, place);
      case 'string':
        return text(tree, place);
      case 'boolean':
        if (typeof tree === 'boolean') return tree;
        throw mismatch(tree, 'bool', place);
    }
  }

  object(tree: Tree, shape: StructShape, place: Place | undefined): DecodedObject {
    const decoded: DecodedObject = {};
    const members = objectOf(tree, `specs.${shape.goType}`, place);
    for (const given of namesOf(members)) {
      const inner = members[given] ?? null;
      this.members += 1;
      const name = memberName(given, shape);
      const member = name === undefined ? undefined : shape.members[name];
      if (name === undefined || member === undefined) {
        throw decodingFault(`json: unknown field ${goQuote(given)}`, { above: place, step: given });
      }
      if (inner === null) continue;
      const at: Place = { above: place, step: given, member: { struct: shape, name } };
      // Go would take the last in an order of its own; which one the author meant nobody knows.
      if (Object.hasOwn(decoded, name)) {
        throw decodingFault(`json: field ${goQuote(given)} is there twice, spelled differently`, at);
      }
      decoded[name] = this.value(inner, member, at);
    }
    return { ...shape.empty, ...decoded };
  }

  list(tree: Tree, { of, goType }: Extract<Shape, { is: 'list' }>, place: Place): readonly Decoded[] {
    if (!isList(tree)) throw mismatch(tree, goType, place);
    return tree.map((item, index) => {
      const at = { above: place, step: index };
      return item === null ? emptyItem(of, goType, at) : this.value(item, of, at);
    });
  }

  textMap(tree: Tree, place: Place): DecodedObject {
    const members = objectOf(tree, 'map[string]string', place);
    const names = namesOf(members);
    this.members += names.length;
    return Object.fromEntries(
      names.map((name) => {
        const inner = members[name] ?? null;
        return [name, inner === null ? '' : text(inner, { above: place, step: name })];
      }),
    );
  }
}

function memberName(given: string, { members }: StructShape): string | undefined {
  if (Object.hasOwn(members, given)) return given;
  return Object.keys(members).find((name) => folded(name) === folded(given));
}

function isList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree);
}

function objectOf(tree: Tree, goType: string, place: Place | undefined): Readonly<Record<string, Tree>> {
  if (typeof tree !== 'object' || tree === null || isList(tree) || tree instanceof Float) {
    throw mismatch(tree, goType, place);
  }
  return tree;
}

// The order in which upstream comes across faults: its YAML goes through a JSON whose members are sorted.
function namesOf(members: Readonly<Record<string, Tree>>): readonly string[] {
  return Object.keys(members).sort();
}

/** What Go makes of null in a list: the empty value; or a nil pointer, which upstream v1.1.0 crashes on. */
function emptyItem(of: Shape, listType: string, place: Place): Decoded {
  if (listType.startsWith('[]*')) throw decodingFault('null where an object belongs', place);
  if (of.is === 'struct') return of.empty;
  return of.is === 'integer' ? 0 : '';
}

// Go folds as Unicode does, and two letters beyond ASCII fold to one of ours: U+017F and U+212A (the Kelvin sign).
function folded(name: string): string {
  return name.replaceAll('\u017f', 's').toLowerCase();
}

function text(tree: Tree, place: Place): string {
  if (typeof tree === 'string') return tree;
  if (tree instanceof Float) return goFloatText(tree);
  if (typeof tree === 'object') throw mismatch(tree, 'string', place);
  return String(tree);
}

function integer(
  tree: Tree,
  { goType, min, max }: Extract<Shape, { is: 'integer' }>,
  place: Place,
): number | bigint {
  // json.Marshal writes a float of integral value without a fraction, so that 1e3 passes for an integer.
  const value = tree instanceof Float && Number.isSafeInteger(tree.value) ? tree.value : tree;
  if (value instanceof Float) throw mismatch(value, goType, place, `number ${value.value}`);
  if (typeof value !== 'number' && typeof value !== 'bigint') throw mismatch(value, goType, place);
  if (value < min || value > max) throw mismatch(value, goType, place, `number ${value}`);
  return value;
}

function mismatch(tree: Tree, goType: string, place: Place | undefined, value = goKind(tree)): SpecFault {
  const members = chainOf(place).flatMap(({ member }) => member ?? []);
  const struct = members.at(-1)?.struct.goType;
  const field = members.map(({ name }) => name).join('.');
  // Go's words: the innermost type, then all members from the top without indexes.
  const target = struct === undefined ? 'value' : `struct field ${struct}.${field}`;
  return decodingFault(`json: cannot unmarshal ${value} into Go ${target} of type ${goType}`, place);
}

/** The places from the top to one. */
function chainOf(place: Place | undefined): readonly Place[] {
  const chain: Place[] = [];
  for (let at = place; at !== undefined; at = at.above) chain.unshift(at);
  return chain;
}

function goKind(tree: Tree): string {
  if (typeof tree === 'boolean') return 'bool';
  if (typeof tree === 'string') return 'string';
  if (typeof tree !== 'object' || tree instanceof Float) return 'number';
  return isList(tree) ? 'array' : 'object';
}

function decodingFault(message: string, place: Place | undefined): SpecFault {
  const path = chainOf(place).map(({ step }) => step);
  return new SpecFault(`error unmarshaling JSON: while decoding JSON: ${message}`, path);
}
