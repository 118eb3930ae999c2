import { printable } from '@opencontainers-ts/runtime-spec';

import type { CdiDevice, CdiRegistry } from '../cdi/registry/registry.js';
import { type SearchedSpecs, specsOf } from '../cdi/registry/search-specs.js';
import { DeviceError } from '../device-error.js';
import { nearNames } from './near-names.js';
import { shortened } from './shortened.js';

/** How much a message lists; the details have everything. */
const LISTED_NAMES = 50;
const LISTED_PROBLEMS = 5;
/** The number of names for which similar ones are searched: each is compared with all known names. */
const COMPARED_NAMES = 5;

/** The vendor of the devices that NVIDIA's runtime generates on the fly (mode jit-cdi): no spec on disk defines them. */
const MADE_BY_RUNTIME = 'runtime.nvidia.com/';

/**
 * Whether the container requests devices only from NVIDIA's runtime, which runs after us.
 *
 * @throws DeviceError `ERR_CDI_REQUEST` if it requests other devices too, as upstream
 */
export function isLeftToNvidia(unresolved: readonly string[], names: readonly string[]): boolean {
  const made = unresolved.filter((name) => name.startsWith(MADE_BY_RUNTIME));
  if (made.length === 0) return false;
  if (made.length === names.length) return true;
  throw new DeviceError(
    'ERR_CDI_REQUEST',
    "requesting a CDI device with vendor 'runtime.nvidia.com' is not supported when requesting other CDI devices",
    { details: { devices: names } },
  );
}

/**
 * The devices of a registry with these qualified names, without duplicates.
 *
 * @throws DeviceError `ERR_CDI_UNRESOLVABLE`, which names the devices that are not defined and the possible causes
 *
 * @example
 * ```ts
 * import { loadCdiRegistry, resolveDevices } from '@opencontainers-ts/device-injector';
 * import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * try {
 *   resolveDevices(['vendor.com/device=d'], loadCdiRegistry(memoryHost()));
 * } catch (error) {
 *   console.log(error); // DeviceError: unresolvable CDI devices vendor.com/device=d; searched /etc/cdi, ...
 * }
 * ```
 */
export function resolveDevices(names: readonly string[], registry: CdiRegistry): readonly CdiDevice[] {
  return resolveFrom(names, specsOf(registry));
}

/** {@link resolveDevices}, of specs of which nothing else is looked at unless something is wrong. */
export function resolveFrom(names: readonly string[], specs: SearchedSpecs): readonly CdiDevice[] {
  const unique = [...new Set(names)];
  const unresolved = unique.filter((name) => specs.device(name) === undefined);
  if (unresolved.length > 0) throw unresolvable(unresolved, specs.registry());
  return unique.flatMap((name) => specs.device(name) ?? []);
}

function unresolvable(names: readonly string[], registry: CdiRegistry): DeviceError {
  const known = [...registry.devices.keys()];
  const near = [...new Set(names.slice(0, COMPARED_NAMES).flatMap((name) => nearNames(name, known)))];
  const problems = registry.problems.map(({ path, message }) => `${plain(path)}: ${plain(message)}`);
  const folders = registry.directories.map(plain).join(', ') || 'no folder';
  const parts = [
    // Upstream's words: what people search for.
    `unresolvable CDI devices ${listed(names.map(plain), LISTED_NAMES).join(', ')}`,
    `searched ${folders}, where ${known.length} are defined`,
    ...listed(problems, LISTED_PROBLEMS),
    ...(near.length === 0 ? [] : [`did you mean ${near.map(plain).join(' or ')}?`]),
  ];
  return new DeviceError('ERR_CDI_UNRESOLVABLE', parts.join('; '), {
    details: {
      devices: names,
      directories: registry.directories,
      problems: registry.problems.map(({ path, message }) => ({ path, message })),
      near,
    },
  });
}

function listed(texts: readonly string[], most: number): readonly string[] {
  const more = texts.length > most ? [`and ${texts.length - most} more`] : [];
  return [...texts.slice(0, most), ...more];
}

/** Text from outside, without characters that control a terminal. */
function plain(text: string): string {
  return printable(shortened(text));
}
