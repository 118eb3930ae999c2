import { type JsonObject, textsAt } from '@opencontainers-ts/rootfs-rewriter/spec-edit';

import { isQualifiedName } from '../cdi/qualified-name.js';
import { lastPlace } from '../edits/env.js';
import { isLegacyCudaImage, VISIBLE_DEVICES } from '../nvidia-requests.js';

/** An environment: the value of a variable, or undefined where there is none of that name. */
export type Environment = Pick<ReadonlyMap<string, string>, 'get'>;

/**
 * The environment of the process: of two values the later one, and none for a name alone. It is searched for each of the few
 * names that are asked for, since it may have hundreds.
 */
export function environmentOf(spec: JsonObject): Environment {
  const entries = textsAt(spec, ['process', 'env']);
  return {
    get: (name) => {
      const place = lastPlace(entries, name);
      return place === undefined ? undefined : entries[place]?.slice(name.length + 1);
    },
  };
}

/**
 * The CDI devices that the environment of a container asks for, by the rules of NVIDIA's toolkit 1.20 (devicesFromEnvvars).
 * Without a default kind only a list of qualified names is a request for CDI; everything else is for NVIDIA's hook.
 *
 * @returns undefined where it asks for nothing, or not for CDI; an empty list where it asks for no device
 */
export function environmentRequest(
  env: Environment,
  defaultKind: string | undefined,
): readonly string[] | undefined {
  const value = env.get(VISIBLE_DEVICES);
  if (value === undefined) {
    return defaultKind !== undefined && isLegacyCudaImage(env) ? [`${defaultKind}=all`] : undefined;
  }
  const listed = value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (listed.length === 0 || listed.includes('void')) return undefined;
  if (defaultKind === undefined) {
    return listed.every(isQualifiedName) ? [...new Set(listed)] : undefined;
  }
  const special = listed.find((name) => name === 'all' || name === 'none');
  const names = special === undefined ? listed : [special];
  return [...new Set(names.map((name) => (isQualifiedName(name) ? name : `${defaultKind}=${name}`)))];
}
