import { goCharacter, goQuote } from '../go-quote.js';

/** The parts of the name of a CDI device. */
export interface QualifiedName {
  readonly vendor: string;
  readonly class: string;
  readonly name: string;
}

/**
 * Parses the name of a CDI device. Returns its parts or what is wrong with it, in the words of the CDI library
 * (`ParseQualifiedName` of `pkg/parser`).
 *
 * A vendor or class of one letter is accepted; the CDI library v1.1.0 crashes on it.
 *
 * @example
 * ```ts
 * import { parseQualifiedName } from '@opencontainers-ts/device-injector';
 *
 * console.log(parseQualifiedName('nvidia.com/gpu=0')); // { vendor: 'nvidia.com', class: 'gpu', name: '0' }
 * console.log(parseQualifiedName('0')); // { fault: 'unqualified device "0", missing vendor' }
 * ```
 */
export function parseQualifiedName(text: string): QualifiedName | { readonly fault: string } {
  const equals = text.indexOf('=');
  const name = text.slice(equals + 1);
  const kind = equals === -1 ? '' : text.slice(0, equals);
  const qualifier = splitKind(kind);
  // Upstream has texts for a missing class and a missing name too, but splits so that they are never reached.
  if (qualifier.vendor === '' || name === '') {
    return { fault: `unqualified device ${goQuote(text)}, missing vendor` };
  }
  const fault = vendorFault(qualifier.vendor) ?? classFault(qualifier.class) ?? deviceNameFault(name);
  return fault === undefined
    ? { ...qualifier, name }
    : { fault: `invalid device ${goQuote(text)}: ${fault}` };
}

/**
 * Whether a text is the name of a CDI device, `vendor/class=name`.
 *
 * @example
 * ```ts
 * import { isQualifiedName } from '@opencontainers-ts/device-injector';
 *
 * console.log(isQualifiedName('nvidia.com/gpu=all')); // true
 * console.log(isQualifiedName('all')); // false
 * ```
 */
export function isQualifiedName(text: string): boolean {
  return !('fault' in parseQualifiedName(text));
}

/** Splits `vendor/class`. Text without a slash is all class, as for upstream. */
export function splitKind(kind: string): { readonly vendor: string; readonly class: string } {
  const slash = kind.indexOf('/');
  return slash <= 0 || slash === kind.length - 1
    ? { vendor: '', class: kind }
    : { vendor: kind.slice(0, slash), class: kind.slice(slash + 1) };
}

const LETTER = /^[A-Za-z]/;
const ALPHANUMERIC_START = /^[A-Za-z0-9]/;
const ALPHANUMERIC_END = /[A-Za-z0-9]$/;

export function vendorFault(vendor: string): string | undefined {
  const fault = labelFault(vendor);
  return fault && `invalid vendor. ${fault}`;
}

export function classFault(name: string): string | undefined {
  const fault = labelFault(name);
  return fault && `invalid class. ${fault}`;
}

function labelFault(label: string): string | undefined {
  if (label === '') return 'empty name';
  if (!LETTER.test(label)) return `${goQuote(label)}, should start with letter`;
  const strange = strangeInside(label, /[^A-Za-z0-9_.-]/u);
  if (strange !== undefined) return `invalid character '${goCharacter(strange)}' in name ${goQuote(label)}`;
  return ALPHANUMERIC_END.test(label) ? undefined : `${goQuote(label)}, should end with a letter or digit`;
}

export function deviceNameFault(name: string): string | undefined {
  if (name === '') return 'invalid (empty) device name';
  // "class" is what upstream says here.
  if (!ALPHANUMERIC_START.test(name)) {
    return `invalid class ${goQuote(name)}, should start with a letter or digit`;
  }
  const strange = strangeInside(name, /[^A-Za-z0-9_.:-]/u);
  if (strange !== undefined) {
    return `invalid character '${goCharacter(strange)}' in device name ${goQuote(name)}`;
  }
  return ALPHANUMERIC_END.test(name)
    ? undefined
    : `invalid name ${goQuote(name)}, should end with a letter or digit`;
}

/** The first strange character between the first and the last, which have rules of their own. */
function strangeInside(text: string, strange: RegExp): string | undefined {
  return strange.exec([...text].slice(1, -1).join(''))?.[0];
}
