/** How wide an integer member is in the runtimes' own data types. */
export type IntegerFormat = 'uint8' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64';

/**
 * What stands at one place of a configuration.
 *
 * `object`: a typed object, whose member names Go's decoder matches without regard to case. `map`: names are data
 * (annotations, sysctl), matched exactly. `leaf`: a scalar, or a value with no typed object inside.
 */
export type FieldShape =
  | { readonly kind: 'object'; readonly name: string }
  | { readonly kind: 'array'; readonly of: FieldShape }
  | { readonly kind: 'map'; readonly of: FieldShape }
  | { readonly kind: 'leaf'; readonly integer?: IntegerFormat };

/**
 * The known members of each typed object, by the object's type name; a configuration as a whole is `Spec`.
 *
 * Member names come from documents: look them up with `Object.hasOwn`, never by plain indexing, or `constructor`
 * is taken for a known member.
 */
export type FieldTable = Readonly<Record<string, Readonly<Record<string, FieldShape>>>>;
