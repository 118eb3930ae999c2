/** What the registry reads of a folder (pkg/cdi/spec-dirs.go of the CDI library): by the very case. */
export function isSpecName(name: string): boolean {
  return name.endsWith('.json') || name.endsWith('.yaml');
}

/**
 * Whether a file is most probably meant to be a spec, and is passed over for its name: `.yml`, `.JSON`.
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
