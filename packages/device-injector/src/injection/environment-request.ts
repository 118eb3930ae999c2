import { isQualifiedName } from '../cdi/qualified-name.js';

/** The variable by which images and device plugins ask for GPUs. */
export const VISIBLE_DEVICES = 'NVIDIA_VISIBLE_DEVICES';

/** The variable of CUDA images, by which those from before NVIDIA_VISIBLE_DEVICES are known. */
export const LEGACY_IMAGE = 'CUDA_VERSION';

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

/** An image from before NVIDIA_VISIBLE_DEVICES: it asks for all GPUs by being what it is. */
function isLegacyCudaImage(env: ReadonlyMap<string, string>): boolean {
  return (env.get(LEGACY_IMAGE) ?? '') !== '' && (env.get('NVIDIA_REQUIRE_CUDA') ?? '') === '';
}
