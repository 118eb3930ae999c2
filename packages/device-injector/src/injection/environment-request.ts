import { type JsonObject, textsAt } from '@opencontainers-ts/rootfs-rewriter/spec-edit';

import { isQualifiedName } from '../cdi/qualified-name.js';
import { isLegacyCudaImage, VISIBLE_DEVICES } from '../nvidia-requests.js';

/** The environment of the process: of two values the later one, and none for a name alone. */
export function environmentOf(spec: JsonObject): ReadonlyMap<string, string> {
  const entries = textsAt(spec, ['process', 'env']).map((entry): [string, string] => {
    const at = entry.indexOf('=');
    return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
  });
  return new Map(entries);
}

/**
 * The CDI devices that the environment of a container asks for, by the rules of NVIDIA's toolkit 1.20 (devicesFromEnvvars).
 * Without a default kind only a list of qualified names is a request for CDI; everything else is for NVIDIA's hook.
 *
 * @returns undefined where it asks for nothing, or not for CDI; an empty list where it asks for no device
 */
export function environmentRequest(
  env: ReadonlyMap<string, string>,
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
