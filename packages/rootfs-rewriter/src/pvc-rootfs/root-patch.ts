import { formatPointer, type JsonPatch, type Operation } from '@opencontainers-ts/runtime-spec';
import { type MadeRoot, markersOf } from './root-markers.js';

/** What a spec is to become. */
export interface NewRoot extends MadeRoot {
  readonly path: string;
  readonly readonly: boolean;
  /** Places in `mounts` that go, ascending. */
  readonly removedMounts: readonly number[];
  /** Whether the spec has annotations: outside of Kubernetes, a mount may ask without any. */
  readonly isAnnotated: boolean;
}

/** The operations that put the new root into the spec, each at the smallest place. */
export function rootPatch(root: { readonly readonly?: boolean }, next: NewRoot): JsonPatch {
  return [
    rootPathPatch(next.path),
    ...readonlyPatch(root.readonly, next.readonly),
    // From the back: removing one moves those behind it.
    ...next.removedMounts
      .toReversed()
      .map((index): Operation => ({ op: 'remove', path: `/mounts/${index}` })),
    ...(next.isAnnotated ? [] : [{ op: 'add', path: '/annotations', value: {} } as const]),
    ...markersOf(next).map(
      ([key, value]): Operation => ({ op: 'add', path: formatPointer(['annotations', key]), value }),
    ),
  ];
}

/** The operation that makes a folder the root. */
export function rootPathPatch(path: string): Operation {
  return { op: 'replace', path: '/root/path', value: path };
}

// `add` also replaces (RFC 6902, section 4.1), which a member that is null needs.
function readonlyPatch(before: boolean | undefined, after: boolean): JsonPatch {
  return (before ?? false) === after ? [] : [{ op: 'add', path: '/root/readonly', value: after }];
}
