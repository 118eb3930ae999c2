import { objectOf, textOf } from '../json-view.js';
import type { GVISOR_LINT_CODES } from './gvisor-lint-codes.js';

/** Something wrong with an annotation for gVisor. Whether runsc refuses the container for it is told by `LINT_CODES`. */
export interface HintFault {
  readonly code: keyof typeof GVISOR_LINT_CODES;
  /** The name of the annotation. */
  readonly key: string;
  /** A lower-case line; text from the annotation is escaped. */
  readonly message: string;
}

/** The annotations that begin so, without what they begin with; those that are no text are ignored. */
export function annotationsBelow(
  annotations: unknown,
  prefix: string,
): readonly (readonly [rest: string, value: string])[] {
  const object = objectOf(annotations);
  return Object.keys(object).flatMap((key) => {
    const value = key.startsWith(prefix) ? textOf(object[key]) : undefined;
    return value === undefined ? [] : [[key.slice(prefix.length), value] as const];
  });
}

/** The words themselves, if the text is one of them. */
export function oneOf<T extends string>(words: readonly T[], text: string): T | undefined {
  return words.find((word) => word === text);
}
