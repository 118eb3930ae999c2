/**
 * What a member of a spec may be. The Go names are those of the CDI library: its decoder's messages say them.
 *
 * Source: `specs-go/config.go` of the CDI library, v1.1.0.
 */
export type Shape =
  | { readonly is: 'string' | 'boolean' }
  | { readonly is: 'integer'; readonly goType: string; readonly min: bigint; readonly max: bigint }
  | { readonly is: 'strings' }
  | { readonly is: 'list'; readonly of: Shape; readonly goType: string }
  | StructShape;

/** An object with a fixed set of members. */
export interface StructShape {
  readonly is: 'struct';
  readonly goType: string;
  readonly members: Readonly<Record<string, Shape>>;
  /** Go's empty values of the members that the type promises: what those are that a text leaves out. */
  readonly empty: Readonly<Record<string, EmptyValue>>;
}

/** An empty value of Go: no text, an empty list, or an object without members. */
type EmptyValue = '' | readonly never[] | Readonly<Record<string, never>>;

export const TEXT = { is: 'string' } as const satisfies Shape;
export const TEXTS = { is: 'list', of: TEXT, goType: '[]string' } as const satisfies Shape;
export const TEXT_MAP = { is: 'strings' } as const satisfies Shape;
export const BOOLEAN = { is: 'boolean' } as const satisfies Shape;
export const INT64 = {
  is: 'integer',
  goType: 'int64',
  min: -(2n ** 63n),
  max: 2n ** 63n - 1n,
} as const satisfies Shape;
export const INT = { ...INT64, goType: 'int' } as const satisfies Shape;
export const UINT32 = {
  is: 'integer',
  goType: 'uint32',
  min: 0n,
  max: 2n ** 32n - 1n,
} as const satisfies Shape;

type RequiredName<T> = {
  [Name in keyof T & string]-?: Record<never, never> extends Pick<T, Name> ? never : Name;
}[keyof T & string];

/** The compiler holds the members to those of the type, the tests to those of the schema. */
export function struct<T>(
  goType: string,
  members: Readonly<Record<keyof T & string, Shape>>,
  empty: Readonly<Record<RequiredName<T>, EmptyValue>>,
): StructShape {
  return { is: 'struct', goType, members, empty };
}

/** A list of pointers to objects, as the library declares most of its lists. */
export function pointers(of: StructShape): Shape {
  return { is: 'list', of, goType: `[]*specs.${of.goType}` };
}
