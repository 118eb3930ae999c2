/**
 * An object whose members may be anything. Configurations come from anywhere, so a lint looks at plain JSON: it ignores a
 * value that has another type than the specification says, which the schema reports.
 */
export type UncheckedObject = Readonly<Record<string, unknown>>;

const NOTHING: UncheckedObject = Object.freeze(Object.create(null));

/** The members of an object; none for anything else. */
export function objectOf(value: unknown): UncheckedObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as UncheckedObject)
    : NOTHING;
}

/** A member of an object that is not inherited: names come from documents, and `constructor` is one. */
export function member(value: unknown, name: string): unknown {
  const object = objectOf(value);
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The elements of an array; none for anything else. */
export function elementsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A string; `undefined` for anything else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The strings among the elements of an array, each with its index. */
export function textsOf(value: unknown): readonly (readonly [index: number, text: string])[] {
  return elementsOf(value).flatMap((element, index) =>
    typeof element === 'string' ? [[index, element] as const] : [],
  );
}

/** Whether a member is absent as Go sees it: missing or null. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
