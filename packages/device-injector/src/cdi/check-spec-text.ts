import { formatPointer } from '@opencontainers-ts/runtime-spec';
import { goQuote } from '../go-quote.js';
import type { CdiSpec } from './cdi-spec.js';
import { parseSpec } from './parse-spec.js';
import type { CdiProblem, CdiSpecFile } from './registry/registry.js';
import { SpecFault } from './spec-fault.js';
import { faultPositions } from './spec-position.js';
import { validateSpec } from './validate-spec.js';

// With ignoreBOM left false, the mark is taken off, as go-yaml does.
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Checks the text of a spec as the registry does, and reports the first fault and its place.
 *
 * @param path - the name of the text in messages
 *
 * @example
 * ```ts
 * import { checkSpecText } from '@opencontainers-ts/device-injector';
 *
 * const text = 'cdiVersion: 0.6.0\nkind: vendor.com/device\ndevices: []\n';
 * const checked = checkSpecText('vendor.yaml', new TextEncoder().encode(text));
 * console.log('message' in checked && checked.message);
 * // failed to load CDI Spec invalid CDI Spec: invalid spec, no devices
 * ```
 */
export function checkSpecText(path: string, bytes: Uint8Array): CdiSpecFile | CdiProblem {
  const name = goQuote(path);
  const text = specText(bytes);
  if (text === undefined) {
    return {
      path,
      message: loadFailed(parseFailed(name, 'error converting YAML to JSON: yaml: it is not UTF-8')),
    };
  }
  let spec: CdiSpec | undefined;
  try {
    spec = parseSpec(text);
  } catch (error) {
    return problem(path, text, error, (message) => parseFailed(name, message));
  }
  if (spec === undefined)
    return { path, message: loadFailed(`failed to parse CDI Spec ${name}, no Spec data`) };
  try {
    validateSpec(spec);
  } catch (error) {
    return problem(path, text, error, (message) => `invalid CDI Spec: ${message}`);
  }
  return { path, spec };
}

/** The text of a spec; undefined where it is not UTF-8. */
export function specText(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

function loadFailed(why: string): string {
  return `failed to load CDI Spec ${why}`;
}

function parseFailed(name: string, why: string): string {
  return `failed to parse CDI Spec ${name}: failed to unmarshal CDI Spec: ${why}`;
}

function problem(
  path: string,
  text: string,
  error: unknown,
  wording: (message: string) => string,
): CdiProblem {
  if (!(error instanceof SpecFault)) throw error;
  const message = loadFailed(wording(error.message));
  const pointer = error.path.length === 0 ? {} : { pointer: formatPointer(error.path) };
  return { path, message, ...pointer, ...faultPositions(text)(error) };
}
