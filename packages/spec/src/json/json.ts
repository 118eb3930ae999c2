/**
 * A JSON value in a patch. Integers beyond 2^53 are `bigint`, because a JavaScript number would round them (RLIM_INFINITY is
 * 18446744073709551615).
 */
export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | JsonObject;

/** A JSON object, such as a spec read as plain JSON. */
export type JsonObject = { readonly [key: string]: JsonValue };

/** `T` with all members and elements read-only, at every depth. */
export type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
