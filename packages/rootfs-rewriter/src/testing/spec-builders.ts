import { type Mount, type Root, type Spec, SpecDocument } from '@opencontainers-ts/runtime-spec';

/** A change to a spec under construction. It returns a new spec and does not modify the one it is given. */
export type SpecOption = (spec: Spec) => Spec;

/**
 * A small valid spec, to which the options are applied in order.
 *
 * @example
 * ```ts
 * import { makeSpec, withAnnotation, withRoot } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const spec = makeSpec(withRoot({ path: '/srv/root' }), withAnnotation('example.org/tier', 'web'));
 * console.log(spec.root?.path, spec.annotations); // /srv/root { 'example.org/tier': 'web' }
 * ```
 */
export function makeSpec(...options: readonly SpecOption[]): Spec {
  const start: Spec = {
    ociVersion: '1.2.0',
    process: { user: { uid: 0, gid: 0 }, args: ['sh'], cwd: '/' },
    root: { path: 'rootfs' },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: { namespaces: [{ type: 'mount' }, { type: 'pid' }] },
  };
  return options.reduce((spec, option) => option(spec), start);
}

/**
 * Adds a mount after the others.
 *
 * @example
 * ```ts
 * import { makeSpec, withMount } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const spec = makeSpec(withMount({ destination: '/data', type: 'tmpfs' }));
 * console.log(spec.mounts?.at(-1)?.destination); // /data
 * ```
 */
export function withMount(mount: Mount): SpecOption {
  return (spec) => ({ ...spec, mounts: [...(spec.mounts ?? []), mount] });
}

/**
 * Sets one annotation.
 *
 * @example
 * ```ts
 * import { makeSpec, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const spec = makeSpec(withAnnotation('example.org/tier', 'web'));
 * console.log(spec.annotations?.['example.org/tier']); // web
 * ```
 */
export function withAnnotation(key: string, value: string): SpecOption {
  return (spec) => ({ ...spec, annotations: { ...spec.annotations, [key]: value } });
}

/**
 * Replaces the root.
 *
 * @example
 * ```ts
 * import { makeSpec, withRoot } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const spec = makeSpec(withRoot({ path: '/srv/root', readonly: true }));
 * console.log(spec.root?.path); // /srv/root
 * ```
 */
export function withRoot(root: Root): SpecOption {
  return (spec) => ({ ...spec, root });
}

/**
 * Replaces the arguments of the process.
 *
 * @example
 * ```ts
 * import { makeSpec, withProcessArgs } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const spec = makeSpec(withProcessArgs('sleep', 'infinity'));
 * console.log(spec.process?.args?.join(' ')); // sleep infinity
 * ```
 */
export function withProcessArgs(...args: readonly string[]): SpecOption {
  return (spec) => ({
    ...spec,
    process: { ...spec.process, cwd: spec.process?.cwd ?? '/', args: [...args] },
  });
}

/**
 * Adds a device node, as for a raw block volume.
 *
 * @example
 * ```ts
 * import { makeSpec, withDevice } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const spec = makeSpec(withDevice('/dev/xvda'));
 * console.log(spec.linux?.devices?.map(({ path }) => path).join()); // /dev/xvda
 * ```
 */
export function withDevice(path: string): SpecOption {
  return (spec) => ({
    ...spec,
    linux: {
      ...spec.linux,
      devices: [...(spec.linux?.devices ?? []), { path, type: 'b', major: 8, minor: 0 }],
    },
  });
}

/**
 * The spec as a document, which is what rules are given.
 *
 * @example
 * ```ts
 * import { documentOf, makeSpec } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * console.log(documentOf(makeSpec()).source('/root/path')); // "rootfs"
 * ```
 */
export function documentOf(spec: Spec): SpecDocument {
  return SpecDocument.parse(new TextEncoder().encode(JSON.stringify(spec)));
}
