/** The codes of findings: what each means, and what to do about it. */
export const FINDING_CODES = {
  SPEC_INVALID_UTF8: {
    summary: 'The document holds bytes that are not UTF-8; runtimes replace or refuse them.',
    hint: 'write the document in UTF-8',
  },
  SPEC_DUPLICATE_KEY: {
    summary:
      'An object holds the same member more than once; runtimes take the first, the last, or a mixture.',
    hint: 'keep one of them',
  },
  SPEC_FOLDED_KEY: {
    summary:
      'A member differs from a known one by upper and lower case only; some runtimes take it for that one.',
    hint: 'spell the member as the specification does, or remove it',
  },
  SPEC_SCHEMA_TYPE: {
    summary: 'A value has another JSON type than the specification gives it.',
    hint: 'write a value of the type that the message names',
  },
  SPEC_SCHEMA_REQUIRED: {
    summary: 'A member that the specification requires is missing.',
    hint: 'add the member',
  },
  SPEC_SCHEMA_EMPTY: {
    summary: 'A text that must say something, or a list that must hold something, is empty.',
    hint: 'give it a value, or remove the object that holds it',
  },
  SPEC_SCHEMA_ENUM: {
    summary: 'A value is none of those that the specification lists.',
    hint: 'use one of the values that the message lists',
  },
  SPEC_SCHEMA_PATTERN: {
    summary: 'A text does not have the form that the specification demands.',
    hint: 'write it in the form that the message names',
  },
  SPEC_SCHEMA_RANGE: {
    summary: 'A number is outside the range that the specification allows.',
    hint: 'use a number in the range that the message names',
  },
  SPEC_SCHEMA_NAME: {
    summary: 'The name of an entry is not one that the specification allows.',
    hint: 'rename the entry or remove it',
  },
  SPEC_INTEGER_FORM: {
    summary:
      'An integer is written with a fraction or an exponent; every runtime refuses it, even 1.0 and 1e2.',
    hint: 'write it in digits only',
  },
  SPEC_INTEGER_RANGE: {
    summary: 'An integer does not fit the type that runtimes read it into.',
    hint: 'use a number in the range that the message names',
  },
} as const;

/** A code of a finding. */
export type FindingCode = keyof typeof FINDING_CODES;
