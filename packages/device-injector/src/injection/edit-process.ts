import { type JsonObject, listAt, textsAt, withList } from '@opencontainers-ts/rootfs-rewriter/spec-edit';

const ENV = ['process', 'env'];
const GIDS = ['process', 'user', 'additionalGids'];

/** The name of a variable: what stands before the first `=`. */
export function variableName(entry: string): string {
  return entry.split('=', 1)[0] ?? '';
}

/**
 * Sets variables, each in the place of the last one of its name, as main of the CDI library does; up to 1.1.0 it left
 * the old value in front of the new one, which tools that take the first one read.
 */
export function editEnv(spec: JsonObject, variables: readonly string[]): JsonObject {
  if (variables.length === 0) return spec;
  const env = [...textsAt(spec, ENV)];
  const places = new Map(env.map((entry, index) => [variableName(entry), index]));
  for (const variable of variables) {
    const name = variableName(variable);
    const place = places.get(name) ?? env.length;
    places.set(name, place);
    env[place] = variable;
  }
  return withList(spec, ENV, env);
}

/** Adds groups that the process is not in yet. Group 0 is never added: upstream takes it for "none". */
export function editGids(spec: JsonObject, gids: readonly number[]): JsonObject {
  const present = listAt(spec, GIDS);
  const known = new Set(present.map(String));
  const added = [...new Set(gids)].filter((gid) => gid !== 0 && !known.has(String(gid)));
  return added.length === 0 ? spec : withList(spec, GIDS, [...present, ...added]);
}
