/** Whether the registry reads a file of this name (pkg/cdi/spec-dirs.go of the CDI library). Case matters. */
export function isSpecName(name: string): boolean {
  return name.endsWith('.json') || name.endsWith('.yaml');
}

/**
 * Whether a file is probably meant to be a spec, but ignored because of its name: `.yml`, `.JSON`.
 *
 * @example
 * ```ts
 * import { isMisnamedSpec } from '@opencontainers-ts/device-injector';
 *
 * console.log(isMisnamedSpec('nvidia.yml'), isMisnamedSpec('nvidia.yaml')); // true false
 * ```
 */
export function isMisnamedSpec(name: string): boolean {
  return !isSpecName(name) && /\.(?:json|ya?ml)$/i.test(name);
}
