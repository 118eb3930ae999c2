// biome-ignore-all lint/suspicious/noExplicitAny: whatever a built-in function is given

type Cost = (self: any, args: readonly any[], result: any) => number;

const sizeOf = (value: any): number => Number(value?.length ?? value?.size ?? 0);
const keysOf = Object.keys;
const arrayIndexOf = Array.prototype.indexOf;
const bytesIndexOf = Uint8Array.prototype.indexOf;
const textIndexOf = String.prototype.indexOf;

/** Up to what was found, or to the end. */
const searched =
  (find: (...args: any[]) => number): Cost =>
  (self, [wanted, from = 0]) => {
    const found = Reflect.apply(find, self, [wanted, from]);
    return Math.max(0, (found < 0 ? sizeOf(self) : found) - from);
  };
const whole: Cost = (self) => sizeOf(self);
const copied: Cost = (_, __, result) => sizeOf(result);
const sorted: Cost = (self) => sizeOf(self) * Math.ceil(Math.log2(sizeOf(self) + 1));
const members: Cost = (_, [object]) => keysOf(Object(object)).length;
const one: Cost = () => 1;

/** What stands behind the place of the change is moved. */
const moved: Cost = (self, [start = 0]) =>
  Math.max(0, sizeOf(self) - (start < 0 ? sizeOf(self) + start : start));

const COSTS: readonly (readonly [holder: object, names: readonly PropertyKey[], cost: Cost])[] = [
  [Array.prototype, ['indexOf', 'includes'], searched(arrayIndexOf)],
  [Array.prototype, ['lastIndexOf', 'join', 'shift', 'unshift', 'fill', 'reverse', 'toReversed'], whole],
  [Array.prototype, ['map', 'filter', 'flatMap', 'toSpliced', 'with'], whole],
  [Array.prototype, ['slice', 'concat', 'flat'], copied],
  [Array.prototype, ['sort', 'toSorted'], sorted],
  [Array.prototype, ['splice'], moved],
  [Uint8Array.prototype, ['indexOf', 'includes'], searched(bytesIndexOf)],
  [Uint8Array.prototype, ['slice'], copied],
  [Uint8Array.prototype, ['set'], (_, [source]) => sizeOf(source)],
  [String.prototype, ['indexOf', 'includes'], searched(textIndexOf)],
  [String.prototype, ['lastIndexOf', 'split', 'toLowerCase', 'toUpperCase', 'trim', 'replaceAll'], whole],
  [String.prototype, ['replace'], whole],
  [String.prototype, ['startsWith', 'endsWith'], (_, [wanted]) => sizeOf(wanted)],
  [String.prototype, ['repeat', 'padStart', 'padEnd', 'concat'], copied],
  [Object, ['keys', 'values', 'entries'], copied],
  [
    Object,
    ['assign'],
    (_, [, ...sources]) => sources.reduce((sum, source) => sum + keysOf(Object(source)).length, 0),
  ],
  [Object, ['fromEntries'], (_, __, result) => keysOf(result).length],
  [Object, ['freeze'], members],
  [JSON, ['parse'], (_, [text]) => sizeOf(text)],
  [JSON, ['stringify'], copied],
  [TextDecoder.prototype, ['decode'], copied],
  [TextEncoder.prototype, ['encode'], copied],
  // What goes round in `for ... of`, `[...list]`, `new Map(list)`.
  ...[[], new Map(), new Set(), '', 'x'.matchAll(/x/g)].map(
    (each) => [Object.getPrototypeOf((each as Iterable<unknown>)[Symbol.iterator]()), ['next'], one] as const,
  ),
];

/**
 * From here on every built-in function whose cost grows with what it is given says how many elements or characters that
 * were.
 */
export function chargeBuiltIns(charge: (steps: number) => void): void {
  for (const [holder, names, cost] of COSTS) {
    for (const name of names) chargeFor(holder, name, cost, charge);
  }
  chargeSearches(charge);
}

function chargeFor(holder: object, name: PropertyKey, cost: Cost, charge: (steps: number) => void): void {
  const original: unknown = Reflect.get(holder, name);
  // The Node.js that runs the tests may lack the newest of them.
  if (typeof original !== 'function') return;
  // A list is as long as it was before the call; what `splice` and `shift` move depends on that.
  const isChanged = holder === Array.prototype;
  Object.defineProperty(holder, name, {
    writable: true,
    configurable: true,
    value(this: any, ...args: any[]) {
      const before = isChanged && cost !== copied ? cost(this, args, undefined) : 0;
      const result = Reflect.apply(original, this, args);
      charge(isChanged && cost !== copied ? before : cost(this, args, result));
      return result;
    },
  });
}

/** `test`, `match`, `replace`, `split` and `matchAll` come here too, once `exec` is not the original one. */
function chargeSearches(charge: (steps: number) => void): void {
  const { exec } = RegExp.prototype;
  RegExp.prototype.exec = function (text: string) {
    const start = this.global || this.sticky ? this.lastIndex : 0;
    const found = Reflect.apply(exec, this, [text]);
    const end = found === null ? (this.sticky ? start : String(text).length) : found.index + found[0].length;
    charge(1 + Math.max(0, end - start));
    return found;
  };
}
