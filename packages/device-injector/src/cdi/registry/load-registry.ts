import { openWholeSpec } from '../open-spec.js';
import type { LoadRegistry } from './registry.js';
import { searchCdiSpecs } from './search-specs.js';

/**
 * Loads the specs in some folders as the CDI library does: files that end in `.json` or `.yaml`, in the order of their names,
 * without subfolders. A device of a later folder wins; a device that one folder defines twice is left out. A fault in a
 * file excludes that file and no other.
 *
 * Unlike the library, it refuses folders and files that anyone but their trusted owners could write, because their content
 * is executed as root. Nothing in such a folder is used.
 *
 * @param directories - absolute paths; the defaults if empty
 * @throws anything that the host throws, except errno errors
 *
 * @example
 * ```ts
 * import { loadCdiRegistry } from '@opencontainers-ts/device-injector';
 * import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const spec = { cdiVersion: '0.6.0', kind: 'vendor.com/device', devices: [{ name: 'd', containerEdits: { env: ['A=1'] } }] };
 * const host = memoryHost({ files: { '/etc/cdi/vendor.json': JSON.stringify(spec) } });
 * console.log([...loadCdiRegistry(host).devices.keys()]); // [ 'vendor.com/device=d' ]
 * ```
 */
export const loadCdiRegistry: LoadRegistry = (host, directories, options) =>
  searchCdiSpecs(host, directories, { ...options, open: openWholeSpec }).registry();
