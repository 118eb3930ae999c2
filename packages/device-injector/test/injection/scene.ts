import { planRewrite, type Rule } from '@opencontainers-ts/rootfs-rewriter';
import { type MemoryHostOptions, memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import { SpecDocument } from '@opencontainers-ts/runtime-spec';

import { type CdiDevicesOptions, type CdiSpec, type ContainerEdits, cdiDevices } from '../../src/index.js';

export const CALL = { verb: 'create', bundle: '/b' } as const;

/** A machine with CDI specs, and whatever else is said. */
export function machineWith(specs: Readonly<Record<string, CdiSpec>>, more: MemoryHostOptions = {}) {
  const files = Object.entries(specs).map(([name, spec]) => [
    name.startsWith('/') ? name : `/etc/cdi/${name}`,
    JSON.stringify(spec),
  ]);
  return memoryHost({
    devices: [
      { path: '/dev/null', kind: 'character', major: 1, minor: 3 },
      { path: '/dev/disk', kind: 'block', major: 8, minor: 1 },
    ],
    ...more,
    files: { ...more.files, ...Object.fromEntries(files) },
  });
}

/** A spec of kind `v.com/c` with its devices. */
export function cdiSpec(
  devices: Readonly<Record<string, ContainerEdits>>,
  containerEdits?: ContainerEdits,
  kind = 'v.com/c',
): CdiSpec {
  return {
    cdiVersion: '1.1.0',
    kind,
    devices: Object.entries(devices).map(([name, edits]) => ({ name, containerEdits: edits })),
    ...(containerEdits === undefined ? {} : { containerEdits }),
  };
}

export function documentOf(spec: object | string): SpecDocument {
  const text = typeof spec === 'string' ? spec : JSON.stringify(spec);
  return SpecDocument.parse(new TextEncoder().encode(text));
}

/** The plan for a spec under the rule, and other rules before it. */
export function planFor(
  spec: object | string,
  options: CdiDevicesOptions,
  host: ReturnType<typeof memoryHost>,
  before: readonly Rule[] = [],
) {
  return planRewrite(documentOf(spec), [...before, cdiDevices(options)], CALL, host);
}

/** What a spec becomes with edits in it. */
export function editedBy(spec: object, edits: ContainerEdits, more: MemoryHostOptions = {}) {
  const host = machineWith({ 'v.json': cdiSpec({ d: edits }) }, more);
  return planFor(spec, { devices: ['v.com/c=d'], sources: [] }, host);
}
