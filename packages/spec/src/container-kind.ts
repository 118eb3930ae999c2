/** What the annotations of a container say about its place in a pod. */
export type ContainerKind =
  /** No engine said anything: a container on its own. For runsc it is the first one of a sandbox, its own. */
  | { readonly kind: 'unspecified' }
  /** The first container of a pod, which makes the sandbox. */
  | { readonly kind: 'sandbox'; readonly key: string }
  /** A container that joins a sandbox. */
  | {
      readonly kind: 'container';
      readonly key: string;
      /** The id of the sandbox. Undefined: no annotation has one. It may be empty, which is the id of none. */
      readonly sandbox: string | undefined;
    }
  /** Neither of the two words: runsc refuses it. */
  | { readonly kind: 'unknown'; readonly key: string; readonly value: string };

/** Those of containerd first: where a spec has both, runsc never looks at CRI-O's. */
const KIND_KEYS = ['io.kubernetes.cri.container-type', 'io.kubernetes.cri-o.ContainerType'] as const;
const SANDBOX_KEYS = ['io.kubernetes.cri.sandbox-id', 'io.kubernetes.cri-o.SandboxID'] as const;

/**
 * The kind of a container, as runsc and its shim read it (SpecContainerType and SandboxID in runsc/specutils/cri.go). An annotation
 * that is there counts, even if it is empty: an empty id of containerd's hides one of CRI-O's.
 *
 * @param annotations - of config.json; what is no text is as good as absent
 * @example
 * ```ts
 * import { containerKind } from '@opencontainers-ts/runtime-spec';
 *
 * const annotations = {
 *   'io.kubernetes.cri.container-type': 'container',
 *   'io.kubernetes.cri-o.ContainerType': 'sandbox',
 *   'io.kubernetes.cri-o.SandboxID': 'pod-1',
 * };
 * const found = containerKind(annotations);
 * console.log(found.kind, 'sandbox' in found && found.sandbox); // container pod-1
 * console.log(containerKind(undefined).kind); // unspecified
 * ```
 */
export function containerKind(annotations: Readonly<Record<string, unknown>> | undefined): ContainerKind {
  const first = (keys: readonly string[]) =>
    keys.map((key) => [key, textOf(annotations, key)] as const).find(([, value]) => value !== undefined);
  const [key, value = ''] = first(KIND_KEYS) ?? [];
  if (key === undefined) return { kind: 'unspecified' };
  if (value === 'sandbox') return { kind: 'sandbox', key };
  if (value === 'container') return { kind: 'container', key, sandbox: first(SANDBOX_KEYS)?.[1] };
  return { kind: 'unknown', key, value };
}

function textOf(annotations: Readonly<Record<string, unknown>> | undefined, key: string): string | undefined {
  const value = annotations !== undefined && Object.hasOwn(annotations, key) ? annotations[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}
