import { type JsonObject, textsAt, withList } from '@opencontainers-ts/rootfs-rewriter/spec-edit';

import { TEXTS } from '../cdi/shape.js';
import { goQuote } from '../go-quote.js';
import { type EditFault, type EditKind, faultAt, LIST_EDIT } from './edit-kind.js';

const ENV = ['process', 'env'];

/** Environment variables of the process, each `NAME=value`. */
export const env: EditKind<readonly string[]> = {
  ...LIST_EDIT,
  shape: TEXTS,
  fault: (variables) => variableFault(variables, 'invalid container edits'),
  reads: [ENV],
  holds: (variables) => variables.map((variable) => [...ENV, variableName(variable)]),
  apply: setVariables,
};

/** The first entry that has no name or no `=`. */
export function variableFault(variables: readonly string[], prefix: string): EditFault | undefined {
  const index = variables.findIndex((each) => each.indexOf('=') <= 0);
  const variable = variables[index];
  return variable === undefined
    ? undefined
    : faultAt([index], `${prefix}: invalid environment variable ${goQuote(variable)}`);
}

/**
 * Sets variables. Each replaces the last one of its name, as on the main branch of the CDI library. Up to 1.1.0, the library
 * left the old value before the new one, and tools that use the first one read the old value.
 */
export function setVariables(spec: JsonObject, variables: readonly string[]): JsonObject {
  if (variables.length === 0) return spec;
  const entries = [...textsAt(spec, ENV)];
  const placeOf = variables.length > FEW ? placesIn(entries) : undefined;
  for (const variable of variables) {
    const name = variableName(variable);
    const place = (placeOf === undefined ? lastPlace(entries, name) : placeOf.get(name)) ?? entries.length;
    placeOf?.set(name, place);
    entries[place] = variable;
  }
  return withList(spec, ENV, entries);
}

/** So many names are searched for one by one, which is quicker than to take hundreds of variables apart. */
const FEW = 4;

function placesIn(entries: readonly string[]): Map<string, number> {
  return new Map(entries.map((entry, index) => [variableName(entry), index]));
}

/** The place of the last variable of a name. */
export function lastPlace(entries: readonly string[], name: string): number | undefined {
  for (let at = entries.length - 1; at >= 0; at -= 1) {
    const entry = entries[at] ?? '';
    if (entry.startsWith(name) && (entry.length === name.length || entry[name.length] === '=')) return at;
  }
  return undefined;
}

/** The name of a variable: the text before the first `=`. */
function variableName(entry: string): string {
  return entry.split('=', 1)[0] ?? '';
}
