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
  const places = lastPlaces(entries, new Set(variables.map(variableName)));
  for (const variable of variables) {
    const name = variableName(variable);
    const place = places.get(name) ?? entries.length;
    places.set(name, place);
    entries[place] = variable;
  }
  return withList(spec, ENV, entries);
}

/** The last place of each of some names. */
function lastPlaces(entries: readonly string[], names: ReadonlySet<string>): Map<string, number> {
  const places = new Map<string, number>();
  for (let at = 0; at < entries.length; at += 1) {
    const name = variableName(entries[at] ?? '');
    if (names.has(name)) places.set(name, at);
  }
  return places;
}

/** The name of a variable: the text before the first `=`. */
function variableName(entry: string): string {
  const equals = entry.indexOf('=');
  return equals === -1 ? entry : entry.slice(0, equals);
}
